package emulator

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tabctl/tableau-go/emulator/internal/store"
)

// TestListsAgreeWithSingleItems makes sites by chance and compares what lists show with what is decided of each item by itself.
func TestListsAgreeWithSingleItems(t *testing.T) {
	t.Parallel()
	server := Start(t)
	for seed := range uint64(20) {
		chance := rand.New(rand.NewPCG(seed, 1))
		site := server.NewSite(t)
		err := server.store.Write(t.Context(), func(tx *store.Tx) error { return compareByChance(t, tx, site.ID, seed, chance) })
		if err != nil {
			t.Fatal(err)
		}
	}
}

func pick[T any](chance *rand.Rand, from []T) T { return from[chance.IntN(len(from))] }

func compareByChance(t *testing.T, tx *store.Tx, siteID string, seed uint64, chance *rand.Rand) error {
	site, err := tx.SiteByID(siteID)
	if err != nil {
		return err
	}
	everyone, err := tx.Everyone(site.Seq)
	if err != nil {
		return err
	}
	var users []store.User
	grantees := []store.Grant{{GranteeType: "group", Grantee: everyone.ID}}
	for i, role := range []string{"Viewer", "Explorer", "Creator"} {
		account := store.Account{Name: fmt.Sprintf("u%d-%d", seed, i)}
		if err := tx.AddAccount(&account); err != nil {
			return err
		}
		u := store.User{ID: newID(), Site: site.Seq, Account: account.Seq, SiteRole: role, AuthSetting: "ServerDefault"}
		if err := tx.AddUser(&u); err != nil {
			return err
		}
		users, grantees = append(users, u), append(grantees, store.Grant{GranteeType: "user", Grantee: u.ID})
	}
	for i := range 3 {
		g := store.Group{ID: newID(), Name: fmt.Sprintf("G%d", i)}
		if err := tx.AddGroup(site.Seq, &g); err != nil {
			return err
		}
		grantees = append(grantees, store.Grant{GranteeType: "group", Grantee: g.ID})
		for _, u := range users {
			if chance.IntN(2) == 0 {
				if _, err := tx.AddToGroup(g.Seq, u.Seq); err != nil {
					return err
				}
			}
		}
	}
	grant := func(p store.GrantPlace, capability string) error {
		for _, g := range grantees {
			if g.Capability, g.Mode = capability, pick(chance, []string{"Allow", "Allow", "Deny"}); chance.IntN(4) == 0 {
				if capability == "ProjectLeader" && (g.Mode == "Deny" || chance.IntN(4) > 0) {
					continue
				}
				if err := tx.AddGrant(p, g); err != nil {
					return err
				}
				if chance.IntN(5) == 0 {
					if _, err := tx.RemoveGrant(p, g); err != nil {
						return err
					}
				}
			}
		}
		return nil
	}
	admin, _, err := tx.Users(site.Seq, store.Query{Limit: 1})
	if err != nil {
		return err
	}
	owners := []store.User{admin[0], admin[0], admin[0], admin[0], users[0], users[2]}
	var projects []store.Project
	for i := range 8 {
		p := store.Project{ID: newID(), Name: fmt.Sprintf("P%d", i), Owner: pick(chance, owners),
			ContentPermissions: pick(chance, []string{"ManagedByOwner", "ManagedByOwner", "LockedToProject", "LockedToProjectWithoutNested"})}
		if i > 1 {
			p.Parent = pick(chance, projects).Seq
		}
		if err := tx.AddProject(site.Seq, &p); err != nil {
			return err
		}
		projects = append(projects, p)
		for content, capability := range map[string]string{"workbooks": "Read", "datasources": "Read"} {
			if err := grant(store.GrantPlace{Kind: "projects", Item: p.Seq, Content: content}, capability); err != nil {
				return err
			}
		}
		for _, capability := range []string{"Read", "ProjectLeader"} {
			if err := grant(store.GrantPlace{Kind: "projects", Item: p.Seq}, capability); err != nil {
				return err
			}
		}
	}
	for i := range 30 {
		w := store.Workbook{ID: newID(), Name: fmt.Sprintf("W%d", i), ContentURL: fmt.Sprintf("W%d", i), Project: pick(chance, projects),
			Owner: pick(chance, owners), ShowTabs: chance.IntN(2) == 0, Kind: "twb", Blob: "none"}
		if err := tx.AddWorkbook(site.Seq, &w); err != nil {
			return err
		}
		if err := grant(store.GrantPlace{Kind: "workbooks", Item: w.Seq}, "Read"); err != nil {
			return err
		}
		if err := tx.SetViews(site.Seq, w.Seq, []store.View{{ID: newID(), Name: "V", URLName: "V", SheetType: "worksheet", Position: 1}}); err != nil {
			return err
		}
		d := store.DataSource{ID: newID(), Name: w.Name, ContentURL: w.ContentURL, Project: pick(chance, projects), Owner: pick(chance, owners),
			Kind: "tds", Blob: "none"}
		if err := tx.AddDataSource(site.Seq, &d); err != nil {
			return err
		}
		if err := grant(store.GrantPlace{Kind: "datasources", Item: d.Seq}, "Read"); err != nil {
			return err
		}
		if chance.IntN(3) == 0 {
			w.ShowTabs = !w.ShowTabs
			if err := tx.UpdateWorkbook(w); err != nil {
				return err
			}
		}
	}
	for _, u := range users {
		if err := agree(t, tx, site.Seq, u, tx.Projects, securedProject); err != nil {
			return err
		}
		if err := agree(t, tx, site.Seq, u, tx.DataSources, securedDataSource); err != nil {
			return err
		}
		if err := agree(t, tx, site.Seq, u, func(site int64, q store.Query) ([]store.Workbook, int64, error) { return tx.Workbooks(site, 0, q) }, securedWorkbook); err != nil {
			return err
		}
		if err := agree(t, tx, site.Seq, u, func(site int64, q store.Query) ([]store.View, int64, error) { return tx.Views(site, 0, q) }, securedView); err != nil {
			return err
		}
	}
	return nil
}

// agree compares the list for a user with what may decides of each item in the list of an administrator.
func agree[T any](t *testing.T, tx *store.Tx, site int64, u store.User, list func(int64, store.Query) ([]T, int64, error), of func(T) secured) error {
	t.Helper()
	all, _, err := list(site, store.Query{})
	if err != nil {
		return err
	}
	shown, total, err := list(site, store.Query{Reader: &u, Limit: 1000})
	if err != nil {
		return err
	}
	var got, want []string
	for _, item := range shown {
		got = append(got, of(item).id)
	}
	for _, item := range all {
		reads, err := may(tx, u, "Read", of(item))
		if err != nil {
			return err
		}
		if reads {
			want = append(want, of(item).id)
		}
	}
	if !slices.Equal(got, want) || total != int64(len(want)) {
		t.Errorf("a %s sees %d (total %d) of %d %T, and may read %d", u.SiteRole, len(got), total, len(all), all, len(want))
	}
	return nil
}
