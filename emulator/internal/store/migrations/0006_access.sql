CREATE INDEX grants_rules ON grants (capability, kind, content, item, grantee_type, grantee, mode);

-- Items that have the same rules for the capability Read share a list of them, so that a list of 100,000 items takes few decisions.
CREATE TABLE read_lists (
    seq   INTEGER PRIMARY KEY,
    rules TEXT NOT NULL UNIQUE
);
CREATE TABLE read_rules (
    list         INTEGER NOT NULL,
    grantee_type TEXT NOT NULL,
    grantee      TEXT NOT NULL,
    mode         TEXT NOT NULL,
    PRIMARY KEY (grantee_type, grantee, list)
) WITHOUT ROWID;
ALTER TABLE workbooks ADD COLUMN read_list INTEGER NOT NULL DEFAULT 0;
ALTER TABLE views ADD COLUMN read_list INTEGER NOT NULL DEFAULT 0;
ALTER TABLE datasources ADD COLUMN read_list INTEGER NOT NULL DEFAULT 0;

-- A row here is an item whose rules have changed; nothing is kept.
CREATE VIEW changed_rules (kind, item, rules) AS SELECT '', 0, '';
CREATE TRIGGER changed_rules_insert INSTEAD OF INSERT ON changed_rules BEGIN
    INSERT INTO read_lists (rules) VALUES (new.rules) ON CONFLICT DO NOTHING;
    INSERT INTO read_rules (list, grantee_type, grantee, mode)
        SELECT (SELECT seq FROM read_lists WHERE rules = new.rules), grantee_type, grantee, mode FROM grants
        WHERE capability = 'Read' AND kind = new.kind AND content = '' AND item = new.item ON CONFLICT DO NOTHING;
    UPDATE workbooks SET read_list = (SELECT seq FROM read_lists WHERE rules = new.rules) WHERE new.kind = 'workbooks' AND seq = new.item;
    UPDATE views SET read_list = (SELECT seq FROM read_lists WHERE rules = new.rules) WHERE new.kind = 'views' AND seq = new.item;
    UPDATE datasources SET read_list = (SELECT seq FROM read_lists WHERE rules = new.rules) WHERE new.kind = 'datasources' AND seq = new.item;
END;
CREATE TRIGGER grants_read_insert AFTER INSERT ON grants WHEN new.capability = 'Read' AND new.kind IN ('workbooks', 'views', 'datasources') BEGIN
    INSERT INTO changed_rules VALUES (new.kind, new.item, (SELECT coalesce(group_concat(rule), '') FROM
        (SELECT grantee_type || ' ' || grantee || ' ' || mode AS rule FROM grants WHERE capability = 'Read' AND kind = new.kind
            AND content = '' AND item = new.item ORDER BY grantee_type, grantee)));
END;
CREATE TRIGGER grants_read_delete AFTER DELETE ON grants WHEN old.capability = 'Read' AND CASE old.kind
    WHEN 'workbooks' THEN EXISTS (SELECT 1 FROM workbooks WHERE seq = old.item)
    WHEN 'views' THEN EXISTS (SELECT 1 FROM views WHERE seq = old.item)
    WHEN 'datasources' THEN EXISTS (SELECT 1 FROM datasources WHERE seq = old.item) END BEGIN
    INSERT INTO changed_rules VALUES (old.kind, old.item, (SELECT coalesce(group_concat(rule), '') FROM
        (SELECT grantee_type || ' ' || grantee || ' ' || mode AS rule FROM grants WHERE capability = 'Read' AND kind = old.kind
            AND content = '' AND item = old.item ORDER BY grantee_type, grantee)));
END;

-- The rules that are there already pass the triggers once.
CREATE TABLE earlier AS SELECT * FROM grants WHERE capability = 'Read' ORDER BY seq;
DELETE FROM grants WHERE capability = 'Read';
INSERT INTO grants SELECT * FROM earlier;
DROP TABLE earlier;

-- Views that are tabs follow their workbook. When they cease to be, they start with its rules.
CREATE TRIGGER views_apart AFTER UPDATE OF show_tabs ON workbooks WHEN old.show_tabs AND NOT new.show_tabs BEGIN
    DELETE FROM grants WHERE kind = 'views' AND item IN (SELECT seq FROM views WHERE workbook = new.seq);
    INSERT INTO grants (kind, item, grantee_type, grantee, capability, mode)
    SELECT 'views', v.seq, g.grantee_type, g.grantee, g.capability, g.mode FROM grants g JOIN views v ON v.workbook = new.seq
    WHERE g.kind = 'workbooks' AND g.item = new.seq AND g.content = ''
        AND g.capability NOT IN ('ChangeHierarchy', 'ExportXml', 'ExtractRefresh', 'RunExplainData')
    ORDER BY v.seq, g.seq;
END;
