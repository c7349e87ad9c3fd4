-- The run log. What lists and searches need stands in `runs`; what only a single run's page needs stands apart, by day,
-- so that retention drops whole days.

CREATE TABLE runs (
    run_id      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    workflow_id TEXT   NOT NULL,
    endpoint_id TEXT   NOT NULL,
    version     BIGINT NOT NULL,
    mode        TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    trace_id    TEXT   NOT NULL,
    request_id  TEXT   NOT NULL,
    attempt     BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    -- When the run was first told of to have begun: never changed, for it decides the day and the place in lists.
    started_at  BIGINT NOT NULL,
    ended_at    BIGINT,
    method      TEXT   NOT NULL,
    status      BIGINT,
    steps       BIGINT NOT NULL,
    error       TEXT,
    replay_of   TEXT,
    -- What a search looks through: lower-case words with a space between them.
    words       TEXT   NOT NULL
);

CREATE INDEX runs_newest ON runs (started_at, run_id);
CREATE INDEX runs_workflow ON runs (workflow_id, started_at, run_id);
CREATE INDEX runs_endpoint ON runs (endpoint_id, started_at, run_id);
CREATE INDEX runs_workflow_state ON runs (workflow_id, state, started_at, run_id);
CREATE INDEX runs_state ON runs (state, started_at, run_id);
CREATE INDEX runs_words ON runs USING GIN (array_to_tsvector(string_to_array(words, ' ')));

-- A partition for each day, `run_payloads_<days since the Unix epoch>`, made when the day's first run comes.
CREATE TABLE run_payloads (
    day    BIGINT NOT NULL,
    run_id TEXT COLLATE "C" NOT NULL,
    record BYTEA  NOT NULL,
    PRIMARY KEY (day, run_id)
) PARTITION BY RANGE (day);
