package store

import "time"

// QualityWarning says that something is wrong with the data of an item.
type QualityWarning struct {
	Seq       int64
	ID        string
	Site      int64
	Content   string // the word for Kind in paths, such as "datasource"
	ContentID string
	Kind      string // the table that Item points into
	Item      int64
	Owner     int64 // 0 when the owner has left the site
	OwnerID   string
	OwnerName string // as people read it
	Type      string
	Message   string
	Active    bool
	Severe    bool
	Created   time.Time
	Updated   time.Time
}

var qualityWarnings = list[QualityWarning]{
	columns: `q.seq, q.id, q.site, q.content, q.content_id, q.kind, q.item, coalesce(q.owner, 0), coalesce(u.id, ''),
		coalesce(CASE a.full_name WHEN '' THEN a.name ELSE a.full_name END, ''), q.type, q.message, q.active, q.severe, q.created, q.updated`,
	from:  `quality_warnings q LEFT JOIN users u ON u.seq = q.owner LEFT JOIN accounts a ON a.seq = u.account`,
	order: "q.seq",
	scan: func(row scanner) (q QualityWarning, err error) {
		err = row.Scan(&q.Seq, &q.ID, &q.Site, &q.Content, &q.ContentID, &q.Kind, &q.Item, &q.Owner, &q.OwnerID, &q.OwnerName, &q.Type, &q.Message, &q.Active,
			&q.Severe, timeColumn{&q.Created}, timeColumn{&q.Updated})
		return q, err
	},
}

// QualityWarnings returns the warnings of an item, the oldest first. kind is the item's table.
func (tx *Tx) QualityWarnings(kind string, item int64) ([]QualityWarning, error) {
	found, _, err := qualityWarnings.page(tx, where{"q.kind = ? AND q.item = ?", []any{kind, item}}, Query{})
	return found, err
}

// QualityWarning returns a warning of a site.
func (tx *Tx) QualityWarning(site int64, id string) (QualityWarning, error) {
	return qualityWarnings.one(tx, "q.site = ? AND q.id = ?", site, id)
}

// AddQualityWarning adds a warning.
func (tx *Tx) AddQualityWarning(q QualityWarning) error {
	_, err := tx.exec(`INSERT INTO quality_warnings (id, site, content, content_id, kind, item, owner, type, message, active, severe, created, updated)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, q.ID, q.Site, q.Content, q.ContentID, q.Kind, q.Item, orNull(q.Owner), q.Type, q.Message, q.Active, q.Severe,
		seconds(q.Created), seconds(q.Updated))
	return err
}

// UpdateQualityWarning writes what can change of a warning.
func (tx *Tx) UpdateQualityWarning(q QualityWarning) error {
	_, err := tx.exec("UPDATE quality_warnings SET type = ?, message = ?, active = ?, severe = ?, updated = ? WHERE seq = ?",
		q.Type, q.Message, q.Active, q.Severe, seconds(q.Updated), q.Seq)
	return err
}

// DeleteQualityWarning deletes a warning.
func (tx *Tx) DeleteQualityWarning(seq int64) error {
	_, err := tx.exec("DELETE FROM quality_warnings WHERE seq = ?", seq)
	return err
}
