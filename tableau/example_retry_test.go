package tableau_test

import (
	"context"
	"fmt"
	"time"

	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/tableau"
)

// A server in trouble is asked again, a few times and ever more slowly; what
// creates something is not sent twice.
func ExampleWithRetry() {
	ctx := context.Background()
	serverURL, options := exampleSite() // "https://tableau.example.com", WithSite("marketing"), WithCredentials(…)
	c, err := tableau.New(serverURL, append(options, tableau.WithRetry(tableau.RetryOptions{
		Attempts:     3,
		LongestPause: 100 * time.Millisecond,
		OnRepeat: func(_ context.Context, r tableau.Repetition) {
			fmt.Println("attempt", r.Attempt, "of", r.Method, "failed")
		},
	}))...)
	if err != nil {
		panic(err)
	}
	if err := c.SignIn(ctx); err != nil {
		panic(err)
	}
	session, _ := c.Session()
	fault := server().Fault(emulator.Fault{Site: session.SiteID, Status: 502, Times: 2}) // what a proxy in front of it may say
	defer fault.Remove()

	page, err := c.Projects.Page(ctx, tableau.Query{})
	if err != nil {
		panic(err)
	}
	fmt.Println("projects:", page.Total)
	// Output:
	// attempt 1 of GET failed
	// attempt 2 of GET failed
	// projects: 1
}
