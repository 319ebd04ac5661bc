package tsxml

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// lenientTime is how the reference reads a time: encoding/xml gives the text to it.
type lenientTime time.Time

func (t *lenientTime) UnmarshalText(text []byte) error {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700"} {
		if parsed, err := time.Parse(layout, string(text)); err == nil && (*time.Time)(t).UnmarshalText([]byte(parsed.Format(time.RFC3339Nano))) == nil {
			*t = lenientTime(time.Time(*t).UTC())
			return nil
		}
	}
	*t = lenientTime{}
	return nil
}

// named types, since a client's enumerations are such.
type (
	role  string
	count int16
	flag  bool
	extra []xml.Attr
)

// Common is embedded by both twins.
type Common struct {
	ID   string `xml:"id,attr"`
	Role role   `xml:"role,attr"`
}

// detail, list and the twins hold every kind of field that Decode supports.
type detail struct {
	Common
	Text  string    `xml:",chardata"`
	Inner []*detail `xml:"detail"`
	Extra extra     `xml:",any,attr"`
}

type item[T any] struct {
	Common
	Name     string     `xml:"name,attr"`
	Flag     flag       `xml:"flag,attr"`
	Small    int8       `xml:"small,attr"`
	Count    count      `xml:"count,attr"`
	Big      uint64     `xml:"big,attr"`
	Byte     uint8      `xml:"byte,attr"`
	Ratio    float32    `xml:"ratio,attr"`
	At       T          `xml:"at,attr"`
	MaybeAt  *T         `xml:"maybeAt,attr"`
	Maybe    *string    `xml:"maybe,attr"`
	MaybeInt *int       `xml:"maybeInt,attr"`
	Äh       string     `xml:"Äh,attr"`
	Default  string     `xml:",attr"`
	Hidden   string     `xml:"-"`
	Plain    string     `xml:"plain"`
	Number   int32      `xml:"number"`
	Yes      *bool      `xml:"yes"`
	When     T          `xml:"when"`
	Words    []string   `xml:"words>word"`
	Numbers  []*int     `xml:"words>number"`
	One      detail     `xml:"one"`
	Other    *detail    `xml:"deep>er>other"`
	Many     []detail   `xml:"deep>many"`
	Items    []*item[T] `xml:"items>item"`
	Float    float64    `xml:"float"`
	Default2 string
	Extra    []xml.Attr `xml:",any,attr"`
}

type answer[T any] struct {
	XMLName xml.Name   `xml:"tsResponse"`
	Item    *item[T]   `xml:"item"`
	Detail  detail     `xml:"detail"`
	Values  []item[T]  `xml:"values>item"`
	Items   []*item[T] `xml:"lists>items>item"`
	Note    string     `xml:"note"`
	Sizes   []int      `xml:"size"`
}

// decodeBoth decodes a document with Decode and with encoding/xml. The twins differ in the type of times alone.
func decodeBoth(data []byte) (got answer[time.Time], gotErr error, want answer[lenientTime], wantErr error) {
	gotErr = Decode(data, At("item", &got.Item), At("detail", &got.Detail), At("values>item", &got.Values),
		At("lists>items>item", &got.Items), At("note", &got.Note), At("size", &got.Sizes))
	wantErr = xml.Unmarshal(data, &want)
	want.XMLName = xml.Name{}
	return
}

// convert copies a value into a twin's.
func convert(to, from reflect.Value) {
	switch {
	case from.Type() == reflect.TypeFor[lenientTime]():
		to.Set(from.Convert(to.Type()))
	case from.Kind() == reflect.Pointer && !from.IsNil():
		to.Set(reflect.New(to.Type().Elem()))
		convert(to.Elem(), from.Elem())
	case from.Kind() == reflect.Slice && !from.IsNil():
		to.Set(reflect.MakeSlice(to.Type(), from.Len(), from.Len()))
		for i := range from.Len() {
			convert(to.Index(i), from.Index(i))
		}
	case from.Kind() == reflect.Struct:
		for i := range from.NumField() {
			convert(to.Field(i), from.Field(i))
		}
	case from.Type() == to.Type():
		to.Set(from)
	}
}

// refusedByBounds reports whether the error is one of those that only Decode gives.
func refusedByBounds(err error) bool {
	for _, reason := range []string{"document type declarations are refused", "nested deeper than", "namespaces are declared"} {
		if strings.Contains(err.Error(), reason) {
			return true
		}
	}
	return false
}

// checkAgainstReference fails when Decode and encoding/xml disagree about a document.
func checkAgainstReference(t *testing.T, data []byte) {
	t.Helper()
	got, gotErr, reference, wantErr := decodeBoth(data)
	switch {
	case gotErr != nil && wantErr == nil && !refusedByBounds(gotErr):
		t.Errorf("Decode(%q) refuses with %q what encoding/xml accepts", data, gotErr)
	case gotErr == nil && wantErr != nil:
		t.Errorf("Decode(%q) accepts what encoding/xml refuses with %q", data, wantErr)
	case gotErr == nil:
		var want answer[time.Time]
		convert(reflect.ValueOf(&want).Elem(), reflect.ValueOf(&reference).Elem())
		if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("Decode(%q) differs from encoding/xml (-want +got):\n%s", data, diff)
		}
	}
}

// documents are answers, good and bad, on which Decode must agree with encoding/xml.
// Those that do not start with a root are put into one.
var documents = []string{
	// shapes of elements
	`<item id="1" name="a" flag="true" small="-5" count="7" big="18446744073709551615" byte="255" ratio="1.5" at="2024-02-14T04:42:09Z"/>`,
	`<item id='1' name='say "a"'  flag = "1"	at
="2024-02-14T04:42:09.5+02:00"></item>`,
	`<item maybe="" maybeInt="" maybeAt=""/>`,
	`<item maybe="x" maybeInt=" 4 " maybeAt="2016-06-31T20:34:04Z"/>`,
	`<item at="yesterday" name="kept"/>`,
	`<item at="2024-02-14T4:42:09Z"/>`, `<item at="2024-02-14T04:42:09,5Z"/>`, `<item at=" 2024-02-14T04:42:09Z"/>`,
	`<item><when>2024-02-14T04:42:09Z</when></item>`, `<item><when>never<b>2</b></when></item>`,
	`<item Default="d"><Default2>e</Default2></item>`,
	`<item flag=" true "/>`, `<item flag="yes"/>`, `<item flag=" "/>`, `<item flag=""/>`,
	`<item small="128"/>`, `<item small="1e2"/>`, `<item small="+1"/>`, `<item small="0x10"/>`, `<item small="1_0"/>`,
	`<item byte="-1"/>`, `<item byte="256"/>`, `<item big="99999999999999999999"/>`,
	`<item ratio="NaN"/>`, `<item ratio="1e99"/>`, `<item ratio="."/>`, `<item ratio=" 1 "/>`,
	`<item Äh="ja"/>`, `<item Ḁ="x"/>`, `<item a×b="x"/>`, "<item a\xffb=\"x\"/>", `<item ·a="x"/>`, `<item a·="x"/>`,
	`<item><plain>a<!-- no -->b<![CDATA[<c>&amp;]]>d<x>skipped</x>e</plain></item>`,
	`<item><plain/><number/><yes/></item>`, `<item><number> 12 </number><yes>TRUE</yes><float>-0.5e3</float></item>`,
	`<item><number>1<!-- -->2</number></item>`, `<item><number> </number></item>`, `<item><yes>no</yes></item>`,
	`<item><plain>a</plain><plain>b</plain></item>`, `<item><plain>a</plain><plain/></item>`,
	`<item><words><word>a</word><other/><word/><number>1</number></words><words><word>c</word></words></item>`,
	`<item><one id="1" x="2">a<detail id="3">b</detail>c</one><one role="r"/></item>`,
	`<item><deep><er><other id="1"/></er><many>1</many></deep><deep><many>2</many><er><many>no</many><other role="2"/></er></deep></item>`,
	`<item><items><item id="1"/><item id="2"><items><item id="3"/></items></item></items></item>`,
	`<item id="1"/><item name="2"/>`, `<item id="1" id="2"/>`, `<item unknown="1" unknown="2"/>`, `<item small="x" small="1"/>`,
	`<values><item/><item/></values><values><item id="3"/></values>`, `<values><other><item/></other></values>`,
	`<lists><items><item id="1"/></items></lists><lists><items/><items><item id="2"/></items></lists>`,
	`<note>a</note><note> b </note>`, `<size>1</size><size/><size>3</size>`, `<size>x</size>`,
	`text <note>n</note> text`, ``,
	// references, line ends, characters
	`<note>&lt;&gt;&amp;&apos;&quot;</note>`, `<item name="&lt;&gt;&amp;&apos;&quot;"/>`,
	`<note>&#65;&#x41;&#x1F600;&#xD800;&#10;&#13;</note>`, `<note>&#0;</note>`, `<note>&#xFFFE;</note>`, `<note>&#x110000;</note>`,
	`<note>&#99999999999999999999;</note>`, `<note>&#00000000000000000000000065;</note>`, `<note>&#;</note>`, `<note>&#x;</note>`, `<note>&#X41;</note>`,
	`<note>&amp</note>`, `<note>& </note>`, `<note>&;</note>`, `<note>&nbsp;</note>`, `<note>&lt ;</note>`, `<note>&LT;</note>`, `<note>&é;</note>`,
	"<note>a\r\nb\rc\n\r\r\nd&#13;\ne\r</note>", "<item name='a\r\nb\r'/>", "<note><![CDATA[a\r\nb\r]]>\n</note>",
	"<note>\x00</note>", "<note>\x1f</note>", "<note>\x7f</note>", "<note>\x80</note>", "<note>\xc3</note>", "<note>\xed\xa0\x80</note>",
	"<note>\uFFFD\uFEFF\u2028</note>", "<note>\uFFFE</note>", "<item name=\"\uFFFF\"/>", "<item name=\"é世😀\"/>", "<note><![CDATA[\xff]]></note>", "<note><![CDATA[\x01]]></note>",
	"<!-- \xff\x00 -->", "<?pi \xff\x00 ?>",
	`<note>]]></note>`, `<note>]]&gt;</note>`, `<note>]]&#62;></note>`, `<item name="]]>"/>`, `<note>]>]]</note>`, `<note>]<!-- -->]></note>`, `<note><![CDATA[]]]]>></note>`, `<note><![CDATA[]]></note>`,
	`<note>"quotes'</note>`, `<note>></note>`, `<item name="a>b"/>`, `<item name="a<b"/>`, `<item name='it"s'/>`,
	// comments, instructions, sections
	`<!----><note>n</note>`, `<!---><note>n</note>`, `<!-- a -- b -->`, `<!-- a --->`, `<!- -->`, `<!-- `, `<!-->`, `<![CDATA[x`, `<![CDAT[x]]>`, `<![CDATA[x]]>`,
	`<?pi?>`, `<?pi x?y>z?>`, `<?a:b:c?>`, `<?1?>`, `<??>`, `<? pi?>`, `<?pi`, `<?pi?`, `<?é?>`, `<?xml version="1.1"?>`, `<?xml version="1.0" encoding="latin1"?>`, `<?xmlé?>`,
	// tags
	`<item`, `<item `, `<item/`, `<item name`, `<item name=`, `<item name="`, `<item name="x`, `<item name="x"`, `<item name=x/>`, `<item name/>`, `<item / >`, `<item/ name="x">`,
	`<item name="x"id="1"/>`, `<item name = 'x'	/>`, `< item/>`, `<item></item >`, `<item></ item>`, `<item></item x>`, `<item></items>`, `</item>`, `<>`, `</>`, `<1/>`, `<-a/>`, `<a.b-c_d/>`,
	`<note><b></note></b>`, `<note><b>`, `<note/></note>`, `<x><y><note>no</note></y></x>`,
	// namespaces
	`<t:item xmlns:t="http://tableau.com/api" t:id="1" xml:lang="de" u:x="2" y="3"/>`, `<t:item></item>`, `<t:item></u:item>`,
	`<item a:x="1" xmlns:a="u" xmlns="d" b:y="2"><one a:z="3" xmlns:a="v" xmlns:b=""/><one a:z="4" b:y="5"/></item>`,
	`<item xmlns:a="u"/><item a:x="1"/>`, `<item xmlns:a="1" xmlns:a="2" a:x="3"/>`, `<item xmlns:xml="1" xml:a="2" xmlns:xmlns="3" xmlns:b="4"/>`,
	`<a:b:item/>`, `<:item/>`, `<item:/>`, `<a:item></a:item>`, `<item :name="x" name:="y" xmlns:="z" xmlns::a="b"/>`, `<item xmlns:id="taken"/>`,
	// whole documents
	`<tsResponse/>`, `<t:tsResponse xmlns:t="http://tableau.com/api"><t:note>n</t:note></t:tsResponse>`, `<tsResponse></tsresponse>`,
	`<?xml version='1.0' encoding='UTF-8'?><tsResponse><note>n</note></tsResponse>trailing < text`,
	`<?xml version="1.0" encoding="utf-8" standalone="no"?> <!-- c --> <tsResponse><note>n</note></tsResponse>`,
	`<?xml version="1.0" encoding="UTF-16"?><tsResponse/>`, `<?xml version="2.0"?><tsResponse/>`, `<?xml?><tsResponse/>`, `<?xml encoding='Utf-8'?><tsResponse/>`,
	"\uFEFF<tsResponse><note>n</note></tsResponse>", `text<tsResponse/>`, `text]]><tsResponse/>`, `<![CDATA[x]]><tsResponse/>`, `</a><tsResponse/>`,
	`<!DOCTYPE tsResponse><tsResponse/>`, `<html><body/></html>`, `<tsResponse>`, `<?xml version='1.0'?>`, ` `, `{"a":1}`, "\xff\xfe<\x00",
}

// inRoot puts a document that does not say what its root is into a tsResponse.
func inRoot(document string) []byte {
	if strings.Contains(document, "tsResponse") || strings.Contains(document, "<html") || document == " " || strings.HasPrefix(document, "{") {
		return []byte(document)
	}
	return []byte("<tsResponse>" + document + "</tsResponse>")
}

func TestDecodeAgreesWithEncodingXML(t *testing.T) {
	t.Parallel()
	for _, document := range documents {
		checkAgainstReference(t, inRoot(document))
		checkAgainstReference(t, []byte(document))
	}
}

func TestDecodeTruncatedAtEveryByte(t *testing.T) {
	t.Parallel()
	whole := "<?xml version='1.0'?><!-- c --><a:tsResponse xmlns:a='u'><a:item id=\"1\" name='&amp;x' a:y=\"é\"><plain>t&#x41;<![CDATA[c\r\n]]></plain>" +
		"<deep><many id='2'/></deep></a:item><note>n</note></a:tsResponse>"
	for n := range len(whole) {
		checkAgainstReference(t, []byte(whole[:n]))
		if err := Decode([]byte(whole[:n])); err == nil {
			t.Errorf("Decode accepts a document cut after %d bytes: %q", n, whole[:n])
		}
	}
	checkAgainstReference(t, []byte(whole))
}

func TestDecodeValues(t *testing.T) {
	t.Parallel()
	type tag struct {
		Label string `xml:"label,attr"`
	}
	type workbook struct {
		ID        string     `xml:"id,attr"`
		Size      int64      `xml:"size,attr"`
		CreatedAt time.Time  `xml:"createdAt,attr"`
		UpdatedAt time.Time  `xml:"updatedAt,attr"`
		Tags      []tag      `xml:"tags>tag"`
		Extra     []xml.Attr `xml:",any,attr"`
	}
	document := []byte(`<ns0:tsResponse xmlns:ns0="http://tableausoftware.com/api"><ns0:pagination pageNumber="2"/>` +
		`<ns0:workbooks><ns0:workbook size="3" id="a" color="red" createdAt="2016-06-31T20:34:04Z" updatedAt="2016-08-04T17:56:41Z"><ns0:tags><ns0:tag label="x &amp; y"/></ns0:tags></ns0:workbook>` +
		`<ns0:workbook id="b"/></ns0:workbooks></ns0:tsResponse>`)
	want := []workbook{
		{ID: "a", Size: 3, UpdatedAt: time.Date(2016, 8, 4, 17, 56, 41, 0, time.UTC), Tags: []tag{{"x & y"}}, Extra: []xml.Attr{{Name: xml.Name{Local: "color"}, Value: "red"}}},
		{ID: "b"},
	}
	var page struct {
		Number int `xml:"pageNumber,attr"`
	}
	var values []workbook
	var absent *workbook
	if err := Decode(document, At("pagination", &page), At("workbooks>workbook", &values), At("workbook", &absent)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, values); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if page.Number != 2 || absent != nil {
		t.Errorf("page number = %d, want 2; absent element = %v, want nil", page.Number, absent)
	}
	var pointers []*workbook
	var last *workbook
	if err := Decode(document, At("workbooks>workbook", &pointers)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]*workbook{&want[0], &want[1]}, pointers); diff != "" {
		t.Errorf("pointers (-want +got):\n%s", diff)
	}
	if err := Decode(document, At("workbooks", &last)); err != nil || last == nil {
		t.Errorf("a struct for a container = %v, %v", last, err)
	}
}

func TestDecodeErrors(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("<a>", 200) + strings.Repeat("</a>", 200)
	var declarations strings.Builder
	for i := range 300 {
		fmt.Fprintf(&declarations, ` xmlns:n%d="u"`, i)
	}
	tests := []struct{ name, document, want string }{
		{"deep", "<tsResponse>" + deep + "</tsResponse>", "XML line 1: elements are nested deeper than 64 levels"},
		{"namespaces", "<tsResponse" + declarations.String() + "/>", "XML line 1: more than 256 namespaces are declared"},
		{"entity bomb", `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><tsResponse>&b;</tsResponse>`, "XML line 1: document type declarations are refused"},
		{"unknown entity", "<tsResponse>\n&b;</tsResponse>", "XML line 2: a & that begins none of the known references, such as &amp;"},
		{"page of a proxy", "<html>\n</html>", "XML line 1: the document is a <html>, not a <tsResponse>"},
		{"nothing", "", "XML line 1: the document ends too early"},
		{"number", "<tsResponse>\n\n<item small='many'/></tsResponse>", `XML line 3: small is "many", which is no int8`},
		{"unclosed", "<tsResponse>\n<a></b></tsResponse>", "XML line 2: <a> is closed by </b>"},
	}
	for _, test := range tests {
		var i item[time.Time]
		err := Decode([]byte(test.document), At("item", &i))
		if err == nil || err.Error() != test.want {
			t.Errorf("%s: error = %v, want %q", test.name, err, test.want)
		}
	}
}

func TestDecodeHugeAttribute(t *testing.T) {
	t.Parallel()
	huge := strings.Repeat("x", 8<<20)
	var i item[time.Time]
	data := []byte("<tsResponse><item name='" + huge + "' " + huge + "='1'/></tsResponse>")
	err := Decode(data, At("item", &i))
	if err != nil || i.Name != huge {
		t.Errorf("error = %v, name of %d bytes, want %d", err, len(i.Name), len(huge))
	}
	if err := Decode([]byte("<tsResponse><"+huge+"/"), At("item", &i)); err == nil || len(err.Error()) > 1000 {
		t.Errorf("the error for a huge name is missing or huge itself: %.100v", err)
	}
}

func TestDecodeMemory(t *testing.T) {
	data := page(1000)
	var workbooks []*benchWorkbook
	allocations := testing.AllocsPerRun(3, func() {
		workbooks = nil
		if err := Decode(data, At("workbooks>workbook", &workbooks)); err != nil {
			t.Fatal(err)
		}
	})
	if limit := 12.0 * 1000; allocations > limit {
		t.Errorf("a page of 1,000 workbooks takes %v allocations, want at most %v", allocations, limit)
	}

	many := func(s string) string { return strings.Repeat(s, 1<<20/len(s)) }
	tests := []struct{ name, document string }{
		{"text in pieces", "<item><plain>" + many("a<!---->") + "</plain></item>"},
		{"references", "<item name='" + many("&amp;") + "'/>"},
		{"line ends", "<item name='" + many("\r") + "'><plain><![CDATA[" + many("\r") + "]]></plain></item>"},
		{"unknown elements", many("<a/>")},
		{"unknown attributes", "<a " + many("b='1'") + "/>"},
		{"extra attributes", "<item " + many("b='1'") + "/>"},
		{"instructions", many("<?x?>")},
		{"declarations", many("<?xml?>")},
		{"texts", "<item><words>" + many("<word/>") + "</words></item>"},
		{"one field again and again", "<item>" + many("<plain>&lt;</plain>") + "</item>"},
		{"namespaces", many("<a xmlns:b='&lt;'/>")},
		{"bad times", "<item " + many("at='never'") + "/>"},
	}
	for _, test := range tests {
		document := inRoot(test.document)
		var i item[time.Time]
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := Decode(document, At("item", &i))
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		// This counts garbage too: what matters is that it does not grow faster than the document.
		if got := (after.TotalAlloc - before.TotalAlloc) / uint64(len(document)); got > 100 {
			t.Errorf("%s: Decode allocates %d times the document's size in all", test.name, got)
		}
	}
}

// tagged returns a pointer to a struct with one field A, whose tag linters would not let pass.
func tagged(t reflect.Type, tag string) any {
	field := reflect.StructField{Name: "A", Type: t, Tag: reflect.StructTag(`xml:"` + tag + `"`)}
	return reflect.New(reflect.StructOf([]reflect.StructField{field})).Interface()
}

func TestDecodeRefusesTypes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		into any
		want string // part of the error
	}{
		{"no pointer", item[time.Time]{}, "not a pointer"},
		{"nil", nil, "not a pointer"},
		{"nil pointer", (*string)(nil), "not a pointer"},
		{"interface", new(any), "not supported"},
		{"map", new(map[string]string), "not supported"},
		{"bytes", new([]byte), "not supported"},
		{"pointer to pointer", new(**string), "not supported"},
		{"own method", new(lenientTime), "not supported"},
		{"xml.Attr", new(xml.Attr), "not supported"},
		{"innerxml", &struct {
			A string `xml:",innerxml"`
		}{}, `A: the option "innerxml" is not supported`},
		{"any element", &struct {
			A []detail `xml:",any"`
		}{}, "A: "},
		{"misspelt option", tagged(reflect.TypeFor[string](), "a,atr"), `A: the option "atr"`},
		{"any attribute with a name", tagged(reflect.TypeFor[[]xml.Attr](), "a,any,attr"), "A: "},
		{"namespace", &struct {
			A string `xml:"urn:x a,attr"`
		}{}, "A: namespaces"},
		{"XMLName", &struct{ XMLName xml.Name }{}, "XMLName"},
		{"twice", &struct {
			Common
			B string `xml:"id,attr"`
		}{}, `B: attribute "id" has two fields`},
		{"paths", &struct {
			A string `xml:"a"`
			B string `xml:"a>b"`
		}{}, `B: the path "a>b" meets another one`},
		{"paths reversed", &struct {
			B string `xml:"a>b"`
			A string `xml:"a"`
		}{}, `A: the path "a" meets another one`},
		{"struct as attribute", &struct {
			A detail `xml:"a,attr"`
		}{}, "A: an attribute or character data cannot go into"},
		{"slice as attribute", &struct {
			A []string `xml:"a,attr"`
		}{}, "A: an attribute or character data cannot go into"},
		{"embedded pointer", &struct{ *Common }{}, "only structs may be embedded"},
		{"inside", &struct {
			A []*struct {
				B chan int `xml:"b"`
			} `xml:"a"`
		}{}, "B: the type chan int is not supported"},
	}
	for _, test := range tests {
		err := Decode([]byte("<tsResponse/>"), At("x", test.into))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error = %v, want one with %q", test.name, err, test.want)
		}
	}
	var a, b string
	if err := Decode([]byte("<tsResponse/>"), At("x", &a), At("x>y", &b)); err == nil {
		t.Error("targets inside one another are accepted")
	}
}

// assets returns real answers of servers, or skips.
func assets(t testing.TB) map[string][]byte {
	t.Helper()
	files, _ := filepath.Glob("../../../shared/assets/*.xml")
	if len(files) == 0 {
		t.Skip("the answers of real servers in ../shared/assets are not here")
	}
	contents := make(map[string][]byte)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		contents[filepath.Base(file)] = data
	}
	return contents
}

func TestDecodeRealAnswers(t *testing.T) {
	t.Parallel()
	for file, data := range assets(t) {
		var got, want benchPage
		gotErr := Decode(data, At("pagination", &got.Pagination), At("workbooks>workbook", &got.Workbooks))
		if file == "workbook_get_invalid_date.xml" {
			if gotErr != nil || !got.Workbooks[0].CreatedAt.IsZero() || got.Workbooks[0].UpdatedAt.IsZero() {
				t.Errorf("%s: error = %v, created at = %v", file, gotErr, got.Workbooks[0].CreatedAt)
			}
			continue
		}
		wantErr := xml.Unmarshal(data, &want)
		if strings.Contains(string(data), "tsResponse") && gotErr == nil != (wantErr == nil) {
			t.Errorf("%s: error = %v, want %v", file, gotErr, wantErr)
		}
		if diff := cmp.Diff(want, got); gotErr == nil && diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

func TestDecodePage(t *testing.T) {
	t.Parallel()
	data := page(200)
	var got, want benchPage
	if err := Decode(data, At("pagination", &got.Pagination), At("workbooks>workbook", &got.Workbooks)); err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzDecode(f *testing.F) {
	for _, document := range documents {
		f.Add(inRoot(document))
	}
	f.Add(page(2))
	f.Fuzz(checkAgainstReference)
}

func TestTimesAreInUTC(t *testing.T) {
	t.Parallel()
	want := time.Date(2023, 8, 17, 22, 36, 37, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2023-08-17T22:36:37Z":      want,
		"2023-08-17T15:36:37-07:00": want,
		"2023-08-17T15:36:37-0700":  want,
		"2023-06-31T00:00:00Z":      {},
		"yesterday":                 {},
		"":                          {},
	} {
		var got struct {
			At time.Time `xml:"at,attr"`
		}
		if err := Decode([]byte(`<tsResponse><job at="`+text+`"/></tsResponse>`), At("job", &got)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if !got.At.Equal(want) || got.At.Location() != time.UTC {
			t.Errorf("%q is read as %v, want %v", text, got.At, want)
		}
	}
}

// TestDecodeIsBounded refuses documents that would fill far more memory than they take themselves.
func TestDecodeIsBounded(t *testing.T) {
	t.Parallel()
	type large struct {
		Numbers [1 << 17]int64 `xml:"-"`
		Name    string         `xml:"name,attr"`
		Extra   []xml.Attr     `xml:",any,attr"`
	}
	for name, document := range map[string]string{
		"large structs":   "<tsResponse><list>" + strings.Repeat("<item/>", 300) + "</list></tsResponse>",
		"many attributes": "<tsResponse><list><item" + strings.Repeat(` a=""`, 2_000_000) + "/></list></tsResponse>",
	} {
		var into []*large
		if err := Decode([]byte(document), At("list>item", &into)); err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %v, want it refused", name, err)
		}
	}
	var into []*large
	if err := Decode([]byte("<tsResponse><list><item"), At("list>item", &into)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("half a document: %v, want io.ErrUnexpectedEOF", err)
	}
}
