package tsxml

import (
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
	"time"
)

// The types of the benchmarks look like a client's.
type benchReference struct {
	ID   string `xml:"id,attr"`
	Name string `xml:"name,attr"`
}

type benchWorkbook struct {
	ID              string         `xml:"id,attr"`
	Name            string         `xml:"name,attr"`
	Description     string         `xml:"description,attr"`
	ContentURL      string         `xml:"contentUrl,attr"`
	WebpageURL      string         `xml:"webpageUrl,attr"`
	ShowTabs        bool           `xml:"showTabs,attr"`
	Size            int64          `xml:"size,attr"`
	SheetCount      int            `xml:"sheetCount,attr"`
	HasExtracts     bool           `xml:"hasExtracts,attr"`
	EncryptExtracts string         `xml:"encryptExtracts,attr"`
	DefaultViewID   string         `xml:"defaultViewId,attr"`
	CreatedAt       time.Time      `xml:"createdAt,attr"`
	UpdatedAt       time.Time      `xml:"updatedAt,attr"`
	Project         benchReference `xml:"project"`
	Location        *struct {
		ID   string `xml:"id,attr"`
		Type string `xml:"type,attr"`
		Name string `xml:"name,attr"`
	} `xml:"location"`
	Owner *benchReference `xml:"owner"`
	Tags  []benchTag      `xml:"tags>tag"`
	Extra []xml.Attr      `xml:",any,attr"`
}

type benchTag struct {
	Label string `xml:"label,attr"`
}

type benchPagination struct {
	PageNumber     int `xml:"pageNumber,attr"`
	PageSize       int `xml:"pageSize,attr"`
	TotalAvailable int `xml:"totalAvailable,attr"`
}

type benchPage struct {
	Pagination benchPagination  `xml:"pagination"`
	Workbooks  []*benchWorkbook `xml:"workbooks>workbook"`
}

// page returns an answer with n workbooks, as a server writes it.
func page(n int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version='1.0' encoding='UTF-8'?><tsResponse xmlns="http://tableau.com/api" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://tableau.com/api https://help.tableau.com/samples/en-us/rest_api/ts-api_3_25.xsd"><pagination pageNumber="1" pageSize="%d" totalAvailable="100000"/><workbooks>`, n)
	for i := range n {
		fmt.Fprintf(&b, `<workbook id="%08x-070e-497a-9578-8cc557ced9df" name="Sales &amp; Margin %d" description="Weekly numbers for the regional teams, number %d" contentUrl="SalesMargin%d" webpageUrl="https://10ax.online.tableau.com/#/site/exampledev/workbooks/%d" showTabs="true" size="%d" createdAt="2024-02-14T04:42:09Z" updatedAt="2024-07-02T02:19:59Z" sheetCount="9" hasExtracts="false" encryptExtracts="false" defaultViewId="2bdcd787-dcc6-4a5d-bc61-2846f1ef4534" lastPublishedAt="2024-02-14T04:42:09Z">`, i, i, i, i, 265605+i, i%50)
		b.WriteString(`<project id="669ca36b-492e-4ccf-bca1-3614fe6a9d7a" name="Samples"/><location id="669ca36b-492e-4ccf-bca1-3614fe6a9d7a" type="Project" name="Samples"/><owner id="ee8bc9ca-77fe-4ae0-8093-cf77f0ee67a9" name="bob@example.com"/>`)
		b.WriteString(`<tags><tag label="sales"/><tag label="weekly"/></tags><dataAccelerationConfig accelerationEnabled="false"/></workbook>`)
	}
	b.WriteString(`</workbooks></tsResponse>`)
	return []byte(b.String())
}

func BenchmarkDecode(b *testing.B) {
	data := page(1000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var pagination benchPagination
		var workbooks []*benchWorkbook
		if err := Decode(data, At("pagination", &pagination), At("workbooks>workbook", &workbooks)); err != nil {
			b.Fatal(err)
		}
		if len(workbooks) != 1000 {
			b.Fatal(len(workbooks))
		}
	}
}

func BenchmarkEncodingXML(b *testing.B) {
	data := page(1000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var page benchPage
		if err := xml.Unmarshal(data, &page); err != nil {
			b.Fatal(err)
		}
	}
}
