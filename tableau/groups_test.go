package tableau_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/tabctl/tableau-go/tableau"
)

func TestGroupRefusals(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, 200, `<group id="g"/>`) })
	groups := server.client(t).Groups
	directory := tableau.ImportGroup{Name: "n", DomainName: "example.com"}
	tests := []struct {
		name, want string
		call       func() error
	}{
		{"create without a name", "a name", func() error {
			_, err := groups.Create(t.Context(), tableau.CreateGroup{})
			return err
		}},
		{"create with a made-up role", `minimum site role "Boss"`, func() error {
			_, err := groups.Create(t.Context(), tableau.CreateGroup{Name: "n", MinimumSiteRole: "Boss"})
			return err
		}},
		{"update without a name", "a name", func() error {
			_, err := groups.Update(t.Context(), "g", tableau.GroupUpdate{MinimumSiteRole: new(tableau.RoleViewer)})
			return err
		}},
		{"import without a name", "a name", func() error {
			_, err := groups.Import(t.Context(), tableau.ImportGroup{DomainName: "example.com"})
			return err
		}},
		{"import without a domain", "DomainName", func() error {
			_, err := groups.ImportAsJob(t.Context(), tableau.ImportGroup{Name: "n"})
			return err
		}},
		{"import with a made-up role", `minimum site role "Boss"`, func() error {
			g := directory
			g.MinimumSiteRole = "Boss"
			_, err := groups.Import(t.Context(), g)
			return err
		}},
		{"import with a made-up license mode", `LicenseMode "never"`, func() error {
			g := directory
			g.LicenseMode = "never"
			_, err := groups.Import(t.Context(), g)
			return err
		}},
		{"synchronize a local group", "local groups", func() error {
			_, err := groups.SyncAsJob(t.Context(), "g", tableau.ImportGroup{Name: "n", DomainName: "local"})
			return err
		}},
		{"synchronize without an ID", "ID is empty", func() error {
			_, err := groups.Sync(t.Context(), "", directory)
			return err
		}},
		{"add a user without an ID", "user 1", func() error {
			_, err := groups.AddUser(t.Context(), "g", "")
			return err
		}},
		{"add users, one without an ID", "user 2", func() error {
			_, err := groups.AddUsers(t.Context(), "g", []string{"u", ""})
			return err
		}},
		{"remove users, one without an ID", "user 1", func() error {
			return groups.RemoveUsers(t.Context(), "g", []string{""})
		}},
	}
	for _, test := range tests {
		if err := test.call(); !errors.Is(err, tableau.ErrInvalidArgument) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want a refusal with %q", test.name, err, test.want)
		}
	}
	if seen := server.requests(); len(seen) != 0 {
		t.Errorf("sent %v", seen)
	}
}

func TestGroupUpdateSendsWhatIsSet(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		answer(w, 200, `<group id="g" minimumSiteRole="Tomorrow"/>`)
	})
	group, err := server.client(t).Groups.Update(t.Context(), "g", tableau.GroupUpdate{Name: "n"})
	decoded(t, &tableau.Group{ID: "g", MinimumSiteRole: "Tomorrow"}, group, err) // a role that a newer server knows
	if got, want := string(server.requests()[0].Body), `<tsRequest><group name="n"></group></tsRequest>`; got != want {
		t.Errorf("sent %s, want %s", got, want)
	}
}

func TestRealGroups(t *testing.T) {
	t.Parallel()
	page, err := serveAsset(t, "group_get_all_fields.xml").Groups.Page(t.Context(), tableau.Query{Fields: []string{"_all_"}})
	decoded(t, &tableau.Page[tableau.Group]{Number: 1, Size: 100, Total: 3, Items: []*tableau.Group{
		{ID: "28c5b855-16df-482f-ad0b-428c1df58859", Name: "All Users", UserCount: 2, Domain: tableau.Domain{Name: "local"}},
		{ID: "ace1ee2d-e7dd-4d7a-9504-a1ccaa5212ea", Name: "group1", UserCount: 1, Domain: tableau.Domain{Name: "local"}},
		{ID: "baf0ed9d-c25d-4114-97ed-5232b8a732fd", Name: "test", Domain: tableau.Domain{Name: "local"}},
	}}, page, err)

	all, err := tableau.Collect(serveAsset(t, "group_get.xml").Groups.List(t.Context(), tableau.Query{}), -1)
	if err != nil || len(all) != 3 || all[2].Name != "TableauExample" {
		t.Errorf("list = %v, %v", all, err)
	}

	group, err := serveAsset(t, "group_create_ad.xml").Groups.Import(t.Context(), tableau.ImportGroup{Name: "試供品", DomainName: "active-directory-domain-name"})
	decoded(t, &tableau.Group{ID: "3e4a9ea0-a07a-4fe6-b50f-c345c8c81034", Name: "試供品", Import: tableau.GroupImport{
		DomainName: "active-directory-domain-name", SiteRole: tableau.RoleCreator, LicenseMode: tableau.LicenseOnLogin,
	}}, group, err)

	job, err := serveAsset(t, "group_create_async.xml").Groups.ImportAsJob(t.Context(), tableau.ImportGroup{Name: "n", DomainName: "d"})
	decoded(t, &tableau.Job{ID: "job-id", Mode: "Asynchronous", Type: "GroupImport"}, job, err)
}

func TestRealUsersOfGroup(t *testing.T) {
	t.Parallel()
	users, err := tableau.Collect(serveAsset(t, "group_populate_users.xml").Groups.Users(t.Context(), "g", tableau.Query{}), -1)
	decoded(t, []*tableau.User{{
		ID: "dd2239f6-ddf1-4107-981a-4cf94e415794", Name: "alice", SiteRole: tableau.RolePublisher, LastLogin: at("2016-08-16T23:17:06Z"),
	}}, users, err)
	users, err = serveAsset(t, "group_add_users.xml").Groups.AddUsers(t.Context(), "g", []string{"u"})
	decoded(t, []*tableau.User{
		{ID: "5de011f8-4aa9-4d5b-b991-f464c8dd6bb7", Name: "Alice", SiteRole: tableau.RoleServerAdministrator},
		{ID: "5de011f8-3aa9-4d5b-b991-f467c8dd6bb8", Name: "Bob", SiteRole: tableau.RoleExplorer},
		{ID: "5de011f8-2aa9-4d5b-b991-f466c8dd6bb8", Name: "Charlie", SiteRole: tableau.RoleViewer},
	}, users, err)
}
