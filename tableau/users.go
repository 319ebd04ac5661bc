package tableau

// UsersService calls the user methods.
type UsersService service
