-- migrate:up
-- A browser's row is found only in its own name: by the hash of the cookie that nobody else has.
CALL keep_apart('session',
    'id_hash = decode(nullif((SELECT current_setting(''alliance.browser'', true)), ''''), ''hex'')');

-- migrate:down
CALL keep_apart_no_more('session');
