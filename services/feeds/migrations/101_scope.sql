-- migrate:up
CALL keep_apart('subscriber', 'organisation_id = ANY ((SELECT acting_organisations())::uuid[])');
CALL keep_apart('item', 'subscriber_id = ANY ((SELECT acting_organisations())::uuid[])');

-- migrate:down
CALL keep_apart_no_more('item');
CALL keep_apart_no_more('subscriber');
