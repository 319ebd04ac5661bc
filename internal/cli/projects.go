package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

var projects = kind[projectItem]{
	name: "project", group: "projects",
	columns: []column{
		{title: "PATH", path: "path"}, {title: "DESCRIPTION", path: "description"}, {title: "PERMISSIONS", path: "contentPermissions"},
		{title: "OWNER", path: "owner.name", wide: true}, {title: "ID", path: "id"},
	},
	list:   listProjects,
	delete: func(ctx context.Context, c *tableau.Client, id string) error { return c.Projects.Delete(ctx, id) },
	id:     func(p *projectItem) string { return p.ID },
	label:  func(p *projectItem) string { return "/" + p.Path }, // as it must be written when a name has it too
	names:  func(p *projectItem) []string { return []string{p.Path, p.Name, "/" + p.Path} },
}

func (a *app) projectsCommand() *cobra.Command {
	return a.groupCommand("projects", "List, create and delete projects",
		projects.listCommand(a, "  tabctl projects list\n  tabctl projects list --filter ownerName=ann"),
		projects.getCommand(a, "  tabctl projects get Finance/EMEA"),
		a.projectsCreateCommand(),
		projects.deleteCommand(a, " with all it holds", "  tabctl projects delete Finance/EMEA --yes"))
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
				in, err := projects.find(ctx, c, parent)
				if err != nil {
					return err
				}
				create.ParentProjectID, path = in.ID, in.Path+"/"+path
			}
			if a.left("create the project %q", path) {
				return nil
			}
			project, err := c.Projects.Create(ctx, create)
			if err != nil {
				return fmt.Errorf("create the project %q: %w", path, err)
			}
			return printList(a, []projectItem{{path, project}}, projects.columns)
		}),
	}
	command.Flags().StringVar(&parent, "parent", "", "`name`, path or ID of the project to create it in")
	command.Flags().StringVar(&description, "description", "", "`text` that describes the project")
	a.dryRunFlag(command)
	choiceFlag(command, &permissions, "content-permissions", "who decides on the permissions of what it holds")
	return command
}
