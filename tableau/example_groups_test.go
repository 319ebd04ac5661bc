package tableau_test

import (
	"context"
	"fmt"

	"github.com/tabctl/tableau-go/tableau"
)

func ExampleGroupsService_AddUser() {
	ctx := context.Background()
	c, _, _ := exampleClient()
	viewer := must(c.Users.Add(ctx, tableau.AddUser{Name: "example-groups-viewer", SiteRole: tableau.RoleViewer}))
	group := must(c.Groups.Create(ctx, tableau.CreateGroup{Name: "Bakers", MinimumSiteRole: tableau.RoleExplorer}))

	user, err := c.Groups.AddUser(ctx, group.ID, viewer.ID)
	if err != nil {
		panic(err)
	}
	fmt.Println(user.SiteRole) // raised to what the group demands
	// Output: Explorer
}

func ExampleUsersService_Groups() {
	ctx := context.Background()
	c, _, _ := exampleClient()
	session, _ := c.Session()

	for group, err := range c.Users.Groups(ctx, session.UserID, tableau.Query{}) {
		if err != nil {
			panic(err)
		}
		fmt.Println(group.Name)
	}
	// Output: All Users
}
