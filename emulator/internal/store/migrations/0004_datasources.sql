CREATE TABLE datasources (
    seq                INTEGER PRIMARY KEY AUTOINCREMENT,
    id                 TEXT NOT NULL UNIQUE,
    site               INTEGER NOT NULL REFERENCES sites (seq) ON DELETE CASCADE,
    project            INTEGER NOT NULL REFERENCES projects (seq) ON DELETE CASCADE,
    owner              INTEGER NOT NULL REFERENCES users (seq),
    name               TEXT NOT NULL,
    description        TEXT NOT NULL DEFAULT '',
    content_url        TEXT NOT NULL COLLATE NOCASE,
    type               TEXT NOT NULL,
    certified          INTEGER NOT NULL DEFAULT 0,
    certification_note TEXT NOT NULL DEFAULT '',
    encrypt_extracts   INTEGER NOT NULL DEFAULT 0,
    has_extracts       INTEGER NOT NULL DEFAULT 0,
    use_bridge         INTEGER NOT NULL DEFAULT 0,
    kind               TEXT NOT NULL,
    blob               TEXT NOT NULL,
    bytes              INTEGER NOT NULL,
    appended           INTEGER NOT NULL DEFAULT 0,
    revision           INTEGER NOT NULL DEFAULT 1,
    created            INTEGER NOT NULL,
    updated            INTEGER NOT NULL,
    UNIQUE (site, content_url)
);
CREATE UNIQUE INDEX datasources_name ON datasources (project, name);
CREATE INDEX datasources_site ON datasources (site);
CREATE INDEX datasources_owner ON datasources (owner);
CREATE INDEX datasources_blob ON datasources (blob);
CREATE TRIGGER datasources_gone AFTER DELETE ON datasources BEGIN
    DELETE FROM tags WHERE kind = 'datasources' AND item = old.seq;
    DELETE FROM favorites WHERE kind = 'datasources' AND item = old.seq;
    DELETE FROM grants WHERE kind = 'datasources' AND item = old.seq;
END;

CREATE TABLE datasource_connections (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    id             TEXT NOT NULL UNIQUE,
    datasource     INTEGER NOT NULL REFERENCES datasources (seq) ON DELETE CASCADE,
    class          TEXT NOT NULL,
    server         TEXT NOT NULL,
    port           TEXT NOT NULL,
    user_name      TEXT NOT NULL,
    database_name  TEXT NOT NULL,
    embed_password INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX datasource_connections_datasource ON datasource_connections (datasource);

ALTER TABLE jobs ADD COLUMN datasource_id TEXT NOT NULL DEFAULT '';
