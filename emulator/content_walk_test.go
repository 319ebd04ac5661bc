package emulator_test

import (
	"regexp"

	"github.com/tabctl/tableau-go/internal/sample"
)

func init() {
	schemaExceptions = append(schemaExceptions, struct {
		why     string
		pattern *regexp.Regexp
		instead string
	}{"the schema has no type for jobs that change data; servers answer UpdateUploadedFile",
		regexp.MustCompile(` type="UpdateUploadedFile"`), ` type="PublishDatasource"`})

	moreRequests = append(moreRequests, func(w *walk) map[string][]request {
		u, wb, xmlType := w.admin, "/sites/{site}/workbooks/"+w.workbook, "text/xml"
		contentType, body := mixed(`<tsRequest><workbook name="Bakery"/></tsRequest>`, "tableau_workbook", "a.twbx", sample.Workbook())
		u.do("POST", "/sites/{site}/workbooks?overwrite=true", contentType, body).must(w.T, 201)
		ds := "/sites/{site}/datasources/" + u.publishedDataSource("Walked", "a.tds", []byte(tds)).attr("id")
		u.publishDataSource(`<datasource name="Walked"/>`, "a.tds", []byte(tds), "overwrite=true").must(w.T, 201)
		rows := "/sites/{site}/datasources/" + u.publishedDataSource("Rows", "a.hyper", hyper).attr("id")
		workbookConnection, dsConnection, rowsConnection := u.connection(wb), u.connection(ds), u.connection(rows)
		warnings := "/sites/{site}/dataQualityWarnings/datasource/" + ds[len("/sites/{site}/datasources/"):]
		warned, _ := u.xml(200, "POST", warnings, `<tsRequest><dataQualityWarning type="MAINTENANCE"/></tsRequest>`).find("dataQualityWarning")
		oneWarning := "/sites/{site}/dataQualityWarnings/" + warned.attr("id")
		change := `<connection serverAddress="db" serverPort="1" userName="u" password="p" embedPassword="true" authenticationType="auth-user-pass" queryTaggingEnabled="true"/>`
		named := func(id string) string {
			return `<tsRequest><connectionLUIDs><connectionLUID>` + id + `</connectionLUID></connectionLUIDs>` + change + `</tsRequest>`
		}
		batch := `<tsRequest><tagBatch><tags><tag label="batch"/></tags><contents><content contentType="Workbook" id="` + w.workbook +
			`"/><content contentType="View" id="` + w.view + `"/><content contentType="Datasource" id="` + w.dataSource + `"/></contents></tagBatch></tsRequest>`
		doomed, _ := u.published("To lose a view").find("view")
		const deletion = `{"actions":[{"action":"delete","target-table":"Extract","condition":{"op":"eq","target-col":"a","const":{"type":"string","v":"x"}}}]}`
		return map[string][]request{
			"GET /sites/{site}/workbooks/{workbook}":                                     {{by: u, path: "/sites/{site}/workbooks/Bakery?key=contentUrl&includeViewAccelerationStatus=true"}},
			"PUT /sites/{site}/workbooks/{workbook}":                                     {{u, wb + "?includeViewAccelerationStatus=true", xmlType, `<tsRequest><workbook><dataAccelerationConfig accelerationEnabled="true" accelerateNow="true"/><dataFreshnessPolicy option="FreshAt"><freshAtSchedule frequency="Week" time="10:00:00" timezone="America/Los_Angeles"><intervals><interval weekDay="Monday"/></intervals></freshAtSchedule></dataFreshnessPolicy></workbook></tsRequest>`}},
			"PUT /sites/{site}/workbooks/{workbook}/connections":                         {{u, wb + "/connections", xmlType, named(workbookConnection)}},
			"PUT /sites/{site}/workbooks/{workbook}/connections/{connection}":            {{u, wb + "/connections/" + workbookConnection, xmlType, `<tsRequest>` + change + `</tsRequest>`}},
			"GET /sites/{site}/workbooks/{workbook}/revisions":                           {{by: u, path: wb + "/revisions"}},
			"GET /sites/{site}/workbooks/{workbook}/revisions/{revision}/content":        {{by: u, path: wb + "/revisions/1/content?includeExtract=false"}},
			"DELETE /sites/{site}/workbooks/{workbook}/revisions/{revision}":             {{by: u, path: wb + "/revisions/1"}},
			"GET /sites/{site}/workbooks/{workbook}/powerpoint":                          {{by: u, path: wb + "/powerpoint?maxAge=1"}},
			"DELETE /sites/{site}/views/{view}":                                          {{by: u, path: "/sites/{site}/views/" + doomed.attr("id")}},
			"GET /sites/{site}/views/{view}/crosstab/excel":                              {{by: u, path: "/sites/{site}/views/" + w.view + "/crosstab/excel"}},
			"PUT /sites/{site}/datasources/{datasource}/connections":                     {{u, ds + "/connections", xmlType, named(dsConnection)}},
			"PUT /sites/{site}/datasources/{datasource}/connections/{connection}":        {{u, ds + "/connections/" + dsConnection, xmlType, `<tsRequest>` + change + `</tsRequest>`}},
			"PATCH /sites/{site}/datasources/{datasource}/data":                          {{u, rows + "/data", "application/json", deletion}},
			"PATCH /sites/{site}/datasources/{datasource}/connections/{connection}/data": {{u, rows + "/connections/" + rowsConnection + "/data", "application/json", deletion}},
			"GET /sites/{site}/datasources/{datasource}/revisions":                       {{by: u, path: ds + "/revisions"}},
			"GET /sites/{site}/datasources/{datasource}/revisions/{revision}/content":    {{by: u, path: ds + "/revisions/1/content"}},
			"DELETE /sites/{site}/datasources/{datasource}/revisions/{revision}":         {{by: u, path: ds + "/revisions/1"}},
			"GET /sites/{site}/dataQualityWarnings/{content}/{item}":                     {{by: u, path: warnings}},
			"POST /sites/{site}/dataQualityWarnings/{content}/{item}":                    {{u, warnings, xmlType, `<tsRequest><dataQualityWarning type="STALE" message="m" isActive="true" isSevere="true"/></tsRequest>`}},
			"PUT /sites/{site}/dataQualityWarnings/{content}/{item}":                     {{u, warnings, xmlType, `<tsRequest><dataQualityWarning type="WARNING" isActive="false"/></tsRequest>`}},
			"DELETE /sites/{site}/dataQualityWarnings/{content}/{item}":                  {{by: u, path: warnings}},
			"GET /sites/{site}/dataQualityWarnings/{warning}":                            {{by: u, path: oneWarning}},
			"PUT /sites/{site}/dataQualityWarnings/{warning}":                            {{u, oneWarning, xmlType, `<tsRequest><dataQualityWarning message="n"/></tsRequest>`}},
			"DELETE /sites/{site}/dataQualityWarnings/{warning}":                         {{by: u, path: oneWarning}},
			"PUT /sites/{site}/tags:batchCreate":                                         {{u, "/sites/{site}/tags:batchCreate", xmlType, batch}, {u, "/tags:batchCreate", xmlType, batch}},
			"PUT /sites/{site}/tags:batchDelete":                                         {{u, "/sites/{site}/tags:batchDelete", xmlType, batch}},
		}
	})
}

// connection returns the id of the first connection of an item.
func (u *user) connection(path string) string {
	u.t.Helper()
	c, _ := u.xml(200, "GET", path+"/connections", "").find("connection")
	return c.attr("id")
}
