package tableau_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/tableau"
)

var (
	someGroup    = tableau.Grantee{Type: tableau.GranteeGroup, ID: "g"}
	someUser     = tableau.Grantee{Type: tableau.GranteeUser, ID: "u"}
	someWorkbook = tableau.Content{Type: tableau.ContentWorkbook, ID: "w"}
	someProject  = tableau.Content{Type: tableau.ContentProject, ID: "p"}
)

func init() {
	everything = append(everything, `<permissions><granteeCapabilities><group id="g"/><capabilities>`+
		`<capability name="Read" mode="Allow"/></capabilities></granteeCapabilities></permissions>`)
	arguments[reflect.TypeFor[tableau.Content]()] = someWorkbook
	arguments[reflect.TypeFor[tableau.ContentType]()] = tableau.ContentWorkbook
	arguments[reflect.TypeFor[tableau.PermissionRule]()] = tableau.Allow(someGroup, tableau.CapabilityRead)
	argumentsByName["holder"] = someProject
}

func TestRealPermissions(t *testing.T) {
	t.Parallel()
	got, err := serveAsset(t, "workbook_populate_permissions.xml").Permissions.List(t.Context(), someWorkbook)
	want := &tableau.Permissions{Rules: []tableau.PermissionRule{
		{
			Grantee: tableau.Grantee{Type: tableau.GranteeGroup, ID: "5e5e1978-71fa-11e4-87dd-7382f5c437af"},
			Capabilities: map[tableau.Capability]tableau.PermissionMode{
				tableau.CapabilityWebAuthoring: tableau.ModeAllow, tableau.CapabilityRead: tableau.ModeAllow,
				tableau.CapabilityFilter: tableau.ModeAllow, tableau.CapabilityAddComment: tableau.ModeAllow,
			},
		},
		{
			Grantee: tableau.Grantee{Type: tableau.GranteeUser, ID: "7c37ee24-c4b1-42b6-a154-eaeab7ee330a"},
			Capabilities: map[tableau.Capability]tableau.PermissionMode{
				tableau.CapabilityExportImage: tableau.ModeAllow, tableau.CapabilityShareView: tableau.ModeAllow,
				tableau.CapabilityExportData: tableau.ModeDeny, tableau.CapabilityViewComments: tableau.ModeDeny,
			},
		},
	}}
	decoded(t, want, got, err)
}

func TestRealDefaultPermissions(t *testing.T) {
	t.Parallel()
	c := serveAsset(t, "project_populate_virtualconnection_default_permissions.xml")
	got, err := c.Permissions.Defaults(t.Context(), someProject, tableau.ContentVirtualConnection)
	want := &tableau.Permissions{Rules: []tableau.PermissionRule{{
		Grantee: tableau.Grantee{Type: tableau.GranteeGroup, ID: "c8f2773a-c83a-11e8-8c8f-33e6d787b506"},
		Capabilities: map[tableau.Capability]tableau.PermissionMode{
			tableau.CapabilityRead: tableau.ModeAllow, tableau.CapabilityConnect: tableau.ModeAllow,
			tableau.CapabilityChangeHierarchy: tableau.ModeDeny, tableau.CapabilityDelete: tableau.ModeDeny,
			tableau.CapabilityChangePermissions: tableau.ModeDeny,
		},
	}}}
	decoded(t, want, got, err)
}

// What the schema allows and the recorded answers lack: a parent, a group set,
// a grantee's name, and a capability and a mode of a newer server.
func TestPermissionsOfOtherServers(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		answer(w, 200, `<permissions future="yes"><parent type="Project" id="p"/><workbook id="w"/><granteeCapabilities>`+
			`<groupSet id="s" name="All teams"/><capabilities><capability name="Fly" mode="Perhaps"/></capabilities></granteeCapabilities></permissions>`)
	}).client(t)
	got, err := c.Permissions.List(t.Context(), someWorkbook)
	if err != nil {
		t.Fatal(err)
	}
	if got.ParentProjectID != "p" || got.Extra.Get("future") != "yes" || len(got.Rules) != 1 {
		t.Fatalf("permissions = %+v", got)
	}
	rule := got.Rules[0]
	if rule.Grantee != (tableau.Grantee{Type: tableau.GranteeGroupSet, ID: "s"}) || rule.Extra.Get("name") != "All teams" || rule.Capabilities["Fly"] != "Perhaps" {
		t.Errorf("rule = %+v", rule)
	}
}

// permissionServer keeps the grants of one item as Tableau does: adding does
// not change a capability that stands with the other mode.
func permissionServer(t *testing.T, grants map[string]string) *fakeServer {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, below, _ := strings.Cut(r.URL.Path, "/permissions")
		switch r.Method {
		case "PUT":
			body, _ := io.ReadAll(r.Body)
			for _, capability := range []string{"Read", "Write", "Filter"} {
				for _, mode := range []string{"Allow", "Deny"} {
					if strings.Contains(string(body), fmt.Sprintf(`name=%q mode=%q`, capability, mode)) && grants[capability] == "" {
						grants[capability] = mode
					}
				}
			}
		case "DELETE":
			parts := strings.Split(below, "/") // "", groups, g, capability, mode
			if len(parts) != 5 || grants[parts[3]] != parts[4] {
				fault(w, 404, "404003")
				return
			}
			delete(grants, parts[3])
			w.WriteHeader(http.StatusNoContent)
			return
		}
		var capabilities strings.Builder
		for capability, mode := range grants {
			fmt.Fprintf(&capabilities, `<capability name="%s" mode="%s"/>`, capability, mode)
		}
		answer(w, 200, `<permissions><granteeCapabilities><group id="g"/><capabilities>`+capabilities.String()+`</capabilities></granteeCapabilities></permissions>`)
	})
}

func TestSetPermissions(t *testing.T) {
	t.Parallel()
	type grants = map[string]string
	const path = "/api/3.27/sites/" + siteID + "/workbooks/w/permissions"
	tests := []struct {
		name   string
		before grants
		rules  []tableau.PermissionRule
		after  grants
		sent   []string
	}{
		{
			"Allow becomes Deny", grants{"Read": "Allow", "Write": "Allow"},
			[]tableau.PermissionRule{tableau.Deny(someGroup, tableau.CapabilityWrite)},
			grants{"Read": "Allow", "Write": "Deny"},
			[]string{"GET " + path, "DELETE " + path + "/groups/g/Write/Allow", "PUT " + path},
		},
		{
			"nothing stood", grants{},
			[]tableau.PermissionRule{tableau.Allow(someGroup, tableau.CapabilityRead), tableau.Deny(someGroup, tableau.CapabilityFilter)},
			grants{"Read": "Allow", "Filter": "Deny"},
			[]string{"GET " + path, "PUT " + path},
		},
		{
			"it stands already", grants{"Read": "Allow"},
			[]tableau.PermissionRule{tableau.Allow(someGroup, tableau.CapabilityRead)},
			grants{"Read": "Allow"},
			[]string{"GET " + path},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := permissionServer(t, test.before)
			got, err := server.client(t).Permissions.Set(t.Context(), someWorkbook, test.rules...)
			if err != nil {
				t.Fatal(err)
			}
			told := grants{}
			for capability, mode := range got.Rules[0].Capabilities {
				told[string(capability)] = string(mode)
			}
			if diff := cmp.Diff(test.after, told); diff != "" {
				t.Errorf("permissions (-want +got)\n%s", diff)
			}
			var sent []string
			for _, r := range server.requests() {
				sent = append(sent, r.Method+" "+r.Path)
			}
			if diff := cmp.Diff(test.sent, sent); diff != "" {
				t.Errorf("requests (-want +got)\n%s", diff)
			}
		})
	}
}

func TestSetPermissionsThatFailsHalfWay(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case "GET":
			answer(w, 200, `<permissions><granteeCapabilities><group id="g"/><capabilities>`+
				`<capability name="Read" mode="Allow"/></capabilities></granteeCapabilities></permissions>`)
		case "PUT":
			fault(w, 400, "400009")
		}
	})
	_, err := server.client(t).Permissions.Set(t.Context(), someWorkbook, tableau.Deny(someGroup, tableau.CapabilityRead))
	if !errors.Is(err, tableau.ErrBadRequest) || !strings.Contains(err.Error(), "are deleted") {
		t.Errorf("error = %v, want the server's, and what has been deleted", err)
	}
}

func TestPermissionsRefused(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, 200, `<permissions/>`) })
	p := server.client(t).Permissions
	read := tableau.CapabilityRead
	tests := map[string]struct {
		call func() error
		says string
	}{
		"column": {func() error {
			_, err := p.List(t.Context(), tableau.Content{Type: tableau.ContentColumn, ID: "c"})
			return err
		}, "a column has no permissions"},
		"no type": {func() error {
			_, err := p.List(t.Context(), tableau.Content{ID: "c"})
			return err
		}, "no type of content"},
		"no ID": {func() error {
			_, err := p.List(t.Context(), tableau.Content{Type: tableau.ContentView})
			return err
		}, "the ID is empty"},
		"grantee without ID": {func() error {
			_, err := p.Add(t.Context(), someWorkbook, tableau.Allow(tableau.Grantee{Type: tableau.GranteeUser}, read))
			return err
		}, "the ID of the grantee"},
		"grantee without type": {func() error {
			return p.Delete(t.Context(), someWorkbook, tableau.Allow(tableau.Grantee{ID: "u"}, read))
		}, "the grantee's type"},
		"no capability": {func() error {
			_, err := p.Add(t.Context(), someWorkbook, tableau.Allow(someUser))
			return err
		}, "names no capability"},
		"contradiction": {func() error {
			_, err := p.Set(t.Context(), someWorkbook, tableau.Allow(someUser, read), tableau.Deny(someUser, read))
			return err
		}, "both to Allow and to Deny"},
		"defaults in a workbook": {func() error {
			_, err := p.Defaults(t.Context(), someWorkbook, tableau.ContentView)
			return err
		}, "has no default permissions"},
		"defaults for columns": {func() error {
			_, err := p.AddDefaults(t.Context(), someProject, tableau.ContentColumn, tableau.Allow(someUser, read))
			return err
		}, "has no default permissions"},
	}
	for name, test := range tests {
		if err := test.call(); !errors.Is(err, tableau.ErrInvalidArgument) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want ErrInvalidArgument with %q", name, err, test.says)
		}
	}
	if sent := server.requests(); len(sent) != 0 {
		t.Errorf("sent %v, want nothing", sent)
	}
}

func TestPermissionVersions(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, 200, `<permissions/>`) })
	database := tableau.Content{Type: tableau.ContentDatabase, ID: "d"}
	list := func(kind tableau.ContentType) func(*tableau.PermissionsService) error {
		return func(p *tableau.PermissionsService) error {
			_, err := p.List(t.Context(), tableau.Content{Type: kind, ID: "x"})
			return err
		}
	}
	defaults := func(holder tableau.Content, of tableau.ContentType) func(*tableau.PermissionsService) error {
		return func(p *tableau.PermissionsService) error {
			_, err := p.Defaults(t.Context(), holder, of)
			return err
		}
	}
	tests := []struct {
		before, since string
		call          func(*tableau.PermissionsService) error
	}{
		{"3.1", "3.2", list(tableau.ContentView)},
		{"3.2", "3.3", list(tableau.ContentFlow)},
		{"3.4", "3.5", list(tableau.ContentTable)},
		{"3.21", "3.22", list(tableau.ContentVirtualConnection)},
		{"3.3", "3.4", defaults(someProject, tableau.ContentFlow)},
		{"3.22", "3.23", defaults(someProject, tableau.ContentTable)},
		{"3.4", "3.5", defaults(database, tableau.ContentTable)},
		{"3.21", "3.22", func(p *tableau.PermissionsService) error {
			_, err := p.Add(t.Context(), someWorkbook, tableau.Allow(tableau.Grantee{Type: tableau.GranteeGroupSet, ID: "s"}, tableau.CapabilityRead))
			return err
		}},
	}
	for i, test := range tests {
		if err := test.call(server.client(t, tableau.WithAPIVersion(test.before)).Permissions); !errors.Is(err, tableau.ErrUnsupportedVersion) {
			t.Errorf("%d at %s: %v, want ErrUnsupportedVersion", i, test.before, err)
		}
		if err := test.call(server.client(t, tableau.WithAPIVersion(test.since)).Permissions); err != nil {
			t.Errorf("%d at %s: %v", i, test.since, err)
		}
	}
}
