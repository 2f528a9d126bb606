-- migrate:up
-- A sign-in. Its refresh tokens are numbered and signed, so that an older number is known to be a replay.
CREATE TABLE session (
    session_id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account,
    generation integer NOT NULL DEFAULT 1,
    opened_at timestamptz NOT NULL,
    refreshed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX session_expires_at ON session (expires_at);

-- Leaky buckets of failed sign-ins, by the hash of an e-mail address or of a network address.
CREATE TABLE sign_in_attempt (
    subject bytea PRIMARY KEY,
    drained_at timestamptz NOT NULL
);

CREATE TABLE api_key (
    api_key_id uuid PRIMARY KEY,
    version integer NOT NULL,
    organisation_id uuid NOT NULL REFERENCES organisation,
    name text NOT NULL,
    prefix text NOT NULL,
    key_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    created_by uuid NOT NULL,
    last_used_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX api_key_organisation ON api_key (organisation_id);

-- Private halves of the keys that sign tokens, sealed with a secret that is not in the database.
CREATE TABLE own_signing_key (
    signing_key_id uuid PRIMARY KEY,
    version integer NOT NULL,
    public_jwk jsonb NOT NULL,
    sealed text NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz NOT NULL
);

-- migrate:down
DROP TABLE own_signing_key, api_key, sign_in_attempt, session;
