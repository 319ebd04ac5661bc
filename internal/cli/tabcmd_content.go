package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tabctl/tableau-go/tableau"
)

// tabcmdExists passes over an error that says that something is there already, where the user wants that.
func (a *app) tabcmdExists(args *tabcmdArgs, err error) error {
	if !errors.Is(err, tableau.ErrConflict) {
		return err
	}
	if args.on("--continue-if-exists") {
		a.say("It is there already: %s", failureOf(err).Message)
		return nil
	}
	return withHint(err, "--continue-if-exists, when that is no error")
}

func (a *app) tabcmdCreateProject(ctx context.Context, c *tableau.Client, args *tabcmdArgs) error {
	create := tableau.CreateProject{Name: args.value("--name"), Description: args.value("--description")}
	path := create.Name
	if parent := args.value("--parent-project-path"); parent != "" {
		in, err := tabcmdProject(ctx, c, "", parent)
		if err != nil {
			return err
		}
		create.ParentProjectID, path = in.ID, in.Path+"/"+path
	}
	project, err := c.Projects.Create(ctx, create)
	if err != nil {
		return a.tabcmdExists(args, fmt.Errorf("create the project %q: %w", path, err))
	}
	a.say("Created the project %q (%s)", path, project.ID)
	return nil
}

func (a *app) tabcmdDeleteProject(ctx context.Context, c *tableau.Client, args *tabcmdArgs) error {
	project, err := tabcmdProject(ctx, c, args.arguments[0], args.value("--parent-project-path"))
	if err != nil {
		return err
	}
	if err := c.Projects.Delete(ctx, project.ID); err != nil {
		return fmt.Errorf("delete the project %q: %w", project.Path, err)
	}
	a.say("Deleted the project %q", project.Path)
	return nil
}

func (a *app) tabcmdPublishSamples(ctx context.Context, c *tableau.Client, args *tabcmdArgs) error {
	project, err := tabcmdProject(ctx, c, args.value("--name"), args.value("--parent-project-path"))
	if err != nil {
		return err
	}
	if _, err := c.Projects.Update(ctx, project.ID, tableau.ProjectUpdate{PublishSamples: true}); err != nil {
		return fmt.Errorf("publish the samples to the project %q: %w", project.Path, err)
	}
	a.say("Published the samples to the project %q", project.Path)
	return nil
}

// tabcmdDelete deletes the workbook of the name, or when there is none the data source.
func (a *app) tabcmdDelete(ctx context.Context, c *tableau.Client, args *tabcmdArgs) error {
	in, err := tabcmdIn(ctx, c, args)
	if err != nil {
		return err
	}
	name := args.arguments[0]
	what, remove, id := "workbook", c.Workbooks.Delete, ""
	if !args.on("--datasource") {
		var workbook *tableau.Workbook
		if workbook, err = inProject(ctx, c, &workbooks, name, in); err == nil {
			id = workbook.ID
		}
	}
	if args.on("--datasource") || !args.on("--workbook") && errors.Is(err, tableau.ErrNotFound) {
		source, sourceErr := inProject(ctx, c, &dataSources, name, in)
		switch {
		case sourceErr == nil:
			what, remove, id, err = "data source", c.DataSources.Delete, source.ID, nil
		case args.on("--datasource") || !errors.Is(sourceErr, tableau.ErrNotFound):
			err = sourceErr
		default:
			err = withHint(&missingError{"workbook or data source", in.Path + "/" + name}, cmp.Or(hintFor(err, exitNotFound), hintFor(sourceErr, exitNotFound)))
		}
	}
	if err != nil {
		return err
	}
	if err := remove(ctx, id); err != nil {
		return fmt.Errorf("delete the %s %q: %w", what, in.Path+"/"+name, err)
	}
	a.say("Deleted the %s %q", what, in.Path+"/"+name)
	return nil
}

// listed is an item as list tells it.
type listed struct {
	id, name, owner, address string
	views                    []string
}

// tabcmdList lists items in tabcmd's own words, for scripts that read them.
func (a *app) tabcmdList(ctx context.Context, c *tableau.Client, args *tabcmdArgs) error {
	query := tableau.Query{}
	if size := args.integer("--query-page-size"); size != nil {
		query.PageSize = *size
	}
	what := args.arguments[0]
	all, err := listItems(ctx, c, what, query, args.on("--details"))
	if err != nil {
		return err
	}
	if len(all) == 0 {
		a.say("No content found")
		return nil
	}
	machine := args.on("--machine")
	hasAddress := what == "workbooks" || what == "datasources"
	line := func(item listed, bare bool) string {
		parts := []string{}
		add := func(wanted bool, label, value string) {
			switch {
			case !wanted:
			case bare:
				parts = append(parts, quotedIfNeeded(printable(value)))
			default:
				parts = append(parts, label+printable(value))
			}
		}
		add(true, "ID: ", item.id)
		add(args.on("--name"), "\tNAME: ", item.name)
		add(args.on("--owner"), "\tOWNER: ", item.owner)
		add(args.on("--address") && hasAddress, "", item.address)
		add(args.on("--details") && what == "workbooks", "VIEWS: ", strings.Join(item.views, ", "))
		return strings.Join(parts, ", ")
	}
	fmt.Fprintln(a.out, line(listed{"ID", "NAME", "OWNER", "URL", []string{"CHILDREN"}}, true))
	for _, item := range all {
		fmt.Fprintln(a.out, line(item, machine))
	}
	a.say("%d total %s", len(all), what)
	return nil
}

// quotedIfNeeded quotes a value of a CSV line. Unlike encoding/csv, tabcmd writes a space after each comma.
func quotedIfNeeded(value string) string {
	if strings.ContainsAny(value, ",\"\n") {
		return `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
	}
	return value
}

func listItems(ctx context.Context, c *tableau.Client, what string, query tableau.Query, details bool) ([]listed, error) {
	var all []listed
	switch what {
	case "projects":
		for p, err := range c.Projects.List(ctx, query) {
			if err != nil {
				return nil, err
			}
			all = append(all, listed{id: p.ID, name: p.Name, owner: p.Owner.ID})
		}
	case "datasources":
		for d, err := range c.DataSources.List(ctx, query) {
			if err != nil {
				return nil, err
			}
			all = append(all, listed{id: d.ID, name: d.Name, owner: d.Owner.ID, address: d.ContentURL})
		}
	case "workbooks":
		for w, err := range c.Workbooks.List(ctx, query) {
			if err != nil {
				return nil, err
			}
			all = append(all, listed{id: w.ID, name: w.Name, owner: w.Owner.ID, address: w.ContentURL})
		}
		for i := range all {
			if !details {
				break
			}
			found, err := c.Workbooks.Views(ctx, all[i].id)
			if err != nil {
				return nil, err
			}
			for _, view := range found {
				all[i].views = append(all[i].views, view.Name)
			}
		}
	default:
		return nil, fmt.Errorf("%s cannot be listed yet", what)
	}
	return all, nil
}
