-- migrate:up
-- Networks from which an account has signed in, by the hash of both: attempts elsewhere do not lock it out there.
CREATE TABLE sign_in_home (
    subject bytea PRIMARY KEY,
    seen_at timestamptz NOT NULL
);

-- migrate:down
DROP TABLE sign_in_home;
