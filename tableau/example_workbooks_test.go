package tableau_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tabctl/tableau-go/internal/sample"
	"github.com/tabctl/tableau-go/tableau"
)

func ExampleWorkbooksService_List() {
	ctx := context.Background()
	c, _, _ := exampleClient()

	q := tableau.Query{
		Filter: []tableau.Filter{tableau.Eq("projectName", "Bakery")},
		Sort:   []tableau.Sort{tableau.Desc("updatedAt")},
	}
	for workbook, err := range c.Workbooks.List(ctx, q) {
		if err != nil {
			panic(err)
		}
		fmt.Println(workbook.Name, "in", workbook.Project.Name)
	}
	// Output: Deliveries in Bakery
}

func ExampleWorkbooksService_Page() {
	c, _, _ := exampleClient()

	page, err := c.Workbooks.Page(context.Background(), tableau.Query{PageSize: 10})
	if err != nil {
		panic(err)
	}
	fmt.Println(len(page.Items), "of", page.Total)
	// Output: 1 of 1
}

func ExampleWorkbooksService_Publish() {
	ctx := context.Background()
	c, projectID, _ := exampleClient()
	file := bytes.NewReader(sample.Workbook()) // or an *os.File

	var percent int64
	workbook, err := c.Workbooks.Publish(ctx, file, tableau.PublishWorkbook{
		Name:      "Deliveries",
		ProjectID: projectID,
		Mode:      tableau.Overwrite,
		Progress:  func(sent, total int64) { percent = 100 * sent / total },
	})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s published, %d %% sent\n", workbook.Name, percent)
	// Output: Deliveries published, 100 % sent
}

func ExampleWorkbooksService_PublishAsJob() {
	ctx := context.Background()
	c, projectID, _ := exampleClient()

	job, err := c.Workbooks.PublishAsJob(ctx, bytes.NewReader(sample.Workbook()), tableau.PublishWorkbook{Name: "By job", ProjectID: projectID})
	if err != nil {
		panic(err)
	}
	job, err = c.Jobs.Wait(ctx, job.ID, tableau.WaitOptions{})
	if err != nil {
		panic(err) // a job that failed is an error that matches ErrJobFailed
	}
	fmt.Println(job.Type, job.Progress)
	// Output: PublishWorkbook 100
}

func ExampleWorkbooksService_DownloadFile() {
	ctx := context.Background()
	c, _, workbookID := exampleClient()
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)

	download, err := c.Workbooks.DownloadFile(ctx, workbookID, dir, tableau.DownloadOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Println(filepath.Base(download.Path), download.Size == int64(len(sample.Workbook())))
	// Output: Deliveries.twbx true
}
