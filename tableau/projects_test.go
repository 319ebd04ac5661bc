package tableau_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tabctl/tableau-go/tableau"
)

func init() {
	everything = append(everything, `<projects><project id="p" name="projectPath-1"/></projects>`)
}

func TestProjectByPath(t *testing.T) {
	t.Parallel()
	const projects = `<projects>` +
		`<project id="finance" name="Finance"/>` +
		`<project id="emea" name="EMEA" parentProjectId="finance"/>` +
		`<project id="other" name="Daily" parentProjectId="finance"/>` +
		`<project id="daily" name="Daily" parentProjectId="emea"/>` +
		`<project id="slash" name="In/Out" parentProjectId="emea"/>` +
		`<project id="backslash" name="C:\" parentProjectId="emea"/>` +
		`<project id="comma" name="Rice, Beans"/>` +
		`<project id="orphan" name="Orphan" parentProjectId="hidden"/>` +
		`</projects>`
	tests := []struct {
		path, id string // id "" when there is none
		filter   string
		err      error
		says     string
	}{
		{path: "Finance", id: "finance", filter: "name:in:[Finance]"},
		{path: "Finance/EMEA/Daily", id: "daily", filter: "name:in:[Finance,EMEA,Daily]"},
		{path: "Finance/Daily", id: "other", filter: "name:in:[Finance,Daily]"},
		{path: `Finance/EMEA/In\/Out`, id: "slash", filter: "name:in:[Finance,EMEA,In/Out]"},
		{path: `Finance/EMEA/C:\`, id: "backslash", filter: `name:in:[Finance,EMEA,C:\]`},
		{path: "Rice, Beans", id: "comma"},
		{path: "Finance/APAC/Daily", err: tableau.ErrNotFound, says: `step 2, "APAC"`, filter: "name:in:[Finance,APAC,Daily]"},
		{path: "Daily", err: tableau.ErrNotFound, says: `step 1, "Daily"`, filter: "name:in:[Daily]"},
		{path: "Orphan", err: tableau.ErrNotFound, says: `step 1, "Orphan"`, filter: "name:in:[Orphan]"},
		{path: "finance", err: tableau.ErrNotFound, says: `step 1, "finance"`, filter: "name:in:[finance]"},
		{path: "", err: tableau.ErrInvalidArgument, says: "empty name"},
		{path: "Finance//Daily", err: tableau.ErrInvalidArgument, says: "empty name"},
		{path: "/Finance", err: tableau.ErrInvalidArgument, says: "empty name"},
	}
	for _, test := range tests {
		t.Run(test.path, func(t *testing.T) {
			t.Parallel()
			server := serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, 200, projects) })
			got, err := server.client(t).Projects.ByPath(t.Context(), test.path)
			switch {
			case test.err == nil && (err != nil || got.ID != test.id):
				t.Errorf("%v, %v; want project %s", got, err, test.id)
			case test.err != nil && (!errors.Is(err, test.err) || !strings.Contains(err.Error(), test.says)):
				t.Errorf("error = %v, want %v with %q", err, test.err, test.says)
			}
			filter := ""
			for _, r := range server.requests() {
				query, err := url.ParseQuery(r.Query)
				if err != nil {
					t.Fatal(err)
				}
				filter = query.Get("filter")
			}
			if filter != test.filter {
				t.Errorf("filter = %q, want %q", filter, test.filter)
			}
		})
	}
}

func TestProjectChildrenNeedAParent(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, 200, `<projects/>`) })
	if _, err := tableau.Collect(server.client(t).Projects.Children(t.Context(), ""), -1); !errors.Is(err, tableau.ErrInvalidArgument) {
		t.Errorf("error = %v, want ErrInvalidArgument", err)
	}
	if _, err := tableau.Collect(server.client(t).Projects.Children(t.Context(), "p"), -1); err != nil {
		t.Error(err)
	}
	if sent := server.requests(); len(sent) != 1 || !strings.Contains(sent[0].Query, "parentProjectId%3Aeq%3Ap") {
		t.Errorf("sent %v, want one request with the filter on the parent", sent)
	}
}
