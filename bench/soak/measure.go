package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// measured is how much the emulator and this program hold; 0 where the system
// does not tell.
type measured struct {
	serverMemory, ownMemory int64 // bytes that are resident
	serverFiles, ownFiles   int   // open descriptors
}

// resident is how much memory a process has.
func resident(process string) int64 {
	data, err := os.ReadFile("/proc/" + process + "/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(data))
	if len(fields) < 2 {
		return 0 // it has just ended
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

// files is how many descriptors a process has open.
func files(process string) int {
	entries, _ := os.ReadDir("/proc/" + process + "/fd") // none where there is no /proc
	return len(entries)
}

func goroutinesNow() int { return runtime.NumGoroutine() }

// settle waits up to ten seconds until a number is as it should be.
func settle(read func() int, good func(int) bool) (int, bool) {
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if n := read(); good(n) || time.Now().After(deadline) {
			return n, good(n)
		}
	}
}

// sample measures memory every half second until ctx ends.
func (s *soak) sample(ctx context.Context) (all []measured) {
	for pause(ctx, 500*time.Millisecond) {
		if pid := s.server.pid(); pid != 0 {
			all = append(all, measured{serverMemory: resident(strconv.Itoa(pid)), ownMemory: resident("self")})
		}
	}
	return all
}

// rest measures what is left when nobody works: connections are closed, and the
// emulator has noticed.
func (s *soak) rest() (m measured) {
	s.transport.CloseIdleConnections()
	server := strconv.Itoa(s.server.pid())
	before := -1
	settle(func() int { return files(server) }, func(n int) bool {
		same := n == before
		before = n
		return same
	})
	return measured{serverFiles: files(server), ownFiles: files("self")}
}

// window returns what is usual at the beginning of a time, and at its end.
func window(samples []measured) (first, last measured) {
	usual := func(some []measured, memory func(measured) int64) int64 {
		var all []int64
		for _, m := range some {
			all = append(all, memory(m))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	third := len(samples) / 3
	if third == 0 {
		return first, last
	}
	for into, some := range map[*measured][]measured{&first: samples[:third], &last: samples[len(samples)-third:]} {
		into.serverMemory = usual(some, func(m measured) int64 { return m.serverMemory })
		into.ownMemory = usual(some, func(m measured) int64 { return m.ownMemory })
	}
	return first, last
}

// compare looks for what grows.
func (s *soak) compare(first, last measured, samples []measured) {
	const slackFiles, slackMemory = 4, 32 << 20 // a file or two may just be read; the collector comes now and then
	from, to := window(samples)
	grown := func(from, to int64) bool { return to > from+from/5+slackMemory }
	if grown(from.serverMemory, to.serverMemory) {
		s.tally.problem("the emulator's memory grows: %s at first, later %s", mib(from.serverMemory), mib(to.serverMemory))
	}
	if grown(from.ownMemory, to.ownMemory) {
		s.tally.problem("this program's memory grows: %s at first, later %s", mib(from.ownMemory), mib(to.ownMemory))
	}
	if last.serverFiles > first.serverFiles+slackFiles {
		s.tally.problem("the emulator's descriptors grow: %d at first, later %d", first.serverFiles, last.serverFiles)
	}
	if last.ownFiles > first.ownFiles+slackFiles {
		s.tally.problem("this program's descriptors grow: %d at first, later %d", first.ownFiles, last.ownFiles)
	}
}

func mib(bytes int64) string { return fmt.Sprintf("%d MiB", bytes>>20) }
