package emulator_test

import (
	"cmp"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/tabctl/tableau-go/emulator"
)

// filterFields reads the reference: by resource and field, the operators.
func filterFields(t *testing.T) map[string]map[string][]string {
	t.Helper()
	data, err := os.ReadFile(shared(t, "reference/filter-fields.md"))
	if err != nil {
		t.Fatal(err)
	}
	comparing := []string{"eq", "gt", "gte", "lt", "lte"}
	operators := map[string][]string{"date-ops": comparing, "num": comparing, "date": {}, "ops": {}}
	for _, operator := range []string{"eq", "in", "gt", "gte", "lt", "lte", "has"} {
		operators[operator] = []string{operator}
	}
	remark, separator := regexp.MustCompile(`\([^)]*\)`), regexp.MustCompile(`[\s,/+.]+`)
	found := map[string]map[string][]string{}
	for line := range strings.Lines(string(data)) {
		line, isResource := strings.CutPrefix(line, "- ")
		resource, rest, ok := strings.Cut(remark.ReplaceAllString(line, ""), ":")
		if !isResource || !ok {
			continue
		}
		fields := map[string][]string{}
		for clause := range strings.SplitSeq(rest, ";") {
			var names, allowed []string
			for _, word := range separator.Split(clause, -1) {
				some, isOperator := operators[word]
				if isOperator {
					allowed = append(allowed, some...)
				} else if len(allowed) > 0 {
					break // a remark
				} else if word != "" {
					names = append(names, word)
				}
			}
			for _, name := range names {
				if len(allowed) > 0 {
					fields[name] = allowed
				}
			}
		}
		found[strings.TrimSpace(resource)] = fields
	}
	return found
}

// values says where an answer shows what a field is filtered by.
type values map[string]func(item node) []string

func attribute(name string) func(node) []string {
	return func(item node) []string { return []string{item.attr(name)} }
}

func attributeOf(element, name string) func(node) []string {
	return func(item node) []string {
		child, _ := item.find(element)
		return []string{child.attr(name)}
	}
}

func always(value string) func(node) []string {
	return func(node) []string { return []string{value} }
}

func labels(item node) (found []string) {
	for _, tag := range item.all("tag") {
		found = append(found, tag.attr("label"))
	}
	return found
}

var shownValues = map[string]struct {
	list, element string
	values        values
}{
	"projects": {"projects", "project", values{"name": attribute("name"), "parentProjectId": attribute("parentProjectId"), "createdAt": attribute("createdAt"),
		"updatedAt": attribute("updatedAt"), "topLevelProject": attribute("topLevelProject"), "ownerName": attributeOf("owner", "name"),
		"ownerEmail": attributeOf("owner", "email"), "ownerDomain": always("local")}},
	"users": {"users", "user", values{"name": attribute("name"), "siteRole": attribute("siteRole"), "lastLogin": attribute("lastLogin")}},
	"views": {"views", "view", values{"name": attribute("name"), "caption": attribute("name"), "title": attribute("name"), "contentUrl": attribute("contentUrl"),
		"viewUrlname": attribute("viewUrlName"), "sheetType": attribute("sheetType"), "createdAt": attribute("createdAt"), "updatedAt": attribute("updatedAt"),
		"tags": labels, "ownerDomain": always("local"), "hitsTotal": attributeOf("usage", "totalViewCount")}},
	"workbooks": {"workbooks", "workbook", values{"name": attribute("name"), "contentUrl": attribute("contentUrl"), "createdAt": attribute("createdAt"),
		"updatedAt": attribute("updatedAt"), "size": attribute("size"), "sheetCount": attribute("sheetCount"), "displayTabs": attribute("showTabs"),
		"hasExtracts": attribute("hasExtracts"), "ownerName": attributeOf("owner", "name"), "ownerEmail": attributeOf("owner", "email"),
		"projectName": attributeOf("project", "name"), "tags": labels, "ownerDomain": always("local"), "hasAlerts": always("false")}},
	"datasources": {"datasources", "datasource", values{"name": attribute("name"), "contentUrl": attribute("contentUrl"), "createdAt": attribute("createdAt"),
		"updatedAt": attribute("updatedAt"), "size": attribute("size"), "description": attribute("description"), "type": attribute("type"),
		"isCertified": attribute("isCertified"), "hasExtracts": attribute("hasExtracts"), "databaseName": attribute("databaseName"),
		"serverName": attribute("serverName"), "ownerName": attributeOf("owner", "name"), "projectName": attributeOf("project", "name"), "tags": labels,
		"connectedWorkbookType": attribute("connectedWorkbooksCount"), "ownerDomain": always("local"), "isPublished": always("true")}},
	"groups": {"groups", "group", values{"name": attribute("name"), "minimumSiteRole": attribute("minimumSiteRole"), "userCount": attribute("userCount"),
		"domainName": attributeOf("domain", "name"), "isLocal": always("true")}},
	"jobs": {"jobs", "backgroundJob", values{"jobType": attribute("jobType"), "status": attribute("status"), "priority": attribute("priority"),
		"title": attribute("title"), "subtitle": attribute("subtitle"), "createdAt": attribute("createdAt"), "startedAt": attribute("startedAt"),
		"completedAt": attribute("endedAt")}},
}

// matches reports whether any of the values meets a condition.
func matches(have []string, operator string, wanted []string) bool {
	return slices.ContainsFunc(have, func(value string) bool {
		return slices.ContainsFunc(wanted, func(want string) bool {
			order := compareValues(value, want)
			switch operator {
			case "gt":
				return order > 0
			case "gte":
				return order >= 0
			case "lt":
				return order < 0
			case "lte":
				return order <= 0
			case "has":
				return strings.Contains(strings.ToLower(value), strings.ToLower(want))
			}
			return order == 0
		})
	})
}

// compareValues compares numbers, times and texts. What is absent is less than any time.
func compareValues(a, b string) int {
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	if err1 == nil && err2 == nil {
		return cmp.Compare(x, y)
	}
	at, err1 := time.Parse(time.RFC3339, a)
	bt, err2 := time.Parse(time.RFC3339, b)
	if err1 == nil && err2 == nil {
		return at.Compare(bt)
	}
	return cmp.Compare(a, b)
}

// likelyValue is a value of the kind that a field's name promises.
func likelyValue(field string) string {
	switch {
	case strings.HasPrefix(field, "is"), strings.HasPrefix(field, "has"):
		return "true"
	case strings.HasSuffix(field, "At"):
		return "2025-01-02T03:04:05Z"
	}
	return "1" // a number, and a text
}

// TestFiltersOfEveryList tries each field of the reference with each operator on each list, and compares what is found with
// what the whole list shows.
func TestFiltersOfEveryList(t *testing.T) {
	t.Parallel()
	reference := filterFields(t)
	var seconds atomic.Int64 // each look at the clock shows another second
	clock := func() time.Time { return time.Unix(1_700_000_000+seconds.Add(1), 0) }
	server := emulator.Start(t, emulator.WithClock(clock), emulator.WithSessionTimeout(10000*time.Hour))
	u := newSite(t, server)
	colleague(u, "Viewer")
	writer := colleague(u, "Creator")
	u.xml(200, "PUT", "/sites/{site}/users/"+writer.id, `<tsRequest><user email="w@example.com" fullName="W: a, b"/></tsRequest>`)
	parent := u.project("R &amp; D: all, of it", "")
	u.project("Inner", `parentProjectId="`+parent+`"`)
	for i, name := range []string{"Sales: a &amp; b", "Stock", "stock"} {
		w := u.published(name)
		u.xml(200, "PUT", "/sites/{site}/workbooks/"+w.attr("id"), fmt.Sprintf(`<tsRequest><workbook showTabs="%v"><owner id="%s"/></workbook></tsRequest>`, i == 0, []string{u.id, writer.id, u.id}[i]))
		u.xml(200, "PUT", "/sites/{site}/workbooks/"+w.attr("id")+"/tags", fmt.Sprintf(`<tsRequest><tags><tag label="t%d"/><tag label="all of: them"/></tags></tsRequest>`, i))
		v, _ := w.find("view")
		u.xml(200, "PUT", "/sites/{site}/views/"+v.attr("id")+"/tags", fmt.Sprintf(`<tsRequest><tags><tag label="t%d"/></tags></tsRequest>`, i))
		u.do("GET", "/sites/{site}/views/"+v.attr("id")+"/data", "", nil)
	}
	u.publishDataSource(`<datasource name="Live" description="of: old" isCertified="true"/>`, "a.tds", []byte(tds), "").must(t, 201)
	d := u.publishedDataSource("Rows", "b.hyper", hyper)
	u.xml(200, "PUT", "/sites/{site}/datasources/"+d.attr("id")+"/tags", `<tsRequest><tags><tag label="t1"/></tags></tsRequest>`)
	u.xml(201, "POST", "/sites/{site}/groups", `<tsRequest><group name="Bakers" minimumSiteRole="Viewer"/></tsRequest>`)
	u.xml(201, "POST", "/sites/{site}/groups", `<tsRequest><group name="Cooks"/></tsRequest>`)
	for range 2 {
		job, _ := u.publish("Sales by job", "asJob=true&overwrite=true").must(t, 202).find("job")
		u.waitForJob(job.attr("id"))
	}

	for resource, known := range shownValues {
		if len(reference[resource]) == 0 {
			t.Errorf("the reference has nothing about %s", resource)
		}
		t.Run(resource, func(t *testing.T) {
			t.Parallel()
			list := func(t *testing.T, filter string) (ids []string, items []node) {
				t.Helper()
				query := url.Values{"pageSize": {"1000"}}
				if resource != "jobs" {
					query.Set("fields", "_all_")
				}
				if filter != "" {
					query.Set("filter", filter)
				}
				in := *u
				in.t = t
				items = in.xml(200, "GET", "/sites/{site}/"+known.list+"?"+query.Encode(), "").all(known.element)
				ids = []string{}
				for _, item := range items {
					ids = append(ids, item.attr("id"))
				}
				return ids, items
			}
			_, all := list(t, "")
			if len(all) < 2 {
				t.Fatalf("%d items are too few", len(all))
			}
			compared := 0
			for field, allowed := range reference[resource] {
				valuesOf, shown := known.values[field]
				var have []string
				for _, item := range all {
					if !shown {
						break // only whether it is accepted can be seen
					}
					for _, value := range valuesOf(item) {
						if value != "" && !slices.Contains(have, value) {
							have = append(have, value)
						}
					}
				}
				if len(have) == 0 {
					have = []string{likelyValue(field)}
				}
				for _, operator := range []string{"eq", "in", "gt", "gte", "lt", "lte", "has", "like"} {
					if !slices.Contains(allowed, operator) {
						filter := field + ":" + operator + ":" + have[0]
						if got := u.do("GET", "/sites/{site}/"+known.list+"?filter="+url.QueryEscape(filter), "", nil).code(); got != "400065" {
							t.Errorf("%s: code %q, want 400065", filter, got)
						}
						continue
					}
					for i, value := range have {
						wanted, written := []string{value}, value
						if operator == "in" && shown && i > 0 && !strings.Contains(have[0]+value, ",") {
							wanted = []string{have[0], value}
						}
						if operator == "in" {
							written = "[" + strings.Join(wanted, ",") + "]"
						}
						filter := field + ":" + operator + ":" + written
						got, _ := list(t, filter)
						if !shown || operator == "in" && strings.Contains(value, ",") {
							continue
						}
						want := []string{}
						for _, item := range all {
							if matches(valuesOf(item), operator, wanted) {
								want = append(want, item.attr("id"))
							}
						}
						compared++
						if diff := gocmp.Diff(want, got); diff != "" {
							t.Errorf("%s: %s", filter, diff)
						}
					}
				}
			}
			if t.Logf("%d results compared", compared); compared < 10 {
				t.Errorf("only %d results were compared", compared)
			}
		})
	}
}

// TestSortsAndValues tries the ways to write sorts and values.
func TestSortsAndValues(t *testing.T) {
	t.Parallel()
	var seconds atomic.Int64
	clock := func() time.Time { return time.Unix(1_700_000_000+seconds.Add(1)/8, 0) } // some things have one second
	u := newSite(t, emulator.Start(t, emulator.WithClock(clock), emulator.WithSessionTimeout(10000*time.Hour)))
	for _, name := range []string{"b", "A", "a: 1", "R &amp; D", "c,d"} {
		u.project(name, "")
	}
	tests := map[string][]string{
		"sort=name:asc":                  {"A", "a: 1", "b", "c,d", "Default", "R & D"},
		"sort=name":                      {"A", "a: 1", "b", "c,d", "Default", "R & D"},
		"sort=name:desc":                 {"R & D", "Default", "c,d", "b", "a: 1", "A"},
		"filter=name%3Aeq%3AR%20%26%20D": {"R & D"},
		"filter=name:eq:R+%26+D":         {"R & D"},
		"filter=name:eq:a%3A+1":          {"a: 1"},
		"filter=name:eq:c%2Cd":           {"c,d"},
		"filter=name:in:[b,A]":           {"b", "A"},
		"filter=name:in:%5Bb%2CA%5D%2CtopLevelProject:eq:True":       {"b", "A"},
		"filter=name:in:[b,A]&filter=name:eq:b":                      {"b"},
		"filter=topLevelProject:eq:FALSE":                            {},
		"filter=createdAt:gte:2023-11-14T22:13:20Z,name:eq:b":        {"b"},
		"filter=createdAt:gte:2023-11-14T23:13:20%2B01:00,name:eq:b": {"b"},
		"filter=createdAt:lt:2000-01-01T00:00:00.000Z":               {},
		"sort=topLevelProject:asc,name:desc&filter=name:in:[A,b]":    {"b", "A"},
	}
	for query, want := range tests {
		got := names(u.xml(200, "GET", "/sites/{site}/projects?"+query, ""), "project")
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
	created := func(order string) []string {
		var all []string
		for _, p := range u.xml(200, "GET", "/sites/{site}/projects?fields=_all_&sort=createdAt:"+order+",name:asc", "").all("project") {
			all = append(all, p.attr("createdAt")+" "+p.attr("name"))
		}
		return all
	}
	up, down := created("asc"), created("desc")
	if !slices.IsSortedFunc(up, func(a, b string) int { return cmp.Compare(strings.ToLower(a), strings.ToLower(b)) }) || slices.Equal(up, down) || up[0][:20] != down[len(down)-1][:20] {
		t.Errorf("by time and name: %q, and back %q", up, down)
	}
	for _, query := range []string{"sort=name:up", "sort=colour:asc", "sort=:asc", "filter=name", "filter=name:eq:", "filter=createdAt:gt:yesterday",
		"filter=topLevelProject:eq:perhaps", "filter=name:in:[a"} {
		if got := u.do("GET", "/sites/{site}/projects?"+query, "", nil).code(); got != "400065" {
			t.Errorf("%s: code %q, want 400065", query, got)
		}
	}
}

// TestPagesOfEveryList asks each list that has pages for pages that cannot be.
func TestPagesOfEveryList(t *testing.T) {
	t.Parallel()
	server := emulator.Start(t)
	root, u := serverAdmin(t, server), newSite(t, server)
	w := u.published("Sales")
	group, _ := u.xml(200, "GET", "/sites/{site}/groups", "").find("group")
	paged := 0
	for _, rt := range emulator.Routes() {
		path := strings.NewReplacer("{user}", u.id, "{workbook}", w.attr("id"), "{group}", group.attr("id")).Replace(rt.Path)
		by := u
		if rt.Caller == emulator.ServerAdministrator {
			by = root
		}
		if rt.Method != "GET" || strings.Contains(strings.ReplaceAll(path, "{site}", ""), "{") {
			continue
		}
		document := node{}
		if r := by.do("GET", path, "", nil); r.status == 200 && strings.HasPrefix(r.header.Get("Content-Type"), "application/xml") {
			document = r.must(t, 200)
		}
		if _, ok := document.find("pagination"); !ok {
			continue
		}
		paged++
		for query, want := range map[string]string{"pageNumber=0": "400006", "pageNumber=-1": "400006", "pageNumber=x": "400006", "pageNumber=1000": "400006",
			"pageSize=0": "400007", "pageSize=x": "400007", "pageSize=1001": "403014", "pageSize=": "400007", "pageSize=1000&pageNumber=1": ""} {
			if got := by.do("GET", path+"?"+query, "", nil).code(); got != want {
				t.Errorf("%s?%s: code %q, want %q", rt.Path, query, got, want)
			}
		}
	}
	if paged < 10 {
		t.Errorf("only %d lists with pages were found", paged)
	}
}
