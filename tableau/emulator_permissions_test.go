package tableau_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tabctl/tableau-go/internal/sample"
	"github.com/tabctl/tableau-go/tableau"
)

// TestPermissionsEndToEnd takes permissions through all that the client does with them.
func TestPermissionsEndToEnd(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), site(t)
	user, err := c.Users.Add(ctx, tableau.AddUser{Name: "permissions-reader", SiteRole: tableau.RoleViewer})
	if err != nil {
		t.Fatal(err)
	}
	ann := tableau.Grantee{Type: tableau.GranteeUser, ID: user.ID}
	project, err := c.Projects.Create(ctx, tableau.CreateProject{Name: "Locked"})
	if err != nil {
		t.Fatal(err)
	}
	folder := tableau.Content{Type: tableau.ContentProject, ID: project.ID}
	defaults := tableau.Allow(ann, tableau.CapabilityRead, tableau.CapabilityExportXML)
	if _, err := c.Permissions.AddDefaults(ctx, folder, tableau.ContentWorkbook, defaults); err != nil {
		t.Fatal(err)
	}
	workbook, err := c.Workbooks.Publish(ctx, bytes.NewReader(sample.Workbook()), tableau.PublishWorkbook{Name: "W", ProjectID: project.ID})
	if err != nil {
		t.Fatal(err)
	}
	item := tableau.Content{Type: tableau.ContentWorkbook, ID: workbook.ID}
	rules := func(content tableau.Content) *tableau.Permissions {
		t.Helper()
		p, err := c.Permissions.List(ctx, content)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	check := func(content tableau.Content, parent string, want ...tableau.PermissionRule) {
		t.Helper()
		got := rules(content)
		got.Rules = slices.DeleteFunc(got.Rules, func(r tableau.PermissionRule) bool { return r.Grantee.Type == tableau.GranteeGroup }) // All Users
		if diff := cmp.Diff(want, got.Rules, cmpopts.EquateEmpty()); diff != "" || got.ParentProjectID != parent {
			t.Errorf("parent %q, want %q; rules (-want +got):\n%s", got.ParentProjectID, parent, diff)
		}
	}
	views, err := c.Workbooks.Views(ctx, workbook.ID)
	if err != nil {
		t.Fatal(err)
	}
	check(item, "", defaults) // a new workbook has the defaults of its project
	check(tableau.Content{Type: tableau.ContentView, ID: views[0].ID}, "", tableau.Allow(ann, tableau.CapabilityRead))

	code := func(want string, err error) {
		t.Helper()
		e, ok := errors.AsType[*tableau.Error](err)
		if !ok || e.Code != want {
			t.Errorf("error %v, want the code %s", err, want)
		}
	}
	add := func(content tableau.Content, rule tableau.PermissionRule) error {
		_, err := c.Permissions.Add(ctx, content, rule)
		return err
	}
	code("400009", add(folder, tableau.Deny(ann, tableau.CapabilityProjectLeader)))
	code("400009", add(item, tableau.Allow(ann, tableau.CapabilityConnect)))
	code("400009", add(item, tableau.Deny(ann, tableau.CapabilityRead))) // it stands as Allow
	code("400003", add(item, tableau.Allow(ann, "Fly")))
	code("404002", add(item, tableau.Allow(tableau.Grantee{Type: tableau.GranteeUser, ID: project.ID}, tableau.CapabilityRead)))
	code("404003", c.Permissions.Delete(ctx, item, tableau.Allow(ann, tableau.CapabilityFilter)))
	check(item, "", defaults) // nothing of it was taken over
	if err := add(item, tableau.Allow(ann, tableau.CapabilityRead)); err != nil {
		t.Errorf("a grant that stands: %v", err)
	}
	if _, err := c.Permissions.Set(ctx, item, tableau.Deny(ann, tableau.CapabilityRead)); err != nil {
		t.Fatal(err)
	}
	own := tableau.Allow(ann, tableau.CapabilityExportXML)
	own.Capabilities[tableau.CapabilityRead] = tableau.ModeDeny
	check(item, "", own)

	locked := tableau.ProjectUpdate{ContentPermissions: new(tableau.LockedToProject)}
	if _, err := c.Projects.Update(ctx, project.ID, locked); err != nil {
		t.Fatal(err)
	}
	check(item, project.ID, defaults) // the project decides
	code("403004", add(item, tableau.Allow(ann, tableau.CapabilityFilter)))
	code("403004", c.Permissions.Delete(ctx, item, own))
}
