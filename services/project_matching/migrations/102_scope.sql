-- migrate:up
-- How many organisations a need was proposed to and how many of them are interested (U2): everybody who sees the need
-- is told so, but not which. Asked as the service itself; the setting ends with the call.
CREATE FUNCTION need_reach(asked uuid) RETURNS bigint[] STABLE LANGUAGE sql SET alliance.acting = 'service'
    RETURN (SELECT ARRAY[count(*) FILTER (WHERE explanation IS NOT NULL),
                         count(*) FILTER (WHERE organisation_side_answer ->> 'answer' = 'interested')]
            FROM suggestion WHERE need_id = asked);

-- Whether one of the caller's organisations was told of a need. A policy of need that read suggestion would meet a
-- policy of suggestion that reads need.
CREATE FUNCTION told_of(asked uuid) RETURNS boolean STABLE LANGUAGE sql SET alliance.acting = 'service'
    RETURN EXISTS (SELECT FROM suggestion WHERE need_id = asked AND explanation IS NOT NULL
                   AND organisation_id = ANY ((SELECT acting_organisations())::uuid[]));

-- The directory of organisations is everybody's to read.
CALL keep_apart('profile', reads => 'true', writes => 'false');

-- The rule of model/disclosure.py as far as rows go; how much of a row is shown is decided there. The secretariat also
-- sees what it has returned, because what one writes one must be able to read. Interest on both sides moves a need to matched, whichever side
-- says it last.
CALL keep_apart('need',
    reads => 'state IN (''published'', ''matched'', ''in_project'', ''met'', ''not_met'')
              OR organisation_id = ANY ((SELECT acting_organisations())::uuid[])
              OR ((SELECT acting_as_secretariat()) AND (posted_by_secretariat OR submitted_at IS NOT NULL
                                                    OR num_nonnulls(return_reason_zh, return_reason_en) > 0))
              OR told_of(id)',
    writes => 'organisation_id = ANY ((SELECT acting_organisations())::uuid[])
               OR (SELECT acting_as_secretariat())
               OR (state = ''matched'' AND told_of(id))');

-- A suggestion belongs to its two sides.
CALL keep_apart('suggestion',
    '(SELECT acting_as_secretariat()) OR organisation_id = ANY ((SELECT acting_organisations())::uuid[])
     OR need_id IN (SELECT n.id FROM need n WHERE n.organisation_id = ANY ((SELECT acting_organisations())::uuid[]))');

CALL keep_apart('subscription', 'organisation_id = ANY ((SELECT acting_organisations())::uuid[])');
CALL keep_apart('hit', 'subscription_id IN (SELECT s.id FROM subscription s)');

-- migrate:down
CALL keep_apart_no_more('hit');
CALL keep_apart_no_more('subscription');
CALL keep_apart_no_more('suggestion');
CALL keep_apart_no_more('need');
CALL keep_apart_no_more('profile');
DROP FUNCTION told_of, need_reach;
