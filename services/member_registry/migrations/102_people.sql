-- migrate:up
CREATE TABLE account (
    account_id uuid PRIMARY KEY,
    version integer NOT NULL,
    email text NOT NULL CONSTRAINT account_email_taken UNIQUE,
    name_zh text,
    name_en text,
    language text NOT NULL,
    orcid text,
    password_hash text,
    open boolean NOT NULL DEFAULT true,
    secretariat boolean NOT NULL DEFAULT false,
    tokens_valid_from timestamptz NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE affiliation (
    affiliation_id uuid PRIMARY KEY,
    version integer NOT NULL,
    account_id uuid NOT NULL REFERENCES account,
    organisation_id uuid NOT NULL REFERENCES organisation,
    office text NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz
);
CREATE UNIQUE INDEX affiliation_office_taken ON affiliation (organisation_id, account_id, office)
    WHERE valid_until IS NULL;
CREATE INDEX affiliation_account ON affiliation (account_id);

-- A person who was invited chooses a password with the code; only its hash is kept.
CREATE TABLE invitation (
    code_hash bytea PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account,
    expires_at timestamptz NOT NULL
);
CREATE INDEX invitation_account ON invitation (account_id);

-- migrate:down
DROP TABLE invitation, affiliation, account;
