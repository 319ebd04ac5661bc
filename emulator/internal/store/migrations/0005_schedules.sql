-- Schedules belong to the server; what they run belongs to a site.

CREATE TABLE schedules (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT NOT NULL UNIQUE,
    name            TEXT NOT NULL COLLATE NOCASE UNIQUE,
    type            TEXT NOT NULL,
    state           TEXT NOT NULL,
    priority        INTEGER NOT NULL,
    execution_order TEXT NOT NULL,
    frequency       TEXT NOT NULL,
    start_time      TEXT NOT NULL,
    end_time        TEXT NOT NULL,
    intervals       TEXT NOT NULL,
    created         INTEGER NOT NULL,
    updated         INTEGER NOT NULL
);

CREATE TABLE extract_refreshes (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    site     INTEGER NOT NULL REFERENCES sites (seq) ON DELETE CASCADE,
    schedule INTEGER NOT NULL REFERENCES schedules (seq) ON DELETE CASCADE,
    workbook INTEGER NOT NULL REFERENCES workbooks (seq) ON DELETE CASCADE,
    UNIQUE (schedule, workbook)
);
CREATE INDEX extract_refreshes_site ON extract_refreshes (site);
CREATE INDEX extract_refreshes_workbook ON extract_refreshes (workbook);

CREATE TABLE subscriptions (
    seq           INTEGER PRIMARY KEY AUTOINCREMENT,
    id            TEXT NOT NULL UNIQUE,
    site          INTEGER NOT NULL REFERENCES sites (seq) ON DELETE CASCADE,
    schedule      INTEGER NOT NULL REFERENCES schedules (seq) ON DELETE CASCADE,
    user          INTEGER NOT NULL REFERENCES users (seq) ON DELETE CASCADE,
    workbook      INTEGER REFERENCES workbooks (seq) ON DELETE CASCADE,
    view          INTEGER REFERENCES views (seq) ON DELETE CASCADE,
    subject       TEXT NOT NULL,
    message       TEXT NOT NULL,
    attach_image  INTEGER NOT NULL,
    attach_pdf    INTEGER NOT NULL,
    orientation   TEXT NOT NULL,
    page_size     TEXT NOT NULL,
    send_if_empty INTEGER NOT NULL,
    suspended     INTEGER NOT NULL,
    CHECK ((workbook IS NULL) <> (view IS NULL))
);
CREATE INDEX subscriptions_site ON subscriptions (site);
CREATE INDEX subscriptions_schedule ON subscriptions (schedule);
CREATE INDEX subscriptions_user ON subscriptions (user);
CREATE INDEX subscriptions_workbook ON subscriptions (workbook);
CREATE INDEX subscriptions_view ON subscriptions (view);
