package store

import "time"

// Revision is one published state of a workbook or data source.
type Revision struct {
	Number        int64
	Published     time.Time
	PublisherID   string // "" when the publisher has left the site
	PublisherName string
	Kind          string // of the file
	Blob          string // "" when it was deleted
	Bytes         int64
	HasExtracts   bool
	Deleted       bool
}

var revisions = list[Revision]{
	columns: `r.number, r.published, coalesce(u.id, ''), coalesce(a.name, ''), r.file_kind, r.blob, r.bytes, r.has_extracts, r.deleted`,
	from:    `revisions r LEFT JOIN users u ON u.seq = r.publisher LEFT JOIN accounts a ON a.seq = u.account`,
	order:   "r.number",
	scan: func(row scanner) (r Revision, err error) {
		err = row.Scan(&r.Number, timeColumn{&r.Published}, &r.PublisherID, &r.PublisherName, &r.Kind, &r.Blob, &r.Bytes, &r.HasExtracts, &r.Deleted)
		return r, err
	},
}

// Revisions lists the revisions of an item, the oldest first. kind is the item's table.
func (tx *Tx) Revisions(kind string, item int64, q Query) ([]Revision, int64, error) {
	return revisions.page(tx, where{"r.kind = ? AND r.item = ?", []any{kind, item}}, q)
}

// Revision returns one revision of an item.
func (tx *Tx) Revision(kind string, item, number int64) (Revision, error) {
	return revisions.one(tx, "r.kind = ? AND r.item = ? AND r.number = ?", kind, item, number)
}

// AddRevision notes what publisher has published as an item, and forgets the oldest revisions until only keep are left; with
// keep < 1 all stay. The contents of those are to be collected afterwards.
func (tx *Tx) AddRevision(kind string, item, publisher int64, r Revision, keep int64) error {
	_, err := tx.exec(`INSERT INTO revisions (kind, item, number, publisher, published, file_kind, blob, bytes, has_extracts)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, kind, item, r.Number, publisher, seconds(r.Published), r.Kind, r.Blob, r.Bytes, r.HasExtracts)
	if err != nil || keep < 1 {
		return err
	}
	_, err = tx.exec(`DELETE FROM revisions WHERE kind = ?1 AND item = ?2 AND number <= (SELECT number FROM revisions
		WHERE kind = ?1 AND item = ?2 AND NOT deleted ORDER BY number DESC LIMIT 1 OFFSET ?3)`, kind, item, keep)
	return err
}

// DeleteRevision deletes the file of a revision. The content is to be collected afterwards.
func (tx *Tx) DeleteRevision(kind string, item, number int64) error {
	_, err := tx.exec("UPDATE revisions SET deleted = 1, blob = '' WHERE kind = ? AND item = ? AND number = ?", kind, item, number)
	return err
}
