package tableau_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/tabctl/tableau-go/tableau"
)

func ExampleWorkbooksService_Revisions() {
	c, _, workbookID := exampleClient()

	for r, err := range c.Workbooks.Revisions(context.Background(), workbookID) {
		if err != nil {
			panic(err)
		}
		fmt.Println(r.Number, r.Current)
	}
	// Output: 1 true
}

func ExampleDataSourcesService_DownloadRevision() {
	c, projectID, id := exampleDataSource()
	newer := strings.Replace(stock, "reader", "writer", 1)
	must(c.DataSources.Publish(context.Background(), strings.NewReader(newer), tableau.PublishDataSource{Name: "Stock", ProjectID: projectID, Mode: tableau.Overwrite}))

	var file bytes.Buffer
	if _, err := c.DataSources.DownloadRevision(context.Background(), id, 1, &file, tableau.DownloadOptions{}); err != nil {
		panic(err)
	}
	fmt.Println(file.String() == stock)
	// Output: true
}

func ExampleDataSourcesService_UpdateConnection() {
	c, _, id := exampleDataSource()
	connections := must(c.DataSources.Connections(context.Background(), id))

	changed, err := c.DataSources.UpdateConnection(context.Background(), id, connections[0].ID, tableau.ConnectionUpdate{
		ServerAddress: new("db2.example.com"),
		UserName:      new("robot"),
		Password:      new("secret"),
		EmbedPassword: new(true),
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(changed.ServerAddress, changed.UserName)
	// Output: db2.example.com robot
}

func ExampleDataSourcesService_UpdateHyperData() {
	c, projectID, _ := exampleDataSource()
	ctx := context.Background()
	d := must(c.DataSources.Publish(ctx, hyperFile("rows"), tableau.PublishDataSource{Name: "Rows", ProjectID: projectID}))

	job, err := c.DataSources.UpdateHyperData(ctx, d.ID, tableau.HyperDataUpdate{
		Actions: []tableau.HyperAction{{
			Action:      tableau.HyperDelete,
			TargetTable: "Deliveries",
			Condition:   tableau.HyperValue("Day", tableau.HyperLess, "datetime", "2026-01-01T00:00:00Z"),
		}},
	})
	if err != nil {
		panic(err)
	}
	done, err := c.Jobs.Wait(ctx, job.ID, tableau.WaitOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Println(done.Type, done.Progress)
	// Output: UpdateUploadedFile 100
}

func ExampleDataSourcesService_AddQualityWarning() {
	c, _, id := exampleDataSource()

	warnings, err := c.DataSources.AddQualityWarning(context.Background(), id, tableau.AddQualityWarning{
		Type:    tableau.WarningMaintenance,
		Message: "The database moves tonight.",
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(warnings[0].Message)
	// Output: The database moves tonight.
}

func ExampleTagsService_AddBatch() {
	c, _, id := exampleDataSource()

	tags, err := c.Tags.AddBatch(context.Background(), []string{"flour"}, tableau.Content{Type: tableau.ContentDataSource, ID: id})
	if err != nil {
		panic(err)
	}
	fmt.Println(tags[0].Label)
	// Output: flour
}

func ExampleViewsService_Excel() {
	c, _, workbookID := exampleClient()
	views := must(c.Workbooks.Views(context.Background(), workbookID))

	var file bytes.Buffer
	if err := c.Views.Excel(context.Background(), views[0].ID, &file, tableau.ExcelOptions{}); err != nil {
		panic(err)
	}
	fmt.Println(file.Len() > 0)
	// Output: true
}
