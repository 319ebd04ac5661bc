package emulator_test

import (
	"net/http"
	"testing"

	"github.com/tabctl/tableau-go/emulator"
)

func TestGroupAndFavoriteErrors(t *testing.T) {
	t.Parallel()
	admin := newSite(t, emulator.Start(t))
	viewer := colleague(admin, "Viewer")
	g, _ := admin.xml(201, "POST", "/sites/{site}/groups", `<tsRequest><group name="G"/></tsRequest>`).find("group")
	group, favorites := "/sites/"+admin.site+"/groups/"+g.attr("id"), "/sites/"+admin.site+"/favorites/"
	users := `<tsRequest><users><user id="` + viewer.id + `"/></users></tsRequest>`

	tests := []struct {
		name         string
		by           *user
		version      string
		method, path string
		body         string
		code         string
	}{
		{"a viewer lists groups", viewer, "3.29", "GET", "/sites/" + admin.site + "/groups", "", "403004"},
		{"a viewer asks for another's groups", viewer, "3.29", "GET", "/sites/" + admin.site + "/users/" + admin.id + "/groups", "", "403004"},
		{"a group without a name", admin, "3.29", "POST", "/sites/" + admin.site + "/groups", `<tsRequest><group/></tsRequest>`, "400003"},
		{"a minimum role that no group gives", admin, "3.29", "PUT", group, `<tsRequest><group minimumSiteRole="ServerAdministrator"/></tsRequest>`, "400013"},
		{"an import of nothing", admin, "3.29", "PUT", group, `<tsRequest><group name="G"><import/></group></tsRequest>`, "400019"},
		{"an import", admin, "3.29", "PUT", group, `<tsRequest><group name="G"><import source="ActiveDirectory" domainName="example.com"/></group></tsRequest>`, "403011"},
		{"many users too early", admin, "3.20", "POST", group + "/users", users, "400003"},
		{"a user without an id", admin, "3.29", "POST", group + "/users", `<tsRequest><user/></tsRequest>`, "400003"},
		{"users of no group", admin, "3.29", "GET", "/sites/" + admin.site + "/groups/" + nowhere + "/users", "", "404012"},
		{"wrong method beside a placeholder", admin, "3.29", "POST", group + "/users/remove", users, "405000"},
		{"another's favorites", viewer, "3.29", "GET", favorites + admin.id, "", "403004"},
		{"favorites of nobody", admin, "3.29", "GET", favorites + nowhere, "", "404002"},
		{"page 2 of favorites", admin, "3.29", "GET", favorites + admin.id + "?pageNumber=2", "", "400006"},
		{"a favorite without a label", admin, "3.29", "PUT", favorites + admin.id, `<tsRequest><favorite><view id="x"/></favorite></tsRequest>`, "400000"},
		{"a favorite of no kind", admin, "3.29", "PUT", favorites + admin.id, `<tsRequest><favorite label="l"><site id="x"/></favorite></tsRequest>`, "400000"},
		{"a project too early", admin, "3.0", "PUT", favorites + admin.id, `<tsRequest><favorite label="l"><project id="x"/></favorite></tsRequest>`, "400003"},
		{"an unknown data source", admin, "3.29", "DELETE", favorites + admin.id + "/datasources/" + nowhere, "", "404004"},
		{"a kind in the singular", admin, "3.29", "DELETE", favorites + admin.id + "/workbook/" + nowhere, "", "404003"},
	}
	for _, test := range tests {
		r := test.by.send(test.method, "/api/"+test.version+test.path, http.Header{"Content-Type": {"text/xml"}}, []byte(test.body))
		if r.code() != test.code {
			t.Errorf("%s: code %s, want %s: %s", test.name, r.code(), test.code, r.body)
		}
	}
}
