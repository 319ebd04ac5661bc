package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

// serverItem is what is told of a server.
type serverItem struct {
	URL            string `json:"url"`
	ProductVersion string `json:"productVersion"`
	Build          string `json:"build"`
	RESTAPIVersion string `json:"restApiVersion"`
	Platform       string `json:"platform"`
}

var serverColumns = []column{
	{title: "URL", path: "url"}, {title: "PRODUCT", path: "productVersion"}, {title: "BUILD", path: "build"}, {title: "REST API", path: "restApiVersion"},
}

func (a *app) serverCommand() *cobra.Command {
	return a.groupCommand("server", "Show the server, and revoke its administrators' tokens", a.serverInfoCommand(), a.serverRevokeCommand())
}

func (a *app) serverInfoCommand() *cobra.Command {
	return &cobra.Command{
		Use: "info", Short: "Show the server's version", Args: cobra.NoArgs,
		Example: "  tabctl server info\n  tabctl server info --server https://tableau.example.com -o json",
		RunE: a.withServer(func(ctx context.Context, c *tableau.Client) error {
			info, err := c.Server.Info(ctx)
			if err != nil {
				return err
			}
			return printOne(a, serverItem{c.URL(), info.ProductVersion, info.Build, info.RESTAPIVersion, info.Platform}, serverColumns)
		}),
	}
}

func (a *app) serverRevokeCommand() *cobra.Command {
	command := &cobra.Command{
		Use: "revoke-admin-tokens", Short: "Revoke the personal access tokens of all server administrators", Args: cobra.NoArgs,
		Example: "  tabctl server revoke-admin-tokens --yes",
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, _ []string) error {
			if a.left("revoke the personal access tokens of all server administrators") {
				return nil
			}
			if err := a.confirm("Revoke the personal access tokens of all server administrators?"); err != nil {
				return err
			}
			if err := c.Server.RevokeAllServerAdminTokens(ctx); err != nil {
				return err
			}
			a.say("Revoked the personal access tokens of all server administrators")
			return nil
		}),
	}
	a.yesFlag(command)
	a.dryRunFlag(command)
	return command
}
