package cli

import (
	"context"
	"iter"
	"regexp"
	"strings"

	"github.com/tabctl/tableau-go/tableau"
)

var idPattern = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

func isID(text string) bool { return idPattern.MatchString(text) }

// byName is a query that finds at least the items of this name.
func byName(name string) tableau.Query {
	if strings.Contains(name, ",") { // a filter cannot hold it: look at all
		return tableau.Query{}
	}
	return tableau.Query{Filter: []tableau.Filter{tableau.Eq("name", name)}}
}

// matching returns the items of a list that match.
func matching[T any](items iter.Seq2[*T, error], matches func(*T) bool) ([]*T, error) {
	var found []*T
	for item, err := range items {
		if err != nil {
			return nil, err
		}
		if matches(item) {
			found = append(found, item)
		}
	}
	return found, nil
}

// onlyOne returns the one item that was found. None and several are errors; the latter names the candidates.
func onlyOne[T any](kind, text string, found []*T, candidate func(*T) (id, where string)) (*T, error) {
	switch len(found) {
	case 0:
		return nil, withHint(&missingError{kind, text}, "tabctl "+kind+"s list")
	case 1:
		return found[0], nil
	}
	var lines strings.Builder
	for _, item := range found {
		id, where := candidate(item)
		lines.WriteString("\n  " + id + "  " + where)
	}
	return nil, withHint(usage("%d %ss match %q:%s", len(found), kind, text, lines.String()), "one of these IDs instead of the name")
}

func findWorkbook(ctx context.Context, c *tableau.Client, text string) (*tableau.Workbook, error) {
	if isID(text) {
		return c.Workbooks.Get(ctx, text)
	}
	found, err := matching(c.Workbooks.List(ctx, byName(text)), func(w *tableau.Workbook) bool { return w.Name == text })
	if err != nil {
		return nil, err
	}
	return onlyOne("workbook", text, found, func(w *tableau.Workbook) (string, string) {
		return w.ID, w.Project.Name + "/" + w.Name
	})
}

// findView finds a view by ID, by name or by content URL, among those of a workbook when one is named.
func findView(ctx context.Context, c *tableau.Client, text, workbook string) (*tableau.View, error) {
	if isID(text) {
		return c.Views.Get(ctx, text)
	}
	named := func(v *tableau.View) bool { return v.Name == text || v.ContentURL == text }
	query := byName(text)
	if strings.Contains(text, "/sheets/") {
		query = tableau.Query{Filter: []tableau.Filter{tableau.Eq("contentUrl", text)}}
	}
	views := c.Views.List(ctx, tableau.ViewQuery{Query: query})
	if workbook != "" {
		w, err := findWorkbook(ctx, c, workbook)
		if err != nil {
			return nil, err
		}
		all, err := c.Workbooks.Views(ctx, w.ID)
		if err != nil {
			return nil, err
		}
		views = sequence(all)
	}
	found, err := matching(views, named)
	if err != nil {
		return nil, err
	}
	return onlyOne("view", text, found, func(v *tableau.View) (string, string) { return v.ID, v.ContentURL })
}

// sequence is a list that is there already.
func sequence[T any](items []*T) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// projectItem is a project and its path from the top, such as "Finance/EMEA".
type projectItem struct {
	Path string `json:"path"`
	*tableau.Project
}

// listProjects returns all projects, which a path can only be told from.
func listProjects(ctx context.Context, c *tableau.Client) ([]*projectItem, error) {
	projects, err := tableau.Collect(c.Projects.List(ctx, tableau.Query{}), -1)
	if err != nil {
		return nil, err
	}
	byID := map[string]*tableau.Project{}
	for _, p := range projects {
		byID[p.ID] = p
	}
	items := make([]*projectItem, len(projects))
	for i, p := range projects {
		items[i] = &projectItem{projectPath(p, byID), p}
	}
	return items, nil
}

func projectPath(p *tableau.Project, byID map[string]*tableau.Project) string {
	path := p.Name
	for range byID { // no path is longer, should a server ever send a circle
		parent, ok := byID[p.ParentProjectID]
		if !ok {
			break
		}
		path, p = parent.Name+"/"+path, parent
	}
	return path
}

// findProject finds a project by ID, path or name. A leading slash says that it is a path.
func findProject(ctx context.Context, c *tableau.Client, text string) (*projectItem, error) {
	projects, err := listProjects(ctx, c)
	if err != nil {
		return nil, err
	}
	found, err := matching(sequence(projects), func(p *projectItem) bool {
		return p.ID == text || p.Path == text || p.Name == text || "/"+p.Path == text
	})
	if err != nil {
		return nil, err
	}
	return onlyOne("project", text, found, func(p *projectItem) (string, string) { return p.ID, "/" + p.Path })
}
