package cli

import (
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// status is the line that tells how far the work is: rewritten in place at a terminal, elsewhere a new line now and then.
type status struct {
	app *app

	mu    sync.Mutex
	told  time.Time
	shown bool // a line stands at the terminal that has not been ended
}

// Pauses between two lines.
const (
	pauseAtTerminal = 100 * time.Millisecond
	pauseElsewhere  = 10 * time.Second
)

func (a *app) status() *status { return &status{app: a, told: time.Now()} }

// tell shows the line when the last one is old enough.
func (s *status) tell(line func() string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	pause := pauseElsewhere
	if s.app.errTerminal {
		pause = pauseAtTerminal
	}
	if time.Since(s.told) >= pause {
		s.show(line())
	}
}

// follow shows the line again and again, also while nothing happens, until stop is called.
func (s *status) follow(line func() string) (stop func()) {
	done := make(chan struct{})
	var follower sync.WaitGroup
	follower.Go(func() {
		ticker := time.NewTicker(pauseAtTerminal)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				s.tell(line)
			}
		}
	})
	return func() { close(done); follower.Wait() }
}

// end shows a last line; "" leaves the one before as the last.
func (s *status) end(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if line != "" {
		s.show(line)
	}
	if s.shown {
		fmt.Fprintln(s.app.err)
		s.shown = false
	}
}

func (s *status) show(line string) {
	s.told = time.Now()
	if s.app.quiet {
		return
	}
	line = printable(line)
	if !s.app.errTerminal {
		fmt.Fprintln(s.app.err, line)
		return
	}
	if width := s.app.errWidth; width > 0 && utf8.RuneCountInString(line) >= width { // a line that wraps cannot be rewritten
		runes := []rune(line) // what matters stands at its end
		line = "…" + string(runes[len(runes)-max(0, width-2):])
	}
	fmt.Fprintf(s.app.err, "\r\x1b[K%s", line)
	s.shown = true
}

// progress tells how far a transfer is. A nil one tells nothing.
type progress struct {
	status  *status
	what    string
	started time.Time

	mu          sync.Mutex
	done, total int64
}

func (a *app) progress(what string) *progress {
	return &progress{status: a.status(), what: what, started: time.Now(), total: -1}
}

// update takes bytes; total is -1 when it is not known.
func (p *progress) update(done, total int64) {
	if p == nil {
		return
	}
	p.mu.Lock()
	p.done, p.total = done, total
	p.mu.Unlock()
	p.status.tell(p.line)
}

// finish tells the end of a transfer that went well.
func (p *progress) finish() {
	if p != nil {
		p.status.end(p.line())
	}
}

// abandon leaves the line of a transfer that failed.
func (p *progress) abandon() {
	if p != nil {
		p.status.end("")
	}
}

func (p *progress) line() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	line := p.what + ": " + byteSize(p.done)
	if p.total > 0 {
		percent := int(100 * p.done / p.total)
		line = fmt.Sprintf("%s: %d%%, %s of %s", p.what, percent, byteSize(p.done), byteSize(p.total))
		if p.status.app.errTerminal {
			line += "  " + bar(p.done, p.total)
		}
	}
	elapsed := time.Since(p.started)
	if elapsed >= time.Second {
		line += fmt.Sprintf(", %s/s", byteSize(int64(float64(p.done)/elapsed.Seconds())))
	}
	return line + leftText(p.done, p.total, elapsed)
}

// bar draws how much is done.
func bar(done, total int64) string {
	return fmt.Sprintf("[%-20s]", strings.Repeat("#", int(20*done/total)))
}

// timeLeft is how long the rest takes at the rate so far; false while that says little.
func timeLeft(done, total int64, elapsed time.Duration) (time.Duration, bool) {
	if done <= 0 || total <= done || elapsed < 2*time.Second {
		return 0, false
	}
	return time.Duration(float64(elapsed) / float64(done) * float64(total-done)), true
}

func leftText(done, total int64, elapsed time.Duration) string {
	left, known := timeLeft(done, total, elapsed)
	if !known {
		return ""
	}
	return ", " + duration(left) + " left"
}

// duration is a time for people: 8s, 2m05s, 1h02m.
func duration(d time.Duration) string {
	seconds := int64(d.Round(time.Second) / time.Second)
	switch {
	case seconds < 60:
		return fmt.Sprintf("%ds", seconds)
	case seconds < 3600:
		return fmt.Sprintf("%dm%02ds", seconds/60, seconds%60)
	}
	return fmt.Sprintf("%dh%02dm", seconds/3600, seconds%3600/60)
}

// byteSize is a number of bytes for people.
func byteSize(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	size, unit := float64(n), ""
	for _, unit = range []string{"kB", "MB", "GB", "TB"} {
		if size /= 1000; size < 1000 {
			break
		}
	}
	return fmt.Sprintf("%.1f %s", size, unit)
}
