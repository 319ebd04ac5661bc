-- A revision is one published state of a workbook or data source, the current one too. kind is the table that item points
-- into. A deleted revision has no file.
CREATE TABLE revisions (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT NOT NULL,
    item         INTEGER NOT NULL,
    number       INTEGER NOT NULL,
    publisher    INTEGER REFERENCES users (seq) ON DELETE SET NULL,
    published    INTEGER NOT NULL,
    file_kind    TEXT NOT NULL,
    blob         TEXT NOT NULL,
    bytes        INTEGER NOT NULL,
    has_extracts INTEGER NOT NULL,
    deleted      INTEGER NOT NULL DEFAULT 0,
    UNIQUE (kind, item, number)
);
CREATE INDEX revisions_blob ON revisions (blob);
CREATE INDEX revisions_publisher ON revisions (publisher);

INSERT INTO revisions (kind, item, number, publisher, published, file_kind, blob, bytes, has_extracts)
    SELECT 'workbooks', seq, revision, owner, published, kind, blob, bytes, has_extracts FROM workbooks ORDER BY seq;
INSERT INTO revisions (kind, item, number, publisher, published, file_kind, blob, bytes, has_extracts)
    SELECT 'datasources', seq, revision, owner, updated, kind, blob, bytes, has_extracts FROM datasources ORDER BY seq;

-- A file that changes without being published is still the file of its revision.
CREATE TRIGGER workbooks_file AFTER UPDATE OF blob, has_extracts ON workbooks
WHEN old.blob <> new.blob OR old.has_extracts <> new.has_extracts BEGIN
    UPDATE revisions SET blob = new.blob, bytes = new.bytes, file_kind = new.kind, has_extracts = new.has_extracts
    WHERE kind = 'workbooks' AND item = new.seq AND number = new.revision;
END;
CREATE TRIGGER datasources_file AFTER UPDATE OF blob, has_extracts ON datasources
WHEN old.blob <> new.blob OR old.has_extracts <> new.has_extracts BEGIN
    UPDATE revisions SET blob = new.blob, bytes = new.bytes, file_kind = new.kind, has_extracts = new.has_extracts
    WHERE kind = 'datasources' AND item = new.seq AND number = new.revision;
END;

-- dropped holds contents that rows have let go of, until somebody looks whether others still name them.
CREATE TABLE dropped (hash TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TRIGGER revisions_gone AFTER DELETE ON revisions BEGIN
    INSERT OR IGNORE INTO dropped VALUES (old.blob);
END;
CREATE TRIGGER revisions_changed AFTER UPDATE OF blob ON revisions WHEN old.blob <> new.blob BEGIN
    INSERT OR IGNORE INTO dropped VALUES (old.blob);
END;
CREATE TRIGGER upload_parts_gone AFTER DELETE ON upload_parts BEGIN
    INSERT OR IGNORE INTO dropped VALUES (old.blob);
END;
CREATE TRIGGER upload_parts_changed AFTER UPDATE OF blob ON upload_parts WHEN old.blob <> new.blob BEGIN
    INSERT OR IGNORE INTO dropped VALUES (old.blob);
END;

-- content and content_id name the item as paths do.
CREATE TABLE quality_warnings (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    id      TEXT NOT NULL UNIQUE,
    content TEXT NOT NULL,
    content_id TEXT NOT NULL,
    site    INTEGER NOT NULL REFERENCES sites (seq) ON DELETE CASCADE,
    kind    TEXT NOT NULL,
    item    INTEGER NOT NULL,
    owner   INTEGER REFERENCES users (seq) ON DELETE SET NULL,
    type    TEXT NOT NULL,
    message TEXT NOT NULL,
    active  INTEGER NOT NULL,
    severe  INTEGER NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL
);
CREATE INDEX quality_warnings_item ON quality_warnings (kind, item);
CREATE INDEX quality_warnings_site ON quality_warnings (site);
CREATE INDEX quality_warnings_owner ON quality_warnings (owner);

CREATE TRIGGER workbooks_revisions AFTER DELETE ON workbooks BEGIN
    DELETE FROM revisions WHERE kind = 'workbooks' AND item = old.seq;
END;
CREATE TRIGGER datasources_revisions AFTER DELETE ON datasources BEGIN
    DELETE FROM revisions WHERE kind = 'datasources' AND item = old.seq;
    DELETE FROM quality_warnings WHERE kind = 'datasources' AND item = old.seq;
END;

ALTER TABLE connections ADD COLUMN authentication TEXT NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN query_tagging INTEGER NOT NULL DEFAULT 0;
ALTER TABLE datasource_connections ADD COLUMN authentication TEXT NOT NULL DEFAULT '';
ALTER TABLE datasource_connections ADD COLUMN query_tagging INTEGER NOT NULL DEFAULT 0;

-- freshness is a dataFreshnessPolicy as XML; accelerated is when the acceleration was last changed.
ALTER TABLE workbooks ADD COLUMN freshness TEXT NOT NULL DEFAULT '';
ALTER TABLE workbooks ADD COLUMN acceleration INTEGER NOT NULL DEFAULT 0;
ALTER TABLE workbooks ADD COLUMN accelerated INTEGER NOT NULL DEFAULT 0;
ALTER TABLE views ADD COLUMN acceleration INTEGER NOT NULL DEFAULT 0;

ALTER TABLE uploads ADD COLUMN touched INTEGER NOT NULL DEFAULT 0;
UPDATE uploads SET touched = created;
