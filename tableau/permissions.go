package tableau

// PermissionsService calls the permission methods.
type PermissionsService service
