// Package store keeps everything the emulator knows: rows in SQLite, file contents on disk beside it.
//
// A change is acknowledged only after [Store.Write] has returned: by then its rows and the files they name are on
// disk. Rows are read and written inside one transaction each, through the methods of [Tx].
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// ErrNotFound says that no row matches.
var ErrNotFound = errors.New("not found")

var errClosed = errors.New("the store is closed")

// Store is an open database and its files. It is safe for concurrent use.
type Store struct {
	Blobs *Blobs

	db        *sql.DB
	writers   chan *conn // one connection: SQLite has one writer, and waiting here is fairer than its busy loop
	readers   chan *conn // the same channel when rows are in memory, where they belong to their one connection
	dir       string
	temporary bool
	lock      *os.File
	closing   sync.Once
	closed    chan struct{}
	writes    atomic.Uint64 // one more when a change begins and one more when it has ended: odd while one is under way
	counts    memory[int64]
	sessions  memory[Session] // by the hash of their tokens
}

// readConnections is how many readers of a database on disk can work at once.
const readConnections = 8

// Open opens the store in dir, which is created when missing. With dir == "" rows are kept in memory and file
// contents in a temporary directory that Close removes.
func Open(dir string) (_ *Store, err error) {
	s := &Store{dir: dir, temporary: dir == "", closed: make(chan struct{})}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("opening the data in %q: %w", dir, err), s.Close())
		}
	}()
	if s.temporary {
		if s.dir, err = os.MkdirTemp("", "tableau-emulator-"); err != nil {
			return nil, err
		}
	} else {
		if s.dir, err = filepath.Abs(dir); err != nil { // the program may change its directory
			return nil, err
		}
		if err = os.MkdirAll(s.dir, 0o700); err != nil {
			return nil, err
		}
	}
	if s.lock, err = lockDir(s.dir); err != nil {
		return nil, err
	}
	if err = s.openDatabase(); err != nil {
		return nil, err
	}
	if err = s.migrate(); err != nil {
		return nil, err
	}
	if err = os.RemoveAll(filepath.Join(s.dir, snapshotsDir)); err != nil { // left by a crash: snapshots end with the store
		return nil, err
	}
	if s.Blobs, err = openBlobs(filepath.Join(s.dir, "content"), !s.temporary); err != nil {
		return nil, err
	}
	return s, s.sweep()
}

func (s *Store) openDatabase() (err error) {
	location, readers := "file::memory:?_pragma=foreign_keys(1)", 0
	if !s.temporary {
		path := url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(s.dir, "emulator.db"))}
		if !strings.HasPrefix(path.Path, "/") {
			path.Path = "/" + path.Path // C:/ would be taken for a host
		}
		location = path.String() + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)" +
			"&_pragma=synchronous(FULL)&_pragma=temp_store(MEMORY)&_pragma=foreign_keys(1)"
		readers = readConnections
	}
	if s.db, err = sql.Open("sqlite", location); err != nil {
		return err
	}
	if s.writers, err = s.connect(1); err != nil {
		return err
	}
	s.readers = s.writers
	if readers > 0 {
		s.readers, err = s.connect(readers)
	}
	return err
}

func (s *Store) connect(n int) (chan *conn, error) {
	pool := make(chan *conn, n)
	for range n {
		c, err := s.db.Conn(context.Background())
		if err != nil {
			return nil, err
		}
		pool <- &conn{Conn: c, statements: map[string]*sql.Stmt{}}
	}
	return pool, nil
}

// Close releases the database; a temporary store is removed. It waits for transactions that are running. Closing again
// does nothing.
func (s *Store) Close() (err error) {
	s.closing.Do(func() { err = s.close() })
	return err
}

func (s *Store) close() error {
	close(s.closed)
	var errs []error
	closePool := func(pool chan *conn) {
		for range cap(pool) {
			c := <-pool
			c.forgetStatements()
			errs = append(errs, c.Close())
		}
	}
	if s.readers != s.writers {
		closePool(s.readers)
	}
	closePool(s.writers)
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	if s.lock != nil {
		errs = append(errs, os.RemoveAll(filepath.Join(s.dir, snapshotsDir)), unlockDir(s.lock))
	}
	if s.temporary && s.dir != "" {
		errs = append(errs, os.RemoveAll(s.dir))
	}
	return errors.Join(errs...)
}

//go:embed migrations/*.sql
var migrations embed.FS

// newest is the schema that all migrations make of nothing, as statements: in one program, only the first new store goes
// through them one by one.
var newest atomic.Pointer[string]

// remember keeps the schema for the stores to come.
func (s *Store) remember() error {
	return s.Read(context.Background(), func(tx *Tx) error {
		made, err := tx.conn.strings(tx.ctx, `SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'
			ORDER BY CASE type WHEN 'table' THEN 1 WHEN 'index' THEN 2 ELSE 3 END, rowid`)
		if err != nil {
			return err
		}
		tables, err := tx.conn.strings(tx.ctx, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
		if err != nil {
			return err
		}
		for _, table := range tables {
			var filled bool
			if err := tx.conn.QueryRowContext(tx.ctx, `SELECT EXISTS (SELECT 1 FROM "`+table+`")`).Scan(&filled); err != nil || filled {
				return err // what migrations put into tables is not in the schema
			}
		}
		var version int
		if err := tx.queryRow("PRAGMA user_version").Scan(&version); err != nil {
			return err
		}
		newest.Store(new(strings.Join(made, ";\n") + fmt.Sprintf(";\nPRAGMA user_version = %d", version)))
		return nil
	})
}

// migrate brings the schema up to date: the nth file of migrations makes it version n.
func (s *Store) migrate() error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	var version int
	err = s.Read(context.Background(), func(tx *Tx) error {
		return tx.queryRow("PRAGMA user_version").Scan(&version)
	})
	if err != nil {
		return err
	}
	if version > len(names) {
		return fmt.Errorf("the data has version %d, this program knows versions up to %d: use a newer program", version, len(names))
	}
	isNew := version == 0
	if schema := newest.Load(); isNew && schema != nil {
		return s.Write(context.Background(), func(tx *Tx) error {
			_, err := tx.conn.ExecContext(tx.ctx, *schema)
			return err
		})
	}
	for i, name := range names[version:] {
		statements, err := migrations.ReadFile(name)
		if err != nil {
			return err
		}
		err = s.Write(context.Background(), func(tx *Tx) error {
			_, err := tx.conn.ExecContext(tx.ctx, fmt.Sprintf("%s; PRAGMA user_version = %d", statements, version+i+1))
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if isNew {
		return s.remember()
	}
	return nil
}

// Tx is one transaction. It must not be used after the function it was given to has returned.
type Tx struct {
	ctx   context.Context
	conn  *conn
	store *Store
	state uint64 // what the store had counted of its changes when it began
}

// Write runs change in a transaction, alone, and commits it unless change returns an error.
func (s *Store) Write(ctx context.Context, change func(*Tx) error) error {
	return s.run(ctx, s.writers, "PRAGMA synchronous = FULL; BEGIN IMMEDIATE", true, change)
}

// WriteAtEase is Write for what need not outlive a failure of the machine, only the end of the program: it does not wait for
// the disk.
func (s *Store) WriteAtEase(ctx context.Context, change func(*Tx) error) error {
	return s.run(ctx, s.writers, "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE", true, change)
}

// Read runs query in a transaction that sees one state of the data.
func (s *Store) Read(ctx context.Context, query func(*Tx) error) error {
	return s.run(ctx, s.readers, "BEGIN", false, query)
}

// take waits for a connection; whoever takes it puts it back.
func (s *Store) take(ctx context.Context, pool chan *conn) (*conn, error) {
	select {
	case c := <-pool:
		return c, nil
	case <-s.closed:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *Store) run(ctx context.Context, pool chan *conn, begin string, writes bool, f func(*Tx) error) error {
	c, err := s.take(ctx, pool)
	if err != nil {
		return err
	}
	defer func() { pool <- c }()
	// A transaction is ended even when its caller has gone away.
	steady := context.WithoutCancel(ctx)
	state := s.writes.Load()
	if _, err := c.exec(steady, begin); err != nil {
		return err
	}
	if writes {
		state = s.writes.Add(1)
		defer s.writes.Add(1)
	}
	committed := false
	// Statements are short: watching over each whether its caller is still there would cost more than most of them.
	tx := &Tx{ctx: steady, conn: c, store: s, state: state}
	defer func() {
		if !committed {
			c.exec(steady, "ROLLBACK") // it fails when SQLite has rolled back by itself
		}
	}()
	if err := f(tx); err != nil {
		return err
	}
	if _, err := c.exec(steady, "COMMIT"); err != nil {
		return err
	}
	committed = true
	return nil
}

// conn is a connection and the statements prepared on it.
type conn struct {
	*sql.Conn
	statements map[string]*sql.Stmt
}

// maxStatements bounds the statements kept by one connection: lists make a new text for each set of filters.
const maxStatements = 256

func (c *conn) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	if known := c.statements[query]; known != nil {
		return known, nil
	}
	prepared, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("%w in %s", err, query)
	}
	if len(c.statements) >= maxStatements {
		c.forgetStatements()
	}
	c.statements[query] = prepared
	return prepared, nil
}

func (c *conn) forgetStatements() {
	for _, s := range c.statements {
		s.Close() // nothing can be done, and nothing is lost
	}
	clear(c.statements)
}

func (c *conn) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

func (tx *Tx) exec(query string, args ...any) (sql.Result, error) {
	return tx.conn.exec(tx.ctx, query, args...)
}

// insert runs an INSERT and returns the new row's seq.
func (tx *Tx) insert(query string, args ...any) (int64, error) {
	result, err := tx.exec(query, args...)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

// scanner is a row to read from.
type scanner interface{ Scan(into ...any) error }

// failedRow is the row of a query that could not be run.
type failedRow struct{ err error }

func (r failedRow) Scan(...any) error { return r.err }

func (tx *Tx) queryRow(query string, args ...any) scanner {
	s, err := tx.conn.statement(tx.ctx, query)
	if err != nil {
		return failedRow{err}
	}
	return s.QueryRowContext(tx.ctx, args...)
}

// query returns what scan makes of each row.
func query[T any](tx *Tx, scan func(scanner) (T, error), text string, args ...any) ([]T, error) {
	return queryInto(tx, nil, scan, text, args...)
}

// queryInto is query that appends to all.
func queryInto[T any](tx *Tx, all []T, scan func(scanner) (T, error), text string, args ...any) ([]T, error) {
	s, err := tx.conn.statement(tx.ctx, text)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(tx.ctx, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// queryOne returns what scan makes of the one row, or [ErrNotFound].
func queryOne[T any](tx *Tx, scan func(scanner) (T, error), text string, args ...any) (T, error) {
	one, err := scan(tx.queryRow(text, args...))
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return one, err
}
