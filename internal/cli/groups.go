package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

var groups = kind[tableau.Group]{
	name: "group", group: "groups",
	columns: []column{
		{title: "NAME", path: "name"}, {title: "DOMAIN", path: "domain.name"}, {title: "MINIMUM ROLE", path: "minimumSiteRole"}, {title: "ID", path: "id"},
	},
	list: func(ctx context.Context, c *tableau.Client, q tableau.Query) itemsOf[tableau.Group] {
		return c.Groups.List(ctx, q)
	},
	delete: func(ctx context.Context, c *tableau.Client, id string) error { return c.Groups.Delete(ctx, id) },
	id:     func(g *tableau.Group) string { return g.ID },
	names: func(g *tableau.Group) []string {
		return []string{g.Name, g.Domain.Name + `\` + g.Name}
	},
	label:      func(g *tableau.Group) string { return g.Domain.Name + `\` + g.Name },
	searchable: true, domains: true, order: []tableau.Sort{tableau.Asc("name")},
}

func (a *app) groupsCommand() *cobra.Command {
	return a.groupCommand("groups", "List, create, import, change and delete groups, and their members",
		groups.listCommand(a, "  tabctl groups list\n  tabctl groups list --filter domainName=local"),
		groups.getCommand(a, "  tabctl groups get Analysts"),
		a.groupsCreateCommand(), a.groupsImportCommand(), a.groupsUpdateCommand(),
		groups.deleteCommand(a, "", "  tabctl groups delete Analysts --yes"),
		subListCommand(a, &groups, "users", "List the members of a group", "  tabctl groups users Analysts", users.columns,
			func(ctx context.Context, c *tableau.Client, g *tableau.Group, q tableau.Query) itemsOf[tableau.User] {
				return c.Groups.Users(ctx, g.ID, q)
			}),
		a.groupsMembersCommand("add-user", "Put users into a group", "add %s to", "Added %s to", "Adding users to",
			func(ctx context.Context, c *tableau.Client, group, user string) error {
				_, err := c.Groups.AddUser(ctx, group, user)
				return err
			}),
		a.groupsMembersCommand("remove-user", "Take users out of a group", "remove %s from", "Removed %s from", "Removing users from",
			func(ctx context.Context, c *tableau.Client, group, user string) error {
				return c.Groups.RemoveUser(ctx, group, user)
			}))
}

func (a *app) groupsCreateCommand() *cobra.Command {
	role := siteRoleChoice()
	command := &cobra.Command{
		Use: "create NAME", Short: "Create a group of Tableau's own", Args: cobra.ExactArgs(1),
		Example: "  tabctl groups create Analysts\n  tabctl groups create Analysts --minimum-site-role Explorer",
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			if a.left("create the group %q", args[0]) {
				return nil
			}
			group, err := c.Groups.Create(ctx, tableau.CreateGroup{Name: args[0], MinimumSiteRole: tableau.SiteRole(role.value)})
			if err != nil {
				return fmt.Errorf("create the group %q: %w", args[0], err)
			}
			return printList(a, []*tableau.Group{group}, groups.columns)
		}),
	}
	choiceFlag(command, &role, "minimum-site-role", "`role` that members have at least")
	a.dryRunFlag(command)
	return command
}

func (a *app) groupsImportCommand() *cobra.Command {
	role, mode := siteRoleChoice(), choice{allowed: []string{string(tableau.LicenseOnLogin), string(tableau.LicenseOnSync)}}
	var domain string
	var asJob bool
	var job jobFlags
	command := &cobra.Command{
		Use: "import NAME", Short: "Import a group of Active Directory, or synchronize it", Args: cobra.ExactArgs(1),
		Long: `Import a group of Active Directory with its users. One that is there already is
synchronized: its members are those of the directory afterwards.`,
		Example: "  tabctl groups import Analysts --domain example.com --minimum-site-role Viewer\n  tabctl groups import Analysts --domain example.com --as-job --wait",
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			wanted := tableau.ImportGroup{
				Name: args[0], DomainName: domain, MinimumSiteRole: tableau.SiteRole(role.value), LicenseMode: tableau.LicenseMode(mode.value),
			}
			what := fmt.Sprintf("import the group %s\\%s", domain, args[0])
			there, err := matching(c.Groups.List(ctx, tableau.Query{}), func(g *tableau.Group) bool { return g.Name == args[0] && g.Domain.Name == domain })
			if err != nil {
				return err
			}
			if a.left("%s", what) {
				return nil
			}
			if asJob || job.wait {
				started, err := startImport(ctx, c, there, wanted)
				if err != nil {
					return fmt.Errorf("%s: %w", what, err)
				}
				return a.printJob(ctx, c, &job, started, what)
			}
			var group *tableau.Group
			if len(there) > 0 {
				group, err = c.Groups.Sync(ctx, there[0].ID, wanted)
			} else {
				group, err = c.Groups.Import(ctx, wanted)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", what, err)
			}
			return printList(a, []*tableau.Group{group}, groups.columns)
		}),
	}
	command.Flags().StringVar(&domain, "domain", "", "`name` of the group's domain, such as example.com")
	choiceFlag(command, &role, "minimum-site-role", "`role` that members have at least")
	choiceFlag(command, &mode, "license-mode", "when members get that role")
	command.Flags().BoolVar(&asJob, "as-job", false, "let the server do it in the background")
	job.add(command)
	a.dryRunFlag(command)
	mustAdd(command.MarkFlagRequired("domain"))
	return command
}

// startImport starts the import of a group, or its synchronization when it is there.
func startImport(ctx context.Context, c *tableau.Client, there []*tableau.Group, wanted tableau.ImportGroup) (*tableau.Job, error) {
	if len(there) > 0 {
		return c.Groups.SyncAsJob(ctx, there[0].ID, wanted)
	}
	return c.Groups.ImportAsJob(ctx, wanted)
}

func (a *app) groupsUpdateCommand() *cobra.Command {
	role := siteRoleChoice()
	var name string
	command := groups.updateCommand(a, "  tabctl groups update Analysts --name Analysis\n  tabctl groups update Analysts --minimum-site-role Explorer",
		func(ctx context.Context, c *tableau.Client) (func(id string) (*tableau.Group, error), error) {
			return func(id string) (*tableau.Group, error) {
				update := tableau.GroupUpdate{Name: name, MinimumSiteRole: given(a, "minimum-site-role", tableau.SiteRole(role.value))}
				if name == "" { // the server wants the old one
					group, err := groups.find(ctx, c, id)
					if err != nil {
						return nil, err
					}
					update.Name = group.Name
				}
				return c.Groups.Update(ctx, id, update)
			}, nil
		})
	command.Flags().StringVar(&name, "name", "", "new `name`")
	choiceFlag(command, &role, "minimum-site-role", "`role` that members have at least")
	return command
}

// groupsMembersCommand changes who is in a group. One user who fails keeps none of the others out.
func (a *app) groupsMembersCommand(verb, short, sentence, done, doing string, change func(ctx context.Context, c *tableau.Client, group, user string) error) *cobra.Command {
	command := &cobra.Command{
		Use: verb + " GROUP USER...", Short: short, Args: cobra.MinimumNArgs(2),
		Example: "  tabctl groups " + verb + " Analysts ann bob",
		ValidArgsFunction: func(command *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return groups.complete(a)(command, args, typed)
			}
			return users.complete(a)(command, args[1:], typed)
		},
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			group, err := groups.find(ctx, c, args[0])
			if err != nil {
				return err
			}
			found, err := users.findAll(ctx, c, args[1:])
			if err != nil {
				return err
			}
			var items []batchItem[string]
			for _, user := range found {
				what := fmt.Sprintf(sentence, user.Name) + fmt.Sprintf(" the group %q", group.Name)
				if a.left("%s", what) {
					continue
				}
				items = append(items, batchItem[string]{name: user.Name, work: func(ctx context.Context, _ *progress) (string, error) {
					if err := change(ctx, c, group.ID, user.ID); err != nil {
						return "", fmt.Errorf("%s: %w", what, err)
					}
					return user.Name, nil
				}})
			}
			if a.dryRun {
				return nil
			}
			changed, err := runBatch(ctx, a, &batchFlags{parallel: 1, continueOnError: true}, fmt.Sprintf("%s the group %q", doing, group.Name), items)
			for _, name := range changed {
				a.say("%s the group %q", fmt.Sprintf(done, name), group.Name)
			}
			return err
		}),
	}
	a.dryRunFlag(command)
	return command
}
