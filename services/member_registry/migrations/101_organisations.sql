-- migrate:up
-- Organisations of all kinds; one that has only applied has no admitted_at and is nobody's business but the secretariat's.
CREATE TABLE organisation (
    organisation_id uuid PRIMARY KEY,
    version integer NOT NULL,
    kind text NOT NULL,
    record text NOT NULL,
    state text NOT NULL,
    reason_zh text,
    reason_en text,
    name_zh text,
    name_en text,
    uscc text,
    ror text,
    country text,
    region text,
    website text,
    summary_zh text,
    summary_en text,
    summary_zh_revision integer,
    summary_en_revision integer,
    specialties text[] NOT NULL DEFAULT '{}',
    capabilities jsonb NOT NULL DEFAULT '[]',
    items jsonb NOT NULL DEFAULT '[]',
    provenance jsonb,
    words tsvector NOT NULL,
    names text GENERATED ALWAYS AS (lower(coalesce(name_zh, '') || ' ' || coalesce(name_en, ''))) STORED,
    -- Members first, fiction next, public records last.
    sort_name text GENERATED ALWAYS AS (
        CASE record WHEN 'member' THEN '1' WHEN 'demo' THEN '2' ELSE '3' END || lower(coalesce(name_en, name_zh))) STORED,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    admitted_at timestamptz,
    CONSTRAINT organisation_named CHECK (num_nonnulls(name_zh, name_en) > 0)
);
-- A code stands for one organisation; the record of a public source may stand beside the member of the same code.
CREATE UNIQUE INDEX organisation_uscc_taken ON organisation (uscc, (record = 'public_record'))
    WHERE uscc IS NOT NULL AND admitted_at IS NOT NULL AND state <> 'withdrawn';
CREATE UNIQUE INDEX organisation_ror_taken ON organisation (ror, (record = 'public_record'))
    WHERE ror IS NOT NULL AND admitted_at IS NOT NULL AND state <> 'withdrawn';
CREATE INDEX organisation_words ON organisation USING gin (words);
CREATE INDEX organisation_names ON organisation USING gin (names gin_trgm_ops);
CREATE INDEX organisation_by_name ON organisation (sort_name, organisation_id) WHERE admitted_at IS NOT NULL;
CREATE INDEX organisation_waiting ON organisation (state, organisation_id) WHERE admitted_at IS NULL;

-- Who applied for an organisation, until the secretariat has decided; the account is made on approval.
CREATE TABLE applicant (
    organisation_id uuid PRIMARY KEY REFERENCES organisation ON DELETE CASCADE,
    email text NOT NULL,
    name_zh text,
    name_en text,
    language text NOT NULL,
    orcid text,
    password_hash text
);

-- migrate:down
DROP TABLE applicant, organisation;
