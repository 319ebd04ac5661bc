package store

import (
	"fmt"
	"testing"
	"time"
)

// manyWorkbooks returns a store with n workbooks on one site, and that site's seq.
func manyWorkbooks(tb testing.TB, n int) (*Store, int64) {
	tb.Helper()
	s, err := Open("")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	_, site := fill(tb, s, n)
	return s, site
}

// fill adds a site with a project and n workbooks, of one owner, and returns the project and the site's seq.
func fill(tb testing.TB, s *Store, n int) (project Project, siteSeq int64) {
	tb.Helper()
	now := time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)
	site := Site{ID: "site", Name: "Site", ContentURL: "site", State: "Active", Created: now}
	err := s.Write(tb.Context(), func(tx *Tx) error {
		if err := tx.AddSite(&site); err != nil {
			return err
		}
		account := Account{Name: "owner"}
		if err := tx.AddAccount(&account); err != nil {
			return err
		}
		user := User{ID: "user", Site: site.Seq, Account: account.Seq, SiteRole: "Creator", Created: now}
		if err := tx.AddUser(&user); err != nil {
			return err
		}
		project = Project{ID: "project", Name: "P", Owner: user, Created: now, Updated: now}
		if err := tx.AddProject(site.Seq, &project); err != nil {
			return err
		}
		for i := range n {
			w := Workbook{ID: fmt.Sprintf("workbook-%d", i), Name: fmt.Sprintf("Workbook %d", i), ContentURL: fmt.Sprintf("w%d", i),
				Kind: "twbx", Revision: 1, Bytes: int64(i), Project: project, Owner: user, Created: now, Updated: now, Published: now}
			if err := tx.AddWorkbook(site.Seq, &w); err != nil {
				return err
			}
			if err := tx.SetViews(site.Seq, w.Seq, []View{{ID: fmt.Sprintf("view-%d", i), Name: "V", URLName: "V", SheetType: "worksheet"}}); err != nil {
				return err
			}
			if err := tx.AddTags("workbooks", w.Seq, []string{"a", "b"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return project, site.Seq
}

// BenchmarkListPage reads the first and the last page of 1,000 from 100,000 workbooks.
func BenchmarkListPage(b *testing.B) {
	const rows, size = 100_000, 1000
	s, site := manyWorkbooks(b, rows)
	for name, q := range map[string]Query{
		"first":       {Limit: size},
		"last":        {Limit: size, Offset: rows - size},
		"last/named":  {Limit: size, Offset: rows - size, Filters: []Filter{{"ownerName", "eq", []string{"owner"}}}},
		"last/sorted": {Limit: size, Offset: rows - size, Sorts: []Sort{{"name", false}}},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				err := s.Read(b.Context(), func(tx *Tx) error {
					found, total, err := tx.Workbooks(site, 0, q)
					if err == nil && (len(found) != size || total != rows) {
						b.Fatal(len(found), total)
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
