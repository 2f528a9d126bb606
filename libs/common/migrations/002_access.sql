-- migrate:up
-- This service's copy of who may act for whom, fed by the member registry's events; rights are computed from it when
-- they are read (MR7, U61).
CREATE TABLE access_account (
    account_id uuid PRIMARY KEY,
    open boolean NOT NULL,
    secretariat boolean NOT NULL,
    tokens_valid_from timestamptz NOT NULL
);
CREATE TABLE access_organisation (
    organisation_id uuid PRIMARY KEY,
    kind text NOT NULL,
    state text NOT NULL
);
CREATE TABLE access_affiliation (
    affiliation_id uuid PRIMARY KEY,
    account_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    office text NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz
);
CREATE INDEX access_affiliation_account ON access_affiliation (account_id);
CREATE TABLE access_api_key (
    api_key_id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    revoked boolean NOT NULL
);
CREATE TABLE access_ended_session (
    session_id uuid PRIMARY KEY,
    tokens_expire_at timestamptz NOT NULL
);
CREATE TABLE signing_key (
    signing_key_id uuid PRIMARY KEY,
    jwk jsonb NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz NOT NULL
);

-- migrate:down
DROP TABLE signing_key, access_ended_session, access_api_key, access_affiliation, access_organisation, access_account;
