-- kind is the table that item points into. content is the type of content that a grant of a project is the default for;
-- '' for a grant of the item itself. grantee is the id of a user, group or group set.
CREATE TABLE grants (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT NOT NULL,
    item         INTEGER NOT NULL,
    content      TEXT NOT NULL DEFAULT '',
    grantee_type TEXT NOT NULL,
    grantee      TEXT NOT NULL,
    capability   TEXT NOT NULL,
    mode         TEXT NOT NULL,
    UNIQUE (kind, item, content, grantee_type, grantee, capability)
);
CREATE INDEX grants_grantee ON grants (grantee_type, grantee);

CREATE TRIGGER workbooks_grants AFTER DELETE ON workbooks BEGIN
    DELETE FROM grants WHERE kind = 'workbooks' AND item = old.seq;
END;
CREATE TRIGGER views_grants AFTER DELETE ON views BEGIN
    DELETE FROM grants WHERE kind = 'views' AND item = old.seq;
END;
CREATE TRIGGER projects_grants AFTER DELETE ON projects BEGIN
    DELETE FROM grants WHERE kind = 'projects' AND item = old.seq;
END;
CREATE TRIGGER groups_grants AFTER DELETE ON groups BEGIN
    DELETE FROM grants WHERE grantee_type = 'group' AND grantee = old.id;
END;
CREATE TRIGGER users_grants AFTER DELETE ON users BEGIN
    DELETE FROM grants WHERE grantee_type = 'user' AND grantee = old.id;
END;

-- A new view starts with what its workbook grants and views know.
CREATE TRIGGER views_first_grants AFTER INSERT ON views BEGIN
    INSERT INTO grants (kind, item, grantee_type, grantee, capability, mode)
    SELECT 'views', new.seq, grantee_type, grantee, capability, mode FROM grants
    WHERE kind = 'workbooks' AND item = new.workbook AND content = ''
        AND capability NOT IN ('ChangeHierarchy', 'ExportXml', 'ExtractRefresh', 'RunExplainData')
    ORDER BY seq;
END;
