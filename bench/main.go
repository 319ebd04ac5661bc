// Bench measures the client side by side with curl, the Python client and a
// client that does one thing after the other, in one run against one cheap
// server on loopback. It prints a table of times, memory and ratios.
//
//	go run ./bench                           # all, with 1 GiB and 100,000 workbooks
//	TSC_PATH=… go run ./bench -only list     # with the Python client of that checkout
//
// Each contestant is a process of its own, timed from its start to its end;
// the best of several runs counts. What is not installed is left out.
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) > 1 && os.Args[1] == "child" {
		if err := child(os.Args[2:]); err != nil {
			log.Fatal(err)
		}
		return
	}
	if err := run(); err != nil {
		log.Fatal("bench: ", err)
	}
}

func run() error {
	size := flag.Int64("size", 1<<30, "bytes of the file to send and to fetch")
	items := flag.Int("items", 100_000, "workbooks to list")
	runs := flag.Int("runs", 3, "runs of each contestant, of which the best counts")
	only := flag.String("only", "", "measure only these, separated by commas: decode, list, latency, upload, download, start, emulator")
	directory := flag.String("dir", os.TempDir(), "where the files are; a real disk, for downloads")
	flag.Parse()

	dir, err := os.MkdirTemp(*directory, "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	pages := listPages(*items)
	fast, slow := serve(pages, *size, 0), serve(pages, *size, 50*time.Millisecond)
	b := &bench{fast: fast, slow: slow, dir: dir, file: filepath.Join(dir, "file"), size: *size, items: *items, runs: *runs}
	if err := writeFile(b.file, *size); err != nil {
		return err
	}
	chosen := strings.Split(*only, ",")
	for _, m := range measurements {
		if *only != "" && !slices.Contains(chosen, m.name) {
			continue
		}
		if err := b.measure(m); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

// bench is one run of the program.
type bench struct {
	fast, slow  string // addresses of the server, and of the one with latency
	dir, file   string
	size        int64
	items, runs int
}

// result is what one run of a contestant took.
type result struct {
	time  time.Duration
	peak  int64 // bytes of memory that were resident; 0 when not known
	count int   // how often it did the task; 0: once
}

// contestant does the task of a measurement. It returns errAbsent when it is not
// installed.
type contestant struct {
	name string
	run  func(*bench) (result, error)
}

var errAbsent = errors.New("not installed")

// measurement compares contestants, the first of which is ours.
type measurement struct {
	name, task  string
	contestants []contestant
}

// measure runs the contestants in turns, so that a machine that is busy for a
// while is so for all of them, and prints the best of each.
func (b *bench) measure(m measurement) error {
	best := make([]result, len(m.contestants))
	absent := make([]error, len(m.contestants))
	for run := range b.runs {
		for i, c := range m.contestants {
			if absent[i] != nil || run > 0 && strings.HasSuffix(c.name, "one run") {
				continue
			}
			got, err := c.run(b)
			if errors.Is(err, errAbsent) {
				absent[i] = err
				continue
			}
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			if best[i].time == 0 || got.time < best[i].time {
				best[i].time, best[i].count = got.time, got.count
			}
			best[i].peak = max(best[i].peak, got.peak)
		}
	}
	fmt.Printf("%s\n\n| | time | memory | ours is faster |\n|---|---|---|---|\n", fmt.Sprintf(m.task, b.amounts(m)...))
	for i, c := range m.contestants {
		if absent[i] != nil {
			fmt.Printf("| %s | %v | | |\n", c.name, absent[i])
			continue
		}
		memory, ratio := "", ""
		if best[i].peak > 0 {
			memory = fmt.Sprintf("%d MB", (best[i].peak+1e6-1)/1e6)
		}
		if i > 0 {
			ratio = fmt.Sprintf("%.2f ×", best[i].time.Seconds()/best[0].time.Seconds())
		}
		took := fmt.Sprint(round(best[i].time))
		if best[i].count > 0 {
			took = fmt.Sprintf("%.0f a second", float64(best[i].count)/best[i].time.Seconds())
		}
		fmt.Printf("| %s | %s | %s | %s |\n", c.name, took, memory, ratio)
	}
	fmt.Println()
	return nil
}

// amounts are what the words of the task are about.
func (b *bench) amounts(m measurement) []any {
	switch {
	case strings.Contains(m.task, "%d workbooks"):
		return []any{b.items}
	case strings.Contains(m.task, "%d MiB"):
		return []any{b.size >> 20}
	}
	return nil
}

func round(d time.Duration) time.Duration {
	for unit := time.Hour; ; unit /= 10 {
		if d >= unit {
			return d.Round(unit / 100)
		}
	}
}

// writeFile makes a file of that size that begins and ends like a workbook.
func writeFile(path string, size int64) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := writeWorkbook(f, size); err != nil {
		return err
	}
	return f.Sync()
}
