package content

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/internal/sample"
)

// shop is a packaged workbook with one worksheet, "Sheet", over one CSV.
func shop(t *testing.T, rows, columns, data string) []byte {
	t.Helper()
	document := `<workbook><datasources><datasource caption='Orders' name='o'>
		<connection class='textscan' directory='Data' filename='orders.csv'/>
		<column datatype='date' name='[Day]' role='dimension'/>
		<column datatype='integer' name='[Size]' role='dimension'/>
		<column caption='Turnover' datatype='real' name='[Sales]' role='measure'/>
		<column datatype='integer' name='[Number of Records]' role='measure'><calculation formula='1'/></column>
	</datasource></datasources><worksheets><worksheet name='Sheet'><table>
		<view><datasources><datasource name='o'/></datasources>
		<filter class='categorical' column='[o].[:Measure Names]'><groupfilter function='union'>
			<groupfilter function='member' member='"[o].[sum:Sales:qk]"'/><groupfilter function='member' member='"[o].[max:Sales:qk]"'/>
		</groupfilter></filter></view>
		<rows>` + rows + `</rows><cols>` + columns + `</cols></table></worksheet></worksheets></workbook>`
	return zipOf(t, entry{"Data/other.csv", "Day\n2024-01-01\n"}, entry{"Data/orders.csv", data}, entry{"a.twb", document})
}

const orders = `Day,Region,Size,Sales
2024-03-05,South,10,1.10
2023-12-31,North,9,2.20
2024-03-20,South,9,"1,000"
2024-01-01,North,10,
2024-11-11,East,9,0.3
2024-11-12,East,9,n/a
`

func TestViewTable(t *testing.T) {
	t.Parallel()
	turnover := Column{Name: "Turnover", Numeric: true}
	tests := []struct {
		name, rows, columns string
		data                string
		filters             map[string][]string
		wantColumns         []Column
		want                [][]string
	}{
		{
			name: "sum by a text", rows: "[o].[none:Region:nk]", columns: "[o].[sum:Sales:qk]",
			wantColumns: []Column{{Name: "Region"}, turnover},
			want:        [][]string{{"East", "0.3"}, {"North", "2.2"}, {"South", "1001.1"}},
		},
		{
			name: "numbers are sorted as numbers", rows: "[o].[none:Size:ok]", columns: "[o].[sum:Sales:qk]",
			wantColumns: []Column{{Name: "Size"}, turnover},
			want:        [][]string{{"9", "1002.5"}, {"10", "1.1"}},
		},
		{
			name: "other aggregates", rows: "[o].[none:Region:nk]",
			columns: "([o].[avg:Sales:qk] + ([o].[min:Sales:qk] + [o].[max:Sales:qk]) + [o].[cnt:Sales:qk] + [o].[ctd:Day:qk] + [o].[sum:Number of Records:qk] + [o].[med:Sales:qk])",
			wantColumns: []Column{
				{Name: "Region"}, {Name: "Avg. Turnover", Numeric: true}, {Name: "Min. Turnover", Numeric: true},
				{Name: "Max. Turnover", Numeric: true}, {Name: "Count of Turnover", Numeric: true},
				{Name: "Distinct count of Day", Numeric: true}, {Name: "Number of Records", Numeric: true}, {Name: "Median Turnover", Numeric: true},
			},
			want: [][]string{
				{"East", "0.3", "0.3", "0.3", "2", "2", "2", ""},
				{"North", "2.2", "2.2", "2.2", "1", "2", "2", ""},
				{"South", "500.55", "1.1", "1000", "2", "2", "2", ""},
			},
		},
		{
			name: "months in the order of time", rows: "[o].[sum:Sales:qk]", columns: "[o].[tmn:Day:qk]",
			wantColumns: []Column{{Name: "Month of Day", Date: true}, turnover},
			want:        [][]string{{"December 2023", "2.2"}, {"January 2024", ""}, {"March 2024", "1001.1"}, {"November 2024", "0.3"}},
		},
		{
			name: "parts of a date", rows: "([o].[yr:Day:ok] / [o].[qr:Day:ok] / [o].[mn:Day:ok] / [o].[dy:Day:ok])", columns: "",
			wantColumns: []Column{{"Year of Day", false, true}, {"Quarter of Day", false, true}, {"Month of Day", false, true}, {"Day of Day", false, true}},
			want: [][]string{
				{"2023", "Q4", "December", "31"}, {"2024", "Q1", "January", "1"}, {"2024", "Q1", "March", "5"},
				{"2024", "Q1", "March", "20"}, {"2024", "Q4", "November", "11"}, {"2024", "Q4", "November", "12"},
			},
		},
		{
			name: "truncated dates", rows: "([o].[tyr:Day:ok] / [o].[tqr:Day:ok] / [o].[tdy:Day:ok] / [o].[none:Day:ok])", columns: "",
			filters:     map[string][]string{"Region": {"South"}},
			wantColumns: []Column{{"Year of Day", false, true}, {"Quarter of Day", false, true}, {"Day of Day", false, true}, {"Day", false, true}},
			want:        [][]string{{"2024", "2024 Q1", "March 5, 2024", "3/5/2024"}, {"2024", "2024 Q1", "March 20, 2024", "3/20/2024"}},
		},
		{
			name: "filters", rows: "[o].[none:Region:nk]", columns: "[o].[sum:Sales:qk]",
			filters:     map[string][]string{"region": {"North", "South"}, "Size": {"9.0"}, "Unknown": {"x"}},
			wantColumns: []Column{{Name: "Region"}, turnover},
			want:        [][]string{{"North", "2.2"}, {"South", "1000"}},
		},
		{
			name: "a filter by heading", rows: "[o].[yr:Day:ok]", columns: "[o].[sum:Sales:qk]",
			filters:     map[string][]string{"Year of Day": {"2023"}},
			wantColumns: []Column{{Name: "Year of Day", Date: true}, turnover},
			want:        [][]string{{"2023", "2.2"}},
		},
		{
			name: "a filter by date", rows: "[o].[none:Region:nk]", columns: "[o].[sum:Sales:qk]",
			filters:     map[string][]string{"Day": {"12/31/2023", "2024-11-11"}},
			wantColumns: []Column{{Name: "Region"}, turnover},
			want:        [][]string{{"East", "0.3"}, {"North", "2.2"}},
		},
		{
			name: "a filter that nothing passes", rows: "[o].[none:Region:nk]", columns: "[o].[sum:Sales:qk]",
			filters:     map[string][]string{"Region": {"Nowhere"}},
			wantColumns: []Column{{Name: "Region"}, turnover},
		},
		{
			name: "measure names", rows: "[o].[none:Region:nk]", columns: "[o].[:Measure Names] * [o].[Multiple Values]",
			filters:     map[string][]string{"Region": {"South"}},
			wantColumns: []Column{{Name: "Measure Names"}, {Name: "Region"}, {Name: "Measure Values", Numeric: true}},
			want:        [][]string{{"Turnover", "South", "1001.1"}, {"Max. Turnover", "South", "1000"}},
		},
		{
			name: "semicolons and decimal commas", rows: "[o].[none:Region:nk]", columns: "[o].[sum:Sales:qk]",
			data:        "\ufeffRegion;Sales\nÖst;1.234,5\nÖst;0,5\n",
			wantColumns: []Column{{Name: "Region"}, turnover},
			want:        [][]string{{"Öst", "1235"}},
		},
		{
			name: "tabs and short rows", rows: "[o].[none:Region:nk]", columns: "[o].[sum:Sales:qk]",
			data:        "Region\tSales\na,b\t1\n\nb\n",
			wantColumns: []Column{{Name: "Region"}, turnover},
			want:        [][]string{{"a,b", "1"}, {"b", ""}},
		},
		{
			name: "data without the view's columns", rows: "[o].[none:Region:nk]", columns: "[o].[sum:Sales:qk]",
			data:        "a,b\n1,2\n",
			wantColumns: []Column{{Name: "Region"}, turnover},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.data == "" {
				test.data = orders
			}
			data := shop(t, test.rows, test.columns, test.data)
			got := table(t, data, read(t, data, KindTWBX), "Sheet", test.filters)
			want := &Table{Title: "Sheet", Columns: test.wantColumns, Rows: test.want}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("table (-want +got):\n%s", diff)
			}
		})
	}
}

func TestViewTableOfSample(t *testing.T) {
	t.Parallel()
	data := sample.Workbook()
	wb := read(t, data, KindTWBX)
	var names []string
	for _, v := range wb.Views {
		names = append(names, v.SheetType+" "+v.Name)
	}
	wantNames := []string{"dashboard Overview", "worksheet Monthly Revenue", "worksheet Revenue by Region", "worksheet Quantity by Product", "worksheet Average Delivery"}
	if diff := cmp.Diff(wantNames, names); diff != "" {
		t.Errorf("views (-want +got):\n%s", diff)
	}

	// The whole revenue, counted another way.
	archive, err := openArchive(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	file, err := archive.Open("Data/Bakery/deliveries.csv")
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	const amount = 5
	want := 0.0
	for _, record := range records[1:] {
		n, err := strconv.ParseFloat(record[amount], 64)
		if err != nil {
			t.Fatal(err)
		}
		want += n
	}
	for view, wantRows := range map[string]int{"Monthly Revenue": 36 * 4, "Revenue by Region": 4 * 4} {
		got := table(t, data, wb, view, nil)
		if len(got.Rows) != wantRows {
			t.Errorf("%q has %d rows, want %d", view, len(got.Rows), wantRows)
		}
		sum := 0.0
		for _, row := range got.Rows {
			n, err := strconv.ParseFloat(row[2], 64)
			if err != nil {
				t.Fatal(err)
			}
			sum += n
		}
		if math.Abs(sum-want) > 0.01 {
			t.Errorf("the revenue in %q is %.2f, want %.2f", view, sum, want)
		}
	}
	// A dashboard's data are those of its alphabetically first worksheet.
	if got := table(t, data, wb, "Overview", nil).Title; got != "Monthly Revenue" {
		t.Errorf("the dashboard's data are those of %q, want Monthly Revenue", got)
	}
}

func TestViewTableWithoutTextData(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]string{"SampleWB.twbx": KindTWBX, "RESTAPISample.twb": KindTWB} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := shared(t, name)
			want := &Table{Title: "GDP per capita", Columns: []Column{
				{Name: "Country / Region"}, {Name: "Region"},
				{Name: "Avg. GDP per capita (curr $)", Numeric: true}, {Name: "GDP % of Total", Numeric: true},
			}}
			if diff := cmp.Diff(want, table(t, data, read(t, data, kind), "GDP per capita", nil)); diff != "" {
				t.Errorf("table (-want +got):\n%s", diff)
			}
		})
	}
}

func TestViewTableErrors(t *testing.T) {
	t.Parallel()
	data := shop(t, "[o].[none:Region:nk]", "[o].[none:Day:nk]", orders)
	wb := read(t, data, KindTWBX)
	if _, err := ViewTable(bytes.NewReader(data), int64(len(data)), wb, "Nothing", nil); !errors.Is(err, ErrNoView) {
		t.Errorf("an unknown view: error %v, want ErrNoView", err)
	}

	// Many columns and many rows make too many cells.
	const columns = 100
	var shelf, many strings.Builder
	shelf.WriteString("[o].[none:Region:nk]")
	for i := range columns {
		fmt.Fprintf(&shelf, " / [o].[none:Field %d:nk]", i)
	}
	many.WriteString("Day,Region\n")
	for i := range maxCells/columns + 1 {
		fmt.Fprintf(&many, "2024-01-01,%d\n", i)
	}
	data = shop(t, shelf.String(), "", many.String())
	_, err := ViewTable(bytes.NewReader(data), int64(len(data)), read(t, data, KindTWBX), "Sheet", nil)
	if _, ok := errors.AsType[*InvalidError](err); !ok {
		t.Errorf("a view with too many rows: error %v, want an *InvalidError", err)
	}
}
