package store

import "encoding/json"

// Tags returns the labels of an item, in alphabetical order. kind is the item's table.
func (tx *Tx) Tags(kind string, item int64) ([]string, error) {
	return query(tx, scanString, "SELECT label FROM tags WHERE kind = ? AND item = ? ORDER BY label", kind, item)
}

// AddTags adds labels to an item; those it has already stay.
func (tx *Tx) AddTags(kind string, item int64, labels []string) error {
	for _, label := range labels {
		if _, err := tx.exec("INSERT INTO tags (kind, item, label) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", kind, item, label); err != nil {
			return err
		}
	}
	return nil
}

// RemoveTag removes a label from an item.
func (tx *Tx) RemoveTag(kind string, item int64, label string) error {
	_, err := tx.exec("DELETE FROM tags WHERE kind = ? AND item = ? AND label = ?", kind, item, label)
	return err
}

// fillTags reads the labels of all items of a page at once.
func fillTags[T any](tx *Tx, kind string, items []T, of func(*T) (seq int64, tags *[]string)) error {
	if len(items) == 0 {
		return nil
	}
	bySeq := make(map[int64]*[]string, len(items))
	seqs := make([]int64, len(items))
	for i := range items {
		seq, tags := of(&items[i])
		bySeq[seq], seqs[i] = tags, seq
	}
	list, err := json.Marshal(seqs)
	if err != nil {
		return err
	}
	type tag struct {
		item  int64
		label string
	}
	found, err := query(tx, func(row scanner) (t tag, err error) {
		err = row.Scan(&t.item, &t.label)
		return t, err
	}, "SELECT item, label FROM tags WHERE kind = ? AND item IN (SELECT value FROM json_each(?)) ORDER BY item, label", kind, string(list))
	for _, t := range found {
		if tags := bySeq[t.item]; tags != nil {
			*tags = append(*tags, t.label)
		}
	}
	return err
}
