package store

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestPagesAreFoundInIndexes checks that what a page skips is neither read from a table nor sorted.
func TestPagesAreFoundInIndexes(t *testing.T) {
	t.Parallel()
	s, site := manyWorkbooks(t, 20)
	lists := map[string]func(*Tx, Query) error{
		"w": func(tx *Tx, q Query) error { _, _, err := tx.Workbooks(site, 0, q); return err },
		"v": func(tx *Tx, q Query) error { _, _, err := tx.Views(site, 0, q); return err },
		"d": func(tx *Tx, q Query) error { _, _, err := tx.DataSources(site, q); return err },
	}
	for alias, list := range lists {
		for _, sorts := range [][]Sort{nil, {{"name", false}}} {
			q := Query{Limit: 5, Offset: 10, Sorts: sorts}
			var plan []string
			err := s.Read(t.Context(), func(tx *Tx) error {
				tx.conn.forgetStatements()
				if err := list(tx, q); err != nil {
					return err
				}
				var page string
				for text := range tx.conn.statements {
					if strings.Contains(text, "OFFSET") {
						page = text[strings.Index(text, "IN (SELECT")+len("IN ("):]
						page = page[:strings.Index(page, " OFFSET ?")+len(" OFFSET ?")]
					}
				}
				var err error
				plan, err = query(tx, func(row scanner) (detail string, err error) {
					var id, parent, unused int
					err = row.Scan(&id, &parent, &unused, &detail)
					return detail, err
				}, "EXPLAIN QUERY PLAN "+page, site, 5, 10)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			want := "SEARCH " + alias + " USING COVERING INDEX"
			if len(plan) != 1 || !strings.HasPrefix(plan[0], want) {
				t.Errorf("the page of %s sorted by %v: %q, want one %s", alias, sorts, plan, want)
			}
		}
	}
}

func TestTablesFor(t *testing.T) {
	t.Parallel()
	const from = "workbooks w JOIN projects p ON p.seq = w.project\n\t\tJOIN users u ON u.seq = w.owner JOIN accounts a ON a.seq = u.account"
	tests := map[string]string{
		" WHERE w.site = ?":                   "workbooks w",
		" WHERE w.site = ? AND p.name = ?":    "workbooks w JOIN projects p ON p.seq = w.project",
		" WHERE a.name = ?":                   "workbooks w\n\t\tJOIN users u ON u.seq = w.owner JOIN accounts a ON a.seq = u.account",
		" WHERE p.id = ? AND u.site_role = ?": "workbooks w JOIN projects p ON p.seq = w.project\n\t\tJOIN users u ON u.seq = w.owner",
		" WHERE p.id = ? AND a.name = ?":      from,
	}
	for expression, want := range tests {
		if diff := cmp.Diff(want, tablesFor(from, expression)); diff != "" {
			t.Errorf("%s: %s", expression, diff)
		}
	}
}

// TestCountsFollowChanges counts while things are written: between changes, within one, and beside one on disk.
func TestCountsFollowChanges(t *testing.T) {
	t.Parallel()
	s, site := manyWorkbooks(t, 20)
	total := func(tx *Tx) int64 {
		t.Helper()
		_, total, err := tx.Workbooks(site, 0, Query{Limit: 5})
		if err != nil {
			t.Fatal(err)
		}
		return total
	}
	read := func() (n int64) {
		t.Helper()
		if err := s.Read(t.Context(), func(tx *Tx) error { n = total(tx); return nil }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	remove := func(n int, fail error) {
		t.Helper()
		err := s.Write(t.Context(), func(tx *Tx) error {
			w, err := tx.Workbook(site, fmt.Sprintf("workbook-%d", n))
			if err != nil {
				return err
			}
			before := total(tx)
			if err := tx.DeleteWorkbook(w.Seq); err != nil {
				return err
			}
			if after := total(tx); after != before-1 {
				t.Errorf("inside a change: %d, then %d", before, after)
			}
			return fail
		})
		if err != fail {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		do   func()
		want int64
	}{
		{func() {}, 20}, {func() {}, 20},
		{func() { remove(1, nil) }, 19},
		{func() { remove(2, context.Canceled) }, 19}, // taken back
		{func() { remove(2, nil) }, 18}, {func() {}, 18},
	} {
		step.do()
		if got := read(); got != step.want {
			t.Errorf("%d, want %d", got, step.want)
		}
	}
}

// TestCountsBesideChanges lists from a store on disk while another goroutine adds workbooks: rows and total must belong
// together.
func TestCountsBesideChanges(t *testing.T) {
	t.Parallel()
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	project, site := fill(t, s, 1)
	done := make(chan error)
	go func() {
		defer close(done)
		for i := range 60 {
			err := s.Write(t.Context(), func(tx *Tx) error {
				w := Workbook{ID: fmt.Sprint("more-", i), Name: fmt.Sprint("More ", i), ContentURL: fmt.Sprint("more", i), Kind: "twbx", Project: project,
					Owner: project.Owner, Created: time.Unix(1, 0)}
				return tx.AddWorkbook(site, &w)
			})
			if err != nil {
				done <- err
				return
			}
		}
	}()
	for running := true; running; {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			running = false
		default:
		}
		err := s.Read(t.Context(), func(tx *Tx) error {
			_, total, err := tx.Workbooks(site, 0, Query{Limit: 1})
			if err != nil {
				return err
			}
			all, _, err := tx.Workbooks(site, 0, Query{})
			if int64(len(all)) != total {
				t.Errorf("%d rows, and a total of %d", len(all), total)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
