// Soak lets many clients work against an emulator for a long time while
// requests fail at random and the emulator is killed again and again, and then
// looks for what was lost, made twice or left behind.
//
//	go run ./bench/soak                                  # 30 minutes, 32 clients, 20 kills
//	go run ./bench/soak -for 1m -clients 16 -kills 3     # as CI does
//
// The emulator is a process of its own, tabctl emulator, with its data in a
// directory. Each client notes which of its writes were acknowledged, and which
// it cannot know about. The kills come in the first three quarters of the time;
// the last quarter shows whether memory and descriptors grow. It ends with
// status 1 when there is a problem, and then leaves the directory behind.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tabctl/tableau-go/tableau"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("soak: ")
	var s soak
	flag.DurationVar(&s.length, "for", 30*time.Minute, "how long the clients work")
	flag.IntVar(&s.clients, "clients", 32, "how many clients work at once")
	flag.IntVar(&s.kills, "kills", 20, "how often the emulator is killed and started again")
	flag.Uint64Var(&s.seed, "seed", uint64(time.Now().UnixNano()), "of what is chosen at random")
	flag.StringVar(&s.dir, "dir", "", "an empty `directory` to work in; default is a temporary one")
	flag.Parse()
	if flag.NArg() > 0 || s.length < 10*time.Second || s.clients < 1 || s.kills < 0 {
		log.Fatal("usage: soak [-for 30m] [-clients 32] [-kills 20] [-seed N] [-dir DIRECTORY]")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := s.run(ctx); err != nil {
		log.Fatal(err)
	}
}

// soak is one run of the program.
type soak struct {
	length         time.Duration
	clients, kills int
	seed           uint64
	dir            string

	server    *process
	journal   *log.Logger // of all writes
	transport *counting
	workers   []*worker
	tally     tally
}

// tally counts what happened.
type tally struct {
	acknowledged, unknown, failedReads, repeated, faults, downloads, jobs atomic.Int64

	mu       sync.Mutex
	problems []string
}

const maxProblems = 50

func (t *tally) problem(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if text := fmt.Sprintf(format, args...); len(t.problems) < maxProblems {
		t.problems = append(t.problems, text)
		log.Print("problem: ", text)
	}
}

// counting counts requests.
type counting struct {
	http.Transport
	requests atomic.Int64
}

func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	c.requests.Add(1)
	return c.Transport.RoundTrip(r)
}

func (s *soak) run(ctx context.Context) (err error) {
	if s.dir == "" {
		if s.dir, err = os.MkdirTemp("", "soak-"); err != nil {
			return err
		}
	} else if s.dir, err = filepath.Abs(s.dir); err != nil {
		return err
	}
	log.Printf("seed %d, directory %s", s.seed, s.dir)
	journal, err := os.Create(filepath.Join(s.dir, "journal.log"))
	if err != nil {
		return err
	}
	defer journal.Close()
	s.journal = log.New(journal, "", log.Ltime|log.Lmicroseconds)
	goroutines := goroutinesNow()
	if s.server, err = newProcess(ctx, s.dir); err != nil {
		return err
	}
	defer s.server.kill()
	s.transport = &counting{Transport: http.Transport{MaxIdleConnsPerHost: 2 * s.clients}}
	admin, err := s.client(adminName, adminPassword)
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(s.seed, 0))
	for number := range s.clients {
		w, err := newWorker(ctx, s, admin, number)
		if err != nil {
			return err
		}
		s.workers = append(s.workers, w)
	}

	started := time.Now()
	kills := make([]time.Duration, s.kills)
	for i := range kills {
		kills[i] = time.Duration(random.Int64N(int64(s.length / 4 * 3)))
	}
	slices.Sort(kills)
	if _, err := s.work(ctx, s.length/4*3, kills, rand.New(rand.NewPCG(s.seed, 1))); err != nil {
		return err
	}
	first := s.rest()
	samples, err := s.work(ctx, s.length/4, nil, rand.New(rand.NewPCG(s.seed, 2)))
	if err != nil {
		return err
	}
	last := s.rest()
	took := time.Since(started)

	s.compare(first, last, samples)
	s.audit(ctx, admin)
	if err := s.server.stop(); err != nil {
		s.tally.problem("the emulator does not shut down: %v", err)
	}
	s.auditDirectory()
	s.transport.CloseIdleConnections()
	if now, ok := settle(goroutinesNow, func(n int) bool { return n <= goroutines }); !ok {
		s.tally.problem("%d goroutines run at the end, %d at the start", now, goroutines)
	}
	s.summary(took, first, last, samples)
	if len(s.tally.problems) > 0 {
		return fmt.Errorf("%d problems; the data are in %s", len(s.tally.problems), s.dir)
	}
	return os.RemoveAll(s.dir)
}

// client returns a client that repeats as much as it takes.
func (s *soak) client(name, password string) (*tableau.Client, error) {
	return tableau.New(s.server.url,
		tableau.WithCredentials(tableau.Password{Name: name, Password: password}),
		tableau.WithHTTPClient(&http.Client{Transport: s.transport}),
		tableau.WithBlockSize(blockSize),
		tableau.WithRetry(tableau.RetryOptions{PerMinute: 1000, LongestPause: 3 * time.Second, OnRepeat: func(ctx context.Context, r tableau.Repetition) {
			s.tally.repeated.Add(1)
			if seen, ok := ctx.Value(repeatedKey{}).(*atomic.Int64); ok {
				seen.Add(1)
			}
		}}))
}

// work lets the clients work for a while, among faults, and kills the emulator
// at the given times. It returns what was measured meanwhile.
func (s *soak) work(ctx context.Context, length time.Duration, kills []time.Duration, random *rand.Rand) ([]measured, error) {
	ctx, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	var workers, others sync.WaitGroup
	for _, w := range s.workers {
		workers.Go(func() { w.work(ctx) })
	}
	others.Go(func() { s.makeFaults(ctx, random) })
	var samples []measured
	others.Go(func() { samples = s.sample(ctx) })
	started := time.Now()
	for _, at := range kills {
		if !pause(ctx, time.Until(started.Add(at))) {
			break
		}
		s.server.kill()
		if err := s.server.start(context.WithoutCancel(ctx)); err != nil {
			return nil, fmt.Errorf("starting the emulator again: %w", err)
		}
	}
	<-ctx.Done()
	workers.Wait()
	others.Wait()
	s.clearFaults()
	if ctx.Err() == context.Canceled {
		return nil, context.Canceled
	}
	return samples, nil
}

// pause waits, and reports whether ctx still goes on.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

func (s *soak) summary(took time.Duration, first, last measured, samples []measured) {
	t := &s.tally
	requests := s.transport.requests.Load()
	fmt.Printf("%d clients for %v, seed %d\n", s.clients, took.Round(time.Second), s.seed)
	fmt.Printf("requests      %d, %.0f a second\n", requests, float64(requests)/took.Seconds())
	fmt.Printf("faults        %d met, %d requests repeated, %d lookups failed\n", t.faults.Load(), t.repeated.Load(), t.failedReads.Load())
	fmt.Printf("kills         %d\n", s.kills)
	fmt.Printf("writes        %d acknowledged, %d of unknown outcome\n", t.acknowledged.Load(), t.unknown.Load())
	fmt.Printf("files         %d downloaded and compared\n", t.downloads.Load())
	fmt.Printf("jobs          %d acknowledged\n", t.jobs.Load())
	from, to := window(samples)
	fmt.Printf("emulator      %s at work, later %s; descriptors at rest %d, later %d\n", mib(from.serverMemory), mib(to.serverMemory), first.serverFiles, last.serverFiles)
	fmt.Printf("this program  %s at work, later %s; descriptors at rest %d, later %d\n", mib(from.ownMemory), mib(to.ownMemory), first.ownFiles, last.ownFiles)
	fmt.Printf("problems      %d\n", len(t.problems))
	for _, text := range t.problems {
		fmt.Println("  " + text)
	}
}
