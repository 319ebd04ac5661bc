package store

// ForgetSchema makes the next new store go through all migrations.
func ForgetSchema() { newest.Store(nil) }
