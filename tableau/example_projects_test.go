package tableau_test

import (
	"context"
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
