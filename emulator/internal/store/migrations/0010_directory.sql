-- login is what somebody signs in with: the name, or domain\name for somebody of the directory.
ALTER TABLE accounts RENAME COLUMN name TO login;
ALTER TABLE accounts ADD COLUMN name TEXT COLLATE NOCASE AS (substr(login, instr(login, '\') + 1)) VIRTUAL;
ALTER TABLE accounts ADD COLUMN domain TEXT COLLATE NOCASE AS
    (CASE WHEN instr(login, '\') > 0 THEN substr(login, 1, instr(login, '\') - 1) ELSE 'local' END) VIRTUAL;

ALTER TABLE users ADD COLUMN idp_configuration TEXT NOT NULL DEFAULT '';

ALTER TABLE groups ADD COLUMN domain TEXT NOT NULL DEFAULT 'local' COLLATE NOCASE;
ALTER TABLE groups ADD COLUMN license_mode TEXT NOT NULL DEFAULT '';

-- When the token signed somebody in last.
ALTER TABLE access_tokens ADD COLUMN used INTEGER NOT NULL DEFAULT 0;
UPDATE access_tokens SET used = unixepoch();
