package house

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// pair is a call of the Python client and the same with ours.
type pair struct{ python, ours string }

// pairs reads the calls from the function that keeps them compiled.
func pairs(t *testing.T) []pair {
	t.Helper()
	data, err := os.ReadFile(root + "/tableau/from_tsc_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, body, ok := strings.Cut(string(data), "(err error) {\n")
	if !ok {
		t.Fatal("the function that holds the calls is not found")
	}
	body, _, _ = strings.Cut(body, "\n\treturn err\n")
	var all []pair
	for _, block := range strings.Split(body, "\n\n") {
		var calls []string // several of Python may be one of ours
		code := strings.TrimSpace(block)
		for {
			comment, rest, _ := strings.Cut(code, "\n")
			call, isComment := strings.CutPrefix(comment, "// ")
			if !isComment {
				break
			}
			calls, code = append(calls, call), strings.TrimSpace(rest)
		}
		if len(calls) == 0 || code == "" {
			t.Errorf("not comments with a call below them:\n%s", block)
			continue
		}
		code = strings.Join(strings.Fields(strings.ReplaceAll(code, "\n", " ")), " ")
		for _, prefix := range []string{"_, err = ", "c, err = ", "err = ", "_ = "} {
			code = strings.TrimPrefix(code, prefix)
		}
		for _, call := range calls {
			all = append(all, pair{call, code})
		}
	}
	if len(all) < 50 {
		t.Fatalf("found only %d calls", len(all))
	}
	return all
}

// TestPythonCalls keeps the table of calls in docs/from-tsc.md and demands a
// call for every method of the Python client that ours stand for.
func TestPythonCalls(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	table.WriteString("| Python | Go |\n|---|---|\n")
	shown := map[string]bool{}
	name := regexp.MustCompile(`server\.(\w+\.\w+)`)
	for _, p := range pairs(t) {
		fmt.Fprintf(&table, "| `%s` | `%s` |\n", p.python, p.ours)
		for _, match := range name.FindAllStringSubmatch(p.python, -1) {
			shown[match[1]] = true
		}
	}
	for _, o := range operations(t) {
		for _, python := range o.python {
			if python != "-" && !shown[python] {
				t.Errorf("%s: no call of server.%s in tableau/from_tsc_test.go", o.call, python)
			}
		}
	}
	keep(t, "from-tsc.md", "calls", table.String())
}
