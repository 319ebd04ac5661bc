package cli

import (
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/tableau"
)

func printed() *tableau.Workbook {
	return &tableau.Workbook{
		ID: "1e3", Name: "Bread & <Cake>\nDaily\x1b[2J", ContentURL: "true", ShowTabs: true, Size: 12,
		UpdatedAt: time.Date(2026, 11, 24, 7, 8, 9, 0, time.FixedZone("", 3600)),
		Project:   tableau.ProjectRef{ID: "p", Name: "Finance", Extra: tableau.Attributes{{Name: xml.Name{Local: "color"}, Value: "red"}}},
		Tags:      []tableau.Tag{{Label: "a"}, {Label: "b"}},
		Extra:     tableau.Attributes{{Name: xml.Name{Local: "brandNew"}, Value: "yes"}},
	}
}

func printAs(t *testing.T, format string, one bool) string {
	t.Helper()
	var out strings.Builder
	a := &app{out: &out, output: outputFlags{format: choice{value: format}}}
	columns := []column{{title: "NAME", path: "name"}, {title: "PROJECT", path: "project.name"}, {title: "OWNER", path: "owner.id"}, {title: "TAGS", path: "tags"}, {title: "UPDATED", path: "updatedAt"}}
	var err error
	if one {
		err = printOne(a, printed(), columns)
	} else {
		err = printList(a, []*tableau.Workbook{printed()}, columns)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Names are those of the server's XML; what is unknown is there, and what is unset is not.
func TestStructuredOutput(t *testing.T) {
	t.Parallel()
	want := map[string]any{
		"id": "1e3", "name": "Bread & <Cake>\nDaily\x1b[2J", "description": "", "contentUrl": "true", "webpageUrl": "", "showTabs": true, "size": 12.0,
		"sheetCount": 0.0, "hasExtracts": false, "encryptExtracts": false, "defaultViewId": "", "shareDescription": "",
		"updatedAt": "2026-11-24T06:08:09Z", "thumbnailsUserId": "", "thumbnailsGroupId": "",
		"project": map[string]any{"id": "p", "name": "Finance", "description": "", "color": "red"},
		"tags":    []any{map[string]any{"label": "a"}, map[string]any{"label": "b"}}, "brandNew": "yes",
	}
	for format, unmarshal := range map[string]func([]byte, any) error{"json": json.Unmarshal, "yaml": func(b []byte, v any) error {
		var decoded any
		if err := yaml.Unmarshal(b, &decoded); err != nil {
			return err
		}
		text, err := json.Marshal(decoded) // so that both have the same Go types
		if err != nil {
			return err
		}
		return json.Unmarshal(text, v)
	}} {
		var one map[string]any
		if err := unmarshal([]byte(printAs(t, format, true)), &one); err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		if diff := cmp.Diff(want, one); diff != "" {
			t.Errorf("%s mismatch (-want +got):\n%s", format, diff)
		}
		var list []map[string]any
		if err := unmarshal([]byte(printAs(t, format, false)), &list); err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		if diff := cmp.Diff([]map[string]any{want}, list); diff != "" {
			t.Errorf("%s list mismatch (-want +got):\n%s", format, diff)
		}
	}
	if text := printAs(t, "json", true); !strings.HasPrefix(text, "{\n  \"id\": \"1e3\",\n  \"name\": \"Bread & <Cake>") {
		t.Errorf("JSON is not in the server's order, or escaped without need:\n%s", text)
	}
}

// Every text comes back as the same text, also those that look like something else.
func TestYAMLTexts(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "plain", "a b", "Größe", "no", "Yes", "on", "y", "NULL", "null", "~", "TRUE", "1e3", "0x10", "1_000", "3.20", "2026-11-24", "=", ".inf", "NaN",
		"- a", "a: b", "a #b", "'q'", `"q"`, `a\b`, " lead", "trail ", "tab\there", "two\nlines\n", "\r\n", "\x00\x1b\x7f\u009b", "\u2028", "*a", "!b", "@c", "%d", "`e", "大", "😀",
	} {
		content, err := yaml.Marshal(object{{"text", text}, {"list", []any{text}}})
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Text any
			List []any
		}
		if err := yaml.Unmarshal(content, &got); err != nil || got.Text != text || len(got.List) != 1 || got.List[0] != text {
			t.Errorf("%q was written as %q and read as %q and %q (%v)", text, content, got.Text, got.List, err)
		}
	}
}

func TestTablesAndCSV(t *testing.T) {
	t.Parallel()
	tests := []struct{ format, want string }{
		{"table", "NAME                      PROJECT  OWNER  TAGS  UPDATED\n" +
			"Bread & <Cake> Daily\ufffd[2J  Finance         a, b  2026-11-24T06:08:09Z\n"},
		{"csv", "name,project.name,owner.id,tags,updatedAt\n\"Bread & <Cake>\nDaily\x1b[2J\",Finance,,\"a, b\",2026-11-24T06:08:09Z\n"},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, printAs(t, test.format, false)); diff != "" {
			t.Errorf("%s mismatch (-want +got):\n%s", test.format, diff)
		}
	}
}

func TestByteSize(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 77648: "77.6 kB", 64_000_000: "64.0 MB", 5_300_000_000_000_000: "5300.0 TB"} {
		if got := byteSize(n); got != want {
			t.Errorf("byteSize(%d) = %q, want %q", n, got, want)
		}
	}
}
