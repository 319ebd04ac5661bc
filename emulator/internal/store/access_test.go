package store_test

import (
	"fmt"
	"testing"

	"github.com/tabctl/tableau-go/emulator/internal/store"
)

// BenchmarkReader reads the last page of 20,000 workbooks as an administrator, and as a user who may read all of them by a
// rule for everyone on each.
func BenchmarkReader(b *testing.B) {
	s, err := store.Open("")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	var site store.Site
	reader := store.User{ID: "reader", SiteRole: "Explorer", AuthSetting: "ServerDefault", Created: now}
	err = s.Write(b.Context(), func(tx *store.Tx) error {
		var project store.Project
		if site, _, project, err = addSite(tx, "a"); err != nil {
			return err
		}
		account := store.Account{Name: "reader"}
		if err := tx.AddAccount(&account); err != nil {
			return err
		}
		reader.Site, reader.Account = site.Seq, account.Seq
		if err := tx.AddUser(&reader); err != nil {
			return err
		}
		everyone, err := tx.Everyone(site.Seq)
		if err != nil {
			return err
		}
		for i := range 20_000 {
			w, err := addWorkbook(tx, site, project, fmt.Sprint(i), "none")
			if err != nil {
				return err
			}
			w, err = tx.WorkbookNamed(project.Seq, w.Name)
			if err != nil {
				return err
			}
			rule := store.Grant{GranteeType: "group", Grantee: everyone.ID, Capability: "Read", Mode: "Allow"}
			if err := tx.AddGrant(store.GrantPlace{Kind: "workbooks", Item: w.Seq}, rule); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for name, who := range map[string]*store.User{"administrator": nil, "user": &reader} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				err := s.Read(b.Context(), func(tx *store.Tx) error {
					found, total, err := tx.Workbooks(site.Seq, 0, store.Query{Reader: who, Limit: 1000, Offset: 19_000})
					if err == nil && (len(found) != 1000 || total != 20_000) {
						err = fmt.Errorf("%d of %d workbooks", len(found), total)
					}
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
