package main

import (
	"context"
	"iter"

	"github.com/tabctl/tableau-go/tableau"
)

// kind is a kind of item that clients make, change and delete.
type kind struct {
	name   string
	most   int // of one client
	list   func(ctx context.Context, c *tableau.Client, q tableau.Query) iter.Seq2[found, error]
	get    func(ctx context.Context, c *tableau.Client, id string) (found, error)
	remove func(ctx context.Context, c *tableau.Client, id string) error
	create func(w *worker, i *item)
	change func(w *worker, i *item)
}

// kinds are filled in by init, for the functions look up kinds themselves.
var projects, users, groups, workbooks, dataSources kind

var kinds = []*kind{&projects, &users, &groups, &workbooks, &dataSources}

func init() {
	projects = kind{
		name: "project", most: 4,
		list: func(ctx context.Context, c *tableau.Client, q tableau.Query) iter.Seq2[found, error] {
			return each(c.Projects.List(ctx, q), foundProject)
		},
		get: func(ctx context.Context, c *tableau.Client, id string) (found, error) {
			return one(c.Projects.Get(ctx, id))(foundProject)
		},
		remove: func(ctx context.Context, c *tableau.Client, id string) error { return c.Projects.Delete(ctx, id) },
		create: (*worker).createProject,
		change: (*worker).changeProject,
	}
	users = kind{
		name: "user", most: 6,
		list: func(ctx context.Context, c *tableau.Client, q tableau.Query) iter.Seq2[found, error] {
			return each(c.Users.List(ctx, q), foundUser)
		},
		get: func(ctx context.Context, c *tableau.Client, id string) (found, error) {
			return one(c.Users.Get(ctx, id))(foundUser)
		},
		remove: func(ctx context.Context, c *tableau.Client, id string) error { return c.Users.Remove(ctx, id, "") },
		create: (*worker).createUser,
		change: (*worker).changeUser,
	}
	groups = kind{
		name: "group", most: 3,
		list: func(ctx context.Context, c *tableau.Client, q tableau.Query) iter.Seq2[found, error] {
			return each(c.Groups.List(ctx, q), func(g *tableau.Group) found { return found{id: g.ID, name: g.Name} })
		},
		get:    getGroup,
		remove: func(ctx context.Context, c *tableau.Client, id string) error { return c.Groups.Delete(ctx, id) },
		create: (*worker).createGroup,
		change: (*worker).changeGroup,
	}
	workbooks = kind{
		name: "workbook", most: 5,
		list: func(ctx context.Context, c *tableau.Client, q tableau.Query) iter.Seq2[found, error] {
			return each(c.Workbooks.List(ctx, q), foundWorkbook)
		},
		get: func(ctx context.Context, c *tableau.Client, id string) (found, error) {
			return one(c.Workbooks.Get(ctx, id))(foundWorkbook)
		},
		remove: func(ctx context.Context, c *tableau.Client, id string) error { return c.Workbooks.Delete(ctx, id) },
		create: (*worker).createWorkbook,
		change: (*worker).changeWorkbook,
	}
	dataSources = kind{
		name: "data source", most: 3,
		list: func(ctx context.Context, c *tableau.Client, q tableau.Query) iter.Seq2[found, error] {
			return each(c.DataSources.List(ctx, q), foundDataSource)
		},
		get: func(ctx context.Context, c *tableau.Client, id string) (found, error) {
			return one(c.DataSources.Get(ctx, id))(foundDataSource)
		},
		remove: func(ctx context.Context, c *tableau.Client, id string) error { return c.DataSources.Delete(ctx, id) },
		create: (*worker).createDataSource,
		change: (*worker).changeDataSource,
	}
}

func each[T any](all iter.Seq2[*T, error], convert func(*T) found) iter.Seq2[found, error] {
	return func(yield func(found, error) bool) {
		for v, err := range all {
			if err != nil {
				yield(found{}, err)
				return
			}
			if !yield(convert(v), nil) {
				return
			}
		}
	}
}

func one[T any](v *T, err error) func(func(*T) found) (found, error) {
	return func(convert func(*T) found) (found, error) {
		if err != nil {
			return found{}, err
		}
		return convert(v), nil
	}
}

func foundProject(p *tableau.Project) found {
	return found{p.ID, p.Name, map[string]string{"description": p.Description}, nil}
}

func foundUser(u *tableau.User) found {
	return found{u.ID, u.Name, map[string]string{"site role": string(u.SiteRole)}, nil}
}

func foundWorkbook(w *tableau.Workbook) found {
	return found{w.ID, w.Name, map[string]string{"description": w.Description}, labels(w.Tags)}
}

func foundDataSource(d *tableau.DataSource) found {
	return found{d.ID, d.Name, map[string]string{"note": d.CertificationNote}, labels(d.Tags)}
}

func labels(tags []tableau.Tag) []string {
	all := []string{} // not nil: that there are none is known
	for _, tag := range tags {
		all = append(all, tag.Label)
	}
	return all
}

// getGroup looks a group up by its members: it cannot be asked for by itself.
func getGroup(ctx context.Context, c *tableau.Client, id string) (found, error) {
	members := []string{}
	for u, err := range c.Groups.Users(ctx, id, tableau.Query{}) {
		if err != nil {
			return found{}, err
		}
		members = append(members, u.Name)
	}
	return found{id: id, marks: members}, nil
}
