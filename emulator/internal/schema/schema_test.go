package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tabctl/tableau-go/internal/tsxml"
)

func parse(t testing.TB, document string) *tsxml.Element {
	t.Helper()
	e, err := tsxml.ParseXML(strings.NewReader(document), 1<<20)
	if err != nil {
		t.Fatalf("%v in %s", err, document)
	}
	return e
}

// officialTable is the schema without what lenient.txt adds.
func officialTable(t testing.TB) *table {
	t.Helper()
	table := newTable()
	if err := table.read(official); err != nil {
		t.Fatal(err)
	}
	return table
}

func TestCheck(t *testing.T) {
	t.Parallel()
	const id = "12345678-abcd-4000-8000-1234567890ab"
	tests := []struct{ request, want string }{
		{``, ""},
		{`<project name="P" description="" contentPermissions="LockedToProject" parentProjectId="` + id + `"/>`, ""},
		{`<project name="P" parentProjectId=""/>`, ""},
		{`<workbook showTabs="true"><owner id="` + id + `"/><project id="` + id + `"/></workbook>`, ""}, // in another order
		{`<tags><tag label="a"/><tag label="b"/></tags>`, ""},
		{`<schedule frequency="Weekly"><frequencyDetails start="06:30:00"><intervals><interval weekDay="Monday"/></intervals></frequencyDetails></schedule>`, ""},
		{`<user name="u" siteRole="Interactor"/>`, ""},
		{`<site name="a"/><user name="b"/>`, "tsRequest: <site> and <user> exclude one another"},
		{`<nothing/>`, "tsRequest: the element <nothing> is not known"},
		{`<project name="P" colour="red"/>`, "tsRequest/project: the attribute 'colour' is not known"},
		{`<project name="P" contentPermissions="Open"/>`, "tsRequest/project: the attribute 'contentPermissions' has the value 'Open', " +
			"which is none of LockedToProject, LockedToProjectWithoutNested, ManagedByOwner"},
		{`<project name="P">text</project>`, "tsRequest/project: the text 'text' is not allowed here"},
		{`<webhook><webhook-destination><webhook-destination-http method="POST" url="nowhere"/></webhook-destination></webhook>`,
			"tsRequest/webhook/webhook-destination/webhook-destination-http: the attribute 'url' has the value 'nowhere', which does not have the form https?://.+"},
		{`<tags><tag label="a"/><tag/></tags>`, "tsRequest/tags/tag[2]: the attribute 'label' is missing"},
		{`<workbook><owner/><owner/></workbook>`, "tsRequest/workbook: the element <owner> occurs 2 times; at most 1 are allowed"},
		{`<favorite label="x"/>`, "tsRequest/favorite: one of these elements is missing: collection, datasource, flow, metric, project, view, workbook"},
		{`<schedule priority="high"/>`, "tsRequest/schedule: the attribute 'priority' has the value 'high', which is not a whole number from 0 on"},
		{`<schedule endScheduleAt="2025-02-30T00:00:00Z"/>`, "tsRequest/schedule: the attribute 'endScheduleAt' has the value '2025-02-30T00:00:00Z', which is not a time like 2016-05-04T21:24:49Z"},
		{`<workbook><dataFreshnessPolicy option="FreshAt"><freshAtSchedule frequency="Day" time="6:30"/></dataFreshnessPolicy></workbook>`,
			"tsRequest/workbook/dataFreshnessPolicy/freshAtSchedule: the attribute 'time' has the value '6:30', which is not a time of the day like 06:30:00"},
		{`<extensionsSiteSettings><allowTrusted>maybe</allowTrusted></extensionsSiteSettings>`, "tsRequest/extensionsSiteSettings/allowTrusted: the text is 'maybe', which is none of true, false"},
	}
	for _, tt := range tests {
		got := ""
		if err := Check(parse(t, "<tsRequest>"+tt.request+"</tsRequest>")); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.request, got, tt.want)
		}
	}
}

func TestCheckReplaces(t *testing.T) {
	t.Parallel()
	for request, want := range map[string]string{
		`<datasource isCertified="True" useRemoteQueryAgent="0"/>`:                           `<datasource isCertified="true" useRemoteQueryAgent="false"/>`,
		`<datasource name="none" isCertified="none"/>`:                                       `<datasource name="none"/>`,
		`<site name="a" askDataMode="EnabledByDefault" dataAlertsEnabled="False"/>`:          `<site name="a" dataAlertsEnabled="false"/>`,
		`<extensionsSiteSettings><allowTrusted>True</allowTrusted></extensionsSiteSettings>`: `<extensionsSiteSettings><allowTrusted>true</allowTrusted></extensionsSiteSettings>`,
		`<workbook showTabs="True" description="True"/>`:                                     `<workbook showTabs="True" description="True"/>`,
	} {
		e := parse(t, "<tsRequest>"+request+"</tsRequest>")
		if err := Check(e); err != nil {
			t.Errorf("%s: %v", request, err)
		}
		if got := e.Children[0].String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestScalarsToElements(t *testing.T) {
	t.Parallel()
	request, err := tsxml.ParseJSON(strings.NewReader(`{"extensionsSiteSettings":{"extensionsEnabled":true,"safeList":[{"url":"http://a"}]}}`), 1000)
	if err != nil {
		t.Fatal(err)
	}
	ScalarsToElements(request)
	if err := Check(request); err != nil {
		t.Error(err)
	}
	if got := request.Child("extensionsSiteSettings").Child("extensionsEnabled"); got == nil || got.Text != "true" {
		t.Errorf("got %v", request)
	}
}

// recordedBody is a request document of the Python client.
type recordedBody struct{ origin, document string }

func recordedBodies(t *testing.T) (all []recordedBody) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(shared(t, "wire/golden"), "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var cases []struct {
			ID       string
			Requests []struct {
				BodyRaw   string                        `json:"body_raw"`
				BodyParts []struct{ Name, Text string } `json:"body_parts"`
			}
		}
		if json.Unmarshal(data, &cases) != nil {
			continue // no file of cases
		}
		for _, c := range cases {
			for _, r := range c.Requests {
				documents := []string{r.BodyRaw}
				for _, part := range r.BodyParts {
					if part.Name == "request_payload" {
						documents = append(documents, part.Text)
					}
				}
				for _, document := range documents {
					if strings.HasPrefix(document, "<tsRequest") && !known[document] {
						known[document] = true
						all = append(all, recordedBody{c.ID, document})
					}
				}
			}
		}
	}
	return all
}

// madeUp are recorded values that no server would take; they were invented for a test.
var madeUp = regexp.MustCompile(`'url'|type' has the value 'System'|webhook-source-event-api-event-name`)

// TestRecordedRequestsFit checks everything that the Python client was seen to send.
func TestRecordedRequestsFit(t *testing.T) {
	t.Parallel()
	invented := 0
	bodies := recordedBodies(t)
	for _, body := range bodies {
		err := Check(parse(t, body.document))
		if err != nil && madeUp.MatchString(err.Error()) {
			invented++
		} else if err != nil {
			t.Errorf("%s: %v in %s", body.origin, err, body.document)
		}
	}
	if len(bodies) < 250 || invented > 3 {
		t.Errorf("%d documents, %d with values that were made up", len(bodies), invented)
	}
}

// TestAgreesWithXmllint compares the table with a validator, over recorded requests and such that were made worse at random.
func TestAgreesWithXmllint(t *testing.T) {
	t.Parallel()
	table := officialTable(t)
	random := rand.New(rand.NewPCG(1, 2))
	var documents []*tsxml.Element
	for _, body := range recordedBodies(t) {
		documents = append(documents, parse(t, body.document))
		for range 12 {
			made := parse(t, body.document)
			worsen(made, random)
			documents = append(documents, made)
		}
	}
	valid := 0
	for i, reason := range xmllint(t, table, documents) {
		err := table.check(documents[i])
		if (err == nil) != (reason == "") {
			t.Errorf("%s\nours: %v\nxmllint: %s", documents[i], err, reason)
		}
		if err == nil {
			valid++
		}
	}
	if valid < len(documents)/10 || valid > len(documents)*9/10 {
		t.Errorf("%d of %d documents are valid: that compares too little", valid, len(documents))
	}
}

// worsen makes one change somewhere in a document.
func worsen(root *tsxml.Element, random *rand.Rand) {
	var all, withAttributes, withChildren []*tsxml.Element
	var walk func(*tsxml.Element)
	walk = func(e *tsxml.Element) {
		all = append(all, e)
		if len(e.Attrs) > 0 {
			withAttributes = append(withAttributes, e)
		}
		if len(e.Children) > 0 {
			withChildren = append(withChildren, e)
		}
		for _, child := range e.Children {
			walk(child)
		}
	}
	walk(root)
	values := []string{"", "x", "True", "false", "1", "-1", "+7", "0", "99999999999", "1.5", " 3 ", "2016-05-04T21:24:49Z", "2016-05-04T21:24:49",
		"2016-13-04T21:24:49Z", "2016-05-04T24:00:00.0+01:00", "06:30:00", "25:00:00", "LastDay", "31", "32", "Viewer", "viewer",
		"12345678-abcd-4000-8000-1234567890AB"}
	attributes := []string{"id", "name", "siteRole", "createdAt", "priority", "type", "isCertified", "size", "label", "start", "colour",
		"contentPermissions", "revisionLimit", "userQuota", "serverPort", "hasExtracts"}
	elements := []string{"owner", "project", "user", "tags", "tag", "workbook", "view", "schedule", "site", "colour", "connectionCredentials",
		"group", "intervals", "interval", "capability"}
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	any := all[random.IntN(len(all))]
	switch kind := random.IntN(10); {
	case kind <= 3 && len(withAttributes) > 0:
		e := withAttributes[random.IntN(len(withAttributes))]
		i := random.IntN(len(e.Attrs))
		switch kind {
		case 0:
			e.Attrs = slices.Delete(e.Attrs, i, i+1)
		case 1:
			e.Attrs[i].Name += "x"
		default:
			e.Attrs[i].Value = pick(values)
		}
	case kind <= 6 && len(withChildren) > 0:
		e := withChildren[random.IntN(len(withChildren))]
		i := random.IntN(len(e.Children))
		switch kind {
		case 4:
			e.Children = slices.Delete(e.Children, i, i+1)
		case 5:
			e.Children = append(e.Children, e.Children[i])
		default:
			copied := *e.Children[i]
			copied.Name = pick(elements)
			e.Children[i] = &copied
		}
	case kind == 7:
		any.Text = pick(values)
	case kind == 8:
		any.Set(pick(attributes), pick(values))
	default:
		any.Add(tsxml.New(pick(elements)))
	}
}

// xmllint returns what a validator says of each document, "" for nothing. Children are put in the schema's order first.
func xmllint(t *testing.T, table *table, documents []*tsxml.Element) []string {
	t.Helper()
	schema := shared(t, "reference/ts-api_3_29.xsd")
	program, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed (Debian: libxml2-utils)")
	}
	dir := t.TempDir()
	arguments := []string{"--noout", "--schema", schema}
	for i, document := range documents {
		table.sort(document, "tsRequest")
		var out bytes.Buffer
		if err := document.WriteXML(&out); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, fmt.Sprintf("%d.xml", i))
		if err := os.WriteFile(name, bytes.Replace(out.Bytes(), []byte("<tsRequest"), []byte(`<tsRequest xmlns="http://tableau.com/api"`), 1), 0o600); err != nil {
			t.Fatal(err)
		}
		arguments = append(arguments, name)
	}
	var stderr bytes.Buffer
	command := exec.CommandContext(t.Context(), program, arguments...)
	command.Stderr = &stderr
	if err := command.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	reasons := make([]string, len(documents))
	seen := 0
	message := regexp.MustCompile(`/(\d+)\.xml(:\d+:| validates| fails to validate)(.*)`)
	for line := range strings.Lines(stderr.String()) {
		m := message.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("xmllint says %q", line)
		}
		var i int
		fmt.Sscan(m[1], &i)
		if strings.HasSuffix(m[2], ":") {
			reasons[i] += m[3] + "\n"
		} else {
			seen++
		}
	}
	if seen != len(documents) {
		t.Fatalf("xmllint judged %d of %d documents", seen, len(documents))
	}
	return reasons
}

// sort puts children in the order in which the schema names them.
func (t *table) sort(e *tsxml.Element, typeName string) {
	complexType := t.complexTypes[typeName]
	if complexType == nil {
		return
	}
	order := complexType.content.names()
	slices.SortStableFunc(e.Children, func(a, b *tsxml.Element) int { return slices.Index(order, a.Name) - slices.Index(order, b.Name) })
	for _, child := range e.Children {
		t.sort(child, complexType.children[child.Name])
	}
}
