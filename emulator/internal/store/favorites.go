package store

import "time"

// Favorite is an item that a user keeps at hand. Of the pointers one is set.
type Favorite struct {
	Label      string
	Added      time.Time
	Workbook   *Workbook
	View       *View
	DataSource *DataSource
	Project    *Project

	kind     string // the item's table
	item     int64
	position int64 // its place in the order of the user's; there may be gaps
}

var favorites = list[Favorite]{
	columns: "f.label, f.added, f.kind, f.item, f.position",
	from:    "favorites f",
	order:   "f.position",
	scan: func(row scanner) (f Favorite, err error) {
		err = row.Scan(&f.Label, timeColumn{&f.Added}, &f.kind, &f.item, &f.position)
		return f, err
	},
}

// Favorites lists the favorites of a user, in the order in which they were added, or have been brought into.
func (tx *Tx) Favorites(user int64, q Query) ([]Favorite, error) {
	found, _, err := favorites.page(tx, where{"f.user = ?", []any{user}}, q)
	for i := range found {
		if err == nil {
			err = tx.fillFavorite(&found[i])
		}
	}
	return found, err
}

// Favorite returns one favorite of a user. kind is the item's table.
func (tx *Tx) Favorite(user int64, kind string, item int64) (Favorite, error) {
	f, err := favorites.one(tx, "f.user = ? AND f.kind = ? AND f.item = ?", user, kind, item)
	if err == nil {
		err = tx.fillFavorite(&f)
	}
	return f, err
}

func (tx *Tx) fillFavorite(f *Favorite) (err error) {
	switch f.kind {
	case "workbooks":
		var w Workbook
		if w, err = workbooks.one(tx, "w.seq = ?", f.item); err == nil {
			w.Tags, err = tx.Tags(f.kind, f.item)
		}
		f.Workbook = &w
	case "views":
		var v View
		if v, err = views.one(tx, "v.seq = ?", f.item); err == nil {
			v.Tags, err = tx.Tags(f.kind, f.item)
		}
		f.View = &v
	case "datasources":
		var d DataSource
		if d, err = dataSources.one(tx, "d.seq = ?", f.item); err == nil {
			d.Tags, err = tx.Tags(f.kind, f.item)
		}
		f.DataSource = &d
	case "projects":
		var p Project
		if p, err = projects.one(tx, "p.seq = ?", f.item); err == nil {
			err = tx.CountContents(&p)
		}
		f.Project = &p
	}
	return err
}

// AddFavorite makes an item a favorite of a user; one that is a favorite already gets the new label.
func (tx *Tx) AddFavorite(user int64, kind string, item int64, label string, now time.Time) error {
	_, err := tx.exec(`INSERT INTO favorites (user, kind, item, label, added, position)
		VALUES (?1, ?2, ?3, ?4, ?5, (SELECT coalesce(max(position), 0) + 1 FROM favorites WHERE user = ?1))
		ON CONFLICT (user, kind, item) DO UPDATE SET label = excluded.label`, user, kind, item, label, seconds(now))
	return err
}

// MoveFavorite puts a favorite of a user behind another.
func (tx *Tx) MoveFavorite(user int64, f, after Favorite) error {
	if _, err := tx.exec("UPDATE favorites SET position = position + 1 WHERE user = ? AND position > ?", user, after.position); err != nil {
		return err
	}
	_, err := tx.exec("UPDATE favorites SET position = ? WHERE user = ? AND kind = ? AND item = ?", after.position+1, user, f.kind, f.item)
	return err
}

// RemoveFavorite takes an item off a user's favorites and reports whether it was one.
func (tx *Tx) RemoveFavorite(user int64, kind string, item int64) (bool, error) {
	return tx.changes("DELETE FROM favorites WHERE user = ? AND kind = ? AND item = ?", user, kind, item)
}
