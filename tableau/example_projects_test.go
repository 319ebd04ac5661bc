package tableau_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/tabctl/tableau-go/tableau"
)

func ExampleProjectsService_Create() {
	ctx := context.Background()
	c, projectID, _ := exampleClient()

	child, err := c.Projects.Create(ctx, tableau.CreateProject{
		Name: "Archive", ParentProjectID: projectID, ContentPermissions: tableau.ManagedByOwner,
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(child.Name, child.ParentProjectID == projectID)
	// Output: Archive true
}

func ExampleProjectsService_Update() {
	ctx := context.Background()
	c, projectID, _ := exampleClient()

	// Exactly what is set is sent: the description is cleared, the rest stays.
	project, err := c.Projects.Update(ctx, projectID, tableau.ProjectUpdate{Description: new("")})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s %q\n", project.Name, project.Description)
	// Output: Bakery ""
}

func ExampleProjectsService_ByPath() {
	ctx := context.Background()
	c, projectID, _ := exampleClient()
	must(c.Projects.Create(ctx, tableau.CreateProject{Name: "Cakes/Pies", ParentProjectID: projectID}))

	project, err := c.Projects.ByPath(ctx, `Bakery/Cakes\/Pies`)
	if err != nil {
		panic(err)
	}
	fmt.Println(project.Name)

	_, err = c.Projects.ByPath(ctx, "Bakery/Bread")
	fmt.Println(errors.Is(err, tableau.ErrNotFound))
	// Output:
	// Cakes/Pies
	// true
}
