package content

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tabctl/tableau-go/internal/sample"
)

const smallWorkbook = `<?xml version='1.0' encoding='utf-8' ?>
<workbook version='18.1' xmlns:user='http://www.tableausoftware.com/xml/user'>
  <datasources>
    <datasource name='Parameters'><connection class='none'/></datasource>
    <datasource caption='Orders' name='federated.1'>
      <connection class='federated'><named-connections>
        <named-connection name='a'><connection class='postgres' server='db.example.com' port='5432' username='reader' dbname='shop'/></named-connection>
        <named-connection name='b'><connection class='textscan' directory='Data\Shop' filename='orders.csv'/></named-connection>
      </named-connections>
      <metadata-records><metadata-record class='column'>
        <remote-name>Net Sales</remote-name><local-name>[Sales]</local-name>
      </metadata-record></metadata-records></connection>
      <column caption='Turnover' datatype='real' name='[Sales]' role='measure' type='quantitative'/>
      <column datatype='string' name='[Size [cm]]]' role='dimension' type='nominal'/>
      <column caption='Twice' datatype='real' name='[Calculation_1]' role='measure'><calculation class='tableau' formula='2*[Sales]'/></column>
      <extract enabled='true'><connection class='hyper' dbname='Data/Extracts/a.hyper'/></extract>
    </datasource>
    <datasource caption='Stock' name='sqlproxy.2'>
      <repository-location id='Stock' path='/datasources'/>
      <connection class='sqlproxy' server='localhost' port='80' dbname='StockLevels'/>
    </datasource>
  </datasources>
  <worksheets>
    <worksheet name='B &amp; C'><table>
      <view>
        <datasources><datasource name='Parameters'/><datasource caption='Orders' name='federated.1'/></datasources>
        <datasource-dependencies datasource='federated.1'>
          <column-instance column='[Sales]' derivation='Avg' name='[avg:Sales:qk]'/>
        </datasource-dependencies>
      </view>
      <panes><pane><encodings><color column='[federated.1].[mn:Order: Date:ok]'/></encodings></pane></panes>
      <rows>([federated.1].[none:Size [cm]]:nk] / [federated.1].[avg:Sales:qk])</rows>
      <cols total='true'>[federated.1].[tyr:Ship Date:qk]</cols>
    </table></worksheet>
    <worksheet name='A'><table><view/><rows/><cols/></table></worksheet>
    <worksheet name='Last'><table><rows>[federated.1].[usr:Calculation_1:qk:2]</rows></table></worksheet>
  </worksheets>
  <dashboards>
    <dashboard name='Board'><zones>
      <zone type-v2='layout-basic'><zone name='B &amp; C'/><zone name='A' type='filter'/><zone name='Gone'/><zone><zone name='A'/></zone><zone name='A'/></zone>
    </zones><devicelayouts><devicelayout><zones><zone name='Last'/></zones></devicelayout></devicelayouts></dashboard>
    <dashboard name='Tale' type='storyboard'><zones><zone type='flipboard'><flipboard><story-points>
      <story-point captured-sheet='Board'/><story-point captured-sheet='Last'/></story-points></flipboard></zone></zones></dashboard>
  </dashboards>
  <windows>
    <window class='dashboard' name='Tale'/><window class='worksheet' name='A' hidden='true'/>
    <window class='worksheet' name='B &amp; C'/><window class='dashboard' name='Board'/>
  </windows>
</workbook>`

func TestReadWorkbook(t *testing.T) {
	t.Parallel()
	got := read(t, []byte("\ufeff"+smallWorkbook), KindTWB)
	orders := []Connection{
		{Class: "postgres", Server: "db.example.com", Port: "5432", UserName: "reader", DatabaseName: "shop", DataSourceName: "federated.1", DataSourceCaption: "Orders"},
		{Class: "textscan", Filename: "Data/Shop/orders.csv", DataSourceName: "federated.1", DataSourceCaption: "Orders"},
	}
	stock := []Connection{
		{Class: "sqlproxy", Server: "localhost", Port: "80", DatabaseName: "StockLevels", DataSourceName: "sqlproxy.2", DataSourceCaption: "Stock"},
	}
	want := &Workbook{
		Views: []View{
			{Name: "Tale", SheetType: Story, Sheets: []string{"Board", "Last"}},
			{Name: "A", SheetType: Worksheet, Hidden: true},
			{Name: "B & C", SheetType: Worksheet, DataSource: "federated.1",
				Rows: []string{"Size [cm]", "Turnover"}, Columns: []string{"Ship Date"},
				Fields: []Field{
					{Column: "Size [cm]", Caption: "Size [cm]", Label: "Size [cm]", Derivation: "none", DataType: "string"},
					{Column: "Net Sales", Caption: "Turnover", Label: "Avg. Turnover", Derivation: "avg", DataType: "real", Measure: true},
					{Column: "Ship Date", Caption: "Ship Date", Label: "Year of Ship Date", Derivation: "tyr"},
					{Column: "Order: Date", Caption: "Order: Date", Label: "Month of Order: Date", Derivation: "mn"},
				}},
			{Name: "Board", SheetType: Dashboard, Sheets: []string{"B & C", "A"}},
			{Name: "Last", SheetType: Worksheet, Rows: []string{"Twice"}, Fields: []Field{
				{Column: "Calculation_1", Caption: "Twice", Label: "Twice", Derivation: "usr", DataType: "real", Formula: "2*[Sales]", Measure: true}}},
		},
		DataSources: []DataSource{
			{Name: "federated.1", Caption: "Orders", HasExtract: true, Connections: orders},
			{Name: "sqlproxy.2", Caption: "Stock", Connections: stock},
		},
		Connections: append(orders, stock...),
	}
	options := cmp.Options{
		cmpopts.IgnoreUnexported(Workbook{}, DataSource{}), cmpopts.EquateEmpty(),
	}
	if diff := cmp.Diff(want, got, options); diff != "" {
		t.Errorf("workbook (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"B & C", "A", "Last"}, got.Worksheets("Tale")); diff != "" {
		t.Errorf("worksheets of the story (-want +got):\n%s", diff)
	}
	packaged := zipOf(t, entry{"shop.twb", smallWorkbook})
	if diff := cmp.Diff(want, read(t, packaged, KindTWBX), options); diff != "" {
		t.Errorf("packaged workbook (-want +got):\n%s", diff)
	}
}

func TestReadWorkbookOfTableau(t *testing.T) {
	t.Parallel()
	// As the sheet tabs of this workbook are known: those of its windows, hidden ones last.
	want := []string{
		"worksheet GDP per capita", "dashboard GDP per Capita Dashboard", "worksheet Health spending vs life expectancy",
		"worksheet Country ranks", "worksheet Interest rates", "worksheet Share of World GDP",
		"worksheet GDP per capita by region (hidden)", "worksheet GDP per capita map (hidden)",
	}
	for name, kind := range map[string]string{"SampleWB.twbx": KindTWBX, "RESTAPISample.twb": KindTWB} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wb := read(t, shared(t, name), kind)
			var got []string
			for _, v := range wb.Views {
				line := v.SheetType + " " + v.Name
				if v.Hidden {
					line += " (hidden)"
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("views (-want +got):\n%s", diff)
			}
			wantConnections := []Connection{{
				Class: "dataengine", DatabaseName: "Data/Tableau Samples/World Indicators.tde",
				DataSourceName: "World Indicators new", DataSourceCaption: "World Indicators",
			}}
			if diff := cmp.Diff(wantConnections, wb.Connections); diff != "" {
				t.Errorf("connections (-want +got):\n%s", diff)
			}
			byRegion, _ := wb.View("GDP per capita by region")
			if diff := cmp.Diff([]string{"GDP per capita (weighted)"}, byRegion.Rows); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{"Date (year)"}, byRegion.Columns); diff != "" {
				t.Errorf("columns (-want +got):\n%s", diff)
			}
			ranks, _ := wb.View("Country ranks")
			var measures []string
			for _, m := range ranks.Measures {
				measures = append(measures, m.Label)
			}
			wantMeasures := []string{"GDP (curr $)", "GDP per capita (curr $)", "Population (count)", "Avg. Life exp (years)"}
			if diff := cmp.Diff(wantMeasures, measures); diff != "" {
				t.Errorf("measures (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadDataSource(t *testing.T) {
	t.Parallel()
	data := shared(t, "SampleDS.tds")
	got, err := ReadDataSource(bytes.NewReader(data), int64(len(data)), KindTDS)
	if err != nil {
		t.Fatal(err)
	}
	const name = "postgres.1of3kl00aoax5d1a1ejma1397430"
	want := []Connection{{
		Class: "postgres", Server: "postgres91.test.tsi.lan", Port: "5432", UserName: "test", DatabaseName: "TestV1",
		DataSourceName: name, DataSourceCaption: name,
	}}
	if diff := cmp.Diff(want, got.Connections); diff != "" {
		t.Errorf("connections (-want +got):\n%s", diff)
	}
	packaged := shared(t, "World Indicators.tdsx")
	if got, err = ReadDataSource(bytes.NewReader(packaged), int64(len(packaged)), KindTDSX); err != nil {
		t.Fatal(err)
	}
	if !got.HasExtract {
		t.Error("World Indicators.tdsx has an extract, but it was not seen")
	}
}

// bomb is a zip whose directory declares unpacked bytes that its few bytes of data do not have.
func bomb(t *testing.T, unpacked uint32) []byte {
	data := zipOf(t, entry{"a.twb", "x"})
	directory := bytes.LastIndex(data, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(data[directory+24:], unpacked)
	return data
}

// crowd is a zip whose directory has far more entries than its end says.
func crowd(entries int) []byte {
	var directory bytes.Buffer
	name := strings.Repeat("n", 1000)
	header := make([]byte, 46)
	copy(header, "PK\x01\x02")
	binary.LittleEndian.PutUint32(header[16:], crc32.ChecksumIEEE(nil))
	binary.LittleEndian.PutUint16(header[28:], uint16(len(name)))
	for range entries {
		directory.Write(header)
		directory.WriteString(name)
	}
	end := make([]byte, 22)
	copy(end, "PK\x05\x06")
	binary.LittleEndian.PutUint16(end[8:], uint16(entries))
	binary.LittleEndian.PutUint16(end[10:], uint16(entries))
	binary.LittleEndian.PutUint32(end[12:], uint32(directory.Len()))
	return append(directory.Bytes(), end...)
}

func TestReadWorkbookRefuses(t *testing.T) {
	t.Parallel()
	whole := zipOf(t, entry{"a.twb", smallWorkbook})
	crowded := make([]entry, maxEntries+1)
	for i := range crowded {
		crowded[i].name = fmt.Sprint(i)
	}
	tests := []struct {
		name, kind string
		data       []byte
		want       string // part of the reason
	}{
		{"nothing", KindTWB, nil, "empty"},
		{"random bytes", KindTWB, []byte("\x00\x9f\x13\xff\x00\x01"), "XML"},
		{"text", KindTWB, []byte("just some text"), "no XML document"},
		{"HTML page", KindTWB, []byte("<!DOCTYPE html><html><body>Sign in</body></html>"), "HTML page"},
		{"HTML page without its type", KindTWB, []byte("<html><body/></html>"), "HTML page"},
		{"data source", KindTWB, []byte("<datasource name='x'/>"), "data source, not a workbook"},
		{"other XML", KindTWB, []byte("<tsRequest/>"), "<tsRequest>"},
		{"cut off XML", KindTWB, []byte(smallWorkbook[:1000]), "damaged"},
		{"no sheets", KindTWB, []byte("<workbook/>"), "no sheets"},
		{"worksheet without a name", KindTWB, []byte("<workbook><worksheets><worksheet/></worksheets></workbook>"), "without a name"},
		{"document type", KindTWB, []byte("<!DOCTYPE workbook [<!ENTITY a 'aaaa'>]><workbook>&a;</workbook>"), "document type"},
		{"unknown entity", KindTWB, []byte("<workbook>&a;</workbook>"), "damaged"},
		{"deep XML", KindTWB, []byte("<workbook>" + strings.Repeat("<a>", 100_000)), "nested"},
		{"deep zones", KindTWB, []byte("<workbook><dashboards><dashboard name='a'><zones>" + strings.Repeat("<zone>", 100_000)), "nested"},
		{"too many sheets", KindTWB, []byte("<workbook><worksheets>" + strings.Repeat("<worksheet name='a'/>", maxItems+1)), "more than"},
		{"package named twb", KindTWB, whole, "named .twbx"},
		{"XML named twbx", KindTWBX, []byte(smallWorkbook), "not a package"},
		{"unknown kind", "pdf", whole, "pdf"},
		{"cut off package", KindTWBX, whole[:len(whole)-30], "damaged or incomplete"},
		{"package without a workbook", KindTWBX, zipOf(t, entry{"a.csv", "x"}, entry{"b.tds", "<datasource/>"}), "no .twb"},
		{"package of a data source", KindTWBX, zipOf(t, entry{"a.twb", "<datasource/>"}), "data source, not a workbook"},
		{"name above", KindTWBX, zipOf(t, entry{"a.twb", smallWorkbook}, entry{"Data/../../b.csv", "x"}), "outside"},
		{"absolute name", KindTWBX, zipOf(t, entry{"a.twb", smallWorkbook}, entry{"/etc/b.csv", "x"}), "outside"},
		{"backslash in a name", KindTWBX, zipOf(t, entry{"a.twb", smallWorkbook}, entry{`Data\b.csv`, "x"}), "outside"},
		{"drive letter", KindTWBX, zipOf(t, entry{"a.twb", smallWorkbook}, entry{"C:b.csv", "x"}), "outside"},
		{"unpacks to much more", KindTWBX, bomb(t, 200<<20), "times its size"},
		{"really unpacks to much more", KindTWBX, zipOf(t, entry{"a.twb", strings.Repeat(" ", ratioFreeSize+1)}), "times its size"},
		{"too many files", KindTWBX, zipOf(t, crowded...), "at most 10000"},
		{"far too many files", KindTWBX, crowd(40_000), "too many files"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := ReadWorkbook(bytes.NewReader(test.data), int64(len(test.data)), test.kind)
			if _, ok := errors.AsType[*InvalidError](err); !ok {
				t.Fatalf("error %v, want an *InvalidError", err)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %q, want it to say %q", err, test.want)
			}
		})
	}
}

func TestWithoutExtracts(t *testing.T) {
	t.Parallel()
	data := zipOf(t, entry{"a.twb", smallWorkbook}, entry{"Data/Extracts/a.hyper", "big"}, entry{"Data/b.TDE", "big"}, entry{"Data/c.csv", "x,y\n"})
	var got bytes.Buffer
	if err := WithoutExtracts(&got, bytes.NewReader(data), int64(len(data))); err != nil {
		t.Fatal(err)
	}
	archive, err := openArchive(bytes.NewReader(got.Bytes()), int64(got.Len()))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range archive.File {
		names = append(names, file.Name)
	}
	if diff := cmp.Diff([]string{"a.twb", "Data/c.csv"}, names); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	read(t, got.Bytes(), KindTWBX)

	err = WithoutExtracts(&got, strings.NewReader("no zip"), 6)
	if _, ok := errors.AsType[*InvalidError](err); !ok {
		t.Errorf("a file that is no package: error %v, want an *InvalidError", err)
	}
}

func FuzzReadWorkbook(f *testing.F) {
	f.Add(sample.Workbook())
	f.Add([]byte(smallWorkbook))
	f.Add(zipOf(f, entry{"a.twb", smallWorkbook}, entry{"Data/Shop/orders.csv", "Size [cm],Net Sales\n1,2\n"}))
	f.Add(zipOf(f))
	f.Add(zipOf(f, entry{"../a.twb", "<workbook/>"}))
	f.Add([]byte("<workbook><worksheets><worksheet name='a'><table><rows>([a].[sum:b]]:qk] / [</rows></table></worksheet></worksheets></workbook>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, size := bytes.NewReader(data), int64(len(data))
		for _, kind := range []string{KindTWB, KindTWBX} {
			wb, err := ReadWorkbook(r, size, kind)
			if err != nil {
				if _, ok := errors.AsType[*InvalidError](err); !ok {
					t.Fatalf("error %v is no *InvalidError", err)
				}
				continue
			}
			if len(wb.Views) == 0 {
				t.Fatal("a workbook without views was read")
			}
			for _, v := range wb.Views[:min(len(wb.Views), 20)] {
				table, err := ViewTable(r, size, wb, v.Name, map[string][]string{"Region": {"North"}})
				if err != nil {
					if _, ok := errors.AsType[*InvalidError](err); !ok {
						t.Fatalf("error %v is no *InvalidError", err)
					}
					continue
				}
				for _, row := range table.Rows {
					if len(row) != len(table.Columns) {
						t.Fatalf("a row of %q has %d cells, want %d", v.Name, len(row), len(table.Columns))
					}
				}
			}
		}
	})
}

func FuzzReadDataSource(f *testing.F) {
	const small = "<datasource formatted-name='a'><connection class='sqlserver' server='db' port='1433' username='u'/></datasource>"
	f.Add([]byte(small))
	f.Add(zipOf(f, entry{"a.tds", small}, entry{"Data/a.hyper", "Hyper"}))
	f.Add(zipOf(f, entry{"a.tds", "<datasource/>"}, entry{"../b.csv", "x"}))
	f.Add([]byte("<!DOCTYPE a [<!ENTITY b 'c'>]><datasource>&b;</datasource>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, size := bytes.NewReader(data), int64(len(data))
		for _, kind := range []string{KindTDS, KindTDSX} {
			if _, err := ReadDataSource(r, size, kind); err != nil {
				if _, ok := errors.AsType[*InvalidError](err); !ok {
					t.Fatalf("error %v is no *InvalidError", err)
				}
			}
		}
		var without bytes.Buffer
		if err := WithoutExtracts(&without, r, size); err != nil {
			return
		}
		archive, err := openArchive(bytes.NewReader(without.Bytes()), int64(without.Len()))
		if err != nil {
			t.Fatalf("the package without extracts cannot be read: %v", err)
		}
		for _, file := range archive.File {
			if hasExtension(file.Name, "hyper", "tde") {
				t.Fatalf("the package without extracts holds %q", file.Name)
			}
		}
	})
}
