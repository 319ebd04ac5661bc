-- Pages of lists are found in these alone: what a page skips is not read from the tables.

DROP INDEX workbooks_site;
CREATE INDEX workbooks_list ON workbooks (site, seq, owner, project);
CREATE INDEX workbooks_by_name ON workbooks (site, name COLLATE NOCASE, seq, owner, project);
DROP INDEX datasources_site;
CREATE INDEX datasources_list ON datasources (site, seq, owner, project);
CREATE INDEX datasources_by_name ON datasources (site, name COLLATE NOCASE, seq, owner, project);
DROP INDEX views_order;
CREATE INDEX views_order ON views (site, workbook, position, hidden);
CREATE INDEX views_by_name ON views (site, name COLLATE NOCASE, workbook, position, hidden);
-- What workbooks say of their views.
CREATE INDEX views_tabs ON views (workbook, position, hidden, id);
