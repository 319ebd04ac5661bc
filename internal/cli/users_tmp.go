package cli

import (
	"context"
	"iter"

	"github.com/tabctl/tableau-go/tableau"
)

var users = kind[tableau.User]{
	name: "user", group: "users",
	list: func(ctx context.Context, c *tableau.Client, q tableau.Query) iter.Seq2[*tableau.User, error] {
		return c.Users.List(ctx, q)
	},
	get: func(ctx context.Context, c *tableau.Client, id string) (*tableau.User, error) {
		return c.Users.Get(ctx, id)
	},
	id:         func(u *tableau.User) string { return u.ID },
	names:      func(u *tableau.User) []string { return []string{u.Name} },
	searchable: true,
}
