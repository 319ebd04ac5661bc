package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

// setting is a part of a profile that can be changed without signing in.
type setting struct {
	name, meaning string
	get           func(p *profile) string
	set           func(p *profile, text string) error // "" unsets
	ofSession     bool                                // the session does not outlive a change
}

var settings = []setting{
	{"server", "the server's URL", func(p *profile) string { return p.Server }, setServer, true},
	{"site", "the site's content URL; \"\" is the site named Default", func(p *profile) string { return p.Site }, setSite, true},
	{"api-version", "the REST API version to speak; \"\" is the server's own", func(p *profile) string { return p.APIVersion }, setAPIVersion, false},
	{"output", "how data is printed when there is no -o", func(p *profile) string { return p.Output }, setOutput, false},
	fileSetting("ca-cert", "file with certificates of authorities to trust besides the system's", func(p *profile) *string { return &p.Network.CACert }),
	fileSetting("client-cert", "file with the certificate to show to the server", func(p *profile) *string { return &p.Network.ClientCert }),
	fileSetting("client-key", "file with that certificate's key", func(p *profile) *string { return &p.Network.ClientKey }),
	{"proxy", "URL of the proxy; \"\" is what HTTPS_PROXY and NO_PROXY say", func(p *profile) string { return p.Network.Proxy }, setProxy, false},
	{"insecure", "true: the server's certificate is not checked", func(p *profile) string { return strconv.FormatBool(p.Network.Insecure) }, setInsecure, false},
}

func fileSetting(name, meaning string, field func(p *profile) *string) setting {
	return setting{
		name: name, meaning: meaning,
		get: func(p *profile) string { return *field(p) },
		set: func(p *profile, text string) (err error) {
			if text != "" {
				if _, err := os.Stat(text); err != nil {
					return usage("%w", err)
				}
				if text, err = filepath.Abs(text); err != nil {
					return err
				}
			}
			*field(p) = text
			return nil
		},
	}
}

// setServer forgets the credentials with the server that they are for.
func setServer(p *profile, text string) error {
	if namesSite(text) {
		return withHint(usage("%s is the address of a site's page", text), "the server's address alone; the site is a setting of its own")
	}
	c, err := tableau.New(text)
	if err != nil {
		return err
	}
	if c.URL() != p.Server {
		*p = profile{Server: c.URL(), Output: p.Output}
	}
	return nil
}

func setSite(p *profile, text string) error {
	if text != p.Site {
		p.Site, p.Session = text, nil
	}
	return nil
}

func setAPIVersion(p *profile, text string) error {
	if text != "" {
		if _, err := tableau.ParseVersion(text); err != nil {
			return err
		}
	}
	p.APIVersion = text
	return nil
}

func setOutput(p *profile, text string) error {
	format := choice{allowed: outputFormats}
	if text != "" {
		if err := format.Set(text); err != nil {
			return usage("%w", err)
		}
	}
	p.Output = format.value
	return nil
}

func setProxy(p *profile, text string) error {
	if text != "" {
		if _, err := parseProxy(text); err != nil {
			return err
		}
	}
	p.Network.Proxy = text
	return nil
}

func setInsecure(p *profile, text string) (err error) {
	if p.Network.Insecure, err = strconv.ParseBool(first(text, "false")); err != nil {
		return usage("it is neither true nor false")
	}
	return nil
}

func settingNames() (names []string) {
	for _, s := range settings {
		names = append(names, s.name)
	}
	return names
}

func findSetting(name string) (setting, error) {
	for _, s := range settings {
		if s.name == name {
			return s, nil
		}
	}
	return setting{}, usage("there is no setting %q; there are %s", name, strings.Join(settingNames(), ", "))
}

// profileItem is what is told of a profile: all but its secrets.
type profileItem struct {
	Name       string  `json:"name"`
	Current    bool    `json:"current"`
	Server     string  `json:"server"`
	Site       string  `json:"site"`
	APIVersion string  `json:"apiVersion"`
	Output     string  `json:"output"`
	TokenName  string  `json:"tokenName"`
	Username   string  `json:"username"`
	Network    network `json:"network"`
	Secrets    string  `json:"secrets"` // where they are: "keyring", "file", or "none" when there are none
	File       string  `json:"file"`
}

func (s profileStore) item(name string, p profile) (*profileItem, error) {
	path, err := s.path(name)
	if err != nil {
		return nil, err
	}
	item := &profileItem{
		Name: name, Current: name == s.current(), Server: p.Server, Site: p.Site, APIVersion: p.APIVersion, Output: p.Output,
		TokenName: p.TokenName, Username: p.Username, Network: p.Network, Secrets: "none", File: path,
	}
	switch {
	case p.Keyring:
		item.Secrets = "keyring"
	case p.secrets() != profileSecrets{}:
		item.Secrets = "file"
	}
	return item, nil
}

var profileColumns = []column{
	{title: "NAME", path: "name"}, {title: "CURRENT", path: "current"}, {title: "SERVER", path: "server"}, {title: "SITE", path: "site"},
	{title: "TOKEN", path: "tokenName"}, {title: "USER", path: "username"}, {title: "SECRETS", path: "secrets"}, {title: "FILE", path: "file", wide: true},
}

func (a *app) configCommand() *cobra.Command {
	group := &cobra.Command{
		Use: "config", Short: "Show and change the saved profiles",
		Long: `Shows and changes the saved profiles. A profile holds a server, how to reach it
and who signs in; "tabctl login" makes one. Commands use the current profile
unless --profile names another.`,
		Args: cobra.NoArgs, RunE: showHelp,
	}
	group.AddCommand(a.configListCommand(), a.configGetCommand(), a.configSetCommand(), a.configUseCommand(), a.configDeleteCommand())
	return group
}

func (a *app) configListCommand() *cobra.Command {
	command := &cobra.Command{
		Use: "list", Short: "List the saved profiles",
		Example: "  tabctl config list\n  tabctl config list -o name",
		Args:    cobra.NoArgs,
		RunE: a.action(func(context.Context, []string) error {
			store := a.profiles()
			names, err := store.names()
			if err != nil {
				return err
			}
			var items []*profileItem
			for _, name := range names {
				p, _, err := store.read(name)
				if err != nil {
					return err
				}
				item, err := store.item(name, p)
				if err != nil {
					return err
				}
				items = append(items, item)
			}
			return printList(a, items, profileColumns)
		}),
	}
	a.outputFlag(command, command.Flags())
	return command
}

func (a *app) configGetCommand() *cobra.Command {
	command := &cobra.Command{
		Use: "get [SETTING]", Short: "Show a profile, or one of its settings",
		Long: `Shows what a profile holds and where its secrets are kept, but never a secret.
With the name of a setting it prints that setting's value alone.`,
		Example: "  tabctl config get\n  tabctl config get site --profile prod",
		Args:    cobra.MaximumNArgs(1), ValidArgsFunction: a.completeSetting,
		RunE: a.action(func(_ context.Context, args []string) error {
			name, store := a.profileName(), a.profiles()
			p, found, err := store.read(name)
			if err != nil {
				return err
			}
			if !found {
				return noProfile(name)
			}
			if len(args) == 1 {
				chosen, err := findSetting(args[0])
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(a.out, printable(chosen.get(&p)))
				return err
			}
			item, err := store.item(name, p)
			if err != nil {
				return err
			}
			return printOne(a, item, profileColumns)
		}),
	}
	a.profileFlag(command)
	a.outputFlag(command, command.Flags())
	return command
}

func (a *app) profileFlag(command *cobra.Command) {
	command.Flags().StringVar(&a.connection.profile, "profile", "", "`name` of the saved profile (default the current one)")
}

func (a *app) configSetCommand() *cobra.Command {
	var text strings.Builder
	for _, s := range settings {
		fmt.Fprintf(&text, "\n  %-12s %s", s.name, s.meaning)
	}
	command := &cobra.Command{
		Use: "set SETTING VALUE", Short: "Change a setting of a profile",
		Long: `Changes a setting of a profile, which is made when there is none of the name.
"" as the value unsets it. Another server makes the profile forget its
credentials: they are for the server that they were saved for. Settings:
` + text.String(),
		Example: `  tabctl config set output json
  tabctl config set ca-cert /etc/ssl/company.pem --profile prod
  tabctl config set proxy ""`,
		Args: cobra.ExactArgs(2), ValidArgsFunction: a.completeSetting,
		RunE: a.action(func(ctx context.Context, args []string) error {
			chosen, err := findSetting(args[0])
			if err != nil {
				return err
			}
			name := a.profileName()
			if a.left("set %s of the profile %q to %q", chosen.name, name, args[1]) {
				return nil
			}
			if err := a.profiles().change(ctx, name, chosen, args[1]); err != nil {
				return err
			}
			a.say("Set %s of the profile %q", chosen.name, name)
			return nil
		}),
	}
	a.profileFlag(command)
	a.dryRunFlag(command)
	return command
}

// change sets a setting of a profile.
func (s profileStore) change(ctx context.Context, name string, chosen setting, text string) error {
	unlock, err := s.lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	read, write := s.read, s.write
	if chosen.ofSession { // else the keyring need not be asked
		read, write = s.load, s.save
	}
	p, _, err := read(name)
	if err != nil {
		return err
	}
	if err := chosen.set(&p, text); err != nil {
		return fmt.Errorf("set %s: %w", chosen.name, err) // without the text: it may be a secret
	}
	return write(name, p)
}

func (a *app) configUseCommand() *cobra.Command {
	command := &cobra.Command{
		Use: "use PROFILE", Short: "Make a profile the one that commands use",
		Example: "  tabctl config use prod",
		Args:    cobra.ExactArgs(1), ValidArgsFunction: a.completeProfile,
		RunE: a.action(func(_ context.Context, args []string) error {
			if err := a.mustHave(args...); err != nil {
				return err
			}
			if a.left("make %q the current profile", args[0]) {
				return nil
			}
			if err := a.profiles().use(args[0]); err != nil {
				return err
			}
			a.say("Commands use the profile %q now", args[0])
			return nil
		}),
	}
	a.dryRunFlag(command)
	return command
}

func (a *app) configDeleteCommand() *cobra.Command {
	var yes bool
	command := &cobra.Command{
		Use: "delete PROFILE...", Short: "Forget profiles and end their sessions",
		Example: "  tabctl config delete test --yes",
		Args:    cobra.MinimumNArgs(1), ValidArgsFunction: a.completeProfile,
		RunE: a.action(func(ctx context.Context, args []string) error {
			if err := a.mustHave(args...); err != nil {
				return err
			}
			for _, name := range args {
				if a.left("forget the profile %q", name) {
					continue
				}
				if err := a.confirm(yes, fmt.Sprintf("Forget the profile %q?", name)); err != nil {
					return err
				}
				if err := a.logout(ctx, name); err != nil {
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

// mustHave refuses names of profiles that there are not. One that cannot be read is one all the same.
func (a *app) mustHave(names ...string) error {
	all, err := a.profiles().names()
	if err != nil {
		return err
	}
	for _, name := range names {
		if !slices.Contains(all, name) {
			return noProfile(name)
		}
	}
	return nil
}

func (a *app) completeProfile(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	names, err := a.profiles().names()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeSetting offers settings, and then the values of those that have a few.
func (a *app) completeSetting(command *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	switch {
	case len(args) == 0:
		return settingNames(), cobra.ShellCompDirectiveNoFileComp
	case command.Name() == "get" || len(args) > 1:
		return nil, cobra.ShellCompDirectiveNoFileComp
	case args[0] == "output":
		return outputFormats, cobra.ShellCompDirectiveNoFileComp
	case args[0] == "insecure":
		return []string{"true", "false"}, cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveDefault // most others are files
}
