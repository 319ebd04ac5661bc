package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

// setting is a part of a profile that can be changed without signing in.
type setting struct {
	name, meaning string
	set           func(p *profile, text string) error // "" unsets
}

var settings = []setting{
	{"server", "the server's URL", setServer},
	{"site", "the site's content URL; \"\" is the site named Default", setSite},
	{"api-version", "the REST API version to speak; \"\" is the server's own", setAPIVersion},
	{"output", "how data is printed when there is no -o", setOutput},
	fileSetting("ca-cert", "file with certificates of authorities to trust besides the system's", func(p *profile) *string { return &p.Transport.CACert }),
	fileSetting("client-cert", "file with the certificate to show to the server", func(p *profile) *string { return &p.Transport.ClientCert }),
	fileSetting("client-key", "file with that certificate's key", func(p *profile) *string { return &p.Transport.ClientKey }),
	{"proxy", "URL of the proxy; \"\" is what HTTPS_PROXY and NO_PROXY say", setProxy},
	{"insecure", "true: the server's certificate is not checked", setInsecure},
}

func fileSetting(name, meaning string, field func(p *profile) *string) setting {
	return setting{
		name: name, meaning: meaning,
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
		*p = profile{Server: c.URL(), Output: p.Output, Secrets: p.Secrets}
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
		if err := checkProxy(text); err != nil {
			return err
		}
	}
	p.Transport.Proxy = text
	return nil
}

func setInsecure(p *profile, text string) (err error) {
	if p.Transport.Insecure, err = strconv.ParseBool(cmp.Or(text, "false")); err != nil {
		return usage("it is neither true nor false")
	}
	return nil
}

// apply changes the profile. Its errors do not show the text.
func (s setting) apply(p *profile, text string) error {
	if err := s.set(p, text); err != nil {
		return fmt.Errorf("set %s: %w", s.name, err)
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

// profileItem is what may be shown of a profile: no secret.
type profileItem struct {
	Name       string    `json:"name"`
	Current    bool      `json:"current"` // commands use it unless --profile names another
	Server     string    `json:"server"`
	Site       string    `json:"site"`
	SignIn     string    `json:"signIn"`
	Secrets    string    `json:"secrets"` // where they are
	APIVersion string    `json:"apiVersion"`
	Output     string    `json:"output"`
	CACert     string    `json:"caCert"`
	ClientCert string    `json:"clientCert"`
	Proxy      string    `json:"proxy"`
	Insecure   bool      `json:"insecure"`
	ExpiresAt  time.Time `json:"expiresAt"` // the session
	File       string    `json:"file"`
	Problem    string    `json:"problem"`
}

var profileColumns = []column{
	{title: "NAME", path: "name"}, {title: "CURRENT", path: "current"}, {title: "SERVER", path: "server"}, {title: "SITE", path: "site"},
	{title: "SIGN-IN", path: "signIn"}, {title: "SECRETS", path: "secrets"}, {title: "PROBLEM", path: "problem"},
	{title: "INSECURE", path: "insecure", wide: true}, {title: "FILE", path: "file", wide: true},
}

func (a *app) configCommand() *cobra.Command {
	group := &cobra.Command{
		Use: "config", Short: "Show, change and forget saved profiles",
		Long: `Shows, changes and forgets saved profiles. A profile holds a server, how to reach
it and who signs in; "tabctl login" makes one. Commands use the current profile
unless --profile names another.`,
		Args: cobra.NoArgs, RunE: showHelp,
	}
	a.outputFlag(group, group.PersistentFlags())
	group.AddCommand(a.configListCommand(), a.configGetCommand(), a.configSetCommand(), a.configUseCommand(), a.configDeleteCommand())
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
		Use: "get [NAME]", Short: "Show a saved profile, by default the current one, without secrets",
		Example: "  tabctl config get\n  tabctl config get prod -o json",
		Args:    cobra.MaximumNArgs(1), ValidArgsFunction: a.completeProfiles,
		RunE: a.action(func(_ context.Context, args []string) error {
			item, err := a.profiles().item(cmp.Or(append(args, a.profiles().current())...))
			if err != nil {
				return err
			}
			return printOne(a, item, profileColumns)
		}),
	}
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
			saved, _, err := a.profiles().load(name)
			if err != nil {
				return err
			}
			if err := chosen.apply(&saved, args[1]); err != nil { // before it is told, for what is refused may be a secret
				return err
			}
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
	p, found, err := s.load(name)
	if err != nil {
		return err
	}
	if err := chosen.apply(&p, text); err != nil {
		return err
	}
	if !found {
		_, err = s.keep(name, p)
		return err
	}
	return s.save(name, p)
}

func (a *app) configUseCommand() *cobra.Command {
	command := &cobra.Command{
		Use: "use PROFILE", Short: "Make a profile the one that commands use",
		Example: "  tabctl config use prod",
		Args:    cobra.ExactArgs(1), ValidArgsFunction: a.completeProfiles,
		RunE: a.action(func(_ context.Context, args []string) error {
			if err := a.profiles().exists(args[0]); err != nil {
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
				if err := a.confirm(fmt.Sprintf("Forget the profile %q?", name)); err != nil {
					return err
				}
				if err := a.forgetProfile(ctx, name); err != nil {
					return err
				}
			}
			return nil
		}),
	}
	a.yesFlag(command)
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
		if name, ok := strings.CutSuffix(entry.Name(), ".yaml"); ok && profileNames().MatchString(name) {
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
	item := profileItem{Name: name, Current: name == s.current(), File: filepath.Join(s.dir, name+".yaml")}
	p, _, err := s.load(name)
	if err != nil {
		return item, err
	}
	item.Server, item.Site, item.APIVersion, item.Secrets = p.Server, p.Site, p.APIVersion, cmp.Or(p.Secrets, inFile)
	item.Output = p.Output
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

// completeSetting offers settings, and then the values of those that have a few.
func (a *app) completeSetting(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	switch {
	case len(args) == 0:
		return settingNames(), cobra.ShellCompDirectiveNoFileComp
	case len(args) > 1:
		return nil, cobra.ShellCompDirectiveNoFileComp
	case args[0] == "output":
		return outputFormats, cobra.ShellCompDirectiveNoFileComp
	case args[0] == "insecure":
		return []string{"true", "false"}, cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveDefault // most others are files
}
