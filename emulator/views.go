package emulator

import (
	"errors"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/content"
	"github.com/tabctl/tableau-go/emulator/internal/render"
	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func viewRoutes() []route {
	return []route{
		listed("/sites/{site}/views", "Query Views for Site", "2.2", SignedIn, &viewFields, listViews),
		answered("GET", "/sites/{site}/views/{view}", "Get View", "3.0", SignedIn, getView),
		answered("DELETE", "/sites/{site}/views/{view}", "Delete View", "3.27", SignedIn, deleteView),
	}
}

var viewFields = fields{
	item:     "view",
	defaults: []string{"id", "name", "contentUrl", "createdAt", "updatedAt", "sheetType", "viewUrlName", "workbook.id", "owner.id", "project.id", "location", "tags"},
	others: append([]string{"favoritesTotal", "hidden", "usage", "workbook.name", "workbook.contentUrl", "workbook.showTabs", "workbook.size",
		"workbook.createdAt", "workbook.updatedAt", "workbook.sheetCount", "workbook.hasExtracts", "project.name", "project.description"},
		ownerFields("name", "fullName", "email", "siteRole", "lastLogin")...),
}

func viewAttributes(v store.View) *tsxml.Element {
	e := tsxml.New("view", "id", v.ID, "name", v.Name, "contentUrl", v.ContentURL())
	e.SetTime("createdAt", v.Created)
	e.SetTime("updatedAt", v.Updated)
	return e.Set("sheetType", v.SheetType).Set("viewUrlName", v.URLName)
}

func usageElement(v store.View) *tsxml.Element {
	return tsxml.New("usage").SetInt("totalViewCount", v.Hits)
}

func viewElement(v store.View, withUsage bool) *tsxml.Element {
	w := v.Workbook
	workbook := tsxml.New("workbook", "id", w.ID, "name", w.Name, "contentUrl", w.ContentURL)
	workbook.SetBool("showTabs", w.ShowTabs)
	workbook.SetInt("size", w.Megabytes())
	workbook.SetTime("createdAt", w.Created)
	workbook.SetTime("updatedAt", w.Updated)
	workbook.SetInt("sheetCount", w.SheetCount)
	workbook.SetBool("hasExtracts", w.HasExtracts)
	e := viewAttributes(v)
	e.SetBool("hidden", v.Hidden)
	e.SetInt("favoritesTotal", v.Favorites)
	e.Add(workbook, ownerElement(w.Owner),
		tsxml.New("project", "id", w.Project.ID, "name", w.Project.Name, "description", w.Project.Description), tagsElement(v.Tags))
	if withUsage {
		e.Add(usageElement(v))
	}
	return e.Add(tsxml.New("location", "id", w.Project.ID, "type", "Project", "name", w.Project.Name))
}

func listViews(c *call) (*tsxml.Element, error) {
	withUsage, err := c.queryFlag("includeUsageStatistics")
	if err != nil {
		return nil, err
	}
	if withUsage && c.query.Get("fields") == "" {
		c.query.Set("fields", "_default_,usage")
	}
	withUsage = withUsage || viewFields.wants(c.query.Get("fields"), "usage")
	c.writeHits() // usage is shown, filtered by or sorted by
	element := func(v store.View) *tsxml.Element { return viewElement(v, withUsage) }
	return pageOf(c, "views", element, func(tx *store.Tx, q store.Query) ([]store.View, int64, error) { return tx.Views(c.site.Seq, 0, q) })
}

func getView(c *call) (*tsxml.Element, error) {
	withUsage, err := c.queryFlag("includeUsageStatistics")
	if err != nil {
		return nil, err
	}
	if withUsage {
		c.writeHits()
	}
	v, err := read(c, func(tx *store.Tx) (store.View, error) { return c.viewFor(tx, "Read") })
	return viewElement(v, withUsage), err
}

// deleteView deletes a view. Publishing its workbook again brings it back.
func deleteView(c *call) (*tsxml.Element, error) {
	return nil, c.store.Write(c.ctx(), func(tx *store.Tx) error {
		v, err := c.viewFor(tx, "Delete")
		if err != nil {
			return err
		}
		return tx.DeleteView(v.Seq)
	})
}

// sheets is a workbook's file, opened to render its views.
type sheets struct {
	workbook store.Workbook
	file     *content.Workbook
	f        store.Content
	filters  map[string][]string // by field: the values to keep
}

// filterValues splits at commas; a comma that belongs to a value has a backslash before it.
func filterValues(text string) []string {
	const comma = "\x00" // stands in for those that belong to values
	values := strings.Split(strings.ReplaceAll(text, `\,`, comma), ",")
	for i := range values {
		values[i] = strings.ReplaceAll(values[i], comma, ",")
	}
	return values
}

// openSheets opens the workbook that find returns. Parameters vf_<field>=v1,v2 filter its data; those that set parameters of
// the workbook change nothing, as nothing here calculates with them.
func (c *call) openSheets(find func(*store.Tx) (store.Workbook, error)) (*sheets, error) {
	w, f, err := c.openWorkbook(find)
	if err != nil {
		return nil, err
	}
	s := &sheets{workbook: w, f: f, filters: map[string][]string{}}
	for name, values := range c.query {
		if field, ok := strings.CutPrefix(name, "vf_"); ok {
			for _, value := range values {
				s.filters[field] = append(s.filters[field], filterValues(value)...)
			}
		}
	}
	if s.file, err = c.readWorkbook(w.Blob, w.Bytes, w.Kind); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return s, nil
}

func (s *sheets) close() { s.f.Close() } // it was only read

// tables returns the data that a view shows: one table for each worksheet in it.
func (s *sheets) tables(view string) ([]*content.Table, error) {
	var tables []*content.Table
	for _, name := range s.file.Worksheets(view) {
		t, err := content.ViewTable(s.f, s.workbook.Bytes, s.file, name, s.filters)
		if err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// pages returns the data that views show, each under its name.
func (s *sheets) pages(views []store.View) ([]render.Sheet, error) {
	var pages []render.Sheet
	for _, v := range views {
		tables, err := s.tables(v.Name)
		if err != nil {
			return nil, err
		}
		pages = append(pages, render.Sheet{Title: v.Name, Tables: tables})
	}
	return pages, nil
}

// firstTable returns the data that people may take away from a view: of a dashboard that of its alphabetically first sheet.
func (s *sheets) firstTable(view string) (*content.Table, error) {
	return content.ViewTable(s.f, s.workbook.Bytes, s.file, view, s.filters)
}

// maxWorkbooks bounds how many read workbooks are kept.
const maxWorkbooks = 64

// readWorkbook returns what is in a stored file, from memory when it was read lately.
func (s *Server) readWorkbook(blob string, size int64, kind string) (*content.Workbook, error) {
	key := kind + " " + blob
	s.readMu.Lock()
	known := s.workbooks[key]
	s.readMu.Unlock()
	if known != nil {
		return known, nil
	}
	f, err := s.store.Blobs.Open(blob)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	read, err := content.ReadWorkbook(f, size, kind)
	if err != nil {
		return nil, err
	}
	s.readMu.Lock()
	defer s.readMu.Unlock()
	if len(s.workbooks) >= maxWorkbooks {
		clear(s.workbooks)
	}
	s.workbooks[key] = read
	return read, nil
}
