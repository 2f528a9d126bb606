-- migrate:up
-- The engine's proposal that an organisation may be able to meet a need, why it was made, and what each side said to it.
-- A row waits without explanation for the moment the account of it takes; until then nobody is told of it. trace is
-- that of the event it followed from, profile_version the profile it was found with. organisation_id has no foreign
-- key: a worker may know an organisation from its topic before the copy is here.
CREATE TABLE suggestion (
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    need_id uuid NOT NULL REFERENCES need (id),
    organisation_id uuid NOT NULL,
    profile_version integer NOT NULL,
    state text NOT NULL CHECK (state IN ('suggested', 'interested', 'mutual', 'declined')),
    score_millionths integer NOT NULL CHECK (score_millionths BETWEEN 0 AND 1000000),
    explanation jsonb,
    trace jsonb NOT NULL,
    need_side_answer jsonb,
    organisation_side_answer jsonb,
    created_at timestamptz NOT NULL,
    UNIQUE (need_id, organisation_id)
);
CREATE INDEX suggestion_unexplained ON suggestion (score_millionths DESC) WHERE explanation IS NULL;
CREATE INDEX suggestion_need ON suggestion (need_id, score_millionths DESC, id DESC);
CREATE INDEX suggestion_organisation ON suggestion (organisation_id, score_millionths DESC, id DESC);

-- A standing filter on published needs. One that was ended stays as a row, because its hits refer to it.
CREATE TABLE subscription (
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    organisation_id uuid NOT NULL,
    active boolean NOT NULL,
    name_zh text,
    name_en text,
    specialties text[] NOT NULL,
    achievement_types text[] NOT NULL,
    wanted text[] NOT NULL,
    regions text[] NOT NULL,
    words_all text[] NOT NULL,
    words_any text[] NOT NULL,
    words_none text[] NOT NULL,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    CHECK (name_zh IS NOT NULL OR name_en IS NOT NULL)
);
CREATE INDEX subscription_organisation ON subscription (organisation_id, id DESC) WHERE active;

-- A published need that passed a subscription, once however often either was looked at.
CREATE TABLE hit (
    id uuid PRIMARY KEY,
    subscription_id uuid NOT NULL REFERENCES subscription (id),
    need_id uuid NOT NULL REFERENCES need (id),
    found_at timestamptz NOT NULL,
    UNIQUE (subscription_id, need_id)
);
CREATE INDEX hit_need ON hit (need_id);

-- migrate:down
DROP TABLE hit, subscription, suggestion;
