package tableau_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/tabctl/tableau-go/internal/sample"
	"github.com/tabctl/tableau-go/tableau"
)

func ExampleJobsService_List() {
	ctx := context.Background()
	c, projectID, _ := exampleClient()
	job := must(c.Workbooks.PublishAsJob(ctx, bytes.NewReader(sample.Workbook()), tableau.PublishWorkbook{Name: "By job", ProjectID: projectID}))
	must(c.Jobs.Wait(ctx, job.ID, tableau.WaitOptions{}))

	for job, err := range c.Jobs.List(ctx, tableau.Query{Sort: []tableau.Sort{tableau.Desc("createdAt")}}) {
		if err != nil {
			panic(err)
		}
		fmt.Println(job.Status)
	}
	// Output: Success
}
