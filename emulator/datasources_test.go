package emulator_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/tabctl/tableau-go/emulator"
)

// tds is a live data source with one connection.
const tds = `<?xml version='1.0' encoding='utf-8' ?>
<datasource formatted-name='stock' version='18.1'>
  <connection class='postgres' dbname='bakery' port='5432' server='db.example.com' username='reader'/>
</datasource>`

var hyper = append([]byte("Hyper\x08\x00\x00"), bytes.Repeat([]byte("rows"), 1<<19)...) // 2 MiB

func (u *user) publishDataSource(document, fileName string, file []byte, query string) reply {
	u.t.Helper()
	contentType, body := mixed("<tsRequest>"+document+"</tsRequest>", "tableau_datasource", fileName, file)
	return u.do("POST", "/sites/{site}/datasources?"+query, contentType, body)
}

// publishedDataSource publishes a data source and returns it.
func (u *user) publishedDataSource(name, fileName string, file []byte) node {
	u.t.Helper()
	d, ok := u.publishDataSource(`<datasource name="`+name+`"/>`, fileName, file, "").must(u.t, 201).find("datasource")
	if !ok {
		u.t.Fatal("no data source in the answer")
	}
	return d
}

func TestRefusedDataSources(t *testing.T) {
	t.Parallel()
	admin := newSite(t, emulator.Start(t))
	admin.publishedDataSource("Live", "a.tds", []byte(tds))
	admin.publishedDataSource("Extract", "a.hyper", hyper)
	for name, test := range map[string]struct {
		name, file, query, code string
		content                 []byte
	}{
		"name taken":              {"Live", "a.tds", "", "403007", []byte(tds)},
		"no XML":                  {"New", "a.tds", "", "400011", []byte("nonsense")},
		"a workbook":              {"New", "a.tds", "", "400011", []byte("<workbook/>")},
		"no package":              {"New", "a.tdsx", "", "400011", []byte(tds)},
		"no Hyper file":           {"New", "a.hyper", "", "400011", []byte(tds)},
		"a short Hyper file":      {"New", "a.hyper", "", "400011", []byte("Hy")},
		"an empty Parquet file":   {"New", "a.parquet", "", "400011", nil},
		"no TDE file":             {"New", "a.tde", "", "400011", hyper},
		"a file of another type":  {"New", "a.xlsx", "", "400011", []byte(tds)},
		"append and overwrite":    {"Extract", "a.hyper", "append=true&overwrite=true", "400000", hyper},
		"append of a .tds":        {"Extract", "a.tds", "append=true", "400011", []byte(tds)},
		"append to nothing":       {"New", "a.hyper", "append=true", "404004", hyper},
		"append to a live source": {"Live", "a.hyper", "append=true", "400011", hyper},
		"neither true nor false":  {"New", "a.tds", "append=perhaps", "400008", []byte(tds)},
	} {
		t.Run(name, func(t *testing.T) {
			if r := admin.publishDataSource(`<datasource name="`+test.name+`"/>`, test.file, test.content, test.query); r.code() != test.code {
				t.Errorf("code %q, want %s: %s", r.code(), test.code, r.body)
			}
		})
	}
	if n := len(admin.xml(200, "GET", "/sites/{site}/datasources", "").all("datasource")); n != 2 {
		t.Errorf("%d data sources, want the 2 that were published: what is refused leaves nothing", n)
	}
}

func TestDataSourceAppend(t *testing.T) {
	t.Parallel()
	admin := newSite(t, emulator.Start(t))
	before := admin.publishedDataSource("Extract", "a.hyper", hyper)
	after, _ := admin.publishDataSource(`<datasource name="Extract"/>`, "b.hyper", hyper, "append=true").must(t, 201).find("datasource")
	if before.attr("id") != after.attr("id") || before.attr("size") != "2" || after.attr("size") != "4" {
		t.Errorf("appended: %v, want the same data source with twice the 2 MB", after.Attrs)
	}
	replaced, _ := admin.publishDataSource(`<datasource name="Extract"/>`, "b.hyper", hyper, "overwrite=true").must(t, 201).find("datasource")
	if replaced.attr("size") != "2" {
		t.Errorf("overwritten: size %s, want 2", replaced.attr("size"))
	}
}

// TestDataSourceCredentials checks that names and embedding are kept, and passwords are told to nobody.
func TestDataSourceCredentials(t *testing.T) {
	t.Parallel()
	admin := newSite(t, emulator.Start(t))
	for name, credentials := range map[string]string{
		"One":  `<connectionCredentials name="writer" password="hush" embed="true"/>`,
		"Many": `<connections><connection serverAddress="db.example.com"><connectionCredentials name="writer" password="hush" embed="true"/></connection></connections>`,
	} {
		d, _ := admin.publishDataSource(`<datasource name="`+name+`">`+credentials+`</datasource>`, "a.tds", []byte(tds), "").must(t, 201).find("datasource")
		r := admin.do("GET", "/sites/{site}/datasources/"+d.attr("id")+"/connections", "", nil)
		one, _ := r.must(t, 200).find("connection")
		if one.attr("userName") != "writer" || one.attr("embedPassword") != "true" || one.attr("serverPort") != "5432" {
			t.Errorf("%s: %v", name, one.Attrs)
		}
		if strings.Contains(string(r.body), "hush") {
			t.Errorf("%s: the password is in the answer", name)
		}
	}
}

func TestDataSourceRights(t *testing.T) {
	t.Parallel()
	admin := newSite(t, emulator.Start(t))
	d := admin.publishedDataSource("Live", "a.tds", []byte(tds))
	path := "/sites/{site}/datasources/" + d.attr("id")
	viewer, creator := colleague(admin, "Viewer"), colleague(admin, "Creator")
	if r := viewer.publishDataSource(`<datasource name="X"/>`, "a.tds", []byte(tds), ""); r.code() != "403004" {
		t.Errorf("a viewer publishes: %s", r.body)
	}
	if r := creator.publishDataSource(`<datasource name="Live"/>`, "a.tds", []byte(tds), "overwrite=true"); r.code() != "403007" {
		t.Errorf("somebody else overwrites: %s", r.body)
	}
	if r := creator.do("DELETE", path, "", nil); r.code() != "403004" {
		t.Errorf("somebody else deletes: %s", r.body)
	}
	admin.xml(200, "PUT", path, `<tsRequest><datasource><owner id="`+creator.id+`"/></datasource></tsRequest>`)
	if r := admin.do("DELETE", "/sites/{site}/users/"+creator.id, "", nil); r.code() != "409003" {
		t.Errorf("an owner is removed: %s", r.body)
	}
	admin.publishedDataSource("Other", "a.tds", []byte(tds))
	if r := admin.do("PUT", path, "text/xml", []byte(`<tsRequest><datasource name="Other"/></tsRequest>`)); r.code() != "403007" {
		t.Errorf("renamed to a taken name: %s", r.body)
	}
	creator.do("DELETE", path, "", nil).must(t, 204)
	if r := admin.do("GET", path, "", nil); r.code() != "404004" {
		t.Errorf("a deleted data source: %s", r.body)
	}
}
