package tableau

// TagsService calls the tag methods.
type TagsService service
