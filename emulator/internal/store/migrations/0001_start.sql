-- Times are whole seconds since 1970 in UTC, except in sessions, where they are milliseconds.
-- seq is the order of creation: the default order of every list.

CREATE TABLE accounts (
    seq           INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT NOT NULL COLLATE NOCASE UNIQUE,
    full_name     TEXT NOT NULL DEFAULT '',
    email         TEXT NOT NULL DEFAULT '',
    password_hash BLOB,
    server_admin  INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE sites (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL COLLATE NOCASE UNIQUE,
    content_url TEXT NOT NULL COLLATE NOCASE UNIQUE,
    state       TEXT NOT NULL DEFAULT 'Active',
    settings    TEXT NOT NULL DEFAULT '{}',
    created     INTEGER NOT NULL
);

CREATE TABLE users (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,
    site         INTEGER NOT NULL REFERENCES sites (seq) ON DELETE CASCADE,
    account      INTEGER NOT NULL REFERENCES accounts (seq) ON DELETE CASCADE,
    site_role    TEXT NOT NULL,
    auth_setting TEXT NOT NULL DEFAULT 'ServerDefault',
    last_login   INTEGER NOT NULL DEFAULT 0,
    created      INTEGER NOT NULL,
    UNIQUE (site, account)
);
CREATE INDEX users_account ON users (account);

CREATE TABLE access_tokens (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    account     INTEGER NOT NULL REFERENCES accounts (seq) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    secret_hash BLOB NOT NULL UNIQUE,
    created     INTEGER NOT NULL,
    UNIQUE (account, name)
);

CREATE TABLE sessions (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash   BLOB NOT NULL UNIQUE,
    user         INTEGER NOT NULL REFERENCES users (seq) ON DELETE CASCADE,
    access_token INTEGER REFERENCES access_tokens (seq) ON DELETE CASCADE,
    scopes       TEXT,
    expires      INTEGER NOT NULL
);
CREATE INDEX sessions_user ON sessions (user);
CREATE INDEX sessions_access_token ON sessions (access_token);

CREATE TABLE used_jwts (
    id      TEXT PRIMARY KEY,
    expires INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE projects (
    seq                 INTEGER PRIMARY KEY AUTOINCREMENT,
    id                  TEXT NOT NULL UNIQUE,
    site                INTEGER NOT NULL REFERENCES sites (seq) ON DELETE CASCADE,
    parent              INTEGER REFERENCES projects (seq) ON DELETE CASCADE,
    owner               INTEGER NOT NULL REFERENCES users (seq),
    name                TEXT NOT NULL,
    description         TEXT NOT NULL DEFAULT '',
    content_permissions TEXT NOT NULL DEFAULT 'ManagedByOwner',
    is_default          INTEGER NOT NULL DEFAULT 0,
    created             INTEGER NOT NULL,
    updated             INTEGER NOT NULL
);
CREATE UNIQUE INDEX projects_name ON projects (site, ifnull(parent, 0), name COLLATE NOCASE);
CREATE INDEX projects_site ON projects (site);
CREATE INDEX projects_parent ON projects (parent);
CREATE INDEX projects_owner ON projects (owner);

CREATE TABLE workbooks (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT NOT NULL UNIQUE,
    site            INTEGER NOT NULL REFERENCES sites (seq) ON DELETE CASCADE,
    project         INTEGER NOT NULL REFERENCES projects (seq) ON DELETE CASCADE,
    owner           INTEGER NOT NULL REFERENCES users (seq),
    name            TEXT NOT NULL,
    description     TEXT NOT NULL DEFAULT '',
    content_url     TEXT NOT NULL COLLATE NOCASE,
    show_tabs       INTEGER NOT NULL DEFAULT 0,
    encrypt_extracts INTEGER NOT NULL DEFAULT 0,
    has_extracts    INTEGER NOT NULL DEFAULT 0,
    kind            TEXT NOT NULL,
    blob            TEXT NOT NULL,
    bytes           INTEGER NOT NULL,
    revision        INTEGER NOT NULL DEFAULT 1,
    created         INTEGER NOT NULL,
    updated         INTEGER NOT NULL,
    published       INTEGER NOT NULL,
    UNIQUE (site, content_url)
);
CREATE UNIQUE INDEX workbooks_name ON workbooks (project, name);
CREATE INDEX workbooks_site ON workbooks (site);
CREATE INDEX workbooks_owner ON workbooks (owner);
CREATE INDEX workbooks_blob ON workbooks (blob);

CREATE TABLE views (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    site        INTEGER NOT NULL REFERENCES sites (seq) ON DELETE CASCADE,
    workbook    INTEGER NOT NULL REFERENCES workbooks (seq) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    url_name    TEXT NOT NULL,
    sheet_type  TEXT NOT NULL,
    hidden      INTEGER NOT NULL DEFAULT 0,
    position    INTEGER NOT NULL,
    hits        INTEGER NOT NULL DEFAULT 0,
    created     INTEGER NOT NULL,
    updated     INTEGER NOT NULL,
    UNIQUE (workbook, name)
);
CREATE INDEX views_order ON views (site, workbook, position);

CREATE TABLE connections (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT NOT NULL UNIQUE,
    workbook        INTEGER NOT NULL REFERENCES workbooks (seq) ON DELETE CASCADE,
    datasource_id   TEXT NOT NULL,
    datasource_name TEXT NOT NULL,
    class           TEXT NOT NULL,
    server          TEXT NOT NULL,
    port            TEXT NOT NULL,
    user_name       TEXT NOT NULL,
    embed_password  INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX connections_workbook ON connections (workbook);

-- kind is the table that item points into.
CREATE TABLE tags (
    kind  TEXT NOT NULL,
    item  INTEGER NOT NULL,
    label TEXT NOT NULL,
    PRIMARY KEY (kind, item, label)
) WITHOUT ROWID;
CREATE TRIGGER workbooks_tags AFTER DELETE ON workbooks BEGIN
    DELETE FROM tags WHERE kind = 'workbooks' AND item = old.seq;
END;
CREATE TRIGGER views_tags AFTER DELETE ON views BEGIN
    DELETE FROM tags WHERE kind = 'views' AND item = old.seq;
END;

CREATE TABLE uploads (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id TEXT NOT NULL DEFAULT '',
    site       INTEGER NOT NULL REFERENCES sites (seq) ON DELETE CASCADE,
    user       INTEGER NOT NULL REFERENCES users (seq) ON DELETE CASCADE,
    created    INTEGER NOT NULL
);
CREATE INDEX uploads_session_id ON uploads (session_id);

CREATE TABLE upload_parts (
    upload INTEGER NOT NULL REFERENCES uploads (seq) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    blob   TEXT NOT NULL,
    bytes  INTEGER NOT NULL,
    PRIMARY KEY (upload, number)
) WITHOUT ROWID;
CREATE INDEX upload_parts_blob ON upload_parts (blob);

CREATE TABLE jobs (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,
    site         INTEGER NOT NULL REFERENCES sites (seq) ON DELETE CASCADE,
    user         INTEGER NOT NULL REFERENCES users (seq) ON DELETE CASCADE,
    type         TEXT NOT NULL,
    job_type     TEXT NOT NULL,
    status       TEXT NOT NULL,
    title        TEXT NOT NULL,
    subtitle     TEXT NOT NULL DEFAULT '',
    priority     INTEGER NOT NULL DEFAULT 50,
    progress     INTEGER NOT NULL DEFAULT 0,
    notes        TEXT NOT NULL DEFAULT '',
    request      TEXT NOT NULL,
    blob         TEXT NOT NULL DEFAULT '',
    workbook_id  TEXT NOT NULL DEFAULT '',
    created      INTEGER NOT NULL,
    updated      INTEGER NOT NULL,
    started      INTEGER NOT NULL DEFAULT 0,
    completed    INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX jobs_site ON jobs (site);
CREATE INDEX jobs_status ON jobs (status);
CREATE INDEX jobs_blob ON jobs (blob);
