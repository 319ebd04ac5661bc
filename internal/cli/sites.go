package cli

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

var sites = kind[tableau.Site]{
	name: "site", group: "sites", holder: "the server",
	columns: []column{
		{title: "NAME", path: "name"}, {title: "CONTENT URL", path: "contentUrl"}, {title: "STATE", path: "state"},
		{title: "USER QUOTA", path: "userQuota", wide: true}, {title: "STORAGE QUOTA", path: "storageQuota", wide: true}, {title: "ID", path: "id"},
	},
	list: func(ctx context.Context, c *tableau.Client, q tableau.Query) itemsOf[tableau.Site] {
		return c.Sites.List(ctx, q)
	},
	byName: siteNamed, // the list is for server administrators, whom Tableau Cloud does not have
	get: func(ctx context.Context, c *tableau.Client, id string) (*tableau.Site, error) {
		return c.Sites.Get(ctx, id)
	},
	id:    func(s *tableau.Site) string { return s.ID },
	names: func(s *tableau.Site) []string { return []string{s.Name, s.ContentURL} },
}

func (a *app) sitesCommand() *cobra.Command {
	encryption := func(verb, short, sentence, done string, work func(ctx context.Context, c *tableau.Client, id string) error) *cobra.Command {
		return sites.actionCommand(a, action{verb: verb, short: short, sentence: sentence, done: done, example: "  tabctl sites " + verb + " Marketing"},
			func(ctx context.Context, c *tableau.Client, s *tableau.Site) error {
				return a.onSite(ctx, c, s.ContentURL, func() error { return work(ctx, c, s.ID) })
			})
	}
	return a.groupCommand("sites", "List, create, change and delete sites",
		sites.listCommand(a, "  tabctl sites list"),
		sites.getCommand(a, "  tabctl sites get Marketing -o json"),
		a.sitesCreateCommand(), a.sitesUpdateCommand(),
		sites.actionCommand(a, action{verb: "delete", short: "Delete a site with all it holds", sentence: "delete", done: "Deleted", asks: true,
			example: "  tabctl sites delete Marketing --yes"},
			func(ctx context.Context, c *tableau.Client, s *tableau.Site) error {
				return a.onSite(ctx, c, s.ContentURL, func() error { return c.Sites.Delete(ctx, s.ID) })
			}),
		encryption("encrypt-extracts", "Encrypt the extracts of a site", "encrypt the extracts of", "The server encrypts the extracts of",
			func(ctx context.Context, c *tableau.Client, id string) error { return c.Sites.EncryptExtracts(ctx, id) }),
		encryption("decrypt-extracts", "Decrypt the extracts of a site", "decrypt the extracts of", "The server decrypts the extracts of",
			func(ctx context.Context, c *tableau.Client, id string) error { return c.Sites.DecryptExtracts(ctx, id) }),
		encryption("reencrypt-extracts", "Encrypt the extracts of a site with new keys", "encrypt anew the extracts of", "The server encrypts anew the extracts of",
			func(ctx context.Context, c *tableau.Client, id string) error {
				return c.Sites.ReencryptExtracts(ctx, id)
			}))
}

// setSettings puts texts such as "commentingEnabled=false" into the settings of a site that they name.
func setSettings(into *tableau.SiteSettings, texts []string) error {
	fields := map[string]reflect.Value{}
	var names []string
	for field, value := range reflect.ValueOf(into).Elem().Fields() {
		if value.Kind() == reflect.Pointer {
			names = append(names, fieldName(field))
			fields[fieldName(field)] = value
		}
	}
	for _, text := range texts {
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			return usage("--set %s: give NAME=VALUE", text)
		}
		field, known := fields[name]
		if !known {
			return usage("--set %s: there is no setting %q; there are %s", text, name, strings.Join(names, ", "))
		}
		setting := reflect.New(field.Type().Elem())
		var err error
		switch setting.Elem().Kind() {
		case reflect.Bool:
			var on bool
			on, err = strconv.ParseBool(value)
			setting.Elem().SetBool(on)
		case reflect.Int:
			var number int
			number, err = strconv.Atoi(value)
			setting.Elem().SetInt(int64(number))
		case reflect.String:
			setting.Elem().SetString(value)
		default:
			err = fmt.Errorf("it is a %s", setting.Elem().Kind())
		}
		if err != nil {
			return usage("--set %s: %q is no value for this setting", text, value)
		}
		field.Set(setting)
	}
	return nil
}

func (a *app) sitesCreateCommand() *cobra.Command {
	var contentURL string
	var settings []string
	command := &cobra.Command{
		Use: "create NAME", Short: "Create a site", Args: cobra.ExactArgs(1),
		Example: "  tabctl sites create Marketing\n  tabctl sites create \"Sales EMEA\" --content-url sales-emea --set userQuota=50 --set commentingEnabled=false",
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			create := tableau.CreateSite{Name: args[0], ContentURL: cmp.Or(contentURL, siteAddress(args[0]))}
			if err := setSettings(&create.SiteSettings, settings); err != nil {
				return err
			}
			if a.left("create the site %q", args[0]) {
				return nil
			}
			site, err := c.Sites.Create(ctx, create)
			if err != nil {
				return fmt.Errorf("create the site %q: %w", args[0], err)
			}
			return printList(a, []*tableau.Site{site}, sites.columns)
		}),
	}
	command.Flags().StringVar(&contentURL, "content-url", "", "the site's `name` in addresses (default made of the name)")
	command.Flags().StringArrayVar(&settings, "set", nil, "a setting by its JSON name, as `NAME=VALUE`; may be repeated")
	a.dryRunFlag(command)
	return command
}

func (a *app) sitesUpdateCommand() *cobra.Command {
	var name, contentURL string
	var settings []string
	state := choice{allowed: []string{string(tableau.SiteActive), string(tableau.SiteSuspended)}}
	command := sites.updateCommand(a, "  tabctl sites update Marketing --set userQuota=50 --set commentingEnabled=false\n  tabctl sites update Marketing --state suspended",
		func(ctx context.Context, c *tableau.Client) (func(id string) (*tableau.Site, error), error) {
			update := tableau.SiteUpdate{
				Name: given(a, "name", name), ContentURL: given(a, "content-url", contentURL), State: given(a, "state", tableau.SiteState(state.value)),
			}
			if err := setSettings(&update.SiteSettings, settings); err != nil {
				return nil, err
			}
			return func(id string) (changed *tableau.Site, err error) {
				site, err := c.Sites.Get(ctx, id)
				if err != nil {
					return nil, err
				}
				err = a.onSite(ctx, c, site.ContentURL, func() error {
					changed, err = c.Sites.Update(ctx, id, update)
					return err
				})
				return changed, err
			}, nil
		})
	command.Flags().StringVar(&name, "name", "", "new `name`")
	command.Flags().StringVar(&contentURL, "content-url", "", "the site's new `name` in addresses")
	choiceFlag(command, &state, "state", "whether users may sign in to it")
	command.Flags().StringArrayVar(&settings, "set", nil, "a setting by its JSON name, as `NAME=VALUE`; may be repeated")
	return command
}
