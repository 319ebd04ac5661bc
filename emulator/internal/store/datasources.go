package store

import "time"

// DataSource is a published data source.
type DataSource struct {
	Seq                int64
	ID                 string
	Name               string
	Description        string
	ContentURL         string
	Type               string // of its first connection, or of the extract that it is
	Certified          bool
	CertificationNote  string
	EncryptExtracts    bool
	HasExtracts        bool
	UseBridge          bool
	Kind               string // of the file: "tds", "tdsx", "tde", "hyper" or "parquet"
	Blob               string // name of its content
	Bytes              int64
	Appended           int64 // bytes of the files whose rows were added to it
	Revision           int64
	Created            time.Time
	Updated            time.Time
	ServerName         string // of its first connection, as is the next
	DatabaseName       string
	ConnectedWorkbooks int64
	Favorites          int64   // how many people have it among their favorites
	Project            Project // ID, name and description
	Owner              User
	Tags               []string // in alphabetical order; lists and single reads fill it
}

// Megabytes is the size as Tableau shows it: rounded, and at least 1.
func (d *DataSource) Megabytes() int64 { return max(1, (d.Bytes+d.Appended+524288)/1048576) }

// firstConnection is a column of the data source's first connection.
func firstConnection(column string) string {
	return "coalesce((SELECT " + column + " FROM datasource_connections WHERE datasource = d.seq ORDER BY seq LIMIT 1), '')"
}

// Workbooks connect to a published data source through "sqlproxy", by its name.
const connectedWorkbooks = `(SELECT count(DISTINCT c.workbook) FROM connections c JOIN workbooks w ON w.seq = c.workbook
	WHERE w.site = d.site AND c.class = 'sqlproxy' AND c.datasource_name = d.name)`

// isDefaultPort tells whether the first connection uses the port that its kind of database is known for.
var isDefaultPort = "(" + firstConnection("port") + " IN ('', CASE " + firstConnection("class") + ` WHEN 'postgres' THEN '5432' WHEN 'mysql' THEN '3306'
	WHEN 'sqlserver' THEN '1433' WHEN 'oracle' THEN '1521' WHEN 'redshift' THEN '5439' WHEN 'snowflake' THEN '443' END))`

var dataSources = list[DataSource]{
	columns: `d.seq, d.id, d.name, d.description, d.content_url, d.type, d.certified, d.certification_note, d.encrypt_extracts,
		d.has_extracts, d.use_bridge, d.kind, d.blob, d.bytes, d.appended, d.revision, d.created, d.updated, ` +
		firstConnection("server") + ", " + firstConnection("database_name") + ", " + connectedWorkbooks + ", " + favoritesOf("datasources", "d.seq") + `,
		p.seq, p.id, p.name, p.description, ` + owner,
	from: `datasources d JOIN projects p ON p.seq = d.project
		JOIN users u ON u.seq = d.owner JOIN accounts a ON a.seq = u.account`,
	order:    "d.seq",
	readable: readableDataSource,
	fields: map[string]field{
		"id":                    {column: "d.id"},
		"name":                  {column: "d.name"},
		"description":           {column: "d.description"},
		"contentUrl":            {column: "d.content_url"},
		"projectName":           {column: "p.name"},
		"projectId":             {column: "p.id"},
		"ownerName":             {column: "a.name"},
		"ownerEmail":            {column: "a.email", only: "eq"},
		"ownerDomain":           {column: "a.domain"},
		"tags":                  {column: "'datasources', d.seq", kind: labels},
		"type":                  {column: "d.type", only: "eq"},
		"connectionType":        {column: firstConnection("class")},
		"authenticationType":    {column: firstConnection("authentication")},
		"connectionTo":          {column: firstConnection("server")},
		"isDefaultPort":         {column: isDefaultPort, kind: boolean},
		"tableName":             {column: "''"}, // tables are not read
		"connectedWorkbookType": {column: connectedWorkbooks, kind: number},
		"serverName":            {column: firstConnection("server")},
		"serverPort":            {column: firstConnection("port"), only: "eq"},
		"databaseName":          {column: firstConnection("database_name")},
		"databaseUserName":      {column: firstConnection("user_name")},
		"hasEmbeddedPassword": {column: "EXISTS (SELECT 1 FROM datasource_connections WHERE datasource = d.seq AND embed_password)",
			kind: boolean},
		"hasAlert":       {column: "0", kind: boolean},
		"hasExtracts":    {column: "d.has_extracts", kind: boolean},
		"isCertified":    {column: "d.certified", kind: boolean},
		"isConnectable":  {column: "1", kind: boolean},
		"isHierarchical": {column: "0", kind: boolean},
		"isPublished":    {column: "1", kind: boolean},
		"favoritesTotal": {column: favoritesOf("datasources", "d.seq"), kind: number},
		"size":           {column: "max(1, (d.bytes + d.appended + 524288) / 1048576)", kind: number},
		"createdAt":      {column: "d.created", kind: moment},
		"updatedAt":      {column: "d.updated", kind: moment},
	},
	scan: func(row scanner) (d DataSource, err error) {
		err = row.Scan(append([]any{&d.Seq, &d.ID, &d.Name, &d.Description, &d.ContentURL, &d.Type, &d.Certified, &d.CertificationNote,
			&d.EncryptExtracts, &d.HasExtracts, &d.UseBridge, &d.Kind, &d.Blob, &d.Bytes, &d.Appended, &d.Revision,
			timeColumn{&d.Created}, timeColumn{&d.Updated}, &d.ServerName, &d.DatabaseName, &d.ConnectedWorkbooks, &d.Favorites,
			&d.Project.Seq, &d.Project.ID, &d.Project.Name, &d.Project.Description}, ownerColumns(&d.Owner)...)...)
		return d, err
	},
}

// DataSources lists the data sources of a site.
func (tx *Tx) DataSources(site int64, q Query) ([]DataSource, int64, error) {
	found, total, err := dataSources.page(tx, where{"d.site = ?", []any{site}}, q)
	if err != nil {
		return nil, 0, err
	}
	err = fillTags(tx, "datasources", found, func(d *DataSource) (int64, *[]string) { return d.Seq, &d.Tags })
	return found, total, err
}

// DataSource returns a data source of a site.
func (tx *Tx) DataSource(site int64, id string) (DataSource, error) {
	d, err := dataSources.one(tx, "d.site = ? AND d.id = ?", site, id)
	if err != nil {
		return d, err
	}
	d.Tags, err = tx.Tags("datasources", d.Seq)
	return d, err
}

// DataSourceNamed returns the data source with this name in a project.
func (tx *Tx) DataSourceNamed(project int64, name string) (DataSource, error) {
	return dataSources.one(tx, "d.project = ? AND d.name = ?", project, name)
}

// AddDataSource adds a data source in d.Project, owned by d.Owner, to a site and sets its Seq.
func (tx *Tx) AddDataSource(site int64, d *DataSource) (err error) {
	d.Seq, err = tx.insert(`INSERT INTO datasources (id, site, project, owner, name, description, content_url, type, certified,
		certification_note, encrypt_extracts, has_extracts, use_bridge, kind, blob, bytes, appended, revision, created, updated)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		d.ID, site, d.Project.Seq, d.Owner.Seq, d.Name, d.Description, d.ContentURL, d.Type, d.Certified, d.CertificationNote,
		d.EncryptExtracts, d.HasExtracts, d.UseBridge, d.Kind, d.Blob, d.Bytes, d.Appended, d.Revision, seconds(d.Created),
		seconds(d.Updated))
	return err
}

// UpdateDataSource writes what can change of a data source.
func (tx *Tx) UpdateDataSource(d DataSource) error {
	_, err := tx.exec(`UPDATE datasources SET project = ?, owner = ?, name = ?, description = ?, type = ?, certified = ?,
		certification_note = ?, encrypt_extracts = ?, has_extracts = ?, use_bridge = ?, kind = ?, blob = ?, bytes = ?, appended = ?,
		revision = ?, updated = ? WHERE seq = ?`,
		d.Project.Seq, d.Owner.Seq, d.Name, d.Description, d.Type, d.Certified, d.CertificationNote, d.EncryptExtracts, d.HasExtracts,
		d.UseBridge, d.Kind, d.Blob, d.Bytes, d.Appended, d.Revision, seconds(d.Updated), d.Seq)
	return err
}

// DeleteDataSource deletes a data source with its connections. Its content is to be collected afterwards.
func (tx *Tx) DeleteDataSource(seq int64) error {
	_, err := tx.exec("DELETE FROM datasources WHERE seq = ?", seq)
	return err
}
