-- migrate:up
-- Who is in the registry is everybody's to read; an application is the secretariat's and its organisation's.
CALL keep_apart('organisation',
    reads => 'admitted_at IS NOT NULL OR (SELECT acting_as_secretariat())
              OR organisation_id = ANY ((SELECT acting_organisations())::uuid[])',
    writes => '(SELECT acting_as_secretariat()) OR organisation_id = ANY ((SELECT acting_organisations())::uuid[])');
CALL keep_apart('applicant', '(SELECT acting_as_secretariat())');

-- A person is seen by themselves and by those they hold or held an office for, and changed by themselves.
CALL keep_apart('affiliation',
    reads => '(SELECT acting_as_secretariat()) OR account_id = (SELECT acting_account())
              OR organisation_id = ANY ((SELECT acting_organisations())::uuid[])',
    writes => '(SELECT acting_as_secretariat()) OR organisation_id = ANY ((SELECT acting_organisations())::uuid[])');
CALL keep_apart('account',
    reads => '(SELECT acting_as_secretariat()) OR account_id = (SELECT acting_account())
              OR account_id IN (SELECT f.account_id FROM affiliation f
                                WHERE f.organisation_id = ANY ((SELECT acting_organisations())::uuid[]))',
    writes => '(SELECT acting_as_secretariat()) OR account_id = (SELECT acting_account())');
CALL keep_apart('invitation', '(SELECT acting_as_secretariat())');
CALL keep_apart('session', 'account_id = (SELECT acting_account())');

CALL keep_apart('api_key',
    '(SELECT acting_as_secretariat()) OR organisation_id = ANY ((SELECT acting_organisations())::uuid[])');
CALL keep_apart('own_signing_key', '(SELECT acting_as_secretariat())');

-- migrate:down
CALL keep_apart_no_more('own_signing_key');
CALL keep_apart_no_more('api_key');
CALL keep_apart_no_more('session');
CALL keep_apart_no_more('invitation');
CALL keep_apart_no_more('account');
CALL keep_apart_no_more('affiliation');
CALL keep_apart_no_more('applicant');
CALL keep_apart_no_more('organisation');
