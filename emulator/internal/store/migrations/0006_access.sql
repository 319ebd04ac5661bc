CREATE INDEX grants_rules ON grants (capability, kind, content, item, grantee_type, grantee, mode);

-- Views that are tabs follow their workbook. When they cease to be, they start with its rules.
CREATE TRIGGER views_apart AFTER UPDATE OF show_tabs ON workbooks WHEN old.show_tabs AND NOT new.show_tabs BEGIN
    DELETE FROM grants WHERE kind = 'views' AND item IN (SELECT seq FROM views WHERE workbook = new.seq);
    INSERT INTO grants (kind, item, grantee_type, grantee, capability, mode)
    SELECT 'views', v.seq, g.grantee_type, g.grantee, g.capability, g.mode FROM grants g JOIN views v ON v.workbook = new.seq
    WHERE g.kind = 'workbooks' AND g.item = new.seq AND g.content = ''
        AND g.capability NOT IN ('ChangeHierarchy', 'ExportXml', 'ExtractRefresh', 'RunExplainData')
    ORDER BY v.seq, g.seq;
END;
