package tableau_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/tabctl/tableau-go/internal/sample"
	"github.com/tabctl/tableau-go/tableau"
)

// TestAccessEndToEnd shows what the client of somebody who is no administrator sees and may do.
func TestAccessEndToEnd(t *testing.T) {
	t.Parallel()
	ctx, made := t.Context(), server().NewSite(t)
	open := func(credentials tableau.Credentials) *tableau.Client {
		c, err := tableau.New(server().URL, tableau.WithSite(made.ContentURL), tableau.WithCredentials(credentials))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	admin := open(tableau.PersonalAccessToken{Name: made.TokenName, Secret: made.TokenSecret})
	user, err := admin.Users.Add(ctx, tableau.AddUser{Name: "access-" + made.ContentURL, SiteRole: tableau.RoleCreator})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Users.Update(ctx, user.ID, tableau.UserUpdate{Password: new("open sesame")}); err != nil {
		t.Fatal(err)
	}
	ann := open(tableau.Password{Name: user.Name, Password: "open sesame"})
	var workbooks []tableau.Content
	for _, name := range []string{"Open", "Hidden"} {
		w, err := admin.Workbooks.Publish(ctx, bytes.NewReader(sample.Workbook()), tableau.PublishWorkbook{Name: name, ShowTabs: true})
		if err != nil {
			t.Fatal(err)
		}
		workbooks = append(workbooks, tableau.Content{Type: tableau.ContentWorkbook, ID: w.ID})
	}
	grantee := tableau.Grantee{Type: tableau.GranteeUser, ID: user.ID}
	if _, err := admin.Permissions.Add(ctx, workbooks[1], tableau.Deny(grantee, tableau.CapabilityRead)); err != nil {
		t.Fatal(err)
	}
	if page, err := ann.Workbooks.Page(ctx, tableau.Query{}); err != nil || page.Total != 1 || page.Items[0].Name != "Open" {
		t.Errorf("the workbooks shown are %+v, %v", page, err)
	}
	if _, err := ann.Workbooks.Get(ctx, workbooks[1].ID); !errors.Is(err, tableau.ErrNotFound) {
		t.Errorf("what is denied: %v, want ErrNotFound", err)
	}
	download := func() error {
		_, err := ann.Workbooks.Download(ctx, workbooks[0].ID, io.Discard, tableau.DownloadOptions{})
		return err
	}
	if err := download(); !errors.Is(err, tableau.ErrForbidden) {
		t.Errorf("a download: %v, want ErrForbidden", err)
	}
	if _, err := admin.Permissions.Add(ctx, workbooks[0], tableau.Allow(grantee, tableau.CapabilityExportXML)); err != nil {
		t.Fatal(err)
	}
	if err := download(); err != nil {
		t.Errorf("a download that is allowed: %v", err)
	}
}
