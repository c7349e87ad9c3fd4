-- Times are milliseconds since the Unix epoch, ids are hyphenated UUIDs, hashes are raw bytes.

CREATE TABLE workflows (
    id           TEXT    NOT NULL PRIMARY KEY,
    name         TEXT    NOT NULL,
    category     TEXT,
    document     TEXT    NOT NULL,
    draft_hash   BLOB    NOT NULL,
    -- Counts the changes of the draft: the etag.
    revision     INTEGER NOT NULL,
    -- The highest version number that was given out.
    last_version INTEGER NOT NULL DEFAULT 0,
    -- Counts the publishes and unpublishes.
    serial       INTEGER NOT NULL DEFAULT 0,
    endpoint_id  TEXT    NOT NULL UNIQUE,
    first_hash   BLOB    NOT NULL,
    second_hash  BLOB    NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    updated_by   TEXT    NOT NULL,
    deleted_at   INTEGER
);

CREATE UNIQUE INDEX workflows_name ON workflows (name) WHERE deleted_at IS NULL;
CREATE INDEX workflows_category ON workflows (category, name) WHERE deleted_at IS NULL;

-- Sealed to auth-svc: nothing here can be opened by the holder of the database.
CREATE TABLE credentials (
    workflow_id     TEXT NOT NULL PRIMARY KEY REFERENCES workflows (id),
    endpoint_key    BLOB,
    endpoint_secret BLOB,
    previous_secret BLOB
);

-- Immutable: rows are added, never changed.
CREATE TABLE versions (
    workflow_id  TEXT    NOT NULL REFERENCES workflows (id),
    number       INTEGER NOT NULL,
    content_hash BLOB    NOT NULL,
    document     TEXT    NOT NULL,
    route        BLOB    NOT NULL,
    credentials  BLOB,
    message      TEXT,
    actor        TEXT    NOT NULL,
    published_at INTEGER NOT NULL,
    PRIMARY KEY (workflow_id, number)
);

CREATE INDEX versions_content ON versions (content_hash);

CREATE TABLE published (
    workflow_id    TEXT    NOT NULL PRIMARY KEY REFERENCES workflows (id),
    number         INTEGER NOT NULL,
    return_type    TEXT    NOT NULL,
    authentication BOOLEAN NOT NULL,
    FOREIGN KEY (workflow_id, number) REFERENCES versions (workflow_id, number)
);

CREATE TABLE api_tokens (
    id         TEXT    NOT NULL PRIMARY KEY,
    hash       BLOB    NOT NULL UNIQUE,
    name       TEXT    NOT NULL,
    role       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
);

-- What happens once in the life of a platform.
CREATE TABLE milestones (
    name       TEXT    NOT NULL PRIMARY KEY,
    reached_at INTEGER NOT NULL
);
