package store

import (
	"fmt"
	"time"
)

// Upload is a file that arrives in blocks.
type Upload struct {
	Seq       int64
	SessionID string
	User      int64
	Blocks    int64
	Bytes     int64
	Touched   time.Time // when it was opened or the last block came
}

// AddUpload opens an upload; its session id ends in a unique part that the caller gives as 32 hex digits.
func (tx *Tx) AddUpload(site, user int64, unique string, now time.Time) (string, error) {
	seq, err := tx.insert("INSERT INTO uploads (site, user, created, touched) VALUES (?1, ?2, ?3, ?3)", site, user, seconds(now))
	if err != nil {
		return "", err
	}
	id := fmt.Sprintf("%d:%s-1:0", seq, unique)
	_, err = tx.exec("UPDATE uploads SET session_id = ? WHERE seq = ?", id, seq)
	return id, err
}

// Upload returns an open upload of a site.
func (tx *Tx) Upload(site int64, sessionID string) (Upload, error) {
	return queryOne(tx, func(row scanner) (u Upload, err error) {
		err = row.Scan(&u.Seq, &u.SessionID, &u.User, &u.Blocks, &u.Bytes, timeColumn{&u.Touched})
		return u, err
	}, `SELECT u.seq, u.session_id, u.user, (SELECT count(*) FROM upload_parts WHERE upload = u.seq),
		(SELECT coalesce(sum(bytes), 0) FROM upload_parts WHERE upload = u.seq), u.touched
		FROM uploads u WHERE u.site = ? AND u.session_id = ?`,
		site, sessionID)
}

// Block is one piece of an upload.
type Block struct {
	Number int64
	Blob   string
	Bytes  int64
}

// Blocks returns the blocks of an upload in the order of their numbers.
func (tx *Tx) Blocks(upload int64) ([]Block, error) {
	return query(tx, func(row scanner) (b Block, err error) {
		err = row.Scan(&b.Number, &b.Blob, &b.Bytes)
		return b, err
	}, "SELECT number, blob, bytes FROM upload_parts WHERE upload = ? ORDER BY number", upload)
}

// HasBlock reports whether a block has come.
func (tx *Tx) HasBlock(upload, number int64) (has bool, err error) {
	err = tx.queryRow("SELECT EXISTS (SELECT 1 FROM upload_parts WHERE upload = ? AND number = ?)", upload, number).Scan(&has)
	return has, err
}

// SetBlock adds a block; one with the same number is replaced, so that a repeated request does no harm, and its content is to
// be collected afterwards. With number < 0 the block comes after all others.
func (tx *Tx) SetBlock(upload int64, b Block, now time.Time) error {
	if _, err := tx.exec("UPDATE uploads SET touched = ? WHERE seq = ?", seconds(now), upload); err != nil {
		return err
	}
	_, err := tx.exec(`INSERT INTO upload_parts (upload, number, blob, bytes)
		VALUES (?1, CASE WHEN ?2 < 0 THEN (SELECT coalesce(max(number) + 1, 0) FROM upload_parts WHERE upload = ?1) ELSE ?2 END, ?3, ?4)
		ON CONFLICT (upload, number) DO UPDATE SET blob = excluded.blob, bytes = excluded.bytes`, upload, b.Number, b.Blob, b.Bytes)
	return err
}

// ForgetUploads forgets the uploads that nobody has touched since a time. The contents of their blocks are to be collected
// afterwards.
func (tx *Tx) ForgetUploads(since time.Time) error {
	_, err := tx.exec("DELETE FROM uploads WHERE touched < ?", seconds(since))
	return err
}

// DeleteUpload forgets an upload. The contents of its blocks are to be collected afterwards.
func (tx *Tx) DeleteUpload(seq int64) error {
	_, err := tx.exec("DELETE FROM uploads WHERE seq = ?", seq)
	return err
}

// CountUploads returns how many uploads a user has open.
func (tx *Tx) CountUploads(user int64) (n int64, err error) {
	err = tx.queryRow("SELECT count(*) FROM uploads WHERE user = ?", user).Scan(&n)
	return n, err
}
