package cli

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tabctl/tableau-go/emulator"
)

// siteEnvironment is what a site's own administrator has in the environment.
func siteEnvironment(server *emulator.Server, site emulator.Site) map[string]string {
	return map[string]string{
		"TABLEAU_SERVER_URL": server.URL, "TABLEAU_SITE": site.ContentURL, "TABLEAU_TOKEN_NAME": site.TokenName, "TABLEAU_TOKEN_VALUE": site.TokenSecret,
		"TABCTL_KEYRING": "off",
	}
}

// Tableau Cloud lists no sites.
func TestSiteIsFoundWithoutTheList(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	site := server.NewSite(t)
	server.Fault(emulator.Fault{Method: http.MethodGet, Path: "/sites", Status: http.StatusForbidden})
	code, stdout, stderr := runApp(t, siteEnvironment(server, site), "", "sites", "get", site.ContentURL, "-o", "json")
	if code != exitDone || !strings.Contains(stdout, site.ID) {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	code, stdout, stderr = runApp(t, siteEnvironment(server, site), "", "sites", "list")
	if code != exitForbidden {
		t.Errorf("list: exit code %d\n%s%s", code, stdout, stderr)
	}
}

func TestImportThatIsCutOffTellsWhatIsDone(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	site := server.NewSite(t)
	server.Fault(emulator.Fault{Method: http.MethodPost, Path: "/sites/*/users", After: 1, Effect: emulator.EndSession})
	file := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(file, []byte("cut-ann,,,viewer\ncut-bob,,,viewer\ncut-cora,,,viewer\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := runApp(t, siteEnvironment(server, site), "", "users", "import", file, "-o", "csv")
	if want := "name,siteRole,outcome,error\ncut-ann,Viewer,added,\n"; stdout != want {
		t.Errorf("standard output is %q, want %q", stdout, want)
	}
	if code != exitSignIn || !strings.Contains(stderr, "401002") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}
