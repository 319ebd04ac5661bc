package tableau_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/tabctl/tableau-go/tableau"
)

func TestVersionIsTheServersUnlessPinned(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/serverInfo") {
			answer(w, 200, `<serverInfo><productVersion build="20262.26.0603.1134">2026.2.0</productVersion><restApiVersion>3.29</restApiVersion></serverInfo>`)
			return
		}
		answer(w, 200, `<workbooks/>`)
	})
	c, err := tableau.New(server.URL, tableau.WithSession(signedIn))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := look(t, c); err != nil {
			t.Fatal(err)
		}
	}
	if err := look(t, server.client(t)); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, request := range server.requests() {
		got = append(got, request.Path)
	}
	workbooks := "/sites/" + siteID + "/workbooks"
	want := []string{"/api/2.4/serverInfo", "/api/3.29" + workbooks, "/api/3.29" + workbooks, "/api/3.27" + workbooks}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("paths\n got %v\nwant %v", got, want)
	}
	if token := server.requests()[0].Token; token != "" {
		t.Error("serverInfo was asked with the session's token")
	}
	info, err := c.Server.Info(t.Context())
	if err != nil || *info != (tableau.ServerInfo{ProductVersion: "2026.2.0", Build: "20262.26.0603.1134", RESTAPIVersion: "3.29"}) {
		t.Errorf("Info = %v, %v", info, err)
	}
}

func TestNotATableauServer(t *testing.T) {
	t.Parallel()
	for name, page := range map[string]struct {
		status int
		body   string
	}{
		"sign-on page":    {200, "<!DOCTYPE html><html><body>Sign in with your company account</body></html>"},
		"other XML":       {200, "<feed/>"},
		"empty response":  {200, `<tsResponse xmlns="http://tableau.com/api"/>`},
		"no version":      {200, `<tsResponse xmlns="http://tableau.com/api"><serverInfo><restApiVersion>Unknown</restApiVersion></serverInfo></tsResponse>`},
		"page not found":  {404, "<html><body>No such page</body></html>"},
		"text":            {200, "It works!"},
		"sign-on refusal": {403, "<html>forbidden</html>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(page.status)
				_, _ = io.WriteString(w, page.body)
			})
			c, err := tableau.New(server.URL, tableau.WithCredentials(pat))
			if err != nil {
				t.Fatal(err)
			}
			err = c.SignIn(t.Context())
			if _, ok := errors.AsType[*tableau.Error](err); !ok {
				t.Fatalf("error = %v (%T), want an *Error", err, err)
			}
			if !strings.Contains(err.Error(), "not a Tableau Server") && !strings.Contains(err.Error(), "unreadable answer") {
				t.Errorf("%q does not say that this is no Tableau Server", err)
			}
			for _, request := range server.requests() {
				if strings.Contains(string(request.Body), secret) {
					t.Error("the secret was sent to it")
				}
			}
		})
	}
}

func TestMethodsNewerThanTheVersionAreRefused(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, 200, ``) })
	c := server.client(t, tableau.WithAPIVersion("3.3"))
	err := c.Workbooks.PDF(t.Context(), "w", io.Discard, tableau.PDFOptions{})
	e, ok := errors.AsType[*tableau.UnsupportedVersionError](err)
	if !ok || !errors.Is(err, tableau.ErrUnsupportedVersion) || e.Needs != "3.4" || e.Speaking != "3.3" {
		t.Errorf("error = %v, want an UnsupportedVersionError of 3.4 and 3.3", err)
	}
	if n := len(server.requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]tableau.Version{{"2.4", "3.0"}, {"3.4", "3.10"}, {"3.9", "3.29"}, {"", "2.0"}} {
		if !pair[0].Less(pair[1]) || pair[1].Less(pair[0]) || pair[0].Less(pair[0]) {
			t.Errorf("%s is not less than %s", pair[0], pair[1])
		}
	}
	for _, text := range []string{"", "3", "3.", ".4", "Unknown", "3.4.5", "-1.2", "3.x"} {
		if _, err := tableau.ParseVersion(text); !errors.Is(err, tableau.ErrInvalidArgument) {
			t.Errorf("ParseVersion(%q) = %v, want ErrInvalidArgument", text, err)
		}
	}
}

func TestServerURLs(t *testing.T) {
	t.Parallel()
	for address, want := range map[string][2]string{
		"https://tableau.example.com":                                     {"https://tableau.example.com", ""},
		"tableau.example.com":                                             {"https://tableau.example.com", ""},
		" http://tableau.example.com:8000/ ":                              {"http://tableau.example.com:8000", ""},
		"https://example.com/tableau/":                                    {"https://example.com/tableau", ""},
		"https://10ax.online.tableau.com/#/site/marketing/home":           {"https://10ax.online.tableau.com", "marketing"},
		"https://10ax.online.tableau.com/#/site/marketing/workbooks/1?:x": {"https://10ax.online.tableau.com", "marketing"},
		"https://tableau.example.com/#/home":                              {"https://tableau.example.com", ""},
		"https://tableau.example.com/t/sales/views/Book/Sheet?:embed=y":   {"https://tableau.example.com", "sales"},
	} {
		c, err := tableau.New(address)
		if err != nil || c.URL() != want[0] || !strings.Contains(c.String(), `site "`+want[1]+`"`) {
			t.Errorf("New(%q) = %v, %v; want %v", address, c, err, want)
		}
	}
	for _, address := range []string{"", "ftp://x", "https://", "https://user:" + secret + "@host", "http://[::1", "https://a b"} {
		_, err := tableau.New(address)
		if !errors.Is(err, tableau.ErrInvalidArgument) || strings.Contains(err.Error(), secret) {
			t.Errorf("New(%q) = %v, want ErrInvalidArgument", address, err)
		}
	}
}
