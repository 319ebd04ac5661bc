package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/tabctl/tableau-go/tableau"
)

var idPattern = pattern(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

func isID(text string) bool { return idPattern().MatchString(text) }

// matching returns the items of a list that match.
func matching[T any](items itemsOf[T], matches func(*T) bool) ([]*T, error) {
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

// sequence is a list that is there already.
func sequence[T any](items []*T, err error) itemsOf[T] {
	return func(yield func(*T, error) bool) {
		if err != nil {
			yield(nil, err)
			return
		}
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

// listProjects lists projects with their paths, which only all projects together tell: by path, when the query asks for
// nothing else.
func listProjects(ctx context.Context, c *tableau.Client, q tableau.Query) itemsOf[projectItem] {
	return func(yield func(*projectItem, error) bool) {
		all, err := tableau.Collect(c.Projects.List(ctx, tableau.Query{}), -1)
		if err != nil {
			yield(nil, err)
			return
		}
		byID := map[string]*tableau.Project{}
		for _, p := range all {
			byID[p.ID] = p
		}
		items := sequence(all, nil)
		if len(q.Filter)+len(q.Sort) > 0 {
			items = c.Projects.List(ctx, q)
		} else {
			slices.SortStableFunc(all, func(p, q *tableau.Project) int {
				return strings.Compare(projectPath(p, byID), projectPath(q, byID))
			})
		}
		for p, err := range items {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(&projectItem{projectPath(p, byID), p}, nil) {
				return
			}
		}
	}
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

// projectPaths returns the path of each project by its ID.
func projectPaths(ctx context.Context, c *tableau.Client) (map[string]string, error) {
	paths := map[string]string{}
	for p, err := range listProjects(ctx, c, tableau.Query{}) {
		if err != nil {
			return nil, err
		}
		paths[p.ID] = p.Path
	}
	return paths, nil
}
