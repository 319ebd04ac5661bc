package tableau_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/tableau"
)

// directoryServer is an emulator with an Active Directory, and its administrator's client on the default site.
func directoryServer(t *testing.T, directory string) (server *emulator.Server, root *tableau.Client, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "directory.yaml")
	if err := os.WriteFile(file, []byte(directory), 0o600); err != nil {
		t.Fatal(err)
	}
	server = emulator.Start(t, emulator.WithAdmin("root", "pw"), emulator.WithToken("ci", "secret"), emulator.WithDirectory(file))
	root, err := tableau.New(server.URL, tableau.WithCredentials(tableau.Password{Name: "root", Password: "pw"}))
	if err != nil {
		t.Fatal(err)
	}
	return server, root, file
}

const bakersDirectory = `
domains:
  - name: example.com
    users:
      - {name: ann, fullName: Ann Baker, email: ann@example.com}
      - {name: bob}
    groups:
      - {name: Bakers, users: [ann]}
`

func TestDirectoryEndToEnd(t *testing.T) {
	t.Parallel()
	_, c, file := directoryServer(t, bakersDirectory)
	ctx := t.Context()
	in := tableau.ImportGroup{Name: "Bakers", DomainName: "example.com", MinimumSiteRole: tableau.RoleExplorer, LicenseMode: tableau.LicenseOnSync}
	members := func(id string) (names []string) {
		users, err := tableau.Collect(c.Groups.Users(ctx, id, tableau.Query{}), -1)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range users {
			names = append(names, u.Name+" "+string(u.SiteRole))
		}
		return names
	}
	g, err := c.Groups.Import(ctx, in)
	if err != nil || g.Domain.Name != "example.com" || g.Import.LicenseMode != tableau.LicenseOnSync || g.Import.SiteRole != tableau.RoleExplorer {
		t.Fatalf("imported %+v, %v", g, err)
	}
	if diff := cmp.Diff([]string{"ann Explorer"}, members(g.ID)); diff != "" {
		t.Errorf("members (-want +got)\n%s", diff)
	}
	if _, err := c.Groups.Import(ctx, in); !hasCode(err, "409009") {
		t.Errorf("importing again: %v, want 409009", err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(bakersDirectory, "users: [ann]", "users: [bob]", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	job, err := c.Groups.SyncAsJob(ctx, g.ID, in)
	if err != nil || job.Type != "GroupSync" {
		t.Fatalf("job %+v, %v", job, err)
	}
	done, err := c.Jobs.Wait(ctx, job.ID, tableau.WaitOptions{})
	if err != nil || !slices.Contains(done.Notes(), "1 users were removed from the group.") {
		t.Errorf("waited for %+v, %v", done, err)
	}
	if diff := cmp.Diff([]string{"bob Explorer"}, members(g.ID)); diff != "" {
		t.Errorf("members after the sync (-want +got)\n%s", diff)
	}
	if _, err := c.Groups.Sync(ctx, g.ID, in); err != nil {
		t.Error(err)
	}
	if err := c.Groups.Delete(ctx, g.ID); err != nil {
		t.Error(err)
	}
	if job, err = c.Groups.ImportAsJob(ctx, in); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Jobs.Wait(ctx, job.ID, tableau.WaitOptions{}); err != nil {
		t.Error(err)
	}
	if _, err := c.Groups.Import(ctx, tableau.ImportGroup{Name: "Bakers", DomainName: "example.org", MinimumSiteRole: tableau.RoleViewer}); !errors.Is(err, tableau.ErrNotFound) {
		t.Errorf("an unknown domain: %v, want ErrNotFound", err)
	}
}

func TestBulkUsersEndToEnd(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), site(t)
	users := []tableau.ImportUser{
		{Name: "bulk-ann", FullName: `Ann "A", Baker`, Email: "ann@example.com", Password: "p,w", SiteRole: tableau.RoleCreator},
		{Name: "bulk-bob", SiteRole: tableau.RoleViewer, AuthSetting: tableau.AuthSAML},
		{Name: "bulk-cyd", SiteRole: tableau.RoleExplorerCanPublish},
		{Name: "bulk-dan", SiteRole: tableau.RoleSiteAdministratorExplorer},
		{Name: "bulk-eve"},
		{Name: "bulk-root", SiteRole: tableau.RoleServerAdministrator}, // who only a server administrator may add
	}
	job, err := c.Users.BulkAdd(ctx, users)
	if err != nil {
		t.Fatal(err)
	}
	done, err := c.Jobs.Wait(ctx, job.ID, tableau.WaitOptions{})
	if err != nil || len(done.Notes()) != 3 || !strings.Contains(done.Notes()[2], "bulk-root") {
		t.Errorf("the job %+v, %v", done.Notes(), err)
	}
	got := map[string]tableau.SiteRole{}
	for u, err := range c.Users.List(ctx, tableau.Query{Fields: []string{"_all_"}}) {
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(u.Name, "bulk-") {
			got[u.Name] = u.SiteRole
		}
		if u.Name == "bulk-ann" && (u.FullName != users[0].FullName || u.Email != users[0].Email) || u.Name == "bulk-bob" && u.AuthSetting != tableau.AuthSAML {
			t.Errorf("added %+v", u)
		}
	}
	if diff := cmp.Diff(map[string]tableau.SiteRole{"bulk-ann": tableau.RoleCreator, "bulk-bob": tableau.RoleViewer, "bulk-cyd": tableau.RoleExplorerCanPublish,
		"bulk-dan": tableau.RoleSiteAdministratorExplorer, "bulk-eve": tableau.RoleUnlicensed}, got); diff != "" {
		t.Errorf("users (-want +got)\n%s", diff)
	}
	session, _ := c.Session()
	ann, err := tableau.New(server().URL, tableau.WithSite(session.SiteContentURL), tableau.WithCredentials(tableau.Password{Name: "bulk-ann", Password: "p,w"}))
	if err != nil {
		t.Fatal(err)
	}
	if err := ann.SignIn(ctx); err != nil {
		t.Error(err)
	}
	if err := c.Users.BulkRemove(ctx, users); err != nil {
		t.Error(err)
	}
	if page, err := c.Users.Page(ctx, tableau.Query{}); err != nil || page.Total != 1 {
		t.Errorf("left: %+v, %v; want the administrator", page, err)
	}
	added, err := c.Users.AddAll(ctx, []tableau.AddUser{{Name: "all-ann", SiteRole: tableau.RoleViewer}, {Name: "ALL-ANN", SiteRole: tableau.RoleViewer}, {Name: "all-bob", SiteRole: tableau.RoleViewer}})
	if failure, ok := errors.AsType[*tableau.AddUserError](err); !ok || failure.User.Name != "ALL-ANN" || !hasCode(err, "409017") || len(added) != 2 {
		t.Errorf("AddAll = %v, %v", added, err)
	}
}

func TestSitesEndToEnd(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	server, c, _ := directoryServer(t, bakersDirectory)
	made, err := c.Sites.Create(ctx, tableau.CreateSite{Name: "Branch", ContentURL: "branch", SiteSettings: tableau.SiteSettings{
		UserQuota: new(3), StorageQuota: new(100), CommentingEnabled: new(false), TimeZone: new("Europe/Paris"), TagLimit: new(7)}})
	if err != nil || *made.UserQuota != 3 || *made.StorageQuota != 100 || made.CommentingEnabled || made.TimeZone != "Europe/Paris" || made.TagLimit != 7 {
		t.Fatalf("made %+v, %v", made, err)
	}
	if _, err := c.Sites.Create(ctx, tableau.CreateSite{Name: "branch", ContentURL: "other"}); !errors.Is(err, tableau.ErrConflict) {
		t.Errorf("a second one of that name: %v, want ErrConflict", err)
	}
	if found, err := tableau.Collect(c.Sites.List(ctx, tableau.Query{}), -1); err != nil || len(found) != 2 {
		t.Errorf("sites = %v, %v", found, err)
	}
	for name, get := range map[string]func() (*tableau.Site, error){
		"id":          func() (*tableau.Site, error) { return c.Sites.Get(ctx, made.ID) },
		"name":        func() (*tableau.Site, error) { return c.Sites.GetByName(ctx, "Branch") },
		"content URL": func() (*tableau.Site, error) { return c.Sites.GetByContentURL(ctx, "branch") },
	} {
		if s, err := get(); err != nil || s.ID != made.ID {
			t.Errorf("by %s: %+v, %v", name, s, err)
		}
	}
	if err := c.SwitchSite(ctx, "branch"); err != nil {
		t.Fatal(err)
	}
	if s, err := c.Sites.Update(ctx, made.ID, tableau.SiteUpdate{Name: new("Branch office"), SiteSettings: tableau.SiteSettings{RevisionLimit: new(5), FlowsEnabled: new(false)}}); err != nil ||
		s.Name != "Branch office" || s.RevisionLimit != 5 || s.EditingFlowsEnabled || *s.UserQuota != 3 {
		t.Errorf("updated %+v, %v", s, err)
	}
	if err := c.Server.RevokeAllServerAdminTokens(ctx); err != nil {
		t.Error(err)
	}
	byToken, err := tableau.New(server.URL, tableau.WithCredentials(tableau.PersonalAccessToken{Name: "ci", Secret: "secret"}))
	if err != nil {
		t.Fatal(err)
	}
	if err := byToken.SignIn(ctx); !errors.Is(err, tableau.ErrUnauthorized) {
		t.Errorf("signing in with a revoked token: %v, want ErrUnauthorized", err)
	}
	configurations, err := c.Sites.AuthConfigurations(ctx)
	if err != nil || len(configurations) != 2 || !configurations[0].Enabled {
		t.Errorf("configurations = %+v, %v", configurations, err)
	}
	if _, err := c.Sites.Update(ctx, made.ID, tableau.SiteUpdate{State: new(tableau.SiteSuspended)}); err != nil {
		t.Error(err)
	}
	if err := c.Sites.Delete(ctx, made.ID); err != nil {
		t.Error(err)
	}
	if err := c.SignIn(ctx); err == nil {
		t.Error("signed in to a site that was deleted")
	}
}
