-- Times are milliseconds since the Unix epoch, ids are hyphenated UUIDs, hashes are raw bytes.

CREATE TABLE workflows (
    id           TEXT    NOT NULL PRIMARY KEY,
    -- Names sort by their bytes, whatever the database's locale.
    name         TEXT COLLATE "C" NOT NULL,
    category     TEXT,
    document     TEXT    NOT NULL,
    draft_hash   BYTEA   NOT NULL,
    -- Counts the changes of the draft: the etag.
    revision     BIGINT  NOT NULL,
    -- The highest version number that was given out.
    last_version BIGINT  NOT NULL DEFAULT 0,
    -- Counts the publishes and unpublishes.
    serial       BIGINT  NOT NULL DEFAULT 0,
    endpoint_id  TEXT    NOT NULL UNIQUE,
    first_hash   BYTEA   NOT NULL,
    second_hash  BYTEA   NOT NULL,
    created_at   BIGINT  NOT NULL,
    updated_at   BIGINT  NOT NULL,
    updated_by   TEXT    NOT NULL,
    deleted_at   BIGINT
);

CREATE UNIQUE INDEX workflows_name ON workflows (name) WHERE deleted_at IS NULL;
CREATE INDEX workflows_category ON workflows (category, name) WHERE deleted_at IS NULL;

-- Sealed to auth-svc: nothing here can be opened by the holder of the database.
CREATE TABLE credentials (
    workflow_id     TEXT NOT NULL PRIMARY KEY REFERENCES workflows (id),
    endpoint_key    BYTEA,
    endpoint_secret BYTEA,
    previous_secret BYTEA
);

-- Immutable: rows are added, never changed.
CREATE TABLE versions (
    workflow_id  TEXT    NOT NULL REFERENCES workflows (id),
    number       BIGINT  NOT NULL,
    content_hash BYTEA   NOT NULL,
    document     TEXT    NOT NULL,
    route        BYTEA   NOT NULL,
    credentials  BYTEA,
    message      TEXT,
    actor        TEXT    NOT NULL,
    published_at BIGINT  NOT NULL,
    PRIMARY KEY (workflow_id, number)
);

CREATE INDEX versions_content ON versions (content_hash);

CREATE TABLE published (
    workflow_id    TEXT    NOT NULL PRIMARY KEY REFERENCES workflows (id),
    number         BIGINT  NOT NULL,
    return_type    TEXT    NOT NULL,
    authentication BOOLEAN NOT NULL,
    FOREIGN KEY (workflow_id, number) REFERENCES versions (workflow_id, number)
);

CREATE TABLE api_tokens (
    id         TEXT    NOT NULL PRIMARY KEY,
    hash       BYTEA   NOT NULL UNIQUE,
    name       TEXT    NOT NULL,
    role       TEXT    NOT NULL,
    created_at BIGINT  NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT
);

-- What happens once in the life of a platform.
CREATE TABLE milestones (
    name       TEXT    NOT NULL PRIMARY KEY,
    reached_at BIGINT  NOT NULL
);
