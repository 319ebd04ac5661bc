package emulator_test

import (
	"strings"
	"testing"

	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/internal/sample"
)

// TestRequestsFollowTheSchema sends documents that depart from the schema, and such that only look so.
func TestRequestsFollowTheSchema(t *testing.T) {
	t.Parallel()
	u := newSite(t, emulator.Start(t))
	w := u.published("Sales")
	workbook := "/sites/{site}/workbooks/" + w.attr("id")
	const xmlType, jsonType = "text/xml", "application/json"
	publishType, publishBody := mixed(`<tsRequest><workbook name="A" colour="red"/></tsRequest>`, "tableau_workbook", "a.twbx", sample.Workbook())
	tests := []struct {
		name, method, path, contentType, body string
		code, detail                          string // "": accepted
	}{
		{"an unknown attribute", "POST", "/sites/{site}/projects", xmlType, `<tsRequest><project name="a" colour="red"/></tsRequest>`,
			"400000", "tsRequest/project: the attribute 'colour' is not known."},
		{"an unknown element", "PUT", workbook, xmlType, `<tsRequest><workbook><colour/></workbook></tsRequest>`,
			"400000", "tsRequest/workbook: the element <colour> is not known."},
		{"an element too many", "PUT", workbook, xmlType, `<tsRequest><workbook><owner/><owner/></workbook></tsRequest>`,
			"400000", "tsRequest/workbook: the element <owner> occurs 2 times; at most 1 are allowed."},
		{"a value of no use", "POST", "/sites/{site}/projects", xmlType, `<tsRequest><project name="a" contentPermissions="Open"/></tsRequest>`,
			"400000", "the attribute 'contentPermissions' has the value 'Open', which is none of LockedToProject, "},
		{"an attribute missing", "PUT", workbook + "/tags", xmlType, `<tsRequest><tags><tag label="a"/><tag/></tags></tsRequest>`,
			"400000", "tsRequest/tags/tag[2]: the attribute 'label' is missing."},
		{"text where none belongs", "POST", "/sites/{site}/projects", xmlType, `<tsRequest><project name="a">b</project></tsRequest>`,
			"400000", "tsRequest/project: the text 'b' is not allowed here."},
		{"a flag that is none", "PUT", "/sites/{site}", xmlType, `<tsRequest><site commentingEnabled="perhaps"/></tsRequest>`,
			"400008", "tsRequest/site: the attribute 'commentingEnabled' has the value 'perhaps', which is none of true, false."},
		{"a part of a multipart request", "POST", "/sites/{site}/workbooks", publishType, string(publishBody),
			"400000", "tsRequest/workbook: the attribute 'colour' is not known."},
		{"JSON with an unknown attribute", "POST", "/sites/{site}/projects", jsonType, `{"project":{"name":"a","colour":1}}`,
			"400000", "tsRequest/project: the attribute 'colour' is not known."},
		{"JSON with a number for a flag", "PUT", "/sites/{site}", jsonType, `{"site":{"commentingEnabled":7}}`,
			"400008", "has the value '7', which is none of true, false."},
		{"JSON with an array of one too many", "PUT", workbook, jsonType, `{"workbook":{"owner":[{},{}]}}`,
			"400000", "the element <owner> occurs 2 times"},
		{"a site role has a code of its own", "POST", "/sites/{site}/users", xmlType, `<tsRequest><user name="n" siteRole="King"/></tsRequest>`,
			"400013", ""},
		{"so has an id that leads nowhere", "PUT", workbook, xmlType, `<tsRequest><workbook><owner id="nobody"/></workbook></tsRequest>`, "404002", ""},
		{"another order", "PUT", workbook, xmlType, `<tsRequest><workbook><owner id="` + u.id + `"/><project id="` + u.project("P", "") + `"/></workbook></tsRequest>`, "", ""},
		{"True", "PUT", "/sites/{site}", xmlType, `<tsRequest><site commentingEnabled="False" dataAlertsEnabled="True"/></tsRequest>`, "", ""},
		{"JSON with flags and numbers", "PUT", "/sites/{site}", jsonType, `{"site":{"commentingEnabled":true,"revisionLimit":25}}`, "", ""},
		{"a namespace, comments and blanks", "POST", "/sites/{site}/projects", xmlType,
			"<?xml version=\"1.0\"?>\n<t:tsRequest xmlns:t=\"http://tableau.com/api\">\n<!-- c --> <t:project name='Spaced'/>\n</t:tsRequest>", "", ""},
	}
	for _, tt := range tests {
		r := u.do(tt.method, tt.path, tt.contentType, []byte(tt.body))
		detail, _ := r.find("detail")
		if r.code() != tt.code || !strings.Contains(detail.Text, tt.detail) {
			t.Errorf("%s: code %q, want %q: %s", tt.name, r.code(), tt.code, r.body)
		}
	}
	site, _ := u.xml(200, "GET", "/sites/{site}", "").find("site")
	for name, want := range map[string]string{"commentingEnabled": "true", "dataAlertsEnabled": "true", "revisionLimit": "25"} {
		if got := site.attr(name); got != want {
			t.Errorf("the site's %s is %q, want %q", name, got, want)
		}
	}
}
