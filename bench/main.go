// Bench measures the client side by side with curl, the Python client and a
// client that does one thing after the other, in one run against one cheap
// server on loopback. It prints a table of times, memory, ratios and aims.
//
//	go run ./bench                             # all, with 1 GiB and 100,000 workbooks
//	TSC_PATH=… go run ./bench -only list       # with the Python client of that checkout
//	go run ./bench -write docs/performance.md  # and puts the table in the page
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
	page := flag.String("write", "", "a page whose table, between two marks, is to be this one")
	directory := flag.String("dir", os.TempDir(), "where the files are; a real disk, for downloads")
	flag.Parse()
	if *page != "" && *only != "" {
		return errors.New("-only measures a part, and -write wants the whole")
	}

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
	table := tableHead
	fmt.Print(table)
	for _, m := range measurements {
		if *only != "" && !slices.Contains(chosen, m.name) {
			continue
		}
		results, err := b.measure(m)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		rows := b.rows(m, results)
		fmt.Print(rows)
		table += rows
	}
	if *page == "" {
		return nil
	}
	return writeTable(*page, table)
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
	once bool // it is too slow to run more often
}

var errAbsent = errors.New("not installed")

// measurement has contestants do a task in turns, and tells of them in rows.
type measurement struct {
	name        string
	contestants []contestant
	rows        []row
}

// measure runs the contestants in turns, so that a machine that is busy for a
// while is so for all of them, and returns the best of each that is installed.
func (b *bench) measure(m measurement) (map[string]result, error) {
	best := map[string]result{}
	absent := map[string]bool{}
	for run := range b.runs {
		for _, c := range m.contestants {
			if absent[c.name] || run > 0 && c.once {
				continue
			}
			got, err := c.run(b)
			if errors.Is(err, errAbsent) {
				absent[c.name] = true
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			before, again := best[c.name]
			got.peak = max(got.peak, before.peak)
			if again && before.time < got.time {
				got.time, got.count = before.time, before.count
			}
			best[c.name] = got
		}
	}
	return best, nil
}

func round(d time.Duration) time.Duration {
	for unit := 1000 * time.Second; ; unit /= 10 {
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
