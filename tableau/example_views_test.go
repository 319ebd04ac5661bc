package tableau_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tabctl/tableau-go/tableau"
)

func ExampleViewsService_List() {
	c, _, _ := exampleClient()

	q := tableau.ViewQuery{
		Query:        tableau.Query{Filter: []tableau.Filter{tableau.Eq("sheetType", "dashboard")}},
		IncludeUsage: true,
	}
	for view, err := range c.Views.List(context.Background(), q) {
		if err != nil {
			panic(err)
		}
		fmt.Println(view.SheetType, view.Usage.TotalViewCount)
	}
	// Output: dashboard 0
}

func ExampleViewsService_CSV() {
	ctx := context.Background()
	c, _, workbookID := exampleClient()
	views, err := c.Workbooks.Views(ctx, workbookID)
	if err != nil {
		panic(err)
	}

	var csv bytes.Buffer // or any io.Writer
	err = c.Views.CSV(ctx, views[0].ID, &csv, tableau.CSVOptions{ViewData: tableau.ViewData{
		MaxAge: new(5 * time.Minute),
	}})
	if err != nil {
		panic(err)
	}
	fmt.Println(strings.Count(csv.String(), "\n") > 1)
	// Output: true
}

func ExampleViewsService_PDF() {
	ctx := context.Background()
	c, _, workbookID := exampleClient()
	views, err := c.Workbooks.Views(ctx, workbookID)
	if err != nil {
		panic(err)
	}

	var pdf bytes.Buffer
	err = c.Views.PDF(ctx, views[0].ID, &pdf, tableau.PDFOptions{PageType: tableau.PageA4, Orientation: tableau.Landscape})
	if err != nil {
		panic(err)
	}
	fmt.Println(pdf.String()[:5])
	// Output: %PDF-
}
