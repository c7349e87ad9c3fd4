-- Secrets and variables, which scripts read by their names.

-- Sealed to auth-svc: nothing here can be opened by the holder of the database.
CREATE TABLE secrets (
    id         TEXT    NOT NULL PRIMARY KEY,
    -- Names sort by their bytes, whatever the locale of the database.
    name       TEXT COLLATE "C" NOT NULL UNIQUE,
    value      BYTEA   NOT NULL,
    revision   BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL,
    updated_by TEXT    NOT NULL
);

CREATE TABLE variables (
    id         TEXT    NOT NULL PRIMARY KEY,
    -- Names sort by their bytes, whatever the locale of the database.
    name       TEXT COLLATE "C" NOT NULL UNIQUE,
    value      BYTEA   NOT NULL,
    revision   BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL,
    updated_by TEXT    NOT NULL
);

-- One row. It counts every change of a secret or variable, and whoever changes one takes it first: one after the other.
CREATE TABLE settings_clock (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    at BIGINT NOT NULL
);

INSERT INTO settings_clock (id, at) VALUES (1, 0);

-- Which workflow names which, whether that is there or not.
CREATE TABLE setting_uses (
    workflow_id TEXT    NOT NULL REFERENCES workflows (id),
    -- Of the published version, or of the draft.
    published   BOOLEAN NOT NULL,
    -- A secret, or a variable.
    secret      BOOLEAN NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    -- Whether it decides who may call: by the credentials or the origins.
    access      BOOLEAN NOT NULL,
    PRIMARY KEY (workflow_id, published, secret, name)
);

CREATE INDEX setting_uses_name ON setting_uses (secret, name);

-- What the sealed scripts use.
ALTER TABLE credentials ADD COLUMN uses BYTEA;

-- What the credentials and origins of a version use; nothing for those that use none.
ALTER TABLE versions ADD COLUMN access_uses BYTEA;
