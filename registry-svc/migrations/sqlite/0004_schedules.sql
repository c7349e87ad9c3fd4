-- Workflows without a listener: those that begin by themselves, and those that others start.

-- What starts the runs: 'listener', 'scheduled' or 'manual'; by the draft, and by the published version.
ALTER TABLE workflows ADD COLUMN source TEXT NOT NULL DEFAULT 'listener';
ALTER TABLE published ADD COLUMN source TEXT NOT NULL DEFAULT 'listener';

-- The schedules of published versions.
CREATE TABLE schedules (
    workflow_id TEXT    NOT NULL PRIMARY KEY REFERENCES workflows (id),
    -- The document's schedule less its data, as JSON.
    timetable   TEXT    NOT NULL,
    -- What its runs find under `__data`, as JSON.
    data        TEXT    NOT NULL,
    -- No moment up to this one starts a run any more: it has, or it lies before the publish of the timetable.
    done_to     INTEGER NOT NULL,
    last_fired  INTEGER
);

-- What started a run, where its workflow has no listener, and for which moment.
ALTER TABLE runs ADD COLUMN started_by TEXT;
ALTER TABLE runs ADD COLUMN scheduled_at INTEGER;
