package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

var users = kind[tableau.User]{
	name: "user", group: "users",
	columns: []column{
		{title: "NAME", path: "name"}, {title: "FULL NAME", path: "fullName"}, {title: "SITE ROLE", path: "siteRole"},
		{title: "EMAIL", path: "email", wide: true}, {title: "AUTHENTICATION", path: "authSetting", wide: true},
		{title: "LAST LOGIN", path: "lastLogin"}, {title: "ID", path: "id"},
	},
	list: func(ctx context.Context, c *tableau.Client, q tableau.Query) itemsOf[tableau.User] {
		q.Fields = []string{tableau.FieldsAll}
		return c.Users.List(ctx, q)
	},
	get: func(ctx context.Context, c *tableau.Client, id string) (*tableau.User, error) {
		return c.Users.Get(ctx, id)
	},
	id:         func(u *tableau.User) string { return u.ID },
	names:      func(u *tableau.User) []string { return []string{u.Name, u.Domain.Name + `\` + u.Name} },
	label:      userLabel,
	searchable: true, domains: true, order: []tableau.Sort{tableau.Asc("name")},
}

// userLabel is the name, with that of the directory when Tableau does not keep the user itself.
func userLabel(u *tableau.User) string {
	if u.Domain.Name == "" || u.Domain.Name == "local" {
		return u.Name
	}
	return u.Domain.Name + `\` + u.Name
}

func (a *app) usersCommand() *cobra.Command {
	return a.groupCommand("users", "List, add, change, import and remove users",
		users.listCommand(a, "  tabctl users list\n  tabctl users list --filter siteRole=Unlicensed -o csv"),
		users.getCommand(a, "  tabctl users get ann"),
		a.usersAddCommand(), a.usersUpdateCommand(), a.usersRemoveCommand(), a.usersImportCommand(),
		subListCommand(a, &users, "groups", "List the groups of a user", "  tabctl users groups ann", groups.columns,
			func(ctx context.Context, c *tableau.Client, u *tableau.User, q tableau.Query) itemsOf[tableau.Group] {
				return c.Users.Groups(ctx, u.ID, q)
			}),
		subListCommand(a, &users, "workbooks", "List the workbooks that a user may see", "  tabctl users workbooks ann", workbooks.columns,
			func(ctx context.Context, c *tableau.Client, u *tableau.User, q tableau.Query) itemsOf[tableau.Workbook] {
				return c.Users.Workbooks(ctx, u.ID, q)
			}))
}

func siteRoleChoice() choice {
	return choice{allowed: []string{
		string(tableau.RoleCreator), string(tableau.RoleExplorer), string(tableau.RoleExplorerCanPublish), string(tableau.RoleViewer),
		string(tableau.RoleUnlicensed), string(tableau.RoleSiteAdministratorCreator), string(tableau.RoleSiteAdministratorExplorer),
		string(tableau.RoleServerAdministrator),
	}}
}

func (a *app) usersAddCommand() *cobra.Command {
	role := siteRoleChoice()
	role.value = string(tableau.RoleUnlicensed)
	var auth string
	command := &cobra.Command{
		Use:     "add NAME",
		Short:   "Add a user to the site",
		Example: "  tabctl users add ann --site-role Creator\n  tabctl users add 'example.com\\ann' --site-role viewer --auth SAML",
		Args:    cobra.ExactArgs(1),
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			if a.left("add the user %q as %s", args[0], role.value) {
				return nil
			}
			user, err := c.Users.Add(ctx, tableau.AddUser{Name: args[0], SiteRole: tableau.SiteRole(role.value), AuthSetting: tableau.AuthSetting(auth)})
			if err != nil {
				return fmt.Errorf("add the user %q: %w", args[0], err)
			}
			return printList(a, []*tableau.User{user}, users.columns)
		}),
	}
	choiceFlag(command, &role, "site-role", "`role` of the user")
	command.Flags().StringVar(&auth, "auth", "", "`way` to sign in, such as ServerDefault, SAML, OpenID or TableauIDWithMFA")
	a.dryRunFlag(command)
	return command
}

func (a *app) usersUpdateCommand() *cobra.Command {
	role := siteRoleChoice()
	var fullName, email, auth, passwordFile string
	command := users.updateCommand(a, "  tabctl users update ann --site-role Explorer\n  tabctl users update ann --full-name \"Ann Bell\" --new-password-file secret.txt",
		func(ctx context.Context, c *tableau.Client) (func(id string) (*tableau.User, error), error) {
			update := tableau.UserUpdate{
				FullName: given(a, "full-name", fullName), Email: given(a, "email", email),
				SiteRole:    given(a, "site-role", tableau.SiteRole(role.value)),
				AuthSetting: given(a, "auth", tableau.AuthSetting(auth)),
			}
			if passwordFile != "" {
				password, err := a.secret("new password", "new-password-file", passwordFile, "")
				if err != nil {
					return nil, err
				}
				update.Password = &password
			}
			return func(id string) (*tableau.User, error) {
				if _, err := c.Users.Update(ctx, id, update); err != nil {
					return nil, err
				}
				return c.Users.Get(ctx, id) // the answer of the change does not hold all
			}, nil
		})
	choiceFlag(command, &role, "site-role", "`role` of the user")
	command.Flags().StringVar(&fullName, "full-name", "", "`name` that people see")
	command.Flags().StringVar(&email, "email", "", "email `address`")
	command.Flags().StringVar(&auth, "auth", "", "`way` to sign in, such as ServerDefault, SAML, OpenID or TableauIDWithMFA")
	command.Flags().StringVar(&passwordFile, "new-password-file", "", "`file` that holds the user's new password; - is standard input")
	return command
}

func (a *app) usersRemoveCommand() *cobra.Command {
	var heir, heirID string
	command := users.actionCommand(a, action{
		verb: "remove", short: "Remove a user from the site", sentence: "remove", done: "Removed", asks: true,
		example: "  tabctl users remove ann --yes\n  tabctl users remove ann --give-content-to bob",
		before: func(ctx context.Context, c *tableau.Client) error {
			id, err := foundID(ctx, a, c, &users, "give-content-to", heir)
			if id != nil {
				heirID = *id
			}
			return err
		},
	}, func(ctx context.Context, c *tableau.Client, u *tableau.User) error {
		err := c.Users.Remove(ctx, u.ID, heirID)
		if errors.Is(err, tableau.ErrConflict) && heirID == "" {
			err = withHint(err, "--give-content-to another user, for what this one owns")
		}
		return err
	})
	command.Flags().StringVar(&heir, "give-content-to", "", "`name` or ID of the user who gets what this one owns")
	return command
}

// importedUser is a line of a file of users and what became of it.
type importedUser struct {
	Name     string           `json:"name"`
	SiteRole tableau.SiteRole `json:"siteRole"`
	Outcome  string           `json:"outcome"`
	Error    string           `json:"error,omitempty"`
}

var importedColumns = []column{
	{title: "NAME", path: "name"}, {title: "SITE ROLE", path: "siteRole"}, {title: "OUTCOME", path: "outcome"}, {title: "ERROR", path: "error"},
}

func (a *app) usersImportCommand() *cobra.Command {
	var asJob bool
	var job jobFlags
	command := &cobra.Command{
		Use:   "import FILE",
		Short: "Add the users of a CSV file to the site",
		Long: `Add the users of a CSV file to the site: name, password, full name, license,
administrator, publishing, email, authentication. Only the name must be there,
a heading must not. Case, quotes and a byte order mark do not matter. - is
standard input. Who is on the site already is left as is.

Users are added one by one, and each is told. With --as-job the server does it by
itself, which is faster for thousands: tabctl prints the job, whose notes tell of
the users that were not added.`,
		Example: "  tabctl users import people.csv\n  tabctl users import people.csv --dry-run -o json\n  tabctl users import people.csv --as-job --wait",
		Args:    cobra.ExactArgs(1),
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			lines, err := a.readUsers(args[0])
			if err != nil {
				return err
			}
			if (asJob || job.wait) && !a.dryRun {
				return a.startUserImport(ctx, c, &job, args[0], lines)
			}
			return a.importUsers(ctx, c, lines)
		}),
	}
	command.Flags().BoolVar(&asJob, "as-job", false, "let the server do it in the background")
	job.add(command)
	a.dryRunFlag(command)
	return command
}

// startUserImport lets the server add the users, which then reads the file by itself.
func (a *app) startUserImport(ctx context.Context, c *tableau.Client, f *jobFlags, path string, lines []tableau.ImportUser) error {
	for i, line := range lines {
		if line.SiteRole == "" {
			lines[i].SiteRole = tableau.RoleUnlicensed
		}
	}
	what := "Import of " + path
	job, err := c.Users.BulkAdd(ctx, lines)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return a.printJob(ctx, c, f, job, what)
}

func (a *app) readUsers(path string) ([]tableau.ImportUser, error) {
	source, err := a.input(path)
	if err != nil {
		return nil, err
	}
	defer source.Close()
	lines, err := tableau.ReadUsers(source)
	if err == nil && len(lines) == 0 {
		err = usage("%s holds no user", path)
	}
	return lines, err
}

func (a *app) importUsers(ctx context.Context, c *tableau.Client, lines []tableau.ImportUser) error {
	outcomes := make([]importedUser, len(lines))
	failed := 0
	for i, line := range lines {
		o := importedUser{Name: line.Name, SiteRole: line.SiteRole, Outcome: "added"}
		if o.SiteRole == "" {
			o.SiteRole = tableau.RoleUnlicensed
		}
		switch err := a.importUser(ctx, c, line, o.SiteRole); {
		case a.dryRun:
			o.Outcome = "would be added"
		case errors.Is(err, tableau.ErrConflict):
			o.Outcome = "there already"
		case err != nil && (ctx.Err() != nil || errors.Is(err, tableau.ErrUnauthorized)): // as it would be for all others
			return errors.Join(printList(a, outcomes[:i], importedColumns), err)
		case err != nil:
			failed++
			o.Outcome, o.Error = outcomeFailed, failureOf(err).Message
		}
		outcomes[i] = o
	}
	if err := printList(a, outcomes, importedColumns); err != nil {
		return err
	}
	if failed == len(lines) {
		return fmt.Errorf("none of the %d users was added", failed)
	}
	if failed > 0 {
		return &partlyError{failed, len(lines)}
	}
	return nil
}

// importUser adds a user and sets what the file says of the person.
func (a *app) importUser(ctx context.Context, c *tableau.Client, line tableau.ImportUser, role tableau.SiteRole) error {
	if a.dryRun {
		return nil
	}
	user, err := c.Users.Add(ctx, tableau.AddUser{Name: line.Name, SiteRole: role, AuthSetting: line.AuthSetting})
	if err != nil || line.FullName+line.Email+line.Password == "" {
		return err
	}
	update := tableau.UserUpdate{}
	setUnlessEmpty(&update.FullName, line.FullName)
	setUnlessEmpty(&update.Email, line.Email)
	setUnlessEmpty(&update.Password, line.Password)
	if _, err := c.Users.Update(ctx, user.ID, update); err != nil {
		return fmt.Errorf("added, but not with name, email and password: %w", err)
	}
	return nil
}
