package emulator_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/internal/sample"
)

// childDir makes the test binary a server on the directory it names.
const childDir = "EMULATOR_TEST_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		serveUntilKilled(dir)
	}
	os.Exit(m.Run())
}

func durableOptions(dir string) []emulator.Option {
	return []emulator.Option{emulator.WithDir(dir), emulator.WithAdmin("root", "pw"), emulator.WithToken("ci", "token-secret")}
}

func serveUntilKilled(dir string) {
	server, err := emulator.New(durableOptions(dir)...)
	if err == nil {
		_, err = server.Listen("127.0.0.1:0")
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(server.URL)
	select {}
}

// serverChild is a server that is a process of its own.
type serverChild struct {
	*os.Process
	kill func() // it, and wait until it has ended
}

// serveChild starts one on a directory, and signs in.
func serveChild(t *testing.T, dir string) (*user, serverChild) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	kill := sync.OnceFunc(func() { child.Process.Kill(); child.Wait() })
	t.Cleanup(kill)
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	u := &user{t: t, server: &emulator.Server{URL: strings.TrimSpace(url)}}
	u.signIn(byToken("ci", "token-secret", ""))
	return u, serverChild{child.Process, kill}
}

// TestNothingAcknowledgedIsLost kills a server while it is publishing and looks at what the next one has.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	u, child := serveChild(t, dir)
	stop := child.kill
	project := u.project("Kept", "")

	var mu sync.Mutex
	acknowledged := map[string]string{} // id by name
	enough := make(chan struct{})
	var publishers sync.WaitGroup
	for p := range 3 {
		publishers.Go(func() {
			for i := 0; ; i++ {
				name := fmt.Sprintf("w-%d-%d", p, i)
				id, ok := u.tryPublish(name)
				if !ok {
					return // the server is dead
				}
				mu.Lock()
				if acknowledged[name] = id; len(acknowledged) == 12 {
					close(enough)
				}
				mu.Unlock()
			}
		})
	}
	select {
	case <-enough:
	case <-time.After(time.Minute):
		t.Error("publishing takes too long")
	}
	stop() // kill -9, with requests under way
	publishers.Wait()

	reopened := emulator.Start(t, durableOptions(dir)...)
	after := &user{t: t, server: reopened, token: u.token, site: u.site} // the session is kept too
	if got := names(after.xml(200, "GET", "/sites/{site}/projects?filter=name:eq:Kept", ""), "project"); len(got) != 1 {
		t.Errorf("the project %s is lost", project)
	}
	for name, id := range acknowledged {
		w, _ := after.xml(200, "GET", "/sites/{site}/workbooks/"+id, "").find("workbook")
		if w.attr("name") != name || len(w.all("view")) != 5 {
			t.Errorf("workbook %s: %v with %d views", name, w.Attrs, len(w.all("view")))
		}
		if r := after.do("GET", "/sites/{site}/workbooks/"+id+"/content", "", nil); !bytes.Equal(r.body, sample.Workbook()) {
			t.Errorf("the file of %s is not what was published", name)
		}
	}
	// All of them are the same file, kept once; what the crash left over is gone.
	if files := storedFiles(t, dir); files != 1 {
		t.Errorf("%d files in the store, want 1", files)
	}
	if _, err := emulator.New(durableOptions(dir)...); err == nil {
		t.Error("two servers share a directory")
	}
}

// TestCrashInTheMiddleOfMixedWrites kills a server when half of about 1,000 writes of all kinds are done.
func TestCrashInTheMiddleOfMixedWrites(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	u, child := serveChild(t, dir)
	stop := child.kill
	grantee, _ := u.xml(201, "POST", "/sites/{site}/users", `<tsRequest><user name="grantee" siteRole="Viewer"/></tsRequest>`).find("user")

	const clients, writes = 16, 1000
	killAfter := writes / 2
	if raceDetector {
		killAfter = writes / 10
	}
	acknowledged := make(chan struct{}, 2*writes)
	var workers []*worker
	var atWork sync.WaitGroup
	for number := range clients {
		w := newWorker(u, number)
		w.acknowledge = func() { acknowledged <- struct{}{} }
		workers = append(workers, w)
		atWork.Go(func() {
			for i := 0; i < writes && w.step(i, grantee.attr("id")); i++ {
			}
		})
	}
	deadline := time.After(time.Minute)
	for range killAfter {
		select {
		case <-acknowledged:
		case <-deadline:
			t.Fatal("writing takes too long")
		}
	}
	stop() // kill -9, with requests under way
	atWork.Wait()
	leaveBehind(t, dir)

	reopened, err := emulator.New(durableOptions(dir)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reopened.Close() })
	if _, err := reopened.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	checkAll(t, &user{t: t, server: reopened, token: u.token, site: u.site, id: u.id}, dir, workers)
}

// leaveBehind adds what a crash can leave: an unfinished file, and a content that no row names.
func leaveBehind(t *testing.T, dir string) {
	t.Helper()
	orphan := filepath.Join(dir, "content", "ab", "cd", "abcd"+strings.Repeat("0", 60))
	if err := os.MkdirAll(filepath.Dir(orphan), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{orphan, filepath.Join(dir, "content", "incoming-1")} {
		if err := os.WriteFile(name, []byte("left behind"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// tryPublish publishes the sample workbook, and reports whether that was acknowledged.
func (u *user) tryPublish(name string) (id string, ok bool) {
	contentType, body := mixed(`<tsRequest><workbook name="`+name+`"/></tsRequest>`, "tableau_workbook", "any.twbx", sample.Workbook())
	r, err := u.trySend("POST", "/api/"+version+"/sites/"+u.site+"/workbooks", contentType, body)
	if err != nil || r.status != 201 {
		return "", false
	}
	w, _ := r.must(u.t, 201).find("workbook")
	return w.attr("id"), true
}

func TestReopening(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := emulator.New(durableOptions(dir)...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := first.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	u := &user{t: t, server: first}
	u.signIn(byToken("ci", "token-secret", ""))
	w := u.published("Sales")
	if err := first.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	// Another password and secret replace the earlier ones.
	second := emulator.Start(t, emulator.WithDir(dir), emulator.WithAdmin("root", "new"), emulator.WithToken("ci", "new-secret"))
	if second.DefaultSite().ID != first.DefaultSite().ID {
		t.Error("the default site has another id")
	}
	u = &user{t: t, server: second}
	if got := u.do("POST", "/auth/signin", "", []byte("<tsRequest>"+byPassword("root", "pw", "")+"</tsRequest>")).code(); got != "401001" {
		t.Errorf("the old password: %q", got)
	}
	u.signIn(byPassword("root", "new", ""))
	u.signIn(byToken("ci", "new-secret", ""))
	u.xml(200, "GET", "/sites/{site}/workbooks/"+w.attr("id"), "")
}
