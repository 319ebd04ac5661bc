package wiretest

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/tableau"
)

func TestComparisonOfFilters(t *testing.T) {
	t.Parallel()
	tests := []struct {
		recorded, ours string
		same           bool
	}{
		{"tags:in:sample", "tags:in:[sample]", true},
		{"size:in:[1, 2]", "size:in:[2,1]", true},
		{"createdAt:gt:2016-08-03 20:34:04+00:00", "createdAt:gt:2016-08-03T20:34:04Z", true},
		{"createdAt:gt:2016-08-03 22:34:04+02:00", "createdAt:gt:2016-08-03T20:34:04Z", true},
		{"name:eq:a,isPublished:eq:True", "isPublished:eq:true,name:eq:a", true},

		{"tags:in:sample", "tags:in:[sample,other]", false},
		{"tags:in:[a,b]", "tags:in:[a]", false},
		{"tags:in:[a, b]", "tags:in:[a,b]", false}, // the blank belongs to the text
		{"tags:in:('a', 'b')", "tags:in:[a,b]", false},
		{"tags:eq:[a,b]", "tags:eq:[b,a]", false},
		{"tags:in:[a", "tags:in:a", false},
		{"createdAt:gt:2016-08-03 20:34:04+00:00", "createdAt:gt:2016-08-03T20:34:05Z", false},
		{"createdAt:gt:2016-08-03 20:34:04+00:00", "createdAt:lt:2016-08-03T20:34:04Z", false},
		{"name:eq:True", "name:eq:truer", false},
	}
	for _, test := range tests {
		found := compareQuery(map[string]any{"filter": test.recorded}, map[string][]string{"filter": {test.ours}})
		if same := len(found) == 0; same != test.same {
			t.Errorf("%s and %s: the same %v, want %v", test.recorded, test.ours, same, test.same)
		}
	}
}

func TestComparisonOfOrderAndMadeUpIDs(t *testing.T) {
	t.Parallel()
	const recorded = `<tsRequest><w><p id="{random-uuid}"/><v n="1"/><v n="2"/><o id="x"/></w></tsRequest>`
	tests := map[string]int{ // how many differences
		`<tsRequest><w><v n="1"/><v n="2"/><o id="x"/></w></tsRequest>`:            0,
		`<tsRequest><w><o id="x"/><v n="1"/><v n="2"/></w></tsRequest>`:            0,
		`<tsRequest><w><o id="x"/><v n="2"/><v n="1"/></w></tsRequest>`:            2,
		`<tsRequest><w><p id="q"/><v n="1"/><v n="2"/><o id="x"/></w></tsRequest>`: 2,
		`<tsRequest><w><v n="1"/><v n="2"/></w></tsRequest>`:                       2,
		`<tsRequest><w><v n="1"/><o id="x"/></w></tsRequest>`:                      2,
		`<tsRequest><w><v n="1"/><v n="2"/><v n="3"/><o id="x"/></w></tsRequest>`:  2,
	}
	for ours, want := range tests {
		if found := compareXML("body", recorded, ours); len(found) != want {
			t.Errorf("%s: %v, want %d differences", ours, found, want)
		}
	}
}

func TestComparisonOfWhatTheCompilerRefuses(t *testing.T) {
	t.Parallel()
	refused := func(class, message string) *wireCase {
		return &wireCase{Exception: &exceptionRaised{Class: class, Message: message}}
	}
	text := notCompiled{"embed", "yes", "a boolean"}
	unknown := notCompiled{argument: "no_extract", value: true}
	tests := []struct {
		name string
		e    notCompiled
		c    *wireCase
		want bool
	}{
		{"of a wrong type", text, refused("ValueError", "Boolean expected for embed flag."), true},
		{"named by its value", text, refused("ValueError", "Invalid property defined: 'yes'."), true},
		{"a type error", text, refused("TypeError", "'<' not supported"), true},
		{"no such argument", unknown, refused("TypeError", "download() got an unexpected keyword argument 'no_extract'"), true},
		{"another refusal", text, refused("ValueError", "Boolean expected for oauth flag."), false},
		{"another type error", unknown, refused("TypeError", "'<' not supported"), false},
		{"another argument", unknown, refused("TypeError", "download() got an unexpected keyword argument 'x'"), false},
		{"Python takes it", text, &wireCase{}, false},
		{"Python sends it", text, &wireCase{Exception: refused("TypeError", "").Exception, Requests: make([]recordedRequest, 1)}, false},
	}
	for _, test := range tests {
		if got := test.e.isRefusal(test.c); got != test.want {
			t.Errorf("%s: the same %v, want %v", test.name, got, test.want)
		}
	}

	read := func(how func(arguments)) error {
		_, err := makeCall(t.Context(), func(_ context.Context, c *call) (any, error) { how(c.args); return nil, nil },
			&call{args: arguments{"flag": "yes", "number": "5", "none": nil, "right": true}})
		return err
	}
	for name, how := range map[string]func(arguments){
		"a text as boolean": func(a arguments) { a.flag("flag") },
		"a text as number":  func(a arguments) { a.number("number") },
	} {
		if _, ok := errors.AsType[notCompiled](read(how)); !ok {
			t.Errorf("%s is read", name)
		}
	}
	if err := read(func(a arguments) { a.flag("none"); a.flag("absent"); a.flag("right"); a.number("none") }); err != nil {
		t.Errorf("what is null, absent or right: %v", err)
	}
	if marker := unknownMarker(map[string]any{"a": []any{map[string]any{"$set": []any{}}, map[string]any{"$new": 1}}}); marker != "$new" {
		t.Errorf("the unknown marker is %q, want $new", marker)
	}
}

func TestComparisonOfErrors(t *testing.T) {
	t.Parallel()
	raised := func(class, message string, sent int, answer string) *wireCase {
		c := &wireCase{Exception: &exceptionRaised{Class: class, Message: message}}
		if sent > 0 {
			c.Requests = make([]recordedRequest, sent)
			c.Responses = []recordedResponse{{Status: sent, Body: answer}}
		}
		return c
	}
	item := &tableau.Workbook{ID: "w1"}
	const found = `<tsResponse><workbook id="w1"/></tsResponse>`
	needs := &tableau.UnsupportedVersionError{Needs: "3.25", Speaking: "3.24"}
	tests := []struct {
		name   string
		c      *wireCase
		err    error
		result any
		want   bool
	}{
		{"a crash at an answer that was read", raised("IndexError", "", 200, found), nil, item, true},
		{"a crash at an answer that holds something else", raised("IndexError", "", 200, strings.Replace(found, "w1", "w2", 1)), nil, item, false},
		{"a crash at a failure", raised("IndexError", "", 400, found), nil, item, false},
		{"an error at an answer that was read", raised("ServerResponseError", "", 200, found), nil, item, false},
		{"content of any charset", raised("UnicodeDecodeError", "", 200, "\xff"), nil, []byte("\xff"), true},
		{"a list that was read", raised("LookupError", "", 200, found), nil, pageResult{Items: []*tableau.Workbook{item}}, true},
		{"a list that is not there", raised("LookupError", "", 200, found), nil, pageResult{Items: []*tableau.Workbook{item, {ID: "w2"}}}, false},
		{"an empty list", raised("LookupError", "", 200, found), nil, pageResult{Items: []*tableau.Workbook{}}, false},
		{"other content", raised("UnicodeDecodeError", "", 200, "\xff"), nil, []byte("x"), false},

		{"a code that Python could not read", raised("NonXMLResponseError", "", 400, `<error code="400000"/>`), &tableau.Error{StatusCode: 400, Code: "400000"}, nil, true},
		{"a code that is not there", raised("NonXMLResponseError", "", 400, `<html/>`), &tableau.Error{StatusCode: 400, Code: "400000"}, nil, false},

		{"a version named in words", raised("ValueError", "only supported in 3.25+", 0, ""), needs, nil, true},
		{"another version", raised("ValueError", "only supported in 3.26+", 0, ""), needs, nil, false},
		{"another refusal", raised("ValueError", "only supported in 3.25+", 0, ""), errors.New("x"), nil, false},
	}
	for _, test := range tests {
		if differences := compareError(test.c, test.err, test.result); (len(differences) == 0) != test.want {
			t.Errorf("%s: %v, want them the same: %v", test.name, differences, test.want)
		}
	}
}

func TestComparisonOfNamesAndHiddenAttributes(t *testing.T) {
	t.Parallel()
	file := func(name string) map[string]any {
		return map[string]any{"path": "{tmpdir}/" + name, "file": map[string]any{"size": 0, "sha256": emptySHA256}}
	}
	for recorded, same := range map[string]bool{"Données 1.twbx": true, "Données +1.twbx": true, "Donnees 1.twbx": false, "Données 1.twb": false} {
		if found := compareResult("", file(recorded), fileResult{Name: "Données +1.twbx"}); (len(found) == 0) != same {
			t.Errorf("%s: %v, want them the same: %v", recorded, found, same)
		}
	}

	type site struct{ UserQuota, TierCreatorCapacity int }
	for name, test := range map[string]struct {
		recorded map[string]any
		ours     site
		want     []string
	}{
		"hidden":         {map[string]any{"$type": "SiteItem", "user_quota": nil, "tier_creator_capacity": json.Number("2")}, site{4, 2}, nil},
		"not hidden":     {map[string]any{"$type": "SiteItem", "user_quota": nil, "tier_creator_capacity": nil}, site{4, 0}, []string{"result .user_quota"}},
		"another":        {map[string]any{"$type": "SiteItem", "user_quota": json.Number("5"), "tier_creator_capacity": json.Number("2")}, site{4, 2}, []string{"result .user_quota"}},
		"of another one": {map[string]any{"$type": "OtherItem", "user_quota": nil, "tier_creator_capacity": json.Number("2")}, site{4, 2}, []string{"result .user_quota"}},
	} {
		var parts []string
		for _, d := range compareResult("", test.recorded, test.ours) {
			parts = append(parts, d.Part)
		}
		if diff := cmp.Diff(test.want, parts); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}

	favorite := tableau.FavoriteItem{Extra: tableau.Attributes{{Name: xml.Name{Local: "type"}, Value: "hyper"}}}
	for recorded, want := range map[string]int{"hyper": 0, "sqlserver": 1} {
		if found := compareResult("", map[string]any{"$type": "DatasourceItem", "datasource_type": recorded}, favorite); len(found) != want {
			t.Errorf("the type %s among the unnamed attributes: %v, want %d differences", recorded, found, want)
		}
	}
}

// emptySHA256 is the SHA-256 of nothing, from FIPS 180.
const emptySHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

func TestAnswersNameThePageThatWasAskedFor(t *testing.T) {
	t.Parallel()
	const body = `<tsResponse><pagination pageNumber="1" pageSize="2" totalAvailable="3"/></tsResponse>`
	for name, test := range map[string]struct {
		result any
		asked  string
		want   string
	}{
		"a list":              {[]any{}, "2", `pageNumber="2"`},
		"the first page":      {[]any{}, "1", `pageNumber="1"`},
		"a list and its page": {[]any{[]any{}, map[string]any{"$type": "PaginationItem"}}, "2", `pageNumber="1"`},
		"the number itself":   {json.Number("1"), "2", `pageNumber="1"`},
	} {
		server := startCanned(t, &wireCase{
			Requests:  []recordedRequest{{Method: "GET", Path: "/p", Query: map[string]any{"pageNumber": test.asked}}},
			Responses: []recordedResponse{{Status: 200, Body: body}},
			Result:    test.result,
		})
		response, err := server.Client().Do(request(t, http.MethodGet, server.URL+"/p?pageNumber="+test.asked, ""))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(response.Body)
		if closing := response.Body.Close(); err != nil || closing != nil {
			t.Fatal(err, closing)
		}
		if !strings.Contains(string(got), test.want) {
			t.Errorf("%s: %s, want it to hold %s", name, got, test.want)
		}
	}
}
