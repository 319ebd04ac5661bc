package tableau_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/internal/sample"
	"github.com/tabctl/tableau-go/tableau"
)

var update = flag.Bool("update", false, "write the tables into docs")

// trial is a kind of request that every fault is tried with.
type trial struct {
	name   string
	target func(*http.Request) bool
	plain  bool // the server numbers no blocks
	run    func(context.Context, *cell) error
	// check looks at the server afterwards, through a client of its own. acted is how often the server has said yes.
	check func(ctx context.Context, c *cell, err error, acted int) error
}

// cell is one fault tried with one kind of request, on a site of its own.
type cell struct {
	client, direct *tableau.Client
	transport      *faultyTransport
	project        *tableau.Project
	workbook       *tableau.Workbook
	job            *tableau.Job
	dir            string // for a download
	changed        []byte // what is published
	name           string // of what a get got
	items          []string
}

func asks(method, suffix, query string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		return r.Method == method && strings.Contains(r.URL.Path+"$", suffix) && strings.Contains("?"+r.URL.RawQuery+"&", query)
	}
}

var trials = []trial{
	{
		name: "sign-in", target: asks("POST", "/auth/signin$", ""),
		run: func(ctx context.Context, c *cell) error {
			if err := c.client.SignIn(ctx); err != nil {
				return err
			}
			_, err := c.client.Projects.Page(ctx, tableau.Query{})
			return err
		},
		check: func(context.Context, *cell, error, int) error { return nil },
	},
	{
		name: "list", target: asks("GET", "/projects$", "pageNumber=2&"),
		run: func(ctx context.Context, c *cell) error {
			for project, err := range c.client.Projects.List(ctx, tableau.Query{PageSize: 1, Sort: []tableau.Sort{tableau.Asc("name")}}) {
				if err != nil {
					return err
				}
				c.items = append(c.items, project.Name)
			}
			return nil
		},
		check: func(_ context.Context, c *cell, err error, _ int) error {
			if got := strings.Join(c.items, " "); err == nil && got != "Bakery default" && got != "Bakery Default" {
				return fmt.Errorf("the list is %q", got)
			}
			return nil
		},
	},
	{
		name: "get", target: asks("GET", "/workbooks/", ""),
		run: func(ctx context.Context, c *cell) error {
			workbook, err := c.client.Workbooks.Get(ctx, c.workbook.ID)
			if err == nil {
				c.name = workbook.Name
			}
			return err
		},
		check: func(_ context.Context, c *cell, err error, _ int) error {
			if err == nil && c.name != sample.Name {
				return fmt.Errorf("got workbook %q", c.name)
			}
			return nil
		},
	},
	{
		name: "create", target: asks("POST", "/projects$", ""),
		run: func(ctx context.Context, c *cell) error {
			_, err := c.client.Projects.Create(ctx, tableau.CreateProject{Name: "Fresh"})
			return err
		},
		check: func(ctx context.Context, c *cell, err error, acted int) error {
			page, listErr := c.direct.Projects.Page(ctx, tableau.Query{Filter: []tableau.Filter{tableau.Eq("name", "Fresh")}})
			if listErr != nil {
				return listErr
			}
			return once(err, acted, page.Total)
		},
	},
	{
		name: "update", target: asks("PUT", "/workbooks/", ""),
		run: func(ctx context.Context, c *cell) error {
			_, err := c.client.Workbooks.Update(ctx, c.workbook.ID, tableau.WorkbookUpdate{Description: new("changed")})
			return err
		},
		check: func(ctx context.Context, c *cell, err error, acted int) error {
			workbook, getErr := c.direct.Workbooks.Get(ctx, c.workbook.ID)
			if getErr != nil {
				return getErr
			}
			if changed := workbook.Description == "changed"; changed != (acted > 0) || err == nil && !changed {
				return fmt.Errorf("the description is %q although the server has acted %d times", workbook.Description, acted)
			}
			return nil
		},
	},
	{name: "publish", target: asks("POST", "/workbooks$", ""), run: publishWhole, check: publishedOnce},
	{name: "publish, numbered block", target: asks("PUT", "/fileUploads/", "sequenceID=2&"), run: publishBlocks, check: publishedOnce},
	{name: "publish, plain block", plain: true, target: asks("PUT", "/fileUploads/", ""), run: publishBlocks, check: publishedOnce},
	{name: "publish, commit", target: asks("POST", "/workbooks$", "uploadSessionId="), run: publishBlocks, check: publishedOnce},
	{
		name: "download", target: asks("GET", "/content$", ""),
		run: func(ctx context.Context, c *cell) error {
			_, err := c.client.Workbooks.DownloadFile(ctx, c.workbook.ID, c.dir, tableau.DownloadOptions{})
			return err
		},
		check: func(_ context.Context, c *cell, err error, _ int) error {
			entries, readErr := os.ReadDir(c.dir)
			if readErr != nil {
				return readErr
			}
			if err != nil {
				if len(entries) > 0 {
					return fmt.Errorf("the directory holds %v", entries)
				}
				return nil
			}
			if len(entries) != 1 {
				return fmt.Errorf("the directory holds %v", entries)
			}
			content, readErr := os.ReadFile(filepath.Join(c.dir, entries[0].Name()))
			if readErr == nil && !bytes.Equal(content, sample.Workbook()) {
				readErr = fmt.Errorf("the file has %d bytes that are not those of the workbook", len(content))
			}
			return readErr
		},
	},
	{
		name: "job wait", target: asks("GET", "/jobs/", ""),
		run: func(ctx context.Context, c *cell) error {
			_, err := c.client.Jobs.Wait(ctx, c.job.ID, tableau.WaitOptions{Interval: time.Millisecond})
			return err
		},
		check: func(context.Context, *cell, error, int) error { return nil },
	},
}

func publishWhole(ctx context.Context, c *cell) error {
	_, err := c.client.Workbooks.Publish(ctx, bytes.NewReader(c.changed), c.publication())
	return err
}

func publishBlocks(ctx context.Context, c *cell) error {
	_, err := c.client.Workbooks.Publish(ctx, io.MultiReader(bytes.NewReader(c.changed)), c.publication())
	return err
}

func (c *cell) publication() tableau.PublishWorkbook {
	return tableau.PublishWorkbook{Name: sample.Name, ProjectID: c.project.ID, Mode: tableau.Overwrite}
}

// publishedOnce looks at revisions and content of the workbook that was published over.
func publishedOnce(ctx context.Context, c *cell, err error, _ int) error {
	revisions, listErr := tableau.Collect(c.direct.Workbooks.Revisions(ctx, c.workbook.ID), -1)
	if listErr != nil {
		return listErr
	}
	var content bytes.Buffer
	if _, err := c.direct.Workbooks.Download(ctx, c.workbook.ID, &content, tableau.DownloadOptions{}); err != nil {
		return err
	}
	want := sample.Workbook()
	if len(revisions) == 2 {
		want = c.changed
	}
	if !bytes.Equal(content.Bytes(), want) {
		return fmt.Errorf("the content of revision %d is not what was sent", len(revisions))
	}
	return once(err, len(revisions)-1, len(revisions)-1)
}

// once refuses a change made twice, and one not made although the call succeeded.
func once(err error, acted, made int) error {
	if made > 1 || made != acted || err == nil && made != 1 {
		return fmt.Errorf("the change was made %d times, the server has acted %d times, and the call ended in %v", made, acted, err)
	}
	return nil
}

// patience is how long a cell may take. The longest waits twice for a second, and a busy machine is slow.
const patience = 20 * time.Second

// TestReliability tries every fault with every kind of request, once and each time, and keeps the table of
// docs/reliability.md. Each cell ends in success or in an error of a known class within its deadline, leaves nothing
// running, and has changed nothing twice.
func TestReliability(t *testing.T) {
	descriptors := openDescriptors(t)
	h := newHarness(t)
	tables := map[bool][][]string{}
	for _, always := range []bool{false, true} {
		tables[always] = make([][]string, len(wireFaults))
		for i := range wireFaults {
			tables[always][i] = make([]string, len(trials))
		}
	}
	var running sync.WaitGroup
	places := make(chan struct{}, 24) // most cells wait most of the time
	for _, always := range []bool{false, true} {
		for row, f := range wireFaults {
			for column, trial := range trials {
				running.Go(func() {
					places <- struct{}{}
					defer func() { <-places }()
					name := fmt.Sprintf("%s × %s", f.name, trial.name)
					if always {
						name += ", each time"
					}
					c := h.cell(t, f, trial, always)
					tables[always][row][column] = h.try(t, name, c, trial)
				})
			}
		}
	}
	running.Wait()
	if n := h.stolen.Load(); n > 0 {
		t.Errorf("another server was asked %d times", n)
	}
	if leaked := waitForGoroutines(t); leaked != "" {
		t.Errorf("still running:\n%s", leaked)
	}
	h.close()
	if now := openDescriptors(t); now > descriptors {
		t.Errorf("%d descriptors are open, %d were before", now, descriptors)
	}
	keepTable(t, "happens once", faultTable(tables[false]))
	keepTable(t, "happens each time", faultTable(tables[true]))
	keepTable(t, "faults", faultList())
}

// TestSessionEndsBeforeEachRequest ends the session before the first request of each operation, before the second, and
// so on: the client signs in again and goes on where it was.
func TestSessionEndsBeforeEachRequest(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	defer h.close()
	none := wireFault{}
	for _, trial := range trials {
		for number := int32(1); ; number++ {
			name := fmt.Sprintf("%s, request %d", trial.name, number)
			c := h.cell(t, none, trial, false)
			if err := c.client.SignIn(t.Context()); err != nil {
				t.Fatal(err)
			}
			c.transport.kill = number + c.transport.all.Load()
			if got := h.try(t, name, c, trial); !strings.HasPrefix(got, "ok") {
				t.Errorf("%s: %s", name, got)
			}
			if c.transport.all.Load() < c.transport.kill {
				break // all requests have been tried
			}
		}
	}
	if leaked := waitForGoroutines(t); leaked != "" {
		t.Errorf("still running:\n%s", leaked)
	}
}

// harness is what all cells share.
type harness struct {
	server    *emulator.Server
	transport *http.Transport // to the server, for all but the clients under test
	elsewhere *httptest.Server
	stolen    atomic.Int32 // requests that came elsewhere
}

func newHarness(t *testing.T) *harness {
	t.Helper()
	h := &harness{transport: &http.Transport{MaxIdleConnsPerHost: 32}}
	var err error
	if h.server, err = emulator.New(); err != nil {
		t.Fatal(err)
	}
	if _, err := h.server.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	h.elsewhere = httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { h.stolen.Add(1) }))
	return h
}

func (h *harness) close() {
	h.elsewhere.Close()
	h.server.Close()
	h.transport.CloseIdleConnections()
	refusing.CloseIdleConnections()
}

// cell prepares a site for one try.
func (h *harness) cell(t *testing.T, f wireFault, trial trial, always bool) *cell {
	ctx := t.Context()
	site := h.server.NewSite(t)
	credentials := tableau.Password{Name: site.AdminName, Password: site.AdminPassword}
	direct, err := tableau.New(h.server.URL, tableau.WithSite(site.ContentURL), tableau.WithCredentials(credentials),
		tableau.WithHTTPClient(&http.Client{Transport: h.transport}))
	if err != nil {
		t.Fatal(err)
	}
	c := &cell{direct: direct, dir: t.TempDir(), changed: append(sample.Workbook(), "trailing bytes are no part of a zip file"...)}
	c.project, err = direct.Projects.Create(ctx, tableau.CreateProject{Name: "Bakery"})
	if err == nil {
		c.workbook, err = direct.Workbooks.Publish(ctx, bytes.NewReader(sample.Workbook()), tableau.PublishWorkbook{Name: sample.Name, ProjectID: c.project.ID})
	}
	if err == nil && trial.name == "job wait" {
		c.job, err = direct.Workbooks.PublishAsJob(ctx, bytes.NewReader(sample.Workbook()), tableau.PublishWorkbook{Name: "By job", ProjectID: c.project.ID})
		if err == nil { // so that one look is enough
			_, err = direct.Jobs.Wait(ctx, c.job.ID, tableau.WaitOptions{Interval: time.Millisecond})
		}
	}
	if err != nil {
		t.Errorf("%s: %v", trial.name, err)
		return c
	}
	c.transport = &faultyTransport{normal: &http.Transport{}, fault: f, always: always, target: trial.target, plain: trial.plain}
	size := len(c.changed) / 3
	if trial.plain {
		size = len(c.changed) // one block, so that its repetitions can be told from others
	}
	c.transport.proxy = startProxy(t, h.server.URL, h.elsewhere.URL, h.transport)
	c.client, err = tableau.New(c.transport.proxy.url, tableau.WithSite(site.ContentURL), tableau.WithCredentials(credentials),
		tableau.WithHTTPClient(&http.Client{Transport: c.transport}), tableau.WithBlockSize(size),
		tableau.WithRetry(tableau.RetryOptions{LongestPause: 2 * time.Millisecond}))
	if err != nil {
		t.Error(err)
	}
	return c
}

// try runs the cell and says how it ended.
func (h *harness) try(t *testing.T, name string, c *cell, trial trial) (outcome string) {
	if c.client == nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var err error
	pprof.Do(ctx, pprof.Labels("cell of "+t.Name(), name), func(ctx context.Context) {
		err = trial.run(ctx, c)
		outcome = classOf(err)
		if outcome == "" || ctx.Err() != nil {
			t.Errorf("%s: ended after %d requests in %v, which is a %T", name, c.transport.seen.Load(), err, err)
		}
		if n := c.transport.seen.Load(); n != 1 {
			outcome += fmt.Sprintf(" (%d)", n)
		}
		c.transport.normal.CloseIdleConnections()
	})
	if err := trial.check(ctx, c, err, int(c.transport.proxy.acted.Load())); err != nil {
		t.Errorf("%s: ended in %s, and afterwards: %v", name, outcome, err)
	}
	c.transport.proxy.close()
	return outcome
}

// classOf names an error's class: "ok" when there is none, "" when it is of no class that the package tells of.
func classOf(err error) string {
	if err == nil {
		return "ok"
	}
	for _, class := range []struct {
		err  error
		name string
	}{
		{tableau.ErrUploadIncomplete, "ErrUploadIncomplete"}, {tableau.ErrSessionReplaced, "ErrSessionReplaced"},
		{tableau.ErrConnection, "ErrConnection"}, {tableau.ErrRateLimited, "ErrRateLimited"}, {tableau.ErrServer, "ErrServer"},
		{tableau.ErrUnauthorized, "ErrUnauthorized"}, {tableau.ErrConflict, "ErrConflict"}, {tableau.ErrNotFound, "ErrNotFound"},
		{tableau.ErrBadRequest, "ErrBadRequest"}, {tableau.ErrForbidden, "ErrForbidden"},
	} {
		if errors.Is(err, class.err) {
			return class.name
		}
	}
	if e, ok := errors.AsType[*tableau.Error](err); ok {
		return "Error: " + e.Summary
	}
	return ""
}

// waitForGoroutines returns what still runs of the goroutines of the test's cells, once they have had time to end. Each
// carries the name of its cell.
func waitForGoroutines(t *testing.T) string {
	label := fmt.Sprintf("{%q:", "cell of "+t.Name())
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		var profile bytes.Buffer
		if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
			return err.Error()
		}
		var leaked string
		for stack := range strings.SplitSeq(profile.String(), "\n\n") {
			if strings.Contains(stack, label) {
				leaked += stack + "\n"
			}
		}
		if leaked == "" || time.Now().After(deadline) {
			return leaked
		}
	}
}

// openDescriptors counts the open files and connections of the process where the system tells; else it is 0.
func openDescriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

func faultTable(rows [][]string) string {
	var b strings.Builder
	b.WriteString("| |")
	for _, trial := range trials {
		fmt.Fprintf(&b, " %s |", trial.name)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(trials)) + "\n")
	for i, row := range rows {
		fmt.Fprintf(&b, "| %s | %s |\n", wireFaults[i].name, strings.Join(row, " | "))
	}
	return b.String()
}

func faultList() string {
	var b strings.Builder
	for _, f := range wireFaults {
		fmt.Fprintf(&b, "- **%s**: %s\n", f.name, f.says)
	}
	return b.String()
}

// keepTable compares the table of that name in docs/reliability.md with this one, or writes it there with -update.
func keepTable(t *testing.T, name, table string) {
	t.Helper()
	path := filepath.Join("..", "docs", "reliability.md")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- begin "+name+" -->\n", "<!-- end "+name+" -->\n"
	before, rest, ok := strings.Cut(string(data), begin)
	got, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table: %s%s", path, begin, end)
	}
	switch {
	case got == table || t.Failed():
	case *update:
		if err := os.WriteFile(path, []byte(before+begin+table+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("the table %q in %s is not what happens: run go test ./tableau -run TestReliability -update\n%s", name, path, table)
	}
}
