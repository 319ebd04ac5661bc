package tableau_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/tabctl/tableau-go/tableau"
)

func ExampleUsersService_Add() {
	ctx := context.Background()
	c, _, _ := exampleClient()

	user, err := c.Users.Add(ctx, tableau.AddUser{Name: "kiosk", SiteRole: tableau.RoleViewer})
	if err != nil {
		panic(err)
	}
	user, err = c.Users.Update(ctx, user.ID, tableau.UserUpdate{FullName: new("Lobby Kiosk"), SiteRole: new(tableau.RoleExplorer)})
	if err != nil {
		panic(err)
	}
	fmt.Println(user.Name, user.FullName, user.SiteRole)
	fmt.Println(c.Users.Remove(ctx, user.ID, ""))
	// Output:
	// kiosk Lobby Kiosk Explorer
	// <nil>
}

func ExampleReadUsers() {
	file := strings.NewReader("kiosk,,Lobby Kiosk,Explorer,None,yes,kiosk@example.com\nguests,,\"Guests, unlicensed\",unlicensed\n")
	users, err := tableau.ReadUsers(file)
	if err != nil {
		panic(err)
	}
	for _, user := range users {
		fmt.Println(user.Name, user.FullName, user.SiteRole)
	}
	// c.Users.BulkAdd(ctx, users) adds them in one call.

	// Output:
	// kiosk Lobby Kiosk ExplorerCanPublish
	// guests Guests, unlicensed Unlicensed
}
