package content

import (
	"io"
	"path"
	"slices"
	"strings"
)

// parametersDataSource is the name under which a workbook keeps its parameters beside its data sources.
const parametersDataSource = "Parameters"

// column is a column of a data source.
type column struct {
	caption, dataType, role, formula string
	remoteName                       string // its heading in the data, when it differs
}

// instanceKey names a column as one worksheet uses it.
type instanceKey struct{ dataSource, name string }

// sheetText is what a worksheet's element says, before the data sources' captions are put in.
type sheetText struct {
	view            View
	rows, columns   string
	marks           []string
	measureNames    []string // members of the Measure Names filter
	dataSources     []string
	instances       map[instanceKey]string // name of the column
	instancesInFile []instanceKey
}

type window struct{ name, class string }

func parseWorkbook(r io.Reader) (*Workbook, error) {
	d := newDocument(r)
	root, err := d.root()
	if err != nil {
		return nil, err
	}
	switch root.name() {
	case "workbook":
	case "datasource":
		return nil, invalid("The file is a data source, not a workbook.")
	case "html":
		return nil, invalid("The file is an HTML page, not a workbook.")
	default:
		return nil, invalid("The file is no workbook: its XML is a <%s>.", root.Name.Local)
	}
	wb := &Workbook{}
	var worksheets []sheetText
	var dashboards []View
	var windows []window
	hidden := map[window]bool{}
	err = d.children(func(e element) error {
		switch e.name() {
		case "datasources":
			return d.children(func(e element) error {
				if e.name() != "datasource" || e.attr("name") == parametersDataSource {
					return nil
				}
				ds, err := d.dataSource(e)
				if err != nil {
					return err
				}
				wb.DataSources = append(wb.DataSources, *ds)
				return nil
			})
		case "worksheets":
			return d.children(func(e element) error {
				if e.name() != "worksheet" {
					return nil
				}
				sheet, err := d.worksheet(e)
				worksheets = append(worksheets, sheet)
				return err
			})
		case "dashboards":
			return d.children(func(e element) error {
				if e.name() != "dashboard" {
					return nil
				}
				view, err := d.dashboard(e)
				dashboards = append(dashboards, view)
				return err
			})
		case "windows":
			return d.children(func(e element) error {
				if e.name() != "window" {
					return nil
				}
				w := window{e.attr("name"), e.attr("class")}
				windows = append(windows, w)
				hidden[w] = e.attr("hidden") == "true"
				return d.keep()
			})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	wb.byName = map[string]*DataSource{}
	for i := range wb.DataSources {
		wb.byName[wb.DataSources[i].Name] = &wb.DataSources[i]
		wb.Connections = append(wb.Connections, wb.DataSources[i].Connections...)
	}
	for _, sheet := range worksheets {
		wb.Views = append(wb.Views, wb.worksheetView(sheet))
	}
	keepWorksheetZones(dashboards, wb.Views)
	wb.Views = append(wb.Views, dashboards...)
	wb.orderViews(windows, hidden)
	return wb, nil
}

// keepWorksheetZones leaves in the dashboards the zones that show a sheet of the workbook, each once.
func keepWorksheetZones(dashboards, worksheets []View) {
	known := map[string]bool{}
	for _, views := range [][]View{worksheets, dashboards} {
		for _, v := range views {
			known[v.Name] = true
		}
	}
	for i := range dashboards {
		seen := map[string]bool{dashboards[i].Name: true}
		dashboards[i].Sheets = slices.DeleteFunc(dashboards[i].Sheets, func(name string) bool {
			drop := !known[name] || seen[name]
			seen[name] = true
			return drop
		})
	}
}

// orderViews puts the views in the order of the windows, which is that of the tabs; views without a window come last.
func (wb *Workbook) orderViews(windows []window, hidden map[window]bool) {
	position := map[window]int{}
	for i, w := range windows {
		if _, ok := position[w]; !ok {
			position[w] = i
		}
	}
	place := func(v View) int {
		if i, ok := position[v.window()]; ok {
			return i
		}
		return len(windows)
	}
	slices.SortStableFunc(wb.Views, func(a, b View) int { return place(a) - place(b) })
	for i := range wb.Views {
		wb.Views[i].Hidden = hidden[wb.Views[i].window()]
	}
}

// window returns the window that a view is shown in.
func (v View) window() window {
	if v.SheetType == Worksheet {
		return window{v.Name, Worksheet}
	}
	return window{v.Name, Dashboard}
}

func parseDataSource(r io.Reader) (*DataSource, error) {
	d := newDocument(r)
	root, err := d.root()
	if err != nil {
		return nil, err
	}
	switch root.name() {
	case "datasource":
		return d.dataSource(root)
	case "workbook":
		return nil, invalid("The file is a workbook, not a data source.")
	default:
		return nil, invalid("The file is no data source: its XML is a <%s>.", root.Name.Local)
	}
}

func (d *document) dataSource(e element) (*DataSource, error) {
	ds := &DataSource{Name: e.attr("name"), Caption: e.attr("caption"), columns: map[string]*column{}}
	if ds.Name == "" {
		ds.Name = e.attr("formatted-name")
	}
	if ds.Caption == "" {
		ds.Caption = ds.Name
	}
	remoteNames := map[string]string{}
	addConnection := func(e element) error {
		ds.Connections = append(ds.Connections, ds.connection(e))
		return d.keep()
	}
	err := d.children(func(e element) error {
		switch e.name() {
		case "connection":
			if e.attr("class") != "federated" {
				if err := addConnection(e); err != nil {
					return err
				}
			}
			return d.children(func(e element) error {
				switch e.name() {
				case "named-connections":
					return d.children(func(e element) error { // named-connection
						return d.children(func(e element) error {
							if e.name() != "connection" {
								return nil
							}
							return addConnection(e)
						})
					})
				case "metadata-records":
					return d.children(func(element) error { return d.metadataRecord(remoteNames) })
				}
				return nil
			})
		case "extract":
			ds.HasExtract = ds.HasExtract || e.attr("enabled") != "false"
		case "column":
			name, c, err := d.column(e)
			ds.columns[name] = c
			return err
		}
		return nil
	})
	for name, remoteName := range remoteNames {
		if ds.columns[name] == nil {
			ds.columns[name] = &column{}
		}
		ds.columns[name].remoteName = remoteName
	}
	return ds, err
}

func (ds *DataSource) connection(e element) Connection {
	c := Connection{
		Class: e.attr("class"), Server: e.attr("server"), Port: e.attr("port"), UserName: e.attr("username"),
		DatabaseName: e.attr("dbname"), Filename: e.attr("filename"),
		DataSourceName: ds.Name, DataSourceCaption: ds.Caption,
	}
	if directory := e.attr("directory"); directory != "" && c.Filename != "" {
		c.Filename = path.Join(strings.ReplaceAll(directory, `\`, "/"), c.Filename)
	}
	if c.Class == "hyper" || c.Class == "dataengine" {
		ds.HasExtract = true
	}
	return c
}

// column reads a <column> and returns its name without brackets.
func (d *document) column(e element) (string, *column, error) {
	c := &column{caption: e.attr("caption"), dataType: e.attr("datatype"), role: e.attr("role")}
	err := d.children(func(e element) error {
		if e.name() == "calculation" {
			c.formula = e.attr("formula")
		}
		return nil
	})
	if err != nil {
		return "", nil, err
	}
	return bare(e.attr("name")), c, d.keep()
}

// metadataRecord notes under which heading a column is found in the data.
func (d *document) metadataRecord(remoteNames map[string]string) error {
	var local, remote string
	err := d.children(func(e element) (err error) {
		switch e.name() {
		case "local-name":
			local, err = d.text()
		case "remote-name":
			remote, err = d.text()
		}
		return err
	})
	if local != "" && remote != "" {
		remoteNames[bare(local)] = remote
	}
	if err != nil {
		return err
	}
	return d.keep()
}

func (d *document) worksheet(e element) (sheetText, error) {
	s := sheetText{
		view:      View{Name: e.attr("name"), SheetType: Worksheet},
		instances: map[instanceKey]string{},
	}
	if s.view.Name == "" {
		return s, invalid("The workbook has a worksheet without a name.")
	}
	if err := d.keep(); err != nil {
		return s, err
	}
	err := d.children(func(e element) error {
		if e.name() != "table" {
			return nil
		}
		return d.children(func(e element) (err error) {
			switch e.name() {
			case "view":
				return d.worksheetView(&s)
			case "panes":
				return d.children(func(element) error { // pane
					return d.children(func(e element) error {
						if e.name() != "encodings" {
							return nil
						}
						return d.children(func(e element) error {
							s.marks = append(s.marks, e.attr("column"))
							return d.keep()
						})
					})
				})
			case "rows":
				s.rows, err = d.text()
			case "cols":
				s.columns, err = d.text()
			}
			return err
		})
	})
	return s, err
}

func (d *document) worksheetView(s *sheetText) error {
	return d.children(func(e element) error {
		switch e.name() {
		case "datasources":
			return d.children(func(e element) error {
				if name := e.attr("name"); name != parametersDataSource {
					s.dataSources = append(s.dataSources, name)
				}
				return d.keep()
			})
		case "datasource-dependencies":
			dataSource := e.attr("datasource")
			return d.children(func(e element) error {
				if e.name() != "column-instance" {
					return nil
				}
				key := instanceKey{dataSource, bare(e.attr("name"))}
				s.instances[key] = bare(e.attr("column"))
				s.instancesInFile = append(s.instancesInFile, key)
				return d.keep()
			})
		case "filter":
			if references := parseReferences(e.attr("column")); len(references) == 1 && references[0].name == measureNames {
				return d.filterMembers(&s.measureNames)
			}
		}
		return nil
	})
}

// filterMembers collects the members that a categorical filter names, at any depth.
func (d *document) filterMembers(members *[]string) error {
	return d.children(func(e element) error {
		if e.attr("function") == "member" {
			member := strings.ReplaceAll(e.attr("member"), `\%`, "%") // the one character that is escaped in names
			*members = append(*members, strings.Trim(member, `"`))
			if err := d.keep(); err != nil {
				return err
			}
		}
		return d.filterMembers(members)
	})
}

func (d *document) dashboard(e element) (View, error) {
	v := View{Name: e.attr("name"), SheetType: Dashboard}
	if e.attr("type") == "storyboard" {
		v.SheetType = Story
	}
	if v.Name == "" {
		return v, invalid("The workbook has a dashboard without a name.")
	}
	if err := d.keep(); err != nil {
		return v, err
	}
	err := d.children(func(e element) error {
		if e.name() != "zones" {
			return nil
		}
		return d.zones(&v)
	})
	return v, err
}

// zones collects the sheets in a dashboard's zones and in a story's points; zones with a type are titles, legends,
// filters and the like.
func (d *document) zones(v *View) error {
	return d.children(func(e element) error {
		sheet := ""
		switch {
		case e.name() == "story-point":
			sheet = e.attr("captured-sheet")
		case e.name() == "zone" && e.attr("type") == "" && e.attr("type-v2") == "":
			sheet = e.attr("name")
		}
		if sheet != "" {
			v.Sheets = append(v.Sheets, sheet)
			if err := d.keep(); err != nil {
				return err
			}
		}
		return d.zones(v)
	})
}
