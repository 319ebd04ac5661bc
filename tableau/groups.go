package tableau

// GroupsService calls the group methods.
type GroupsService service
