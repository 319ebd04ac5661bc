package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	_ "modernc.org/sqlite" // to read the emulator's data when it has ended

	"github.com/tabctl/tableau-go/tableau"
)

// audit compares what the server has with what the clients know.
func (s *soak) audit(ctx context.Context, admin *tableau.Client) {
	s.auditJobs(ctx, admin)
	for _, k := range kinds {
		s.auditKind(ctx, admin, k)
	}
	// Uploads that nobody has ended live for a day; the next upload finds them.
	if err := s.control("POST", "clock", map[string]string{"advance": "25h"}, nil); err != nil {
		s.tally.problem("the clock: %v", err)
	}
	if _, err := admin.FileUploads.Start(ctx); err != nil {
		s.tally.problem("beginning an upload: %v", err)
	}
}

// auditJobs waits until no job is left, and looks for those that were
// acknowledged.
func (s *soak) auditJobs(ctx context.Context, admin *tableau.Client) {
	open := func() int {
		n := 0
		for job, err := range admin.Jobs.List(ctx, tableau.Query{}) {
			if err != nil {
				s.tally.problem("listing jobs: %v", err)
				return 0
			}
			if job.Status == tableau.JobPending || job.Status == tableau.JobInProgress {
				n++
			}
		}
		return n
	}
	if n, ok := settle(open, func(n int) bool { return n == 0 }); !ok {
		s.tally.problem("%d jobs do not end", n)
	}
	status := map[string]tableau.JobStatus{}
	for job, err := range admin.Jobs.List(ctx, tableau.Query{}) {
		if err != nil {
			s.tally.problem("listing jobs: %v", err)
			return
		}
		if status[job.ID] != "" {
			s.tally.problem("the job %s is there twice", job.ID)
		}
		status[job.ID] = job.Status
	}
	for _, w := range s.workers {
		for _, id := range w.jobs {
			if got := status[id]; got != tableau.JobSuccess {
				s.tally.problem("client %d: the job %s has the status %q", w.number, id, got)
			}
		}
	}
}

// auditKind looks for each item, and for what is no client's.
func (s *soak) auditKind(ctx context.Context, admin *tableau.Client, k *kind) {
	there := map[string]found{}
	for f, err := range k.list(ctx, admin, tableau.Query{}) {
		if err != nil {
			s.tally.problem("listing %ss: %v", k.name, err)
			return
		}
		if _, twice := there[f.name]; twice {
			s.tally.problem("the %s %s is there twice", k.name, f.name)
		}
		there[f.name] = f
	}
	for _, w := range s.workers {
		for _, i := range w.of(k) {
			f, ok := there[i.name]
			delete(there, i.name)
			switch {
			case ok:
				s.auditItem(ctx, admin, w, i, f)
			case !i.unsure:
				s.tally.problem("client %d: the %s %s was acknowledged and is lost", w.number, k.name, i.name)
			}
		}
	}
	for name := range there {
		if _, ours := strings.CutPrefix(name, k.name[:1]+"-"); ours {
			s.tally.problem("the %s %s is there, and was deleted or never made", k.name, name)
		}
	}
}

func (s *soak) auditItem(ctx context.Context, admin *tableau.Client, w *worker, i *item, f found) {
	seen := []found{f}
	if i.kind == &groups {
		members, err := getGroup(ctx, admin, f.id)
		if err != nil {
			s.tally.problem("client %d: the members of %s: %v", w.number, i.name, err)
		} else {
			seen = append(seen, members)
		}
	}
	if i.kind == &workbooks || i.kind == &dataSources {
		i.id = f.id
		content, err := w.fetch(ctx, i, false)
		if err != nil {
			s.tally.problem("client %d: the file of %s: %v", w.number, i.name, err)
		} else {
			seen = append(seen, found{id: f.id, fields: map[string]string{"content": content}})
		}
	}
	for _, one := range seen {
		for _, text := range i.differences(one) {
			s.tally.problem("client %d: the %s %s in the end: %s", w.number, i.kind.name, i.name, text)
		}
	}
}

// auditDirectory looks at the data of the emulator that has ended: each row has
// its file and each file its row, and no upload is older than it may be.
func (s *soak) auditDirectory() {
	complaints, err := s.server.complaints()
	if err != nil {
		s.tally.problem("the emulator's log: %v", err)
	}
	for _, line := range complaints {
		s.tally.problem("the emulator has logged: %s", line)
	}
	db, err := sql.Open("sqlite", filepath.Join(s.server.data, "emulator.db"))
	if err != nil {
		s.tally.problem("the data: %v", err)
		return
	}
	defer db.Close()
	texts := func(query string) (all []string) {
		rows, err := db.Query(query)
		if err != nil {
			s.tally.problem("the data: %v", err)
			return nil
		}
		defer rows.Close()
		for rows.Next() {
			var one string
			if err := rows.Scan(&one); err != nil {
				s.tally.problem("the data: %v", err)
			}
			all = append(all, one)
		}
		if err := rows.Err(); err != nil {
			s.tally.problem("the data: %v", err)
		}
		return all
	}
	if got := texts("PRAGMA integrity_check"); !slices.Equal(got, []string{"ok"}) {
		s.tally.problem("the database is broken: %v", got)
	}
	if got := texts(`SELECT "table" FROM pragma_foreign_key_check`); len(got) > 0 {
		s.tally.problem("rows point to nothing: %v", got)
	}
	if got := texts("SELECT session_id FROM uploads"); len(got) != 1 {
		s.tally.problem("%d uploads are there, want the last one", len(got))
	}
	for table, item := range map[string]string{"tags": "item", "favorites": "item", "grants": "item", "revisions": "item"} {
		for _, kind := range []string{"workbooks", "datasources"} {
			if got := texts("SELECT " + item + " FROM " + table + " WHERE kind = '" + kind + "' AND " + item + " NOT IN (SELECT seq FROM " + kind + ")"); len(got) > 0 {
				s.tally.problem("%d rows of %s belong to deleted %s", len(got), table, kind)
			}
		}
	}
	named := map[string]bool{}
	for _, table := range texts("SELECT t.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND c.name = 'blob'") {
		for _, name := range texts(`SELECT DISTINCT blob FROM "` + table + `" WHERE blob <> ''`) {
			named[name] = true
		}
	}
	// A content is a file, or a directory of the parts that it came in: ab/cd/abcd….
	err = filepath.WalkDir(filepath.Join(s.server.data, "content"), func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() && len(entry.Name()) < 2*sha256.Size {
			return err
		}
		if !named[entry.Name()] {
			s.tally.problem("the content %s in the emulator's data belongs to nothing", entry.Name())
		}
		delete(named, entry.Name())
		if entry.IsDir() {
			return fs.SkipDir
		}
		return nil
	})
	if err != nil {
		s.tally.problem("the data: %v", err)
	}
	for name := range named {
		s.tally.problem("the content %s in the emulator's data is missing", name)
	}
}
