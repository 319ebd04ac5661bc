package store

// ForgetSchema makes the next new store go through all migrations.
func ForgetSchema() { newest.Store(nil) }

// CopyPart is what [Blobs.Join] does where there are no links.
func (b *Blobs) CopyPart(path string, block Block) error { return b.copyPart(path, []Block{block}) }

const SmallestPart = smallestPart

// OpenParts opens the parts in a directory as one file.
func OpenParts(dir string) (Content, error) { return openParts(dir) }
