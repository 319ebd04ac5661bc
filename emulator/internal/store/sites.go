package store

import (
	"encoding/json"
	"time"
)

// Site is one site with everything in it.
type Site struct {
	Seq        int64
	ID         string
	Name       string
	ContentURL string
	State      string            // "Active" or "Suspended"
	Settings   map[string]string // by the name of the attribute: what differs from the defaults
	Created    time.Time
	Users      int64 // how many users it has
	Storage    int64 // bytes of its content
}

// storageOf counts the bytes of a site's content.
func storageOf(site string) string {
	return "(SELECT coalesce(sum(bytes), 0) FROM workbooks WHERE site = " + site + ") + " +
		"(SELECT coalesce(sum(bytes + appended), 0) FROM datasources WHERE site = " + site + ")"
}

var sites = list[Site]{
	columns: `s.seq, s.id, s.name, s.content_url, s.state, s.settings, s.created,
		(SELECT count(*) FROM users WHERE site = s.seq), ` + storageOf("s.seq"),
	from:  "sites s",
	order: "s.seq",
	fields: map[string]field{
		"name":       {column: "s.name"},
		"contentUrl": {column: "s.content_url"},
		"state":      {column: "s.state"},
	},
	scan: func(row scanner) (s Site, err error) {
		var settings string
		err = row.Scan(&s.Seq, &s.ID, &s.Name, &s.ContentURL, &s.State, &settings, timeColumn{&s.Created}, &s.Users, &s.Storage)
		if err == nil {
			err = json.Unmarshal([]byte(settings), &s.Settings)
		}
		return s, err
	},
}

// Sites lists the sites of the server; with account those that one person is a user of.
func (tx *Tx) Sites(account int64, q Query) ([]Site, int64, error) {
	return sites.page(tx, where{"?1 = 0 OR s.seq IN (SELECT site FROM users WHERE account = ?1)", []any{account}}, q)
}

// SiteByID returns a site.
func (tx *Tx) SiteByID(id string) (Site, error) { return sites.one(tx, "s.id = ?", id) }

// SiteByName returns a site by its name, in any case.
func (tx *Tx) SiteByName(name string) (Site, error) { return sites.one(tx, "s.name = ?", name) }

// SiteByContentURL returns a site; the default site's content URL is empty.
func (tx *Tx) SiteByContentURL(contentURL string) (Site, error) {
	return sites.one(tx, "s.content_url = ?", contentURL)
}

// SiteSettings returns the settings of a site that differ from the defaults.
func (tx *Tx) SiteSettings(site int64) (settings map[string]string, err error) {
	var text string
	if err = tx.queryRow("SELECT settings FROM sites WHERE seq = ?", site).Scan(&text); err == nil {
		err = json.Unmarshal([]byte(text), &settings)
	}
	return settings, err
}

// SiteStorage counts the bytes of a site's content.
func (tx *Tx) SiteStorage(site int64) (bytes int64, err error) {
	err = tx.queryRow("SELECT "+storageOf("?1"), site).Scan(&bytes)
	return bytes, err
}

// CountSiteRoles counts the users of a site by site role.
func (tx *Tx) CountSiteRoles(site int64) (map[string]int64, error) {
	type count struct {
		role string
		n    int64
	}
	found, err := query(tx, func(row scanner) (c count, err error) {
		err = row.Scan(&c.role, &c.n)
		return c, err
	}, "SELECT "+siteRole+", count(*) FROM users u JOIN accounts a ON a.seq = u.account WHERE u.site = ? GROUP BY 1", site)
	counts := map[string]int64{}
	for _, c := range found {
		counts[c.role] = c.n
	}
	return counts, err
}

// AddSite adds a site and sets its Seq.
func (tx *Tx) AddSite(s *Site) error {
	settings, err := json.Marshal(notNil(s.Settings))
	if err != nil {
		return err
	}
	s.Seq, err = tx.insert("INSERT INTO sites (id, name, content_url, state, settings, created) VALUES (?, ?, ?, ?, ?, ?)",
		s.ID, s.Name, s.ContentURL, s.State, string(settings), seconds(s.Created))
	return err
}

func notNil(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

// UpdateSite writes a site's name, content URL, state and settings.
func (tx *Tx) UpdateSite(s *Site) error {
	settings, err := json.Marshal(notNil(s.Settings))
	if err != nil {
		return err
	}
	_, err = tx.exec("UPDATE sites SET name = ?, content_url = ?, state = ?, settings = ? WHERE seq = ?",
		s.Name, s.ContentURL, s.State, string(settings), s.Seq)
	return err
}

// DeleteSite deletes a site with everything in it and returns the names of the contents it named.
func (tx *Tx) DeleteSite(s Site) ([]string, error) {
	blobs, err := query(tx, scanString, `SELECT blob FROM workbooks WHERE site = ?1
		UNION SELECT blob FROM datasources WHERE site = ?1
		UNION SELECT p.blob FROM upload_parts p JOIN uploads u ON u.seq = p.upload WHERE u.site = ?1
		UNION SELECT blob FROM jobs WHERE site = ?1 AND blob <> ''`, s.Seq)
	if err != nil {
		return nil, err
	}
	// Owners may not be deleted while they own something: content goes first.
	for _, table := range owned {
		if _, err := tx.exec("DELETE FROM "+table+" WHERE site = ?", s.Seq); err != nil {
			return nil, err
		}
	}
	if _, err := tx.exec(`DELETE FROM accounts WHERE NOT server_admin AND seq IN (SELECT account FROM users WHERE site = ?1)
		AND seq NOT IN (SELECT account FROM users WHERE site <> ?1)`, s.Seq); err != nil {
		return nil, err
	}
	if _, err = tx.exec("DELETE FROM sites WHERE seq = ?", s.Seq); err != nil {
		return nil, err
	}
	return blobs, tx.forgetReadLists()
}

func scanString(row scanner) (s string, err error) {
	err = row.Scan(&s)
	return s, err
}
