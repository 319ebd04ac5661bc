package emulator

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tabctl/tableau-go/emulator/internal/content"
	"github.com/tabctl/tableau-go/emulator/internal/store"
	"golang.org/x/crypto/bcrypt"
)

// Server is a Tableau REST server. It is an [http.Handler], and [Server.Listen] makes it serve by itself.
// It is safe for concurrent use.
type Server struct {
	// URL is where the server can be reached, without a trailing slash; it is set by Listen.
	URL string

	config       config
	version      apiVersion
	store        *store.Store
	mux          *http.ServeMux // of the REST API
	control      *http.ServeMux
	jobs         *jobRunner
	clock        *clock
	failures     []failureRule
	passwordCost int
	dummyHash    []byte // compared with when a sign-in names nobody, so that it takes as long as any other
	defaultSite  atomic.Pointer[Site]
	faults       faults
	recorder     recorder
	snapshots    snapshots

	readMu    sync.Mutex
	workbooks map[string]*content.Workbook // by kind and content: what was read lately

	hits hits

	moving sync.Mutex // held while the clock is moved

	http    *http.Server
	served  chan struct{} // closed when http has stopped
	serving sync.RWMutex  // read-locked by each request, so that Close, Reset and Restore can wait for the last one
	closed  bool          // guarded by serving
}

// New returns a server that does not listen yet. Close releases what it holds.
func New(opts ...Option) (*Server, error) {
	s := &Server{config: defaults(), workbooks: map[string]*content.Workbook{}}
	for _, opt := range opts {
		opt(&s.config)
	}
	s.clock = &clock{base: s.config.now}
	s.config.now = s.clock.now
	for _, text := range s.config.failures {
		rule, err := parseFailure(text)
		if err != nil {
			return nil, err
		}
		s.failures = append(s.failures, rule)
	}
	var ok bool
	if s.version, ok = parseVersion(s.config.version); !ok {
		return nil, fmt.Errorf("emulator: unknown REST API version %q: use one from 2.0 to %s", s.config.version, latestVersion)
	}
	s.passwordCost = bcrypt.DefaultCost
	if s.config.dir == "" {
		s.passwordCost = bcrypt.MinCost // hashes that never reach a disk need no protection from thieves
	}
	var err error
	if _, err := s.directory(); err != nil {
		return nil, fmt.Errorf("emulator: %w", err)
	}
	if s.dummyHash, err = s.hashPassword("nobody's"); err != nil {
		return nil, fmt.Errorf("emulator: %w", err)
	}
	if s.store, err = store.Open(s.config.dir); err != nil {
		return nil, fmt.Errorf("emulator: %w", err)
	}
	if err := s.ensureDefaultSite(context.Background()); err != nil {
		return nil, errors.Join(fmt.Errorf("emulator: %w", err), s.store.Close())
	}
	s.recorder.limit = s.config.requestsKept
	s.mux, s.control = s.newMux(), s.newControl()
	s.jobs = startJobs(s)
	return s, nil
}

// Listen serves on addr, such as "127.0.0.1:8850" (port 0 picks a free one), until Shutdown or Close. It returns the URL.
func (s *Server) Listen(addr string) (string, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return "", fmt.Errorf("emulator: %w", err)
	}
	s.URL = "http://" + listener.Addr().String()
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: maxHeader}
	serve := s.http.Serve
	if s.config.certificate != nil {
		s.URL = "https://" + listener.Addr().String()
		s.http.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*s.config.certificate}}
		s.http.ErrorLog = slog.NewLogLogger(s.config.logger.Handler(), slog.LevelDebug) // of handshakes that fail
		serve = func(l net.Listener) error { return s.http.ServeTLS(l, "", "") }
	}
	s.served = make(chan struct{})
	go func() {
		defer close(s.served)
		if err := serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.config.logger.Error("the server has stopped", "error", err)
		}
	}()
	return s.URL, nil
}

// Shutdown stops listening, waits for requests under way until ctx ends, and closes the server.
func (s *Server) Shutdown(ctx context.Context) error {
	var err error
	if s.http != nil {
		err = s.http.Shutdown(ctx)
	}
	return errors.Join(err, s.Close())
}

// Close stops the server at once and releases everything it holds.
func (s *Server) Close() error {
	var err error
	if s.http != nil {
		err = s.http.Close()
		<-s.served
	}
	s.serving.Lock() // requests under way have lost their connections, and end
	defer s.serving.Unlock()
	s.closed = true
	s.jobs.stop()
	s.hits.writers.Wait()
	return errors.Join(err, s.store.Close())
}

// alone makes a change while no request is served, no job runs and the clock is not moved.
func (s *Server) alone(change func() error) error {
	s.moving.Lock()
	defer s.moving.Unlock()
	s.serving.Lock()
	defer s.serving.Unlock()
	if s.closed {
		return errors.New("the server is closed")
	}
	s.jobs.stop()
	s.hits.writers.Wait()
	defer func() { s.jobs = startJobs(s) }()
	return change()
}

// Reset deletes everything: what is left is the default site with its administrator and token, as New made them, without
// faults and recorded requests. Snapshots stay, and so does the clock. It waits for requests under way.
func (s *Server) Reset(ctx context.Context) error {
	err := s.alone(func() error {
		if err := s.store.Reset(ctx); err != nil {
			return err
		}
		return s.ensureDefaultSite(ctx)
	})
	if err != nil {
		return fmt.Errorf("emulator: resetting: %w", err)
	}
	s.ClearFaults()
	s.ClearRequests()
	return nil
}

// TB is what [Start] and [Server.NewSite] need of a *testing.T or *testing.B.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Start returns a server that listens on a free port of this machine until the test ends.
func Start(tb TB, opts ...Option) *Server {
	tb.Helper()
	s, err := New(opts...)
	if err != nil {
		tb.Fatalf("starting the emulator: %v", err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Fatalf("closing the emulator: %v", err)
		}
	})
	if _, err := s.Listen("127.0.0.1:0"); err != nil {
		tb.Fatalf("starting the emulator: %v", err)
	}
	return s
}

// Site is a site with an administrator, and what the administrator signs in with.
type Site struct {
	ID            string `json:"id"`
	ContentURL    string `json:"contentUrl"`
	AdminName     string `json:"adminName"`
	AdminPassword string `json:"adminPassword,omitempty"`
	TokenName     string `json:"tokenName,omitempty"` // of a personal access token
	TokenSecret   string `json:"tokenSecret,omitempty"`
}

// DefaultSite returns the default site and the server administrator. The password is known when it was given by
// [WithAdmin] or made by this server, the token when it was given by [WithToken].
func (s *Server) DefaultSite() Site { return *s.defaultSite.Load() }

// NewSite adds a site of its own for a test: with a site administrator, a personal access token, and the default project.
// Every call returns another site. The token makes one session at a time, as on Tableau.
func (s *Server) NewSite(tb TB) Site {
	tb.Helper()
	made, err := s.newSite(context.Background())
	if err != nil {
		tb.Fatalf("emulator: adding a site: %v", err)
	}
	return made
}

func (s *Server) newSite(ctx context.Context) (Site, error) {
	unique := newID()[:13]
	made := Site{ContentURL: "site-" + unique, AdminName: "admin-" + unique, AdminPassword: newSecret(),
		TokenName: "token-" + unique, TokenSecret: newSecret()}
	err := s.store.Write(ctx, func(tx *store.Tx) error {
		account := store.Account{Name: made.AdminName, FullName: made.AdminName, PasswordHash: hashSecret(made.AdminPassword)}
		if err := tx.AddAccount(&account); err != nil {
			return err
		}
		if err := tx.SetToken(account.Seq, made.TokenName, hashSecret(made.TokenSecret), s.now()); err != nil {
			return err
		}
		site, err := s.addSite(tx, store.Site{Name: made.ContentURL, ContentURL: made.ContentURL}, account.Seq, "SiteAdministratorCreator")
		made.ID = site.ID
		return err
	})
	return made, err
}

// ensureDefaultSite makes the default site and its administrator when they are missing, and gives the administrator the
// configured password and token.
func (s *Server) ensureDefaultSite(ctx context.Context) error {
	password := s.config.adminSecret
	return s.store.Write(ctx, func(tx *store.Tx) error {
		account, err := tx.AccountByName(s.config.adminName)
		isNew := errors.Is(err, store.ErrNotFound)
		if err != nil && !isNew {
			return err
		}
		if known := s.defaultSite.Load(); isNew && password == "" && known != nil {
			password = known.AdminPassword // as before a reset
		}
		if isNew && password == "" {
			password = newSecret()
		}
		account.Name, account.ServerAdmin = s.config.adminName, true
		if password != "" && !isPassword(account.PasswordHash, password) {
			if account.PasswordHash, err = s.hashPassword(password); err != nil {
				return err
			}
		}
		if isNew {
			account.FullName = account.Name
			err = tx.AddAccount(&account)
		} else {
			err = tx.UpdateAccount(account)
		}
		if err != nil {
			return err
		}
		if s.config.tokenName != "" {
			if err := tx.SetToken(account.Seq, s.config.tokenName, hashSecret(s.config.tokenSecret), s.now()); err != nil {
				return err
			}
		}
		site, err := tx.SiteByContentURL("")
		if errors.Is(err, store.ErrNotFound) {
			site, err = s.addSite(tx, store.Site{Name: "Default"}, account.Seq, "ServerAdministrator")
		}
		s.defaultSite.Store(&Site{ID: site.ID, AdminName: account.Name, AdminPassword: password,
			TokenName: s.config.tokenName, TokenSecret: s.config.tokenSecret})
		return err
	})
}

// now is the time that rows keep: whole seconds.
func (s *Server) now() time.Time { return s.config.now().Truncate(time.Second) }

func (s *Server) hashPassword(password string) ([]byte, error) {
	hash, err := bcrypt.GenerateFromPassword([]byte(password), s.passwordCost)
	if errors.Is(err, bcrypt.ErrPasswordTooLong) {
		return nil, fail(badRequest, "The password is longer than 72 bytes.")
	}
	return hash, err
}

// isPassword reports whether a hash is the password's.
func isPassword(hash []byte, password string) bool {
	if len(hash) == sha256.Size { // of a password that NewSite made, too random to need a slow hash, or of a directory's file
		return subtle.ConstantTimeCompare(hash, hashSecret(password)) == 1
	}
	return bcrypt.CompareHashAndPassword(hash, []byte(password)) == nil
}
