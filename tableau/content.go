package tableau

import "fmt"

// ContentType is a kind of item.
type ContentType string

// The kinds of items.
const (
	ContentWorkbook          ContentType = "workbook"          // a published workbook
	ContentView              ContentType = "view"              // a sheet, dashboard or story
	ContentDataSource        ContentType = "datasource"        // a published data source
	ContentProject           ContentType = "project"           // a project
	ContentFlow              ContentType = "flow"              // a Tableau Prep flow
	ContentMetric            ContentType = "metric"            // a metric of before Tableau Pulse
	ContentDatabase          ContentType = "database"          // a database that Tableau Catalog knows
	ContentTable             ContentType = "table"             // a table that Tableau Catalog knows
	ContentVirtualConnection ContentType = "virtualConnection" // a virtual connection
	ContentColumn            ContentType = "column"            // a column that Tableau Catalog knows
	ContentLens              ContentType = "lens"              // an Ask Data lens
	ContentDataRole          ContentType = "datarole"          // a data role
	ContentCollection        ContentType = "collection"        // a collection
)

// Content names one item of any kind.
type Content struct {
	Type ContentType
	ID   string
}

// segment is what stands for the kind in paths.
func (c Content) segment() (string, error) {
	switch c.Type {
	case ContentLens:
		return "lenses", nil
	case ContentWorkbook, ContentView, ContentDataSource, ContentProject, ContentFlow, ContentMetric, ContentDatabase,
		ContentTable, ContentVirtualConnection, ContentColumn, ContentDataRole, ContentCollection:
		return string(c.Type) + "s", nil
	}
	return "", invalid(fmt.Sprintf("%q is no type of content", string(c.Type)))
}
