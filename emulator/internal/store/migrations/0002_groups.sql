-- Every site has one group for everyone on it, and triggers keep it complete.

CREATE TABLE groups (
    seq               INTEGER PRIMARY KEY AUTOINCREMENT,
    id                TEXT NOT NULL UNIQUE,
    site              INTEGER NOT NULL REFERENCES sites (seq) ON DELETE CASCADE,
    name              TEXT NOT NULL COLLATE NOCASE,
    minimum_site_role TEXT NOT NULL DEFAULT '',
    is_everyone       INTEGER NOT NULL DEFAULT 0,
    UNIQUE (site, name)
);

CREATE TABLE group_members (
    "group" INTEGER NOT NULL REFERENCES groups (seq) ON DELETE CASCADE,
    user    INTEGER NOT NULL REFERENCES users (seq) ON DELETE CASCADE,
    PRIMARY KEY ("group", user)
) WITHOUT ROWID;
CREATE INDEX group_members_user ON group_members (user);

CREATE TRIGGER sites_everyone AFTER INSERT ON sites BEGIN
    INSERT INTO groups (id, site, name, is_everyone) VALUES (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' ||
        substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))), new.seq, 'All Users', 1);
END;
CREATE TRIGGER users_everyone AFTER INSERT ON users BEGIN
    INSERT INTO group_members ("group", user) SELECT seq, new.seq FROM groups WHERE site = new.site AND is_everyone;
END;

INSERT INTO groups (id, site, name, is_everyone) SELECT lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' ||
    substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))), seq, 'All Users', 1
    FROM sites ORDER BY seq;
INSERT INTO group_members ("group", user) SELECT g.seq, u.seq FROM groups g JOIN users u ON u.site = g.site;

-- kind is the table that item points into.
CREATE TABLE favorites (
    seq   INTEGER PRIMARY KEY AUTOINCREMENT,
    user  INTEGER NOT NULL REFERENCES users (seq) ON DELETE CASCADE,
    kind  TEXT NOT NULL,
    item  INTEGER NOT NULL,
    label TEXT NOT NULL,
    added INTEGER NOT NULL,
    UNIQUE (user, kind, item)
);
CREATE INDEX favorites_item ON favorites (kind, item);
CREATE TRIGGER workbooks_favorites AFTER DELETE ON workbooks BEGIN
    DELETE FROM favorites WHERE kind = 'workbooks' AND item = old.seq;
END;
CREATE TRIGGER views_favorites AFTER DELETE ON views BEGIN
    DELETE FROM favorites WHERE kind = 'views' AND item = old.seq;
END;
CREATE TRIGGER projects_favorites AFTER DELETE ON projects BEGIN
    DELETE FROM favorites WHERE kind = 'projects' AND item = old.seq;
END;
