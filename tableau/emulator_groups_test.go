package tableau_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/tableau"
)

func TestGroupsEndToEnd(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), site(t)
	add := func(name string, role tableau.SiteRole) *tableau.User {
		u, err := c.Users.Add(ctx, tableau.AddUser{Name: name + "-" + t.Name(), SiteRole: role})
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	viewer, creator := add("viewer", tableau.RoleViewer), add("creator", tableau.RoleCreator)
	roleOf := func(id string) tableau.SiteRole {
		u, err := c.Users.Get(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		return u.SiteRole
	}
	members := func(id string) []string {
		users, err := tableau.Collect(c.Groups.Users(ctx, id, tableau.Query{PageSize: 1}), -1)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, u := range users {
			ids = append(ids, u.ID)
		}
		return ids
	}

	everyone, err := c.Groups.Page(ctx, tableau.Query{Fields: []string{"_all_"}})
	if err != nil || everyone.Total != 1 || everyone.Items[0].Name != "All Users" || everyone.Items[0].UserCount != 3 {
		t.Fatalf("groups of a new site = %+v, %v; want All Users with its administrator and two more", everyone, err)
	}
	all := everyone.Items[0].ID
	if err := c.Groups.Delete(ctx, all); !hasCode(err, "403004") {
		t.Errorf("deleting All Users: %v, want 403004", err)
	}
	if _, err := c.Groups.Update(ctx, all, tableau.GroupUpdate{Name: "Some Users"}); !hasCode(err, "403004") {
		t.Errorf("renaming All Users: %v, want 403004", err)
	}
	if err := c.Groups.RemoveUser(ctx, all, viewer.ID); !hasCode(err, "403004") {
		t.Errorf("removing from All Users: %v, want 403004", err)
	}

	g, err := c.Groups.Create(ctx, tableau.CreateGroup{Name: "Bakers", MinimumSiteRole: tableau.RoleExplorer})
	if err != nil || g.MinimumSiteRole != tableau.RoleExplorer || g.Domain.Name != "local" {
		t.Fatalf("created %+v, %v", g, err)
	}
	if _, err := c.Groups.Create(ctx, tableau.CreateGroup{Name: "bakers"}); !hasCode(err, "409009") || !errors.Is(err, tableau.ErrConflict) {
		t.Errorf("a second group of that name: %v, want 409009", err)
	}
	if _, err := c.Groups.Import(ctx, tableau.ImportGroup{Name: "AD", DomainName: "example.com"}); !hasCode(err, "403011") {
		t.Errorf("importing: %v, want 403011", err)
	}

	if u, err := c.Groups.AddUser(ctx, g.ID, viewer.ID); err != nil || u.SiteRole != tableau.RoleExplorer {
		t.Errorf("added %+v, %v; want the viewer raised to Explorer", u, err)
	}
	if _, err := c.Groups.AddUser(ctx, g.ID, viewer.ID); !hasCode(err, "409011") {
		t.Errorf("adding again: %v, want 409011", err)
	}
	if users, err := c.Groups.AddUsers(ctx, g.ID, []string{viewer.ID, creator.ID}); err != nil || len(users) != 2 {
		t.Errorf("AddUsers = %v, %v", users, err)
	}
	if diff := cmp.Diff([]string{viewer.ID, creator.ID}, members(g.ID)); diff != "" {
		t.Errorf("members (-want +got)\n%s", diff)
	}
	if role := roleOf(creator.ID); role != tableau.RoleCreator {
		t.Errorf("the creator became %s", role)
	}
	if _, err := c.Groups.AddUsers(ctx, g.ID, []string{"nobody"}); !hasCode(err, "404002") {
		t.Errorf("adding nobody: %v, want 404002", err)
	}
	updated, err := c.Groups.Update(ctx, g.ID, tableau.GroupUpdate{Name: "Master bakers", MinimumSiteRole: new(tableau.RoleSiteAdministratorExplorer)})
	if err != nil || updated.Name != "Master bakers" {
		t.Errorf("updated %+v, %v", updated, err)
	}
	if role := roleOf(creator.ID); role != tableau.RoleSiteAdministratorCreator {
		t.Errorf("the creator became %s, want what includes both roles", role)
	}
	found, err := tableau.Collect(c.Groups.List(ctx, tableau.Query{Filter: []tableau.Filter{tableau.Eq("name", "Master bakers")}}), -1)
	if err != nil || len(found) != 1 || found[0].ID != g.ID {
		t.Errorf("filtered = %v, %v", found, err)
	}
	mine, err := tableau.Collect(c.Users.Groups(ctx, viewer.ID, tableau.Query{Sort: []tableau.Sort{tableau.Desc("name")}}), -1)
	if err != nil || len(mine) != 2 || mine[0].ID != g.ID || mine[1].ID != all {
		t.Errorf("groups of a user = %v, %v", mine, err)
	}

	if err := c.Groups.RemoveUser(ctx, g.ID, viewer.ID); err != nil {
		t.Error(err)
	}
	if err := c.Groups.RemoveUser(ctx, g.ID, viewer.ID); !errors.Is(err, tableau.ErrNotFound) {
		t.Errorf("removing again: %v, want ErrNotFound", err)
	}
	if err := c.Groups.RemoveUsers(ctx, g.ID, []string{viewer.ID, creator.ID}); err != nil {
		t.Error(err)
	}
	if left := members(g.ID); len(left) != 0 {
		t.Errorf("left in the group: %v", left)
	}
	if err := c.Groups.Delete(ctx, g.ID); err != nil {
		t.Error(err)
	}
	if err := c.Groups.Delete(ctx, g.ID); !hasCode(err, "404012") {
		t.Errorf("deleting again: %v, want 404012", err)
	}
}

func TestFavoritesEndToEnd(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), site(t)
	project, workbook := publishSample(t, c)
	views, err := c.Workbooks.Views(ctx, workbook.ID)
	if err != nil {
		t.Fatal(err)
	}
	session, _ := c.Session()
	items := []tableau.Content{{Type: tableau.ContentView, ID: views[0].ID}, {Type: tableau.ContentWorkbook, ID: workbook.ID},
		{Type: tableau.ContentProject, ID: project.ID}}
	for _, item := range items {
		if err := c.Favorites.Add(ctx, session.UserID, "my "+string(item.Type), item); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Favorites.Add(ctx, session.UserID, "the "+string(items[0].Type), items[0]); err != nil {
		t.Error(err)
	}
	type favorite struct {
		Label string
		Item  tableau.Content
	}
	kept := func() (all []favorite) {
		for f, err := range c.Favorites.List(ctx, session.UserID, tableau.Query{PageSize: 1}) {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, favorite{f.Label, f.Content()})
		}
		return all
	}
	if diff := cmp.Diff([]favorite{{"the view", items[0]}, {"my workbook", items[1]}, {"my project", items[2]}}, kept()); diff != "" {
		t.Errorf("favorites (-want +got)\n%s", diff)
	}
	// To the end, and from the end to the middle; a favorite behind itself stays where it is.
	for _, move := range [][2]int{{0, 2}, {2, 1}, {1, 1}} {
		if err := c.Favorites.Move(ctx, session.UserID, items[move[0]], items[move[1]]); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff([]favorite{{"my workbook", items[1]}, {"my project", items[2]}, {"the view", items[0]}}, kept()); diff != "" {
		t.Errorf("favorites in another order (-want +got)\n%s", diff)
	}
	other := tableau.Content{Type: tableau.ContentView, ID: views[1].ID}
	if err := c.Favorites.Move(ctx, session.UserID, other, items[0]); !hasCode(err, "404011") {
		t.Errorf("moving what is no favorite: %v, want 404011", err)
	}
	if err := c.Favorites.Remove(ctx, session.UserID, items[2]); err != nil {
		t.Error(err)
	}
	if err := c.Favorites.Remove(ctx, session.UserID, items[2]); !hasCode(err, "404005") {
		t.Errorf("removing again: %v, want 404005", err)
	}
	for kind, code := range map[tableau.ContentType]string{tableau.ContentWorkbook: "404006", tableau.ContentView: "404011", tableau.ContentDataSource: "404004"} {
		if err := c.Favorites.Add(ctx, session.UserID, "x", tableau.Content{Type: kind, ID: "nowhere"}); !hasCode(err, code) {
			t.Errorf("an unknown %s: %v, want %s", kind, err, code)
		}
	}
	// Favorites go with their items, also with those inside.
	if err := c.Workbooks.Delete(ctx, workbook.ID); err != nil {
		t.Error(err)
	}
	if left := kept(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}
