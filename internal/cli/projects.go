package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

var projectColumns = []column{
	{"PATH", "path"}, {"DESCRIPTION", "description"}, {"PERMISSIONS", "contentPermissions"}, {"ID", "id"},
}

func (a *app) projectsCommand() *cobra.Command {
	return a.groupCommand("projects", "List, create and delete projects",
		a.projectsListCommand(), a.projectsCreateCommand(), a.projectsDeleteCommand())
}

func (a *app) projectsListCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the projects of the site by their paths",
		Example: "  tabctl projects list",
		Args:    cobra.NoArgs,
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, _ []string) error {
			projects, err := listProjects(ctx, c)
			if err != nil {
				return err
			}
			slices.SortStableFunc(projects, func(p, q *projectItem) int { return strings.Compare(p.Path, q.Path) })
			return printList(a, projects, projectColumns)
		}),
	}
}

func (a *app) projectsCreateCommand() *cobra.Command {
	var parent, description string
	permissions := choice{allowed: []string{
		string(tableau.ManagedByOwner), string(tableau.LockedToProject), string(tableau.LockedToProjectWithoutNested),
	}}
	command := &cobra.Command{
		Use:     "create NAME",
		Short:   "Create a project",
		Example: "  tabctl projects create Finance\n  tabctl projects create EMEA --parent Finance",
		Args:    cobra.ExactArgs(1),
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			create := tableau.CreateProject{
				Name: args[0], Description: description, ContentPermissions: tableau.ContentPermissions(permissions.value),
			}
			path := args[0]
			if parent != "" {
				in, err := findProject(ctx, c, parent)
				if err != nil {
					return err
				}
				create.ParentProjectID, path = in.ID, in.Path+"/"+path
			}
			project, err := c.Projects.Create(ctx, create)
			if err != nil {
				return fmt.Errorf("create the project %q: %w", path, err)
			}
			return printList(a, []projectItem{{path, project}}, projectColumns)
		}),
	}
	command.Flags().StringVar(&parent, "parent", "", "`name`, path or ID of the project to create it in")
	command.Flags().StringVar(&description, "description", "", "`text` that describes the project")
	choiceFlag(command, &permissions, "content-permissions", "who decides on the permissions of what it holds")
	return command
}

func (a *app) projectsDeleteCommand() *cobra.Command {
	var yes bool
	command := &cobra.Command{
		Use:     "delete NAME|PATH|ID",
		Short:   "Delete a project with all it holds",
		Example: "  tabctl projects delete Finance/EMEA --yes",
		Args:    cobra.ExactArgs(1),
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			project, err := findProject(ctx, c, args[0])
			if err != nil {
				return err
			}
			if err := a.confirm(yes, fmt.Sprintf("Delete the project %q with all it holds?", project.Path)); err != nil {
				return err
			}
			if err := c.Projects.Delete(ctx, project.ID); err != nil {
				return err
			}
			fmt.Fprintf(a.err, "Deleted the project %q (%s)\n", project.Path, project.ID)
			return nil
		}),
	}
	command.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return command
}
