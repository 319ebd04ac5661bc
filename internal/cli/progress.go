package cli

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// progress tells how far a transfer is: with a bar at a terminal, else with a line when it is done and now and then
// before that.
type progress struct {
	app  *app
	what string

	mu          sync.Mutex
	started     time.Time
	told        time.Time
	done, total int64
}

func (a *app) progress(what string) *progress {
	now := time.Now()
	return &progress{app: a, what: what, started: now, told: now, total: -1}
}

// update takes bytes; total is -1 when it is not known.
func (p *progress) update(done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done, p.total = done, total
	pause := 10 * time.Second
	if p.app.errTerminal {
		pause = 100 * time.Millisecond
	}
	if time.Since(p.told) < pause {
		return
	}
	p.told = time.Now()
	p.tell()
}

// finish tells the end of a transfer that went well.
func (p *progress) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tell()
	if p.app.errTerminal && !p.app.quiet {
		fmt.Fprintln(p.app.err)
	}
}

// abandon leaves the line of a transfer that failed.
func (p *progress) abandon() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.app.errTerminal && !p.app.quiet && p.told != p.started {
		fmt.Fprintln(p.app.err)
	}
}

func (p *progress) tell() {
	if p.app.quiet {
		return
	}
	line := p.what + ": " + byteSize(p.done)
	if p.total > 0 {
		percent := int(100 * p.done / p.total)
		line = fmt.Sprintf("%s: %d%%, %s of %s", p.what, percent, byteSize(p.done), byteSize(p.total))
		if p.app.errTerminal {
			line = fmt.Sprintf("%s  [%-20s]", line, strings.Repeat("#", percent/5))
		}
	}
	if seconds := time.Since(p.started).Seconds(); seconds >= 1 {
		line += fmt.Sprintf(", %s/s", byteSize(int64(float64(p.done)/seconds)))
	}
	if p.app.errTerminal {
		fmt.Fprintf(p.app.err, "\r\x1b[K%s", printable(line))
		return
	}
	fmt.Fprintln(p.app.err, printable(line))
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
