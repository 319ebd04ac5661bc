package tableau

// DataSourcesService calls the data source methods.
type DataSourcesService service
