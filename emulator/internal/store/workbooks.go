package store

import (
	"fmt"
	"time"
)

// Workbook is a published workbook.
type Workbook struct {
	Seq             int64
	ID              string
	Name            string
	Description     string
	ContentURL      string
	ShowTabs        bool
	EncryptExtracts bool
	HasExtracts     bool
	Kind            string // "twb" or "twbx"
	Blob            string // name of its content
	Bytes           int64
	Revision        int64
	Created         time.Time
	Updated         time.Time
	Published       time.Time
	SheetCount      int64
	DefaultViewID   string
	Freshness       string    // the data freshness policy as XML, "" for the site's
	Acceleration    bool      // data acceleration is on
	Accelerated     time.Time // when that was last changed
	Project         Project   // ID, name and description
	Owner           User
	Tags            []string // in alphabetical order; lists and single reads fill it
}

// favoritesOf is how many people have an item among their favorites.
func favoritesOf(kind, seq string) string {
	return "(SELECT count(*) FROM favorites WHERE kind = '" + kind + "' AND item = " + seq + ")"
}

// megabytes is the size of a workbook as Tableau shows it, and at least 1.
const megabytes = "max(1, (w.bytes + 524288) / 1048576)"

const sheetCount = "(SELECT count(*) FROM views WHERE workbook = w.seq AND NOT hidden)"

// Megabytes is the size as Tableau shows it: rounded, and at least 1.
func (w *Workbook) Megabytes() int64 { return max(1, (w.Bytes+524288)/1048576) }

var workbooks = list[Workbook]{
	columns: `w.seq, w.id, w.name, w.description, w.content_url, w.show_tabs, w.encrypt_extracts, w.has_extracts, w.kind, w.blob, w.bytes,
		w.revision, w.created, w.updated, w.published, ` + sheetCount + `,
		coalesce((SELECT id FROM views WHERE workbook = w.seq AND NOT hidden ORDER BY position LIMIT 1), ''),
		w.freshness, w.acceleration, w.accelerated, p.seq, p.id, p.name, p.description, ` + owner,
	from: `workbooks w JOIN projects p ON p.seq = w.project
		JOIN users u ON u.seq = w.owner JOIN accounts a ON a.seq = u.account`,
	order:    "w.seq",
	readable: readableWorkbook,
	fields: map[string]field{
		"id":                {column: "w.id"},
		"name":              {column: "w.name"},
		"contentUrl":        {column: "w.content_url"},
		"projectName":       {column: "p.name"},
		"projectId":         {column: "p.id"},
		"ownerName":         {column: "a.name"},
		"ownerEmail":        {column: "a.email"},
		"ownerDomain":       {column: "a.domain"},
		"tags":              {column: "'workbooks', w.seq", kind: labels},
		"displayTabs":       {column: "w.show_tabs", kind: boolean},
		"hasExtracts":       {column: "w.has_extracts", kind: boolean},
		"hasAlerts":         {column: "0", kind: boolean},
		"favoritesTotal":    {column: favoritesOf("workbooks", "w.seq"), kind: number},
		"subscriptionTotal": {column: "(SELECT count(*) FROM subscriptions WHERE workbook = w.seq)", kind: number},
		"sheetCount":        {column: sheetCount, kind: number},
		"size":              {column: megabytes, kind: number},
		"createdAt":         {column: "w.created", kind: moment},
		"updatedAt":         {column: "w.updated", kind: moment},
	},
	scan: func(row scanner) (w Workbook, err error) {
		err = row.Scan(append([]any{&w.Seq, &w.ID, &w.Name, &w.Description, &w.ContentURL, &w.ShowTabs, &w.EncryptExtracts, &w.HasExtracts,
			&w.Kind, &w.Blob, &w.Bytes, &w.Revision, timeColumn{&w.Created}, timeColumn{&w.Updated}, timeColumn{&w.Published},
			&w.SheetCount, &w.DefaultViewID, &w.Freshness, &w.Acceleration, timeColumn{&w.Accelerated}, &w.Project.Seq, &w.Project.ID, &w.Project.Name, &w.Project.Description},
			ownerColumns(&w.Owner)...)...)
		return w, err
	},
}

// Workbooks lists the workbooks of a site; with owner those of one user.
func (tx *Tx) Workbooks(site, owner int64, q Query) ([]Workbook, int64, error) {
	must := where{"w.site = ?", []any{site}}
	if owner != 0 {
		must = where{"w.site = ? AND w.owner = ?", []any{site, owner}}
	}
	found, total, err := workbooks.page(tx, must, q)
	if err != nil {
		return nil, 0, err
	}
	err = fillTags(tx, "workbooks", found, func(w *Workbook) (int64, *[]string) { return w.Seq, &w.Tags })
	return found, total, err
}

// Workbook returns a workbook of a site.
func (tx *Tx) Workbook(site int64, id string) (Workbook, error) {
	w, err := workbooks.one(tx, "w.site = ? AND w.id = ?", site, id)
	if err != nil {
		return w, err
	}
	w.Tags, err = tx.Tags("workbooks", w.Seq)
	return w, err
}

// WorkbookNamed returns the workbook with this name in a project.
func (tx *Tx) WorkbookNamed(project int64, name string) (Workbook, error) {
	return workbooks.one(tx, "w.project = ? AND w.name = ?", project, name)
}

// tableName is what other packages can only give as a constant: nothing that a caller has sent becomes SQL.
type tableName string

// FreeContentURL returns the wanted content URL or, when another row of the site in the table ("workbooks" or "datasources")
// has it, wanted_1 and so on.
func (tx *Tx) FreeContentURL(table tableName, site int64, wanted string) (string, error) {
	for n, candidate := 0, wanted; ; candidate = fmt.Sprintf("%s_%d", wanted, n) {
		var taken bool
		err := tx.queryRow("SELECT EXISTS (SELECT 1 FROM "+string(table)+" WHERE site = ? AND content_url = ?)", site, candidate).Scan(&taken)
		if err != nil || !taken {
			return candidate, err
		}
		n++
	}
}

// AddWorkbook adds a workbook in w.Project, owned by w.Owner, to a site and sets its Seq.
func (tx *Tx) AddWorkbook(site int64, w *Workbook) (err error) {
	w.Seq, err = tx.insert(`INSERT INTO workbooks (id, site, project, owner, name, description, content_url, show_tabs, encrypt_extracts,
		has_extracts, kind, blob, bytes, revision, created, updated, published, freshness)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		w.ID, site, w.Project.Seq, w.Owner.Seq, w.Name, w.Description, w.ContentURL, w.ShowTabs, w.EncryptExtracts, w.HasExtracts,
		w.Kind, w.Blob, w.Bytes, w.Revision, seconds(w.Created), seconds(w.Updated), seconds(w.Published), w.Freshness)
	return err
}

// UpdateWorkbook writes what can change of a workbook.
func (tx *Tx) UpdateWorkbook(w Workbook) error {
	_, err := tx.exec(`UPDATE workbooks SET project = ?, owner = ?, name = ?, description = ?, show_tabs = ?, encrypt_extracts = ?,
		has_extracts = ?, kind = ?, blob = ?, bytes = ?, revision = ?, updated = ?, published = ?, freshness = ?, acceleration = ?,
		accelerated = ? WHERE seq = ?`,
		w.Project.Seq, w.Owner.Seq, w.Name, w.Description, w.ShowTabs, w.EncryptExtracts, w.HasExtracts, w.Kind, w.Blob, w.Bytes,
		w.Revision, seconds(w.Updated), seconds(w.Published), w.Freshness, w.Acceleration, seconds(w.Accelerated), w.Seq)
	return err
}

// DeleteWorkbook deletes a workbook with its views. Its content is to be collected afterwards.
func (tx *Tx) DeleteWorkbook(seq int64) error {
	_, err := tx.exec("DELETE FROM workbooks WHERE seq = ?", seq)
	return err
}

// WorkbookID returns the id of the workbook with a content URL.
func (tx *Tx) WorkbookID(site int64, contentURL string) (string, error) {
	return queryOne(tx, scanString, "SELECT id FROM workbooks WHERE site = ? AND content_url = ?", site, contentURL)
}
