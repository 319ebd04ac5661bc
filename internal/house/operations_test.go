package house

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tabctl/tableau-go/emulator"
)

// operation is a //tableau:op line of the client and the method below it.
type operation struct {
	call         string // "Workbooks.Get"
	verb, path   string
	since, retry string
	python       []string // of the Python client: "workbooks.get_by_id"
}

var (
	directive = regexp.MustCompile(`^//tableau:op (\S+) (\S+) since=(\S+) retry=(\S+) tsc=(\S+)$`)
	method    = regexp.MustCompile(`^func \(\w+ \*(\w+?)(?:Service)?\) (\w+)\(`)
)

func operations(t *testing.T) []operation {
	t.Helper()
	files, err := filepath.Glob(root + "/tableau/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var all []operation
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		var next *operation
		lines := bufio.NewScanner(file)
		for lines.Scan() {
			if match := directive.FindStringSubmatch(lines.Text()); match != nil {
				next = &operation{verb: match[1], path: match[2], since: match[3], retry: match[4], python: strings.Split(match[5], ",")}
			} else if match := method.FindStringSubmatch(lines.Text()); match != nil && next != nil {
				next.call = strings.TrimPrefix(match[1]+"."+match[2], "Client.")
				all = append(all, *next)
				next = nil
			}
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
		file.Close()
	}
	if len(all) < 30 {
		t.Fatalf("found only %d operations", len(all))
	}
	return all
}

// served reports whether the emulator has a route for an operation as a Python method uses it: of what its path leaves
// open, the kind of content is that of the method's group.
func served(o operation, python string) bool {
	group, _, _ := strings.Cut(python, ".")
	group = strings.ReplaceAll(group, "virtual_connections", "virtualConnections")
	path := o.path
	if group != "-" && group != "tags" && group != "users" {
		path = strings.NewReplacer("{content}/{id}", group+"/{id}", "{holder}", group).Replace(path)
	}
	return slices.ContainsFunc(emulator.Routes(), func(r emulator.Route) bool {
		return r.Method == o.verb && fits(path, r.Path)
	})
}

// fits reports whether two paths can be one: placeholders fit everything.
func fits(path, other string) bool {
	a, b := strings.Split(path, "/"), strings.Split(other, "/")
	return slices.EqualFunc(a, b, func(a, b string) bool {
		return strings.EqualFold(a, b) || strings.HasPrefix(a, "{") || strings.HasPrefix(b, "{")
	})
}

// TestPythonTable keeps the table in docs/from-tsc.md.
func TestPythonTable(t *testing.T) {
	t.Parallel()
	type row struct{ python, call, request, since, emulator string }
	var rows []row
	for _, o := range operations(t) {
		for _, python := range o.python {
			mark := "–"
			if served(o, python) {
				mark = "✓"
			}
			rows = append(rows, row{python, o.call, o.verb + " " + o.path, o.since, mark})
		}
	}
	slices.SortFunc(rows, func(a, b row) int {
		return strings.Compare(a.python+" "+a.call, b.python+" "+b.call)
	})
	var table strings.Builder
	table.WriteString("| tableauserverclient | here | request | since | emulator |\n|---|---|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&table, "| `%s` | `%s` | `%s` | %s | %s |\n", r.python, r.call, r.request, r.since, r.emulator)
	}
	keep(t, "from-tsc.md", "methods", table.String())
}

// TestRouteTable keeps the table in docs/emulator.md.
func TestRouteTable(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	table.WriteString("| method | request | since | who may call it | simplified |\n|---|---|---|---|---|\n")
	for _, r := range emulator.Routes() {
		fmt.Fprintf(&table, "| %s | `%s %s` | %s | %s | %s |\n", r.Name, r.Method, r.Path, r.Since, r.Caller, r.Simplified)
	}
	keep(t, "emulator.md", "routes", table.String())
}
