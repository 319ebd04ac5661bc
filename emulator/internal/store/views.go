package store

import "time"

// View is one sheet of a workbook.
type View struct {
	Seq         int64
	ID          string
	Name        string
	URLName     string // the last part of its content URL
	SheetType   string // "worksheet", "dashboard" or "story"
	Hidden      bool
	Position    int64 // among the workbook's tabs
	Hits        int64 // how often it was rendered
	Accelerated bool  // data acceleration is on
	Created     time.Time
	Updated     time.Time
	Workbook    Workbook // without views
	Favorites   int64    // how many people have it among their favorites
	Tags        []string
}

// ContentURL is WorkbookContentURL/sheets/URLName.
func (v *View) ContentURL() string { return v.Workbook.ContentURL + "/sheets/" + v.URLName }

var viewColumns = "v.seq, v.id, v.name, v.url_name, v.sheet_type, v.hidden, v.position, v.hits, v.acceleration, v.created, v.updated, " +
	favoritesOf("views", "v.seq")

func (v *View) scan() []any {
	return []any{&v.Seq, &v.ID, &v.Name, &v.URLName, &v.SheetType, &v.Hidden, &v.Position, &v.Hits, &v.Accelerated,
		timeColumn{&v.Created}, timeColumn{&v.Updated}, &v.Favorites}
}

var views = list[View]{
	columns:  viewColumns + ", " + workbooks.columns,
	from:     "views v JOIN workbooks w ON w.seq = v.workbook " + workbooks.from[len("workbooks w "):],
	order:    "v.workbook, v.position",
	readable: readableView,
	fields: map[string]field{
		"id":                  {column: "v.id"},
		"name":                {column: "v.name"},
		"title":               {column: "v.name"},
		"caption":             {column: "v.name"},
		"contentUrl":          {column: "(w.content_url || '/sheets/' || v.url_name)"},
		"viewUrlName":         {column: "v.url_name"},
		"viewUrlname":         {column: "v.url_name"}, // as the reference spells it
		"fields":              {column: "''"},         // of the data: nothing is known of them
		"sheetType":           {column: "v.sheet_type"},
		"sheetNumber":         {column: "v.position", kind: number},
		"hitsTotal":           {column: "v.hits", kind: number},
		"favoritesTotal":      {column: favoritesOf("views", "v.seq"), kind: number},
		"workbookName":        {column: "w.name"},
		"workbookDescription": {column: "w.description"},
		"projectName":         {column: "p.name"},
		"ownerName":           {column: "a.name"},
		"ownerEmail":          {column: "a.email"},
		"ownerDomain":         {column: "a.domain"},
		"tags":                {column: "'views', v.seq", kind: labels},
		"createdAt":           {column: "v.created", kind: moment},
		"updatedAt":           {column: "v.updated", kind: moment},
	},
	scan: func(row scanner) (v View, err error) {
		v.Workbook, err = workbooks.scan(prefixed{row, v.scan()})
		return v, err
	},
}

// prefixed is a row whose first columns go elsewhere.
type prefixed struct {
	row   scanner
	first []any
}

func (p prefixed) Scan(into ...any) error { return p.row.Scan(append(p.first, into...)...) }

// Views lists the views of a site that are not hidden; with workbook those of one workbook.
func (tx *Tx) Views(site, workbook int64, q Query) ([]View, int64, error) {
	must := where{"v.site = ? AND NOT v.hidden", []any{site}}
	if workbook != 0 {
		must = where{"v.site = ? AND v.workbook = ? AND NOT v.hidden", []any{site, workbook}}
	}
	found, total, err := views.page(tx, must, q)
	if err != nil {
		return nil, 0, err
	}
	err = fillTags(tx, "views", found, func(v *View) (int64, *[]string) { return v.Seq, &v.Tags })
	return found, total, err
}

// viewsAlone is views without what they say of their workbook.
var viewsAlone = list[View]{
	columns:  viewColumns,
	from:     "views v JOIN workbooks w ON w.seq = v.workbook",
	order:    views.order,
	readable: views.readable,
	scan: func(row scanner) (v View, err error) {
		err = row.Scan(v.scan()...)
		return v, err
	},
}

// ViewsOf lists the views of a workbook that are not hidden and that a reader may read.
func (tx *Tx) ViewsOf(w Workbook, reader *User) ([]View, error) {
	found, _, err := viewsAlone.page(tx, where{"v.workbook = ? AND NOT v.hidden", []any{w.Seq}}, Query{Reader: reader})
	if err != nil {
		return nil, err
	}
	for i := range found {
		found[i].Workbook = w
	}
	return found, fillTags(tx, "views", found, func(v *View) (int64, *[]string) { return v.Seq, &v.Tags })
}

// View returns a view of a site.
func (tx *Tx) View(site int64, id string) (View, error) {
	v, err := views.one(tx, "v.site = ? AND v.id = ?", site, id)
	if err != nil {
		return v, err
	}
	v.Tags, err = tx.Tags("views", v.Seq)
	return v, err
}

// CountHits notes that a view was rendered n more times.
func (tx *Tx) CountHits(view, n int64) error {
	_, err := tx.exec("UPDATE views SET hits = hits + ? WHERE seq = ?", n, view)
	return err
}

// AccelerateView turns the data acceleration of a view on or off.
func (tx *Tx) AccelerateView(view int64, on bool) error {
	_, err := tx.exec("UPDATE views SET acceleration = ? WHERE seq = ?", on, view)
	return err
}

// DeleteView deletes a view from its workbook.
func (tx *Tx) DeleteView(seq int64) error {
	_, err := tx.exec("DELETE FROM views WHERE seq = ?", seq)
	return err
}

// SetViews makes these the views of a workbook. A view that has the name of an earlier one keeps its id, its tags and
// its hits; views that are not named are deleted.
func (tx *Tx) SetViews(site, workbook int64, wanted []View) error {
	if _, err := tx.exec("UPDATE views SET position = -1 WHERE workbook = ?", workbook); err != nil {
		return err
	}
	for _, v := range wanted {
		if _, err := tx.exec(`INSERT INTO views (id, site, workbook, name, url_name, sheet_type, hidden, position, created, updated)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (workbook, name) DO UPDATE SET url_name = excluded.url_name,
			sheet_type = excluded.sheet_type, hidden = excluded.hidden, position = excluded.position, updated = excluded.updated`,
			v.ID, site, workbook, v.Name, v.URLName, v.SheetType, v.Hidden, v.Position, seconds(v.Created), seconds(v.Updated)); err != nil {
			return err
		}
	}
	_, err := tx.exec("DELETE FROM views WHERE workbook = ? AND position = -1", workbook)
	return err
}
