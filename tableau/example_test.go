package tableau_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/tabctl/tableau-go/internal/sample"
	"github.com/tabctl/tableau-go/tableau"
)

// exampleSite returns the options of a client for a fresh site of the
// embedded server, on which the examples run.
func exampleSite() (serverURL string, options []tableau.Option) {
	site := server().NewSite(exampleTB{})
	return server().URL, []tableau.Option{
		tableau.WithSite(site.ContentURL),
		tableau.WithCredentials(tableau.PersonalAccessToken{Name: site.TokenName, Secret: site.TokenSecret}),
	}
}

// exampleClient is a client of a fresh site that holds the sample workbook in
// the project "Bakery".
func exampleClient() (c *tableau.Client, projectID, workbookID string) {
	serverURL, options := exampleSite()
	c = must(tableau.New(serverURL, options...))
	ctx := context.Background()
	project := must(c.Projects.Create(ctx, tableau.CreateProject{Name: "Bakery"}))
	workbook := must(c.Workbooks.Publish(ctx, bytes.NewReader(sample.Workbook()), tableau.PublishWorkbook{Name: "Deliveries", ProjectID: project.ID}))
	return c, project.ID, workbook.ID
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

type exampleTB struct{}

func (exampleTB) Helper()        {}
func (exampleTB) Cleanup(func()) {}
func (exampleTB) Fatalf(format string, args ...any) {
	panic(fmt.Sprintf(format, args...))
}

func Example() {
	ctx := context.Background()
	serverURL, options := exampleSite() // "https://tableau.example.com", WithSite("marketing"), WithCredentials(…)

	c, err := tableau.New(serverURL, options...)
	if err != nil {
		panic(err)
	}
	defer c.SignOut(context.WithoutCancel(ctx)) // nothing to be done about it
	for project, err := range c.Projects.List(ctx, tableau.Query{}) {
		if err != nil {
			panic(err)
		}
		fmt.Println(project.Name)
	}
	// Output: Default
}

func ExampleNew() {
	c, err := tableau.New("https://10ax.online.tableau.com",
		tableau.WithSite("marketing"),
		tableau.WithCredentials(tableau.PersonalAccessToken{Name: "ci", Secret: os.Getenv("TABLEAU_TOKEN_VALUE")}))
	if errors.Is(err, tableau.ErrInvalidArgument) {
		fmt.Println("refused before anything is sent:", err)
		return
	}
	fmt.Println(c)
	// Output: refused before anything is sent: tableau: the name or the secret of the personal access token is empty
}

func ExampleError() {
	c, _, _ := exampleClient()

	_, err := c.Projects.Create(context.Background(), tableau.CreateProject{Name: "Bakery"})
	if errors.Is(err, tableau.ErrConflict) {
		fmt.Println("there is one of that name")
	}
	if e, ok := errors.AsType[*tableau.Error](err); ok {
		fmt.Println(e.StatusCode, e.Code)
	}
	// Output:
	// there is one of that name
	// 409 409006
}

func ExampleClient_Session() {
	ctx := context.Background()
	c, _, _ := exampleClient()

	session, _ := c.Session() // hand it to another process, well kept
	other, err := tableau.New(c.URL(), tableau.WithSession(session))
	if err != nil {
		panic(err)
	}
	page, err := other.Projects.Page(ctx, tableau.Query{Filter: []tableau.Filter{tableau.Eq("name", "Bakery")}})
	if err != nil {
		panic(err)
	}
	fmt.Println(page.Total, session.TimeToExpiry() > 0)
	// Output: 1 true
}
