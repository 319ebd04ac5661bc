package tableau_test

import (
	"context"
	"fmt"

	"github.com/tabctl/tableau-go/tableau"
)

func ExamplePermissionsService_Set() {
	ctx := context.Background()
	c, _, workbookID := exampleClient()
	user := must(c.Users.Add(ctx, tableau.AddUser{Name: "baker", SiteRole: tableau.RoleViewer}))
	baker := tableau.Grantee{Type: tableau.GranteeUser, ID: user.ID}
	workbook := tableau.Content{Type: tableau.ContentWorkbook, ID: workbookID}

	must(c.Permissions.Add(ctx, workbook, tableau.Allow(baker, tableau.CapabilityRead)))
	permissions := must(c.Permissions.Set(ctx, workbook, tableau.Deny(baker, tableau.CapabilityRead)))
	for _, rule := range permissions.Rules {
		if rule.Grantee == baker {
			fmt.Println(rule.Capabilities)
		}
	}
	// Output: map[Read:Deny]
}
