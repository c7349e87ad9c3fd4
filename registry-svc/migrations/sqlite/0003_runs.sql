-- The run log. What lists and searches need stands in `runs`; what only a single run's page needs stands apart, in a
-- table for each day, `run_payloads_<days since the Unix epoch>`, made when the day's first run comes, so that retention
-- drops whole days.

CREATE TABLE runs (
    id          INTEGER NOT NULL PRIMARY KEY,
    run_id      TEXT    NOT NULL UNIQUE,
    workflow_id TEXT    NOT NULL,
    endpoint_id TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    mode        TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    trace_id    TEXT    NOT NULL,
    request_id  TEXT    NOT NULL,
    attempt     INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    -- When the run was first told of to have begun: never changed, for it decides the day and the place in lists.
    started_at  INTEGER NOT NULL,
    ended_at    INTEGER,
    method      TEXT    NOT NULL,
    status      INTEGER,
    steps       INTEGER NOT NULL,
    error       TEXT,
    replay_of   TEXT,
    -- What a search looks through: lower-case words with a space between them.
    words       TEXT    NOT NULL
);

CREATE INDEX runs_newest ON runs (started_at, run_id);
CREATE INDEX runs_workflow ON runs (workflow_id, started_at, run_id);
CREATE INDEX runs_endpoint ON runs (endpoint_id, started_at, run_id);
CREATE INDEX runs_workflow_state ON runs (workflow_id, state, started_at, run_id);
CREATE INDEX runs_state ON runs (state, started_at, run_id);

-- The words by row of `runs`.
CREATE VIRTUAL TABLE run_words USING fts5 (
    words, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0'
);
