-- migrate:up
-- Facts that wait to be sent: a delete queue read by one relay. The identity must keep CACHE 1: its order is the
-- commit order of each aggregate, because a row is inserted only after its aggregate was locked or changed.
CREATE TABLE outbox (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL,
    aggregatetype text NOT NULL,
    aggregateid uuid NOT NULL,
    version integer NOT NULL,
    type text NOT NULL,
    payload text NOT NULL,
    headers jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- What was sent, kept for some days so that a broker that lost its log can be filled again.
CREATE TABLE published (
    seq bigint NOT NULL,
    id uuid NOT NULL,
    aggregatetype text NOT NULL,
    aggregateid uuid NOT NULL,
    version integer NOT NULL,
    type text NOT NULL,
    payload text NOT NULL,
    headers jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (published_at, seq)
) PARTITION BY RANGE (published_at);

-- Makes the partitions of today and the next two days (UTC) and drops those older than the days to keep. It runs with
-- the owner's rights because a service's own role may not create anything.
CREATE FUNCTION keep_published(days integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    today date := (now() AT TIME ZONE 'UTC')::date;
    part record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('keep_published ' || current_schema()));
    FOR offset_days IN 0..2 LOOP
        EXECUTE format(
            'CREATE TABLE IF NOT EXISTS published_%s PARTITION OF published FOR VALUES FROM (%L) TO (%L)',
            to_char(today + offset_days, 'YYYYMMDD'),
            (today + offset_days)::timestamp AT TIME ZONE 'UTC',
            (today + offset_days + 1)::timestamp AT TIME ZONE 'UTC');
    END LOOP;
    FOR part IN
        SELECT relname FROM pg_class JOIN pg_inherits ON inhrelid = pg_class.oid
        WHERE inhparent = 'published'::regclass AND relname < 'published_' || to_char(today - days, 'YYYYMMDD')
    LOOP
        EXECUTE format('DROP TABLE %I', part.relname);
    END LOOP;
END $$;
SELECT keep_published(7);

-- Which events have had their effect here: inserted in the transaction of the effect.
CREATE TABLE inbox (
    event_id uuid PRIMARY KEY,
    received_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX inbox_received_at ON inbox (received_at);

-- The last version of each aggregate whose event was applied here: shows what is stale and what is missing.
CREATE TABLE applied_version (
    aggregate_id uuid PRIMARY KEY,
    version integer NOT NULL
);

-- What was answered to a POST, so that its repetition gets the same answer and no second effect.
CREATE TABLE idempotency_key (
    caller_id uuid NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    status smallint NOT NULL,
    headers jsonb NOT NULL,
    body bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (caller_id, key)
);
CREATE INDEX idempotency_key_created_at ON idempotency_key (created_at);

-- migrate:down
DROP TABLE idempotency_key, applied_version, inbox, published, outbox;
DROP FUNCTION keep_published;
