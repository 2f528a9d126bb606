-- migrate:up
-- An organisation with a list of its own. Numbers are taken by updating this row in the statement that inserts the
-- items, so they become visible in their order: who has seen n has seen everything up to n.
CREATE TABLE subscriber (
    organisation_id uuid PRIMARY KEY,
    last_number bigint NOT NULL CHECK (last_number > 0)
);

-- What was told to a subscriber, never changed afterwards. Source: the aggregate and its version that caused it.
CREATE TABLE item (
    subscriber_id uuid NOT NULL REFERENCES subscriber,
    number bigint NOT NULL,
    item_id uuid NOT NULL,
    source_id uuid NOT NULL,
    source_version integer NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    summary_zh text NOT NULL,
    summary_en text NOT NULL,
    subject_type text NOT NULL,
    subject_id uuid NOT NULL,
    record text,
    score double precision,
    words jsonb NOT NULL,
    facets jsonb NOT NULL,
    subscription jsonb,
    traceparent text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (subscriber_id, number)
);
CREATE UNIQUE INDEX item_once_per_source ON item (subscriber_id, source_id, source_version);

-- migrate:down
DROP TABLE item, subscriber;
