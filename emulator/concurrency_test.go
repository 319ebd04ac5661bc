package emulator_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/internal/sample"
)

// variant is the sample workbook with something after its end, which makes it another file with the same sheets.
func variant(n int) []byte {
	return append(sample.Workbook(), fmt.Sprintf("variant %d", n)...)
}

// worker is one of many users at work at once, and what it was told.
type worker struct {
	*user
	number      int
	random      *rand.Rand
	acknowledge func() // called for each acknowledged change

	workbooks map[string]*kept // by ID: what must be there
	deleted   []string         // IDs of workbooks
	projects  map[string]bool  // names
	members   map[string]bool  // names of users
}

// kept is a workbook as it was last acknowledged.
type kept struct {
	name, description string
	variant           int
	publications      int64
	tags              []string
	grant             string // capability of a grant to somebody, or ""
	unsure            bool   // a change was sent and not answered
}

func newWorker(u *user, number int) *worker {
	return &worker{user: u, number: number, random: rand.New(rand.NewPCG(uint64(number), 1)), acknowledge: func() {},
		workbooks: map[string]*kept{}, projects: map[string]bool{}, members: map[string]bool{}}
}

func (w *worker) anyWorkbook() (string, *kept) {
	ids := make([]string, 0, len(w.workbooks))
	for id := range w.workbooks {
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return "", nil
	}
	slices.Sort(ids)
	id := ids[w.random.IntN(len(ids))]
	return id, w.workbooks[id]
}

// step makes one change, or looks something up, and reports whether the server is still there. What is refused is an error.
func (w *worker) step(i int, grantee string) bool {
	id, workbook := w.anyWorkbook()
	kind := w.random.IntN(10)
	if workbook == nil && kind != 7 && kind != 8 {
		kind = 0
	}
	path := "/sites/" + w.site + "/workbooks"
	send := func(want int, method, path, contentType string, body []byte) (node, bool) {
		r, err := w.trySend(method, "/api/"+version+path, contentType, body)
		if err != nil {
			return node{}, false
		}
		if r.status != want {
			w.t.Errorf("%s %s: status %d, want %d: %s", method, path, r.status, want, r.body)
			return node{}, false
		}
		w.acknowledge()
		return r.must(w.t, want), true
	}
	publish := func(name string, n int, query string) (string, bool) {
		contentType, body := mixed(`<tsRequest><workbook name="`+name+`"/></tsRequest>`, "tableau_workbook", "any.twbx", variant(n))
		document, ok := send(201, "POST", path+query, contentType, body)
		made, _ := document.find("workbook")
		return made.attr("id"), ok
	}
	sure := func(ok bool) bool {
		workbook.unsure = !ok
		return ok
	}
	switch kind {
	case 0, 1: // another workbook; its file may be others' too
		name, n := fmt.Sprintf("w-%d-%d", w.number, i), w.random.IntN(20)
		made, ok := publish(name, n, "")
		if ok {
			w.workbooks[made] = &kept{name: name, variant: n, publications: 1}
		}
		return ok
	case 2: // another revision
		n := w.random.IntN(20)
		made, ok := publish(workbook.name, n, "?overwrite=true")
		if !sure(ok) {
			return false
		}
		if made != id {
			w.t.Errorf("the workbook %s became %s", id, made)
		}
		workbook.variant = n
		workbook.publications++
		return true
	case 3:
		description := fmt.Sprintf("description %d", i)
		_, ok := send(200, "PUT", path+"/"+id, "text/xml", []byte(`<tsRequest><workbook description="`+description+`"/></tsRequest>`))
		if sure(ok) {
			workbook.description = description
		}
		return ok
	case 4:
		tag := fmt.Sprintf("tag-%d", i)
		_, ok := send(200, "PUT", path+"/"+id+"/tags", "text/xml", []byte(`<tsRequest><tags><tag label="`+tag+`"/></tags></tsRequest>`))
		if sure(ok) {
			workbook.tags = append(workbook.tags, tag)
		}
		return ok
	case 5:
		_, ok := send(204, "DELETE", path+"/"+id, "", nil)
		if sure(ok) {
			delete(w.workbooks, id)
			w.deleted = append(w.deleted, id)
		}
		return ok
	case 6:
		capability := []string{"Read", "Filter", "Write"}[w.random.IntN(3)]
		_, ok := send(200, "PUT", path+"/"+id+"/permissions", "text/xml", []byte(`<tsRequest><permissions><granteeCapabilities><user id="`+grantee+
			`"/><capabilities><capability name="`+capability+`" mode="Allow"/></capabilities></granteeCapabilities></permissions></tsRequest>`))
		if sure(ok) {
			workbook.grant = capability
		}
		return ok
	case 7:
		name := fmt.Sprintf("p-%d-%d", w.number, i)
		_, ok := send(201, "POST", "/sites/"+w.site+"/projects", "text/xml", []byte(`<tsRequest><project name="`+name+`"/></tsRequest>`))
		w.projects[name] = ok
		return ok
	case 8:
		name := fmt.Sprintf("u-%d-%d", w.number, i)
		_, ok := send(201, "POST", "/sites/"+w.site+"/users", "text/xml", []byte(`<tsRequest><user name="`+name+`" siteRole="Viewer"/></tsRequest>`))
		w.members[name] = ok
		return ok
	default:
		r, err := w.trySend("GET", "/api/"+version+path+"?pageSize=100&sort=name:asc", "", nil)
		if err != nil {
			return false
		}
		if r.status != 200 {
			w.t.Errorf("listing: status %d: %s", r.status, r.body)
		}
		return true
	}
}

// check compares what the server has with what it has acknowledged.
func (w *worker) check(u *user) {
	t := w.t
	for _, id := range w.deleted {
		if got := u.do("GET", "/sites/{site}/workbooks/"+id, "", nil).status; got != 404 {
			t.Errorf("a workbook that was deleted answers %d", got)
		}
	}
	for id, want := range w.workbooks {
		r := u.do("GET", "/sites/{site}/workbooks/"+id, "", nil)
		if want.unsure && r.status == 404 {
			continue
		}
		got, _ := r.must(t, 200).find("workbook")
		if len(got.all("view")) != 5 {
			t.Errorf("%s has %d views", want.name, len(got.all("view")))
		}
		file := u.do("GET", "/sites/{site}/workbooks/"+id+"/content", "", nil)
		if file.status != 200 {
			t.Errorf("%s has no file: status %d", want.name, file.status)
		}
		if want.unsure {
			continue
		}
		if got.attr("name") != want.name || got.attr("description") != want.description {
			t.Errorf("the workbook is %q with %q, want %q with %q", got.attr("name"), got.attr("description"), want.name, want.description)
		}
		if !slices.Equal(file.body, variant(want.variant)) {
			t.Errorf("the file of %s is not what was published last", want.name)
		}
		var tags []string
		for _, tag := range got.all("tag") {
			tags = append(tags, tag.attr("label"))
		}
		if diff := cmp.Diff(sorted(want.tags), sorted(tags)); diff != "" {
			t.Errorf("tags of %s:\n%s", want.name, diff)
		}
		if want.grant != "" {
			found := false
			for _, c := range u.xml(200, "GET", "/sites/{site}/workbooks/"+id+"/permissions", "").all("capability") {
				found = found || c.attr("name") == want.grant
			}
			if !found {
				t.Errorf("the permission on %s is lost", want.name)
			}
		}
	}
}

// everyName returns the names of all items of a list.
func (u *user) everyName(path, element string) map[string]bool {
	found := map[string]bool{}
	for page := 1; ; page++ {
		some := names(u.xml(200, "GET", fmt.Sprintf("%s?pageSize=1000&pageNumber=%d", path, page), ""), element)
		for _, name := range some {
			found[name] = true
		}
		if len(some) < 1000 {
			return found
		}
	}
}

// checkAll checks what all workers were told, and then the rows and files of the server, which it closes.
func checkAll(t *testing.T, u *user, dir string, workers []*worker) {
	t.Helper()
	projects, members := u.everyName("/sites/{site}/projects", "project"), u.everyName("/sites/{site}/users", "user")
	revisions := map[string]int64{}
	for _, w := range workers {
		w.check(u)
		for name, acknowledged := range w.projects {
			if acknowledged && !projects[name] {
				t.Errorf("the project %s is lost", name)
			}
		}
		for name, acknowledged := range w.members {
			if acknowledged && !members[name] {
				t.Errorf("the user %s is lost", name)
			}
		}
		for id, one := range w.workbooks {
			if !one.unsure {
				revisions[id] = one.publications
			}
		}
	}
	if err := u.server.Close(); err != nil {
		t.Fatal(err)
	}
	checkDirectory(t, dir, revisions)
}

// checkDirectory looks at a closed server's data from outside: every row has its file and every file its row, no item is
// half there, and revisions count publications.
func checkDirectory(t *testing.T, dir string, revisions map[string]int64) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "emulator.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	texts := func(query string) (all []string) {
		rows, err := db.Query(query)
		if err != nil {
			t.Fatalf("%v in %s", err, query)
		}
		defer rows.Close()
		for rows.Next() {
			var one string
			if err := rows.Scan(&one); err != nil {
				t.Fatal(err)
			}
			all = append(all, one)
		}
		return all
	}
	if got := texts("PRAGMA integrity_check"); !slices.Equal(got, []string{"ok"}) {
		t.Errorf("the database is broken: %v", got)
	}
	if got := texts("SELECT \"table\" FROM pragma_foreign_key_check"); len(got) > 0 {
		t.Errorf("rows point to nothing: %v", got)
	}
	if got := texts("SELECT name FROM workbooks w WHERE (SELECT count(*) FROM views WHERE workbook = w.seq) <> 5"); len(got) > 0 {
		t.Errorf("workbooks without their views: %v", got)
	}
	if got := texts("SELECT name FROM workbooks w WHERE NOT EXISTS (SELECT 1 FROM connections WHERE workbook = w.seq)"); len(got) > 0 {
		t.Errorf("workbooks without their connections: %v", got)
	}
	for id, want := range revisions {
		var got int64
		if err := db.QueryRow("SELECT revision FROM workbooks WHERE id = ?", id).Scan(&got); err != nil || got != want {
			t.Errorf("the workbook %s has revision %d after %d publications: %v", id, got, want, err)
		}
	}
	named := map[string]bool{}
	for _, table := range texts("SELECT t.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND c.name = 'blob'") {
		for _, hash := range texts(`SELECT DISTINCT blob FROM "` + table + `" WHERE blob <> ''`) {
			named[hash] = true
		}
	}
	files := map[string]bool{}
	err = filepath.WalkDir(filepath.Join(dir, "content"), func(_ string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files[entry.Name()] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(named, files); diff != "" {
		t.Errorf("contents that rows name (-), files (+):\n%s", diff)
	}
}

// TestManyAtOnce lets 64 clients publish, update, delete and list at once.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	for name, onDisk := range map[string]bool{"memory": false, "disk": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, steps := t.TempDir(), 15
			if raceDetector {
				steps = 2
			}
			var opts []emulator.Option
			if onDisk {
				opts = []emulator.Option{emulator.WithDir(dir)}
			}
			server := emulator.Start(t, opts...)
			admin := newSite(t, server)
			grantee, _ := admin.xml(201, "POST", "/sites/{site}/users", `<tsRequest><user name="grantee-`+name+`" siteRole="Viewer"/></tsRequest>`).find("user")
			shared := admin.published("Shared").attr("id") // everybody tags and overwrites this one
			const clients = 64
			var workers []*worker
			var atWork sync.WaitGroup
			for number := range clients {
				w := newWorker(admin, number)
				workers = append(workers, w)
				atWork.Go(func() {
					for i := range steps {
						if !w.step(i, grantee.attr("id")) {
							t.Errorf("client %d gets no answer", number)
							return
						}
					}
					r, err := w.trySend("PUT", "/api/"+version+"/sites/"+w.site+"/workbooks/"+shared+"/tags", "text/xml",
						fmt.Appendf(nil, `<tsRequest><tags><tag label="of-%d"/></tags></tsRequest>`, number))
					if err != nil || r.status != 200 {
						t.Errorf("tagging: %v, status %d", err, r.status)
					}
					contentType, body := mixed(`<tsRequest><workbook name="Shared"/></tsRequest>`, "tableau_workbook", "any.twbx", variant(number))
					r, err = w.trySend("POST", "/api/"+version+"/sites/"+w.site+"/workbooks?overwrite=true", contentType, body)
					if err != nil || r.status != 201 {
						t.Errorf("overwriting: %v, status %d: %s", err, r.status, r.body)
					}
				})
			}
			atWork.Wait()
			w, _ := admin.xml(200, "GET", "/sites/{site}/workbooks/"+shared, "").find("workbook")
			if got := len(w.all("tag")); got != clients {
				t.Errorf("%d tags of %d clients", got, clients)
			}
			if !onDisk {
				for _, w := range workers {
					w.check(admin)
				}
				return
			}
			owner := newWorker(admin, clients)
			owner.workbooks[shared] = &kept{name: "Shared", publications: clients + 1, unsure: true} // nobody knows who was last
			workers = append(workers, owner)
			checkAll(t, admin, dir, workers)
			checkDirectory(t, dir, map[string]int64{shared: clients + 1})
		})
	}
}
