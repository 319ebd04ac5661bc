package tableau_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/tabctl/tableau-go/tableau"
)

func ExampleWorkbooksService_Update() {
	ctx := context.Background()
	c, _, workbookID := exampleClient()

	workbook, err := c.Workbooks.Update(ctx, workbookID, tableau.WorkbookUpdate{
		Name:     new("Deliveries by day"),
		ShowTabs: new(true), // the description and all else stay as they are
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(workbook.Name, workbook.ShowTabs)
	// Output: Deliveries by day true
}

// A policy that cannot be is refused before anything is sent.
func ExampleFreshnessPolicy() {
	c, _, workbookID := exampleClient()

	_, err := c.Workbooks.Update(context.Background(), workbookID, tableau.WorkbookUpdate{
		Freshness: &tableau.FreshnessPolicy{
			Option:     tableau.FreshEveryPeriod,
			FreshEvery: tableau.FreshEvery{Frequency: "Years", Value: 1},
		},
	})
	fmt.Println(errors.Is(err, tableau.ErrInvalidArgument))
	fmt.Println(err)
	// Output:
	// true
	// tableau: freshness policy: FreshEvery.Frequency "Years" is none of Minutes, Hours, Days and Weeks
}
