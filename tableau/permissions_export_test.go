package tableau

// What permissions and batches of tags are on the wire, for the schema test.
type (
	PermissionsXML = permissionsXML
	TagBatchXML    = tagBatchXML
)
