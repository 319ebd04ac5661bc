package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/internal/sample"
	"github.com/tabctl/tableau-go/tableau"
)

func TestDemo(t *testing.T) {
	t.Parallel()
	p := start(t, []string{"TABLEAU_SERVER_URL=http://127.0.0.1:1", "TABLEAU_TOKEN_NAME=mine", "TABLEAU_TOKEN_VALUE=mine"}, "demo")
	out, code := p.end(t)
	if code != 0 {
		t.Fatalf("exit code %d\n%s\n%s", code, out, p.err.String())
	}
	sum := sha256.Sum256(sample.Workbook())
	for _, want := range []string{
		"Started a server at http://127.0.0.1:",
		`Created the project "tabctl demo"`,
		`Published the workbook "Bakery Deliveries"`,
		"\nNAME               PROJECT      MB  UPDATED",
		"\nNAME                 TYPE       CONTENT URL",
		"The bytes are the same as those published: SHA-256 " + hex.EncodeToString(sum[:]),
		"\nSigned out\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
	if !strings.Contains(p.err.String(), "Uploading BakeryDeliveries.twbx: 100%") {
		t.Errorf("no progress was shown: %q", p.err.String())
	}
	dir := filepath.Join(p.Dir, demoDir)
	want := []string{"Bakery Deliveries.pdf", "BakeryDeliveries.twbx"}
	for _, view := range []string{"Average Delivery", "Monthly Revenue", "Overview", "Quantity by Product", "Revenue by Region"} {
		want = append(want, view+".csv", view+".png")
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, fileNames(t, dir)); diff != "" {
		t.Errorf("files mismatch (-want +got):\n%s", diff)
	}
	if got := contents(t, dir, "BakeryDeliveries.twbx"); !bytes.Equal(got, sample.Workbook()) {
		t.Error("the downloaded workbook is not the sample")
	}
	for name, start := range map[string]string{"Overview.png": "\x89PNG", "Bakery Deliveries.pdf": "%PDF-", "Revenue by Region.csv": "Region,Category,Revenue"} {
		if !bytes.HasPrefix(contents(t, dir, name), []byte(start)) {
			t.Errorf("%s does not begin with %q", name, start)
		}
	}
}

func TestDemoOfAnotherFile(t *testing.T) {
	t.Parallel()
	file := asset(t, "SampleWB.twbx")
	p := start(t, nil, "demo", "--file", file)
	out, code := p.end(t)
	if code != 0 {
		t.Fatalf("exit code %d\n%s\n%s", code, out, p.err.String())
	}
	dir := filepath.Join(p.Dir, demoDir)
	if got := contents(t, dir, "SampleWB.twbx"); !bytes.Equal(got, contents(t, filepath.Dir(file), "SampleWB.twbx")) {
		t.Error("the downloaded workbook is not the published one")
	}
	if names := fileNames(t, dir); !slices.Contains(names, "GDP per Capita Dashboard.png") || !slices.Contains(names, "SampleWB.pdf") {
		t.Errorf("the files are %q", names)
	}
	if !strings.Contains(out, "No rows in: GDP per capita, ") {
		t.Errorf("the output does not say that extracts are not read:\n%s", out)
	}
}

func TestDemoOfNoWorkbook(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "broken.twbx")
	if err := os.WriteFile(file, []byte("not a workbook"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, nil, "demo", "--file", file)
	if _, code := p.end(t); code != exitFailed || !strings.Contains(p.err.String(), "400011") {
		t.Errorf("exit code %d, errors %q; want %d and 400011", code, p.err.String(), exitFailed)
	}
}

func TestDemoOnGivenServer(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	site := server.NewSite(t)
	for n, project := range []string{"tabctl demo", "tabctl demo 2"} {
		p := start(t, []string{"TABLEAU_TOKEN_VALUE=" + site.TokenSecret}, "demo",
			"--server", server.URL, "--site", site.ContentURL, "--token-name", site.TokenName)
		out, code := p.end(t)
		if code != 0 {
			t.Fatalf("run %d: exit code %d\n%s\n%s", n+1, code, out, p.err.String())
		}
		if want := "Created on " + server.URL + ": the project \"" + project + "\" ("; !strings.Contains(out, want) {
			t.Errorf("run %d: the output lacks %q:\n%s", n+1, want, out)
		}
		if strings.Contains(out+p.err.String(), site.TokenSecret) {
			t.Errorf("run %d shows the token's secret", n+1)
		}
	}
	c, err := tableau.New(server.URL, tableau.WithSite(site.ContentURL), tableau.WithCredentials(tableau.Password{Name: site.AdminName, Password: site.AdminPassword}))
	if err != nil {
		t.Fatal(err)
	}
	workbooks, err := tableau.Collect(c.Workbooks.List(t.Context(), tableau.Query{}), -1)
	if err != nil || len(workbooks) != 2 {
		t.Errorf("the server has %d workbooks, error %v; want one for each run", len(workbooks), err)
	}
}

// A rendering that fails is told, keeps the others from nothing, and makes the exit code 1.
func TestDemoTellsWhatFails(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	site := server.NewSite(t)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/pdf") {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `<tsResponse><error code="400000"><summary>Bad Request</summary><detail>Out of paper</detail></error></tsResponse>`)
			return
		}
		server.ServeHTTP(w, r)
	}))
	defer front.Close()
	p := start(t, []string{"TABLEAU_TOKEN_VALUE=" + site.TokenSecret}, "demo",
		"--server", front.URL, "--site", site.ContentURL, "--token-name", site.TokenName)
	out, code := p.end(t)
	if code != exitFailed {
		t.Errorf("exit code %d, want %d\n%s\n%s", code, exitFailed, out, p.err.String())
	}
	for _, want := range []string{"Out of paper", "could not be rendered: Bakery Deliveries.pdf"} {
		if !strings.Contains(p.err.String(), want) {
			t.Errorf("standard error lacks %q:\n%s", want, p.err.String())
		}
	}
	names := fileNames(t, filepath.Join(p.Dir, demoDir))
	if slices.Contains(names, "Bakery Deliveries.pdf") || !slices.Contains(names, "Overview.png") {
		t.Errorf("the files are %q; want all but the PDF", names)
	}
}

func TestDemoKeep(t *testing.T) {
	needSignals(t)
	t.Parallel()
	p := start(t, nil, "demo", "--keep")
	out := p.until(t, "curl http://")
	exports := regexp.MustCompile(`(?m)^  export (TABLEAU_\w+=\S+)$`).FindAllStringSubmatch(out, -1)
	if len(exports) != 3 {
		t.Fatalf("there are %d exports, want 3:\n%s", len(exports), out)
	}
	var env []string
	for _, export := range exports {
		env = append(env, export[1])
	}
	next := start(t, env, "workbooks", "list")
	if listed, code := next.end(t); code != 0 || !strings.Contains(listed, "Bakery Deliveries") {
		t.Errorf("workbooks list beside it: exit code %d, %q, %q", code, listed, next.err.String())
	}
	p.interrupt(t)
	if rest, code := p.end(t); code != 0 || !strings.Contains(rest, "Stopped the server") {
		t.Errorf("after Ctrl-C: exit code %d, output %q, errors %q", code, rest, p.err.String())
	}
}

func fileNames(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func contents(t *testing.T, dir, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}
