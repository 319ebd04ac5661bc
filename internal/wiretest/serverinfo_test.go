package wiretest

import (
	"context"
	"regexp"

	"github.com/tabctl/tableau-go/tableau"
)

var _ = register(map[string]adapter{
	"server_info.get": func(ctx context.Context, c *call) (any, error) {
		return c.client.Server.Info(ctx)
	},
	"server": func(_ context.Context, c *call) (any, error) {
		m := serverAddress.FindStringSubmatch(c.c.Call)
		if m == nil {
			return nil, noCounterpart("a property of Python's server object")
		}
		return tableau.New(m[1])
	},
	"pager": func(context.Context, *call) (any, error) {
		return nil, noCounterpart("an untyped pager")
	},
	"transport": func(ctx context.Context, c *call) (any, error) {
		c.server.Close() // nobody answers
		return c.client.Workbooks.Page(ctx, tableau.Query{})
	},
	"server.use_server_version":  useServerVersion,
	"server.use_highest_version": useServerVersion,
})

// useServerVersion lets a client without a pinned version learn it.
func useServerVersion(ctx context.Context, c *call) (any, error) {
	if err := c.newClient(c.session()...); err != nil {
		return nil, err
	}
	version, err := c.client.APIVersion(ctx)
	c.version = string(version)
	return nil, err
}

// serverAddress finds the address in Server('https://…').
var serverAddress = regexp.MustCompile(`Server\('([^']*)'\)$`)
