package tableau_test

import (
	"context"
	"fmt"
)

func ExampleSitesService_Get() {
	ctx := context.Background()
	c, _, _ := exampleClient()

	session, _ := c.Session()
	site, err := c.Sites.Get(ctx, session.SiteID)
	if err != nil {
		panic(err)
	}
	fmt.Println(site.State, site.ContentURL == session.SiteContentURL)
	// Output: Active true
}

func ExampleServerService_Info() {
	c, _, _ := exampleClient()

	info, err := c.Server.Info(context.Background())
	if err != nil {
		panic(err)
	}
	fmt.Println("REST API", info.RESTAPIVersion)
	// Output: REST API 3.29
}
