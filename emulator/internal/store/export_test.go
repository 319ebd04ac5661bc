package store

import "os"

// ForgetSchema makes the next new store go through all migrations.
func ForgetSchema() { newest.Store(nil) }

// CopyPart is what [Blobs.Join] does where there are no links.
func (b *Blobs) CopyPart(from *os.File, part string) error { return b.copyPart(from, part) }
