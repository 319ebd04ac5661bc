package cli

import (
	"cmp"
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
	return a.groupCommand("projects", "List, create, change, move and delete projects",
		projects.listCommand(a, "  tabctl projects list\n  tabctl projects list --filter ownerName=ann"),
		projects.getCommand(a, "  tabctl projects get Finance/EMEA"),
		a.projectsCreateCommand(), a.projectsUpdateCommand(), a.projectsMoveCommand(),
		projects.deleteCommand(a, " with all it holds", "  tabctl projects delete Finance/EMEA --yes"))
}

func (a *app) projectsCreateCommand() *cobra.Command {
	var parent, description string
	permissions := contentPermissionsChoice()
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
	choiceFlag(command, &permissions, "content-permissions", "`mode` that says who decides on the permissions of what it holds")
	return command
}

func contentPermissionsChoice() choice {
	return choice{allowed: []string{
		string(tableau.ManagedByOwner), string(tableau.LockedToProject), string(tableau.LockedToProjectWithoutNested),
	}}
}

func (a *app) projectsUpdateCommand() *cobra.Command {
	var name, description, owner string
	permissions := contentPermissionsChoice()
	command := projects.updateCommand(a, "  tabctl projects update Finance/EMEA --name Europe --description \"All of Europe\"\n  tabctl projects update Finance --content-permissions LockedToProject --owner ann",
		func(ctx context.Context, c *tableau.Client) (func(id string) (*projectItem, error), error) {
			ownerID, err := foundID(ctx, a, c, &users, "owner", owner)
			update := tableau.ProjectUpdate{
				Name: given(a, "name", name), Description: given(a, "description", description), OwnerID: ownerID,
				ContentPermissions: given(a, "content-permissions", tableau.ContentPermissions(permissions.value)),
			}
			return func(id string) (*projectItem, error) { return updateProject(ctx, c, id, update) }, err
		})
	command.Flags().StringVar(&name, "name", "", "new `name`")
	command.Flags().StringVar(&description, "description", "", "`text` that describes the project")
	command.Flags().StringVar(&owner, "owner", "", "`name` or ID of the user to give it to")
	choiceFlag(command, &permissions, "content-permissions", "`mode` that says who decides on the permissions of what it holds")
	return command
}

// updateProject changes a project and finds its path then.
func updateProject(ctx context.Context, c *tableau.Client, id string, update tableau.ProjectUpdate) (*projectItem, error) {
	project, err := c.Projects.Update(ctx, id, update)
	if err != nil {
		return nil, err
	}
	paths, err := projectPaths(ctx, c)
	return &projectItem{cmp.Or(paths[id], project.Name), project}, err
}

func (a *app) projectsMoveCommand() *cobra.Command {
	command := &cobra.Command{
		Use:               "move " + projects.placeholder() + " PARENT",
		Short:             "Move a project, with all it holds, into another",
		Long:              "Move a project, with all it holds, into another. The parent / is the top level.",
		Example:           "  tabctl projects move EMEA Finance\n  tabctl projects move Finance/EMEA /",
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: projects.complete(a),
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			project, err := projects.find(ctx, c, args[0])
			if err != nil {
				return err
			}
			parent := &projectItem{Project: &tableau.Project{}}
			if args[1] != "/" {
				if parent, err = projects.find(ctx, c, args[1]); err != nil {
					return err
				}
			}
			if a.left("move the project %q into %q", "/"+project.Path, "/"+parent.Path) {
				return nil
			}
			moved, err := updateProject(ctx, c, project.ID, tableau.ProjectUpdate{ParentProjectID: &parent.ID})
			if err != nil {
				return fmt.Errorf("move the project %q: %w", "/"+project.Path, err)
			}
			return printList(a, []*projectItem{moved}, projects.columns)
		}),
	}
	a.dryRunFlag(command)
	return command
}
