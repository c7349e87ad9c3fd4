-- Runs that a person asked for: replays of earlier runs, and test runs of drafts.

-- What the run carried out: 'published', 'draft' or 'origin'; null where a caller asked for it.
ALTER TABLE runs ADD COLUMN against TEXT;

CREATE INDEX runs_replay_of ON runs (replay_of, started_at, run_id) WHERE replay_of IS NOT NULL;
CREATE INDEX runs_against ON runs (against, started_at, run_id) WHERE against IS NOT NULL;
