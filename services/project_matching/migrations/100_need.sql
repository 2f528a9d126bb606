-- migrate:up
-- What project matching knows of the organisations: its copy of the member registry's facts.
CREATE TABLE profile (
    organisation_id uuid PRIMARY KEY,
    version integer NOT NULL,
    name_zh text,
    name_en text,
    kind text NOT NULL,
    record text NOT NULL,
    state text NOT NULL,
    facts jsonb NOT NULL
);

-- A clinical need. What people write stands in Chinese and English side by side; text_revisions holds the version in
-- which each of them was last written ("title.zh": 3), so that a stale translation is seen. words finds a need for
-- those who may read all of it, disclosed_words for everybody else.
CREATE TABLE need (
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    organisation_id uuid NOT NULL REFERENCES profile (organisation_id),
    posted_by_secretariat boolean NOT NULL,
    state text NOT NULL CHECK (state IN ('draft', 'submitted', 'in_review', 'published', 'matched', 'in_project',
                                         'met', 'not_met', 'expired', 'withdrawn')),
    record text NOT NULL CHECK (record IN ('member', 'public_record', 'demo')),
    provenance jsonb,
    title_zh text,
    title_en text,
    problem_zh text,
    problem_en text,
    population_zh text,
    population_en text,
    outcome_zh text,
    outcome_en text,
    workflow_step_zh text,
    workflow_step_en text,
    text_revisions jsonb NOT NULL,
    specialty text,
    achievement_type text,
    wanted text[] NOT NULL,
    device_class text NOT NULL,
    stage text NOT NULL,
    region text,
    disclosure text NOT NULL,
    blocked_organisations uuid[] NOT NULL,
    return_reason_zh text,
    return_reason_en text,
    withdraw_reason_zh text,
    withdraw_reason_en text,
    created_at timestamptz NOT NULL,
    in_state_since timestamptz NOT NULL,
    submitted_at timestamptz,
    published_at timestamptz,
    words tsvector NOT NULL,
    disclosed_words tsvector NOT NULL,
    CHECK (title_zh IS NOT NULL OR title_en IS NOT NULL),
    CHECK (state IN ('draft', 'submitted', 'withdrawn') OR published_at IS NOT NULL)
);
CREATE INDEX need_organisation ON need (organisation_id, in_state_since DESC, id DESC);
CREATE INDEX need_state ON need (state, in_state_since DESC, id DESC);
CREATE INDEX need_in_state_since ON need (in_state_since DESC, id DESC);
CREATE INDEX need_words ON need USING gin (words);
CREATE INDEX need_disclosed_words ON need USING gin (disclosed_words);

-- migrate:down
DROP TABLE need, profile;
