package tableau_test

import (
	"context"
	"fmt"

	"github.com/tabctl/tableau-go/tableau"
)

func ExampleFavoritesService_Add() {
	ctx := context.Background()
	c, _, workbookID := exampleClient()
	session, _ := c.Session()

	item := tableau.Content{Type: tableau.ContentWorkbook, ID: workbookID}
	if err := c.Favorites.Add(ctx, session.UserID, "Every morning", item); err != nil {
		panic(err)
	}
	for favorite, err := range c.Favorites.List(ctx, session.UserID, tableau.Query{}) {
		if err != nil {
			panic(err)
		}
		fmt.Println(favorite.Label, favorite.Workbook.Name)
	}
	// Output: Every morning Deliveries
}

func ExampleFavoritesService_Move() {
	ctx := context.Background()
	c, projectID, workbookID := exampleClient()
	session, _ := c.Session()

	workbook := tableau.Content{Type: tableau.ContentWorkbook, ID: workbookID}
	project := tableau.Content{Type: tableau.ContentProject, ID: projectID}
	for _, item := range []tableau.Content{workbook, project} {
		if err := c.Favorites.Add(ctx, session.UserID, string(item.Type), item); err != nil {
			panic(err)
		}
	}
	if err := c.Favorites.Move(ctx, session.UserID, workbook, project); err != nil {
		panic(err)
	}
	for favorite, err := range c.Favorites.List(ctx, session.UserID, tableau.Query{}) {
		if err != nil {
			panic(err)
		}
		fmt.Println(favorite.Label)
	}
	// Output:
	// project
	// workbook
}
