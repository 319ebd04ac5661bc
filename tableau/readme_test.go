package tableau_test

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/tableau"
)

// What README.md and docs/reliability.md show stands here, so that it compiles.

func publishAndList(ctx context.Context, project string) error {
	c, err := tableau.New("https://10ax.online.tableau.com",
		tableau.WithSite("marketing"),
		tableau.WithCredentials(tableau.PersonalAccessToken{Name: "ci", Secret: os.Getenv("TABLEAU_TOKEN_VALUE")}))
	if err != nil {
		return err
	}
	defer c.SignOut(context.WithoutCancel(ctx))
	if _, err := c.Workbooks.PublishFile(ctx, "Sales.twbx", tableau.PublishWorkbook{ProjectID: project, Mode: tableau.Overwrite}); err != nil {
		return err
	}
	for workbook, err := range c.Workbooks.List(ctx, tableau.Query{Sort: []tableau.Sort{tableau.Desc("size")}}) {
		if err != nil {
			return err
		}
		fmt.Println(workbook.Name, workbook.Project.Name, workbook.UpdatedAt)
	}
	return nil
}

var _ = publishAndList

func patient(url string, credentials tableau.Credentials, repeated *atomic.Int64) (*tableau.Client, error) {
	c, err := tableau.New(url, tableau.WithCredentials(credentials),
		tableau.WithRateLimit(10, 20),
		tableau.WithRetry(tableau.RetryOptions{
			Attempts: 6,
			OnRepeat: func(ctx context.Context, r tableau.Repetition) { repeated.Add(1) },
		}))
	return c, err
}

var _ = patient

func TestNightlyExport(t *testing.T) {
	server := emulator.Start(t) // on a free port; gone when the test ends
	site := server.NewSite(t)   // a site of its own, with an administrator and a token
	c, err := tableau.New(server.URL, tableau.WithSite(site.ContentURL),
		tableau.WithCredentials(tableau.PersonalAccessToken{Name: site.TokenName, Secret: site.TokenSecret}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Projects.Create(t.Context(), tableau.CreateProject{Name: "Nightly"}); err != nil {
		t.Fatal(err)
	}
}
