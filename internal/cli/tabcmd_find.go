package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/tabctl/tableau-go/tableau"
)

// tabcmdProject finds a project by its name and the path of those it is in. Without a path the project at the top is
// meant, else the only one of the name. Without a name it is the one at the path, and without both the one named Default.
func tabcmdProject(ctx context.Context, c *tableau.Client, name, parent string) (*projectItem, error) {
	parent = strings.Trim(parent, "/")
	path := name
	switch {
	case name == "" && parent == "":
		path = "Default"
	case name == "":
		path = parent
	case parent != "":
		path = parent + "/" + name
	}
	all, err := tableau.Collect(listProjects(ctx, c, tableau.Query{}), -1)
	if err != nil {
		return nil, err
	}
	tests := []func(p *projectItem) bool{
		func(p *projectItem) bool { return p.Path == path },
		func(p *projectItem) bool { return strings.EqualFold(p.Path, path) },
	}
	if parent == "" {
		tests = append(tests, func(p *projectItem) bool { return strings.EqualFold(p.Name, path) })
	}
	for _, test := range tests {
		if found, _ := matching(sequence(all, nil), test); len(found) > 0 {
			return projects.only(ctx, c, path, found)
		}
	}
	return nil, withHint(&missingError{"project", path}, "tabcmd list projects --name; or --parent-project-path, when it is in another")
}

// tabcmdIn is the project that --project and --parent-project-path name.
func tabcmdIn(ctx context.Context, c *tableau.Client, args *tabcmdArgs) (*projectItem, error) {
	return tabcmdProject(ctx, c, args.value("--project"), args.value("--parent-project-path"))
}

// inProject finds the one item of the name in a project. Where others of the name are is told when there is none.
func inProject[T any](ctx context.Context, c *tableau.Client, k *kind[T], name string, in *projectItem) (*T, error) {
	var elsewhere []string
	for item, err := range k.list(ctx, c, tableau.Query{Filter: []tableau.Filter{tableau.Eq("name", name)}}) {
		if err != nil {
			return nil, err
		}
		if k.title(item) != name {
			continue
		}
		if k.project(item) == in.ID {
			return item, nil // a project holds one of a name
		}
		elsewhere = append(elsewhere, k.project(item))
	}
	missing := &missingError{k.name, in.Path + "/" + name}
	if elsewhere == nil {
		return nil, missing
	}
	paths, err := projectPaths(ctx, c)
	if err != nil {
		return nil, err
	}
	var places []string
	for _, id := range elsewhere {
		places = append(places, paths[id])
	}
	return nil, withHint(missing, fmt.Sprintf("--project and --parent-project-path of one that holds it: %s", strings.Join(places, ", ")))
}

// atContentURL finds the only item at an address, as the server or, where it does not filter so, the list tells it.
func atContentURL[T any](ctx context.Context, c *tableau.Client, k *kind[T], contentURL string, is func(*T) string) (*T, error) {
	query := tableau.Query{Filter: []tableau.Filter{tableau.Eq("contentUrl", contentURL)}}
	found, err := matching(k.list(ctx, c, query), func(item *T) bool { return strings.EqualFold(is(item), contentURL) })
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, withHint(&missingError{k.name, contentURL}, "the name that its address in a browser has, which leaves out spaces and special characters")
	}
	return found[0], nil
}

func workbookAt(ctx context.Context, c *tableau.Client, contentURL string) (*tableau.Workbook, error) {
	return atContentURL(ctx, c, &workbooks, contentURL, func(w *tableau.Workbook) string { return w.ContentURL })
}

func dataSourceAt(ctx context.Context, c *tableau.Client, contentURL string) (*tableau.DataSource, error) {
	return atContentURL(ctx, c, &dataSources, contentURL, func(d *tableau.DataSource) string { return d.ContentURL })
}

func viewAt(ctx context.Context, c *tableau.Client, contentURL string) (*tableau.View, error) {
	return atContentURL(ctx, c, &views, contentURL, func(v *tableau.View) string { return v.ContentURL })
}

// userNamed finds a user of the site. The name may begin with the domain: domain\name.
func userNamed(ctx context.Context, c *tableau.Client, name string) (*tableau.User, error) {
	domain, short, ok := strings.Cut(name, `\`)
	if !ok {
		domain, short = "", name
	}
	found, err := matching(c.Users.List(ctx, tableau.Query{Filter: []tableau.Filter{tableau.Eq("name", short)}}), func(u *tableau.User) bool {
		return strings.EqualFold(u.Name, short) && (domain == "" || strings.EqualFold(u.Domain.Name, domain))
	})
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, &missingError{"user", name}
	case len(found) > 1:
		return nil, usage("%d users are named %q, in several domains: write domain\\name", len(found), name)
	}
	return found[0], nil
}
