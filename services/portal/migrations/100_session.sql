-- migrate:up

-- One row per browser that is signed in or that left an unfinished form; the cookie's value itself is never stored.
CREATE TABLE session (
    id_hash bytea PRIMARY KEY CHECK (octet_length(id_hash) = 32),
    account jsonb,                      -- who is signed in, as member_registry said; null before sign-in
    access_token text,
    refresh_token text,
    access_expires_at timestamptz,
    organisation uuid,                  -- on whose behalf the person acts
    kept jsonb NOT NULL DEFAULT '{}',   -- unfinished forms: path -> {fields, at}
    expires_at timestamptz NOT NULL
);
CREATE INDEX session_expires_at ON session (expires_at);

-- migrate:down
DROP TABLE session;
