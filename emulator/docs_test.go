package emulator_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/internal/sample"
)

// blocks are the examples of docs/emulator.md in a language, "" for commands.
func blocks(t *testing.T, language string) (found []string) {
	t.Helper()
	text, err := os.ReadFile("../docs/emulator.md")
	if err != nil {
		t.Fatal(err)
	}
	for i, part := range strings.Split(string(text), "```") {
		if code, ok := strings.CutPrefix(part, language+"\n"); ok && i%2 == 1 {
			found = append(found, code)
		}
	}
	if found == nil {
		t.Fatalf("docs/emulator.md has no example in %q", language)
	}
	return found
}

// TestDocumentedFiles starts with the seed and the directory that docs/emulator.md shows.
func TestDocumentedFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("bread.twbx", sample.Workbook())
	for _, block := range blocks(t, "yaml") {
		switch {
		case strings.HasPrefix(block, "domains:"):
			server := emulator.Start(t, emulator.WithDirectory(write("directory.yaml", []byte(block))))
			u := newSite(t, server)
			u.xml(201, "POST", "/sites/{site}/groups", `<tsRequest><group name="Bakers"><import source="ActiveDirectory" domainName="example.com" siteRole="Viewer"/></group></tsRequest>`)
		default:
			server := emulator.Start(t)
			if err := server.SeedFile(t.Context(), write("seed.yaml", []byte(block))); err != nil {
				t.Errorf("%v of\n%s", err, block)
			}
		}
	}
}

var curlLine = regexp.MustCompile(`^curl (?:-X (\w+) +)?SERVER(\S+)(?: -d '([^']*)'| --data-binary @seed\.yaml)?(?: +#.*)?$`)

// TestDocumentedRequests sends the requests to the control plane that docs/emulator.md shows, from top to bottom.
func TestDocumentedRequests(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t, emulator.WithConnectedApp("client", "id", "secret"))
	lines := 0
	for _, block := range blocks(t, "") {
		for line := range strings.Lines(block) {
			line = strings.TrimSpace(line)
			if !strings.HasPrefix(line, "curl ") {
				continue
			}
			lines++
			parts := curlLine.FindStringSubmatch(line)
			if parts == nil {
				t.Errorf("not understood: %s", line)
				continue
			}
			method, path, body := parts[1], parts[2], parts[3]
			if strings.Contains(line, "@seed.yaml") {
				body = "sites: [{workbooks: [{}]}]"
			}
			if method == "" {
				method = "GET"
				if body != "" {
					method = "POST"
				}
			}
			if strings.HasSuffix(path, "faults/ID") {
				path = strings.TrimSuffix(path, "ID") + firstFault(t, server.URL)
			}
			if status, answer := exchange(t, method, server.URL+path, body); status/100 != 2 {
				t.Errorf("%s\n%d %s", line, status, answer)
			}
		}
	}
	if lines < 10 {
		t.Errorf("docs/emulator.md shows %d requests", lines)
	}
}

func firstFault(t *testing.T, url string) string {
	t.Helper()
	_, answer := exchange(t, "GET", url+"/_emulator/faults", "")
	var faults []struct{ ID string }
	if err := json.Unmarshal(answer, &faults); err != nil || len(faults) == 0 {
		t.Fatalf("%v: %s", err, answer)
	}
	return faults[0].ID
}

func exchange(t *testing.T, method, url, body string) (status int, answer []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if answer, err = io.ReadAll(resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, answer
}

func TestDocumentedClock(t *testing.T) {
	t.Parallel()
	start := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	server := emulator.Start(t, emulator.WithClock(func() time.Time { return start }), emulator.WithJobTime(time.Minute))
	u := newSite(t, server)
	workbook := u.published("Sales").attr("id")
	daily := cloudTask("FullRefresh", "workbook", workbook, "Daily", `start="02:00:00" end="02:00:00"`, `hours="24"`, `weekDay="Thursday"`)
	u.xml(200, "POST", "/sites/{site}/tasks/extractRefreshes", daily)
	server.Advance(3 * time.Hour)
	if jobs := u.xml(200, "GET", "/sites/{site}/jobs", ""); len(jobs.all("backgroundJob")) != 1 {
		t.Errorf("jobs after three hours: %v", jobs)
	}
}
