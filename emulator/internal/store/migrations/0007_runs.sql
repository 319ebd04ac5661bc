-- A schedule with a site belongs to one task or subscription of it, as on Tableau Cloud, and goes with that.
ALTER TABLE schedules ADD COLUMN site INTEGER REFERENCES sites (seq) ON DELETE CASCADE;
CREATE INDEX schedules_site ON schedules (site);

CREATE TABLE tasks (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    site        INTEGER NOT NULL REFERENCES sites (seq) ON DELETE CASCADE,
    schedule    INTEGER NOT NULL REFERENCES schedules (seq) ON DELETE CASCADE,
    workbook    INTEGER REFERENCES workbooks (seq) ON DELETE CASCADE,
    datasource  INTEGER REFERENCES datasources (seq) ON DELETE CASCADE,
    incremental INTEGER NOT NULL DEFAULT 0,
    failures    INTEGER NOT NULL DEFAULT 0,
    UNIQUE (schedule, workbook),
    UNIQUE (schedule, datasource),
    CHECK ((workbook IS NULL) <> (datasource IS NULL))
);
INSERT INTO tasks (seq, id, site, schedule, workbook) SELECT seq, id, site, schedule, workbook FROM extract_refreshes ORDER BY seq;
DROP TABLE extract_refreshes;
ALTER TABLE tasks RENAME TO extract_refreshes;
CREATE INDEX extract_refreshes_site ON extract_refreshes (site);
CREATE INDEX extract_refreshes_workbook ON extract_refreshes (workbook);
CREATE INDEX extract_refreshes_datasource ON extract_refreshes (datasource);

CREATE TRIGGER extract_refreshes_schedule AFTER DELETE ON extract_refreshes BEGIN
    DELETE FROM schedules WHERE seq = old.schedule AND site IS NOT NULL;
END;
CREATE TRIGGER subscriptions_schedule AFTER DELETE ON subscriptions BEGIN
    DELETE FROM schedules WHERE seq = old.schedule AND site IS NOT NULL;
END;
CREATE TRIGGER subscriptions_moved AFTER UPDATE OF schedule ON subscriptions WHEN old.schedule <> new.schedule BEGIN
    DELETE FROM schedules WHERE seq = old.schedule AND site IS NOT NULL;
END;

-- Which of a workbook's own data sources have an extract, once that differs from what its file says.
CREATE TABLE workbook_extracts (
    workbook   INTEGER NOT NULL REFERENCES workbooks (seq) ON DELETE CASCADE,
    datasource TEXT NOT NULL,
    PRIMARY KEY (workbook, datasource)
) WITHOUT ROWID;
CREATE TRIGGER workbook_extracts_replaced AFTER UPDATE OF revision ON workbooks WHEN old.revision <> new.revision BEGIN
    DELETE FROM workbook_extracts WHERE workbook = new.seq;
END;

DROP INDEX jobs_site;
CREATE INDEX jobs_next ON jobs (site, status, priority, seq);
CREATE INDEX jobs_content ON jobs (workbook_id, datasource_id);
