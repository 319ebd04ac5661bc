package tableau_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/tabctl/tableau-go/tableau"
)

// exampleDataSource is a client of a fresh site that holds one data source.
func exampleDataSource() (c *tableau.Client, projectID, dataSourceID string) {
	c, projectID, _ = exampleClient()
	d := must(c.DataSources.Publish(context.Background(), strings.NewReader(stock), tableau.PublishDataSource{Name: "Stock", ProjectID: projectID}))
	return c, projectID, d.ID
}

func ExampleDataSourcesService_List() {
	c, _, _ := exampleDataSource()

	q := tableau.Query{Filter: []tableau.Filter{tableau.Eq("type", "postgres")}}
	for d, err := range c.DataSources.List(context.Background(), q) {
		if err != nil {
			panic(err)
		}
		fmt.Println(d.Name, "in", d.Project.Name)
	}
	// Output: Stock in Bakery
}

func ExampleDataSourcesService_Page() {
	c, _, _ := exampleDataSource()

	page, err := c.DataSources.Page(context.Background(), tableau.Query{PageSize: 10})
	if err != nil {
		panic(err)
	}
	fmt.Println(len(page.Items), "of", page.Total)
	// Output: 1 of 1
}

func ExampleDataSourcesService_Get() {
	c, _, id := exampleDataSource()

	d, err := c.DataSources.Get(context.Background(), id)
	if err != nil {
		panic(err)
	}
	fmt.Println(d.Name, d.Type)
	// Output: Stock postgres
}

func ExampleDataSourcesService_Publish() {
	c, projectID, _ := exampleDataSource()
	file := strings.NewReader(stock) // or an *os.File

	d, err := c.DataSources.Publish(context.Background(), file, tableau.PublishDataSource{
		Name:        "Stock",
		ProjectID:   projectID,
		Mode:        tableau.Overwrite,
		Credentials: &tableau.ConnectionCredentials{Name: "reader", Password: "secret", Embed: true},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(d.Name, "published")
	// Output: Stock published
}

func ExampleDataSourcesService_PublishAsJob() {
	ctx := context.Background()
	c, projectID, _ := exampleDataSource()

	job, err := c.DataSources.PublishAsJob(ctx, strings.NewReader(stock), tableau.PublishDataSource{Name: "Orders", ProjectID: projectID})
	if err != nil {
		panic(err)
	}
	done, err := c.Jobs.Wait(ctx, job.ID, tableau.WaitOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Println(done.Type, done.Progress, "%")
	// Output: PublishDatasource 100 %
}

func ExampleDataSourcesService_PublishFile() {
	c, projectID, _ := exampleDataSource()
	dir := must(os.MkdirTemp("", "example"))
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "Orders.tds")
	if err := os.WriteFile(path, []byte(stock), 0o600); err != nil {
		panic(err)
	}

	d, err := c.DataSources.PublishFile(context.Background(), path, tableau.PublishDataSource{ProjectID: projectID})
	if err != nil {
		panic(err)
	}
	fmt.Println(d.Name)
	// Output: Orders
}

func ExampleDataSourcesService_Update() {
	c, _, id := exampleDataSource()

	d, err := c.DataSources.Update(context.Background(), id, tableau.DataSourceUpdate{
		Certified:         new(true),
		CertificationNote: new("Counted every evening"),
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(d.Name, d.Certified, d.CertificationNote)
	// Output: Stock true Counted every evening
}

func ExampleDataSourcesService_Connections() {
	c, _, id := exampleDataSource()

	connections, err := c.DataSources.Connections(context.Background(), id)
	if err != nil {
		panic(err)
	}
	for _, one := range connections {
		fmt.Println(one.Type, one.ServerAddress, one.UserName)
	}
	// Output: postgres db.example.com reader
}

func ExampleDataSourcesService_Download() {
	c, _, id := exampleDataSource()

	var file bytes.Buffer // or an *os.File
	download, err := c.DataSources.Download(context.Background(), id, &file, tableau.DownloadOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Println(download.FileName, file.Len() == len(stock))
	// Output: Stock.tds true
}

func ExampleDataSourcesService_DownloadFile() {
	c, _, id := exampleDataSource()
	dir := must(os.MkdirTemp("", "example"))
	defer os.RemoveAll(dir)

	download, err := c.DataSources.DownloadFile(context.Background(), id, dir, tableau.DownloadOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Println(filepath.Base(download.Path))
	// Output: Stock.tds
}

func ExampleDataSourcesService_Delete() {
	ctx := context.Background()
	c, _, id := exampleDataSource()

	if err := c.DataSources.Delete(ctx, id); err != nil {
		panic(err)
	}
	fmt.Println(must(c.DataSources.Page(ctx, tableau.Query{})).Total)
	// Output: 0
}
