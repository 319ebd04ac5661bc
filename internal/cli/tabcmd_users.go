package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/tabctl/tableau-go/tableau"
)

func (a *app) tabcmdCreateGroup(ctx context.Context, c *tableau.Client, args *tabcmdArgs) error {
	name := args.arguments[0]
	group, err := c.Groups.Create(ctx, tableau.CreateGroup{Name: name})
	if err != nil {
		return a.tabcmdExists(args, fmt.Errorf("create the group %q: %w", name, err))
	}
	a.say("Created the group %q (%s)", name, group.ID)
	return nil
}

func (a *app) tabcmdDeleteGroup(ctx context.Context, c *tableau.Client, args *tabcmdArgs) error {
	group, err := groups.find(ctx, c, args.arguments[0])
	if err != nil {
		return err
	}
	if err := c.Groups.Delete(ctx, group.ID); err != nil {
		return fmt.Errorf("delete the group %q: %w", group.Name, err)
	}
	a.say("Deleted the group %q", group.Name)
	return nil
}

func (a *app) tabcmdAddUsers(ctx context.Context, c *tableau.Client, args *tabcmdArgs) error {
	users, group, err := a.tabcmdMembers(ctx, c, args)
	if err != nil {
		return err
	}
	return a.eachUser(ctx, args, users, "Added to the group", func(user tableau.ImportUser) (string, error) {
		known, err := userNamed(ctx, c, user.Name)
		if err != nil {
			return "", err
		}
		_, err = c.Groups.AddUser(ctx, group.ID, known.ID)
		if errors.Is(err, tableau.ErrConflict) {
			return "is in the group already", nil
		}
		return "", err
	})
}

func (a *app) tabcmdRemoveUsers(ctx context.Context, c *tableau.Client, args *tabcmdArgs) error {
	users, group, err := a.tabcmdMembers(ctx, c, args)
	if err != nil {
		return err
	}
	return a.eachUser(ctx, args, users, "Removed from the group", func(user tableau.ImportUser) (string, error) {
		known, err := userNamed(ctx, c, user.Name)
		if err != nil {
			return "", err
		}
		err = c.Groups.RemoveUser(ctx, group.ID, known.ID)
		if errors.Is(err, tableau.ErrNotFound) {
			return "is not in the group", nil
		}
		return "", err
	})
}

// tabcmdMembers are the users of the file, and the group.
func (a *app) tabcmdMembers(ctx context.Context, c *tableau.Client, args *tabcmdArgs) ([]tableau.ImportUser, *tableau.Group, error) {
	users, err := a.tabcmdUsersFile(args, args.value("--users"))
	if err != nil {
		return nil, nil, err
	}
	group, err := groups.find(ctx, c, args.arguments[0])
	return users, group, err
}

func (a *app) tabcmdCreateUsers(ctx context.Context, c *tableau.Client, args *tabcmdArgs) error {
	users, err := a.tabcmdUsersFile(args, args.arguments[0])
	if err != nil {
		return err
	}
	return a.eachUser(ctx, args, users, "Added to the site", func(user tableau.ImportUser) (string, error) {
		if role := args.value("--role"); role != "" {
			user.SiteRole = tabcmdRoles[role]
		}
		if auth := args.value("--auth-type"); auth != "" {
			user.AuthSetting = tabcmdAuthTypes[auth]
		}
		added, err := c.Users.Add(ctx, tableau.AddUser{Name: user.Name, SiteRole: user.SiteRole, AuthSetting: user.AuthSetting})
		if errors.Is(err, tableau.ErrConflict) {
			return "is on the site already", nil
		}
		if err != nil {
			return "", err
		}
		var update tableau.UserUpdate
		setUnlessEmpty(&update.FullName, user.FullName)
		setUnlessEmpty(&update.Email, user.Email)
		setUnlessEmpty(&update.Password, user.Password)
		if update == (tableau.UserUpdate{}) {
			return "", nil
		}
		if _, err := c.Users.Update(ctx, added.ID, update); err != nil { // only a server that keeps the users itself takes them
			return "was added without full name, email and password, which the server does not take: " + err.Error(), nil
		}
		return "", nil
	})
}

func setUnlessEmpty(field **string, value string) {
	if value != "" {
		*field = &value
	}
}

func (a *app) tabcmdDeleteUsers(ctx context.Context, c *tableau.Client, args *tabcmdArgs) error {
	users, err := a.tabcmdUsersFile(args, args.arguments[0])
	if err != nil {
		return err
	}
	return a.eachUser(ctx, args, users, "Removed from the site", func(user tableau.ImportUser) (string, error) {
		known, err := userNamed(ctx, c, user.Name)
		if errors.Is(err, tableau.ErrNotFound) {
			return "is not on the site", nil
		}
		if err != nil {
			return "", err
		}
		return "", c.Users.Remove(ctx, known.ID, "")
	})
}

// eachUser does something with each user, goes on when it fails, and tells how it went. What work returns tells why
// there was nothing to do.
func (a *app) eachUser(ctx context.Context, args *tabcmdArgs, users []tableau.ImportUser, done string, work func(user tableau.ImportUser) (string, error)) error {
	changed, failed := 0, 0
	for _, user := range users {
		note, err := work(user)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			failed++
			fmt.Fprintln(a.err, printable(fmt.Sprintf("%s: %s", user.Name, failureOf(err).Message)))
		case note != "":
			a.say("%s %s", user.Name, note)
		default:
			changed++
			a.say("%s: %s", done, user.Name)
		}
	}
	a.say("%d users in the file, %d changed, %d failed", len(users), changed, failed)
	if failed > 0 && !args.on("--no-complete") {
		return withHint(&partlyError{failed, len(users)}, "--no-complete, when that is no error")
	}
	return nil
}

// tabcmdUsersFile reads a file of users: Tableau's CSV, or names alone. A line that is wrong is an error, and told and
// passed over with --no-complete.
func (a *app) tabcmdUsersFile(args *tabcmdArgs, path string) ([]tableau.ImportUser, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, &tabcmdUsageError{command: args.command.name, text: "read the users: " + err.Error()}
	}
	if !args.on("--no-complete") {
		return tableau.ReadUsers(bytes.NewReader(content))
	}
	var users []tableau.ImportUser
	lines := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff"))))
	lines.FieldsPerRecord = -1
	for {
		fields, err := lines.Read()
		if err == io.EOF {
			return users, nil
		}
		var one []tableau.ImportUser
		if err == nil {
			one, err = readUser(fields)
		}
		if err != nil {
			line, _ := lines.FieldPos(0)
			a.say("warning: passed over line %d: %s", line, failureOf(err).Message)
			continue
		}
		users = append(users, one...)
	}
}

// readUser reads one line of a file of users.
func readUser(fields []string) ([]tableau.ImportUser, error) {
	var line bytes.Buffer
	w := csv.NewWriter(&line)
	if err := w.Write(fields); err != nil {
		return nil, err
	}
	w.Flush()
	return tableau.ReadUsers(&line)
}
