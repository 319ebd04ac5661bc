package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestRows(t *testing.T) {
	t.Parallel()
	b := &bench{size: 1 << 30, items: 100_000}
	m := measurement{rows: []row{
		{task: "list %[1]s", ours: "ours", other: "rival", times: 2},
		{task: "send %[2]s", ours: "slow", other: "rival", times: 2},
		{task: "start", ours: "ours", within: time.Second},
		{task: "start", ours: "slow", within: time.Second},
		{task: "serve", ours: "often", rate: 90},
		{task: "serve", ours: "often", rate: 110},
		{task: "not installed", ours: "ours", other: "nobody"},
	}}
	got := b.rows(m, map[string]result{
		"ours":  {time: 500 * time.Millisecond, peak: 2_500_000},
		"slow":  {time: 1234567 * time.Microsecond},
		"rival": {time: time.Second},
		"often": {time: 2 * time.Second, count: 200},
	})
	want := `| list 100,000 | 500ms, 3 MB | rival 1s | 2 × | 2 × |
| send 1 GiB | 1.23s | rival 1s | 0.81 × | **2 ×, missed** |
| start | 500ms, 3 MB |  |  | 1s |
| start | 1.23s |  |  | **1s, missed** |
| serve | 100 a second |  |  | 90 |
| serve | 100 a second |  |  | **110, missed** |
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestWriteTable(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(path, []byte("before\n"+tableBegin+"old\n"+tableEnd+"after\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"first\n", "second\n"} {
		if err := writeTable(path, table); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); string(got) != "before\n"+tableBegin+"\nsecond\n\n"+tableEnd+"after\n" {
		t.Errorf("the page is %q, %v", got, err)
	}
	if err := os.WriteFile(path, []byte("no marks"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := writeTable(path, "table"); err == nil {
		t.Error("a page without marks was written")
	}
	if got, err := os.ReadFile(path); string(got) != "no marks" {
		t.Errorf("the page is %q, %v", got, err)
	}
}
