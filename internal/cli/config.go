package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// profileItem is what may be shown of a profile: no secret.
type profileItem struct {
	Name       string    `json:"name"`
	Server     string    `json:"server"`
	Site       string    `json:"site"`
	SignIn     string    `json:"signIn"`
	Secrets    string    `json:"secrets"` // where they are
	APIVersion string    `json:"apiVersion"`
	CACert     string    `json:"caCert"`
	ClientCert string    `json:"clientCert"`
	Proxy      string    `json:"proxy"`
	Insecure   bool      `json:"insecure"`
	ExpiresAt  time.Time `json:"expiresAt"` // the session
	File       string    `json:"file"`
	Problem    string    `json:"problem"`
}

var profileColumns = []column{
	{title: "NAME", path: "name"}, {title: "SERVER", path: "server"}, {title: "SITE", path: "site"},
	{title: "SIGN-IN", path: "signIn"}, {title: "SECRETS", path: "secrets"}, {title: "PROBLEM", path: "problem"},
	{title: "INSECURE", path: "insecure", wide: true}, {title: "FILE", path: "file", wide: true},
}

func (a *app) configCommand() *cobra.Command {
	group := &cobra.Command{
		Use: "config", Short: "Show and forget saved profiles", Args: cobra.NoArgs, RunE: showHelp,
	}
	a.outputFlag(group, group.PersistentFlags())
	group.AddCommand(a.configListCommand(), a.configGetCommand(), a.configDeleteCommand())
	return group
}

func (a *app) configListCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the saved profiles, without secrets, and where they are kept",
		Example: "  tabctl config list\n  tabctl config list -o name",
		Args:    cobra.NoArgs,
		RunE: a.action(func(context.Context, []string) error {
			names, err := a.profiles().names()
			if err != nil {
				return err
			}
			items := make([]profileItem, 0, len(names))
			for _, name := range names {
				item, err := a.profiles().item(name)
				if err != nil {
					item.Problem = err.Error()
				}
				items = append(items, item)
			}
			return printList(a, items, profileColumns)
		}),
	}
}

func (a *app) configGetCommand() *cobra.Command {
	return &cobra.Command{
		Use: "get NAME", Short: "Show a saved profile, without secrets",
		Example: "  tabctl config get default\n  tabctl config get prod -o json",
		Args:    cobra.ExactArgs(1), ValidArgsFunction: a.completeProfiles,
		RunE: a.action(func(_ context.Context, args []string) error {
			item, err := a.profiles().item(args[0])
			if err != nil {
				return err
			}
			return printOne(a, item, profileColumns)
		}),
	}
}

func (a *app) configDeleteCommand() *cobra.Command {
	var yes bool
	command := &cobra.Command{
		Use: "delete NAME...", Short: "Forget saved profiles without calling their servers",
		Long: `Forgets profiles and their secrets, on this machine only: a session lives on until
it expires. To end it as well, use tabctl logout.`,
		Example: "  tabctl config delete prod --yes",
		Args:    cobra.MinimumNArgs(1), ValidArgsFunction: a.completeProfiles,
		RunE: a.action(func(ctx context.Context, args []string) error {
			for _, name := range args { // all of them are known before the first is gone
				if err := a.profiles().exists(name); err != nil {
					return err
				}
			}
			for _, name := range args {
				if a.left("forget the profile %q", name) {
					continue
				}
				if err := a.confirm(yes, fmt.Sprintf("Forget the profile %q?", name)); err != nil {
					return err
				}
				if err := a.forgetProfile(ctx, name); err != nil {
					return err
				}
			}
			return nil
		}),
	}
	command.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	a.dryRunFlag(command)
	return command
}

func (a *app) forgetProfile(ctx context.Context, name string) error {
	unlock, err := a.profiles().lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	if err := a.profiles().remove(name); err != nil {
		return err
	}
	a.say("The profile %q is forgotten.", name)
	return nil
}

// names returns the saved profiles in order.
func (s profileStore) names() ([]string, error) {
	if s.err != nil {
		return nil, nil // a machine without a home has none
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if name, ok := strings.CutSuffix(entry.Name(), ".yaml"); ok && profileNames.MatchString(name) {
			names = append(names, name)
		}
	}
	return names, nil
}

func (s profileStore) exists(name string) error {
	path, err := s.path(name)
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return withHint(&missingError{"profile", name}, "tabctl config list")
	} else if err != nil {
		return err
	}
	return nil
}

// item is what may be shown of a profile; its name and file also when it cannot be read.
func (s profileStore) item(name string) (profileItem, error) {
	if err := s.exists(name); err != nil {
		return profileItem{}, err
	}
	item := profileItem{Name: name, File: filepath.Join(s.dir, name+".yaml")}
	p, _, err := s.load(name)
	if err != nil {
		return item, err
	}
	item.Server, item.Site, item.APIVersion, item.Secrets = p.Server, p.Site, p.APIVersion, first(p.Secrets, inFile)
	item.CACert, item.ClientCert, item.Insecure = p.Transport.CACert, p.Transport.ClientCert, p.Transport.Insecure
	if p.Transport.Proxy != "" {
		if proxy, err := proxyURL(p.Transport.Proxy); err == nil {
			proxy.User = withoutPassword(proxy.User)
			item.Proxy = proxy.String()
		}
	}
	switch {
	case p.TokenName != "":
		item.SignIn = "token " + p.TokenName
	case p.Username != "":
		item.SignIn = "user " + p.Username
	default:
		item.SignIn = "session only"
	}
	if p.Session != nil {
		item.ExpiresAt = p.Session.ExpiresAt
	}
	return item, nil
}

func withoutPassword(user *url.Userinfo) *url.Userinfo {
	if user == nil {
		return nil
	}
	return url.User(user.Username())
}

// placeName says where a profile is kept.
func placeName(where string) string {
	if where == inKeyring {
		return "the keyring"
	}
	return "a file that only you can read"
}

// completeProfiles offers the saved profiles to the shell.
func (a *app) completeProfiles(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	names, err := a.profiles().names()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return offered(names, args, typed), cobra.ShellCompDirectiveNoFileComp
}
