-- migrate:up
-- Up to where the broker has acknowledged this service's topic: a log that ends before that has lost something, and
-- nothing newer may be sent before it is filled again.
CREATE TABLE topic_position (
    partition integer PRIMARY KEY,
    next_offset bigint NOT NULL
);

-- migrate:down
DROP TABLE topic_position;
