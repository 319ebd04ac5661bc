package tableau

// FavoritesService calls the favorite methods.
type FavoritesService service
