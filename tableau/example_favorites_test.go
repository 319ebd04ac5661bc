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
