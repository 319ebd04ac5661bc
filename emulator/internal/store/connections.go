package store

// Connection is a connection of a data source, published or one of a workbook's own, to its data.
type Connection struct {
	ID             string
	DataSourceID   string
	DataSourceName string
	Class          string
	Server         string
	Port           string
	UserName       string
	DatabaseName   string // not kept of a workbook's
	EmbedPassword  bool
	Authentication string // how to sign in, such as "auth-user-pass"; "" when nobody has said
	QueryTagging   bool
}

func scanConnection(row scanner) (c Connection, err error) {
	err = row.Scan(&c.ID, &c.DataSourceID, &c.DataSourceName, &c.Class, &c.Server, &c.Port, &c.UserName, &c.DatabaseName, &c.EmbedPassword,
		&c.Authentication, &c.QueryTagging)
	return c, err
}

// Connections returns the connections of a workbook.
func (tx *Tx) Connections(workbook int64) ([]Connection, error) {
	return query(tx, scanConnection, `SELECT id, datasource_id, datasource_name, class, server, port, user_name, '', embed_password,
		authentication, query_tagging FROM connections WHERE workbook = ? ORDER BY seq`, workbook)
}

// SetConnections replaces the connections of a workbook.
func (tx *Tx) SetConnections(workbook int64, connections []Connection) error {
	if _, err := tx.exec("DELETE FROM connections WHERE workbook = ?", workbook); err != nil {
		return err
	}
	for _, c := range connections {
		if _, err := tx.exec(`INSERT INTO connections (id, workbook, datasource_id, datasource_name, class, server, port, user_name,
			embed_password, authentication, query_tagging) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, c.ID, workbook, c.DataSourceID,
			c.DataSourceName, c.Class, c.Server, c.Port, c.UserName, c.EmbedPassword, c.Authentication, c.QueryTagging); err != nil {
			return err
		}
	}
	return nil
}

// DataSourceConnections returns the connections of a data source.
func (tx *Tx) DataSourceConnections(dataSource int64) ([]Connection, error) {
	return query(tx, scanConnection, `SELECT c.id, d.id, d.name, c.class, c.server, c.port, c.user_name, c.database_name, c.embed_password,
		c.authentication, c.query_tagging FROM datasource_connections c JOIN datasources d ON d.seq = c.datasource WHERE c.datasource = ? ORDER BY c.seq`, dataSource)
}

// SetDataSourceConnections replaces the connections of a data source.
func (tx *Tx) SetDataSourceConnections(dataSource int64, connections []Connection) error {
	if _, err := tx.exec("DELETE FROM datasource_connections WHERE datasource = ?", dataSource); err != nil {
		return err
	}
	for _, c := range connections {
		if _, err := tx.exec(`INSERT INTO datasource_connections (id, datasource, class, server, port, user_name, database_name,
			embed_password, authentication, query_tagging) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, c.ID, dataSource, c.Class, c.Server,
			c.Port, c.UserName, c.DatabaseName, c.EmbedPassword, c.Authentication, c.QueryTagging); err != nil {
			return err
		}
	}
	return nil
}
