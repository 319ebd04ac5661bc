package tsxml

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sample is an answer with one of everything.
func sample() *Element {
	return New("tsResponse").Add(
		New("pagination").SetInt("pageNumber", 1),
		nil,
		List("workbooks",
			New("workbook", "id", "w1", "name", `A "quoted" <name> & more`).SetBool("showTabs", true).SetIf("description", "").
				SetTime("createdAt", time.Date(2026, 3, 1, 12, 0, 0, 999, time.FixedZone("", 3600))).SetTime("updatedAt", time.Time{}).
				Add(List("tags", New("tag", "label", "one\ttwo\r\n")))),
		&Element{Name: "note", Text: "1 < 2 && 3 > 2 \"\r\n\u2028"},
	)
}

func TestElement(t *testing.T) {
	t.Parallel()
	e := New("project", "id", "p", "name", "a").Set("name", "b").Add(New("owner", "id", "o"))
	if v, ok := e.Lookup("name"); v != "b" || !ok || e.Attr("name") != "b" {
		t.Errorf("name = %q, %v, want b", v, ok)
	}
	if v, ok := e.Lookup("x"); v != "" || ok {
		t.Errorf("absent attribute = %q, %v", v, ok)
	}
	if e.Child("owner").Attr("id") != "o" || e.Child("x") != nil || e.Child("x").Child("y").Attr("z") != "" {
		t.Error("children are not found, or absent ones are")
	}
	if !e.Equal(New("project", "name", "b", "id", "p").Add(New("owner", "id", "o"))) {
		t.Error("the order of attributes matters to Equal")
	}
	for _, other := range []*Element{nil, New("x"), New("project", "id", "p", "name", "b"), New("project", "id", "p", "name", "c").Add(New("owner", "id", "o")),
		New("project", "id", "p", "name", "b").Add(New("owner", "id", "x")), New("project", "id", "p", "x", "b").Add(New("owner", "id", "o"))} {
		if e.Equal(other) || other.Equal(e) {
			t.Errorf("%v equals %v", e, other)
		}
	}
}

func TestWriteXML(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	if err := sample().WriteXML(&buf); err != nil {
		t.Fatal(err)
	}
	want := `<?xml version="1.0" encoding="UTF-8"?><tsResponse xmlns="http://tableau.com/api" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"` +
		` xsi:schemaLocation="http://tableau.com/api https://help.tableau.com/samples/en-us/rest_api/ts-api_3_29.xsd"><pagination pageNumber="1"/><workbooks>` +
		`<workbook id="w1" name="A &quot;quoted&quot; &lt;name&gt; &amp; more" showTabs="true" createdAt="2026-03-01T11:00:00Z"><tags><tag label="one&#9;two&#13;&#10;"/></tags></workbook>` +
		"</workbooks><note>1 &lt; 2 &amp;&amp; 3 &gt; 2 \"&#13;\n\u2028</note></tsResponse>"
	if diff := cmp.Diff(want, buf.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	back, err := ParseXML(&buf, 1<<20)
	if err != nil || !back.Equal(sample()) {
		t.Errorf("read back: %v, error %v", back, err)
	}
	if got := New("a", "b", "\x00\xff\uFFFE|").String(); got != "<a b=\"\uFFFD\uFFFD\uFFFD|\"/>" {
		t.Errorf("characters XML cannot carry are written as %q", got)
	}
}

func TestWriteJSON(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		tree *Element
		want string
	}{
		{"sample", sample(), `{"pagination":{"pageNumber":"1"},"workbooks":{"workbook":[{"id":"w1","name":"A \"quoted\" <name> & more","showTabs":"true",` +
			`"createdAt":"2026-03-01T11:00:00Z","tags":{"tag":[{"label":"one\ttwo\r\n"}]}}]},"note":"1 < 2 && 3 > 2 \"\r\n` + "\u2028" + `"}`},
		{"nothing", New("tsResponse"), `{}`},
		{"empty list", New("tsResponse").Add(List("workbooks")), `{"workbooks":{}}`},
		{"repeated without List", New("tsResponse").Add(New("m", "id", "1"), New("n"), New("m", "id", "2")), `{"m":[{"id":"1"},{"id":"2"}],"n":{}}`},
		{"one that may be several", New("tsResponse").Add(New("n"), &Element{Name: "m", Repeated: true}), `{"n":{},"m":[{}]}`},
		{"text beside attributes", New("tsResponse").Add(&Element{Name: "productVersion", Attrs: []Attr{{"build", "b"}}, Text: "2026.2"}), `{"productVersion":{"build":"b","value":"2026.2"}}`},
		{"list of texts", New("r").Add(List("words", &Element{Name: "word", Text: "a"})), `{"words":{"word":["a"]}}`},
		{"odd characters", New("r", "a", "\\\x00\x1f\x7f\xffé"), `{"a":"\\\u0000\u001f` + "\x7f\uFFFDé" + `"}`},
	}
	for _, test := range tests {
		var buf bytes.Buffer
		if err := test.tree.WriteJSON(&buf); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, buf.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		if !json.Valid(buf.Bytes()) {
			t.Errorf("%s: encoding/json does not accept %s", test.name, buf.Bytes())
		}
	}
}

func TestParseJSON(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, document, want string }{
		{"sign in", `{"credentials": {"name":"ann","password":"x\u0026\"","site":{"contentUrl":""}}}`,
			`<tsRequest><credentials name="ann" password="x&amp;&quot;"><site contentUrl=""/></credentials></tsRequest>`},
		{"scalars", `{"a":1.50,"b":true,"c":false,"d":null,"e":12345678901234567890,"xmlns":"x"}`, `<tsRequest a="1.50" b="true" c="false" e="12345678901234567890"/>`},
		{"arrays", `{"tags":{"tag":[{"label":"a"},null,{"label":"b"}]},"words":{"word":["x",2,true]},"none":{"item":[]}}`,
			`<tsRequest><tags><tag label="a"/><tag label="b"/></tags><words><word>x</word><word>2</word><word>true</word></words><none/></tsRequest>`},
		{"nothing", ` {} `, `<tsRequest/>`},
		{"twice", `{"a":"1","a":"2"}`, `<tsRequest a="2"/>`},
	}
	for _, test := range tests {
		got, err := ParseJSON(strings.NewReader(test.document), 1000)
		if err != nil || got.String() != test.want {
			t.Errorf("%s:\n got %v, error %v\nwant %s", test.name, got, err, test.want)
		}
	}
	var members strings.Builder
	for i := range 1500 {
		fmt.Fprintf(&members, `"a%d":1,`, i)
	}
	refused := []struct{ name, document, want string }{
		{"nothing", ``, "ends too early"},
		{"cut", `{"a":{"b":1}`, "ends too early"},
		{"array", `[]`, "must be one object"},
		{"scalar", `1`, "must be one object"},
		{"array in array", `{"a":[[1]]}`, "holds another array"},
		{"more after it", `{} {}`, "goes on"},
		{"name", `{"a b":1}`, "cannot be the name"},
		{"name with a digit first", `{"1a":{}}`, "cannot be the name"},
		{"deep", strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100), "nested deeper"},
		{"deep arrays", strings.Repeat(`{"a":[`, 100) + "1" + strings.Repeat("]}", 100), "nested deeper"},
		{"wide", "{" + members.String() + `"z":1}`, "more than 1000 members"},
		{"large", `{"a":"` + strings.Repeat("x", 1<<16) + `"}`, "larger than"},
		{"not UTF-8", "{\"a\":\"\xff\"}", "not valid UTF-8"},
		{"syntax", `{"a" 1}`, "not usable"},
	}
	for _, test := range refused {
		got, err := ParseJSON(strings.NewReader(test.document), 1<<15)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, error %v, want one with %q", test.name, got, err, test.want)
		}
	}
}

func TestJSONRoundTrip(t *testing.T) {
	t.Parallel()
	for _, document := range []string{
		`{"credentials":{"name":"ann","site":{"contentUrl":"marketing"}}}`,
		`{"workbook":{"name":"é \"q\" \\ \n","showTabs":"true","tags":{"tag":[{"label":"a"},{"label":"b"}]}}}`,
		`{"tags":{"tag":[{"label":"only"}]}}`,
		`{"words":{"word":["a","b"]},"empty":{}}`,
	} {
		tree, err := ParseJSON(strings.NewReader(document), 1000)
		if err != nil {
			t.Fatal(err)
		}
		var buf bytes.Buffer
		if err := tree.WriteJSON(&buf); err != nil {
			t.Fatal(err)
		}
		if buf.String() != document {
			t.Errorf("%s comes back as %s", document, buf.String())
		}
	}
}

func TestParseXML(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, document, want string }{
		{"prefixes", `<?xml version="1.0"?><t:tsRequest xmlns:t="http://tableau.com/api" xmlns="x" t:a="1" xml:lang="de" b="2"><t:c/></t:tsRequest>`, `<tsRequest b="2"><c/></tsRequest>`},
		{"white space", "\n<a>\n <b> x\n</b>\n\t<c> </c></a>\n<!-- end -->\n", "<a><b> x\n</b><c/></a>"},
		{"text in pieces", `<a>x<!-- -->y<b/><![CDATA[<z>]]>&#65;</a>`, `<a>xy&lt;z&gt;A<b/></a>`},
		{"byte order mark", "\uFEFF<a/>", "<a/>"},
		{"deepest", strings.Repeat("<a>", maxDepth) + "x" + strings.Repeat("</a>", maxDepth), strings.Repeat("<a>", maxDepth) + "x" + strings.Repeat("</a>", maxDepth)},
	}
	for _, test := range tests {
		got, err := ParseXML(strings.NewReader(test.document), 1<<20)
		if err != nil || got.String() != test.want {
			t.Errorf("%s:\n got %v, error %v\nwant %s", test.name, got, err, test.want)
		}
	}
	var attributes strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&attributes, ` a%d=""`, i)
	}
	refused := []struct{ name, document, want string }{
		{"nothing", " ", "ends too early"},
		{"deep", strings.Repeat("<a>", 1000), "nested deeper than 64"},
		{"entity bomb", `<!DOCTYPE a [<!ENTITY b "xxxx">]><a>&b;</a>`, "document type"},
		{"external entity", `<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>`, "document type"},
		{"no name behind a prefix", `<a><b:0/></a>`, "not a name"},
		{"declared inside", `<a><!ENTITY b "x"></a>`, "document type"},
		{"wide", "<a" + attributes.String() + "/>", "more than 1000 attributes"},
		{"attribute twice", `<a b="1" b="2"/>`, "two attributes b"},
		{"text before", `x<a/>`, "outside of the root"},
		{"text after", `<a/>x`, "outside of the root"},
		{"second root", `<a/><b/>`, "second root element <b>"},
		{"large", "<a>" + strings.Repeat("x", 1<<20) + "</a>", "larger than the 1048576 bytes"},
		{"JSON", `{"a":1}`, "outside of the root"},
	}
	for _, test := range refused {
		got, err := ParseXML(strings.NewReader(test.document), 1<<20)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, error %v, want one with %q", test.name, got, err, test.want)
		}
	}
}

func TestParseXMLRealAnswers(t *testing.T) {
	t.Parallel()
	for file, data := range assets(t) {
		tree, err := ParseXML(bytes.NewReader(data), 1<<20)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		checkRewrite(t, tree)
	}
}

// checkRewrite fails unless the tree written as XML reads back as the same tree, and its JSON is valid.
func checkRewrite(t *testing.T, tree *Element) {
	t.Helper()
	var buf bytes.Buffer
	if err := tree.WriteXML(&buf); err != nil {
		t.Fatal(err)
	}
	back, err := ParseXML(bytes.NewReader(buf.Bytes()), 1<<30)
	if err != nil {
		t.Fatalf("%s\ndoes not parse: %v", buf.Bytes(), err)
	}
	if !tree.Equal(back) {
		t.Fatalf("%s\nreads back as\n%s", tree, back)
	}
	buf.Reset()
	if err := tree.WriteJSON(&buf); err != nil {
		t.Fatal(err)
	}
	if !json.Valid(buf.Bytes()) {
		t.Fatalf("%s\nhas invalid JSON %s", tree, buf.Bytes())
	}
}

func FuzzParseXML(f *testing.F) {
	for _, document := range documents {
		f.Add(inRoot(document))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if tree, err := ParseXML(bytes.NewReader(data), 1<<20); err == nil {
			checkRewrite(t, tree)
		}
	})
}

func FuzzParseJSON(f *testing.F) {
	for _, document := range []string{
		`{"credentials":{"name":"ann","site":{"contentUrl":""}}}`, `{"a":[1,"b",null,{"c":[true]}]}`, `{"a":"\u0000\ud800"}`, `{"a":1e400}`, `{"a b":1}`, `[]`, `{"a":[[]]}`, `{} {}`,
	} {
		f.Add([]byte(document))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if tree, err := ParseJSON(bytes.NewReader(data), 1<<20); err == nil {
			var buf bytes.Buffer
			if err := tree.WriteJSON(&buf); err != nil || !json.Valid(buf.Bytes()) {
				t.Fatalf("%q becomes invalid JSON %q, error %v", data, buf.Bytes(), err)
			}
		}
	})
}
