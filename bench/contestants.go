package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/tabctl/tableau-go/internal/tsxml"
	"github.com/tabctl/tableau-go/tableau"
)

var measurements = []measurement{
	{"decode", "Decode a page of 1,000 workbooks", []contestant{
		{"ours", func(*bench) (result, error) { return decode(ourDecode) }},
		{"encoding/xml", func(*bench) (result, error) { return decode(standardDecode) }},
	}},
	{"list", "List %d workbooks", []contestant{
		{"ours", func(b *bench) (result, error) { return b.ours("list", b.fast, strconv.Itoa(b.items)) }},
		{"Python client, one run", func(b *bench) (result, error) { return python(pythonList, b.fast) }},
	}},
	{"latency", "List %d workbooks, 50 ms for each request", []contestant{
		{"ours", func(b *bench) (result, error) { return b.ours("list", b.slow, strconv.Itoa(b.items)) }},
		{"one page after the other", func(b *bench) (result, error) { return b.ours("list-in-turn", b.slow, strconv.Itoa(b.items)) }},
	}},
	{"upload", "Send a file of %d MiB", []contestant{
		{"ours", func(b *bench) (result, error) { return b.ours("upload", b.fast, b.file) }},
		{"ours, from a pipe", func(b *bench) (result, error) { return b.ours("upload-pipe", b.fast, b.file) }},
		{"ours, one block after the other", func(b *bench) (result, error) { return b.ours("upload-in-turn", b.fast, b.file) }},
		{"curl, in one request", func(b *bench) (result, error) {
			return command("curl", "-sf", "-T", b.file, "-H", "Expect:", b.fast+root+"/fileUploads/1:a-1:0")
		}},
		{"Python client, one run", func(b *bench) (result, error) { return python(pythonUpload, b.fast, b.file) }},
	}},
	{"latency", "Send a file of %d MiB, 50 ms for each request", []contestant{
		{"ours", func(b *bench) (result, error) { return b.ours("upload", b.slow, b.file) }},
		{"one block after the other", func(b *bench) (result, error) { return b.ours("upload-in-turn", b.slow, b.file) }},
	}},
	{"download", "Fetch a file of %d MiB to disk", []contestant{
		{"ours", func(b *bench) (result, error) { return b.ours("download", b.fast, b.into()) }},
		{"curl", func(b *bench) (result, error) {
			return command("curl", "-sf", "-o", b.into(), b.fast+root+"/workbooks/w/content")
		}},
		{"curl, then sync", func(b *bench) (result, error) {
			return command("sh", "-c", `curl -sf -o "$0" "$1" && sync "$0"`, b.into(), b.fast+root+"/workbooks/w/content")
		}},
		{"Python client, one run", func(b *bench) (result, error) { return python(pythonDownload, b.fast, b.into()) }},
	}},
	{"start", "Start a program", []contestant{
		{"tabctl version", func(b *bench) (result, error) { return b.program("version") }},
		{"tabctl workbooks list, of the emulator", (*bench).programList},
		{"a program that does nothing", func(*bench) (result, error) { return command("true") }},
		{"tabcmd, its version", func(*bench) (result, error) { return tabcmd("--version") }},
		{"Python client: import alone", func(b *bench) (result, error) { return python("import tableauserverclient", b.fast) }},
	}},
	{"emulator", "Get one workbook from the emulator", []contestant{{"16 at a time", (*bench).emulatorGet}}},
	{"emulator", "List a page of 1,000 workbooks from the emulator", []contestant{{"4 at a time", (*bench).emulatorPage}}},
	{"emulator", "Publish a file of %d MiB to the emulator", []contestant{
		{"publish", (*bench).emulatorPublish},
		{"cp", func(b *bench) (result, error) { return command("cp", b.archive(), b.into()) }},
		{"cp, then sync", func(b *bench) (result, error) {
			return command("sh", "-c", `cp "$0" "$1" && sync "$1"`, b.archive(), b.into())
		}},
	}},
}

// into returns where to download to, with nothing there.
func (b *bench) into() string {
	path := filepath.Join(b.dir, "fetched.twbx")
	os.Remove(path) // it may not be there
	return path
}

// ours runs one of our tasks in a process of its own.
func (b *bench) ours(arguments ...string) (result, error) {
	self, err := os.Executable()
	if err != nil {
		return result{}, err
	}
	return command(self, append([]string{"child"}, arguments...)...)
}

// command runs a contestant, which may print how many bytes it had resident.
func command(name string, arguments ...string) (result, error) {
	if _, err := exec.LookPath(name); err != nil {
		return result{}, errAbsent
	}
	c := exec.Command(name, arguments...)
	var out, problems bytes.Buffer
	c.Stdout, c.Stderr = &out, &problems
	start := time.Now()
	if err := c.Run(); err != nil {
		return result{}, fmt.Errorf("%w: %s", err, problems.String())
	}
	took := time.Since(start)
	lines := bytes.Fields(out.Bytes())
	if len(lines) == 0 {
		return result{time: took}, nil
	}
	peak, _ := strconv.ParseInt(string(lines[len(lines)-1]), 10, 64)
	return result{time: took, peak: peak}, nil
}

type page struct {
	Workbooks []*tableau.Workbook `xml:"workbooks>workbook"`
}

func decode(into func([]byte) ([]*tableau.Workbook, error)) (result, error) {
	data := []byte("<tsResponse><workbooks>" + workbooks(0, 1000) + "</workbooks></tsResponse>")
	var problem error
	measured := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			got, err := into(data)
			if err != nil || len(got) != 1000 {
				problem = fmt.Errorf("%d workbooks: %w", len(got), err)
			}
		}
	})
	return result{time: time.Duration(measured.NsPerOp())}, problem
}

func ourDecode(data []byte) ([]*tableau.Workbook, error) {
	var got []*tableau.Workbook
	err := tsxml.Decode(data, tsxml.At("workbooks>workbook", &got))
	return got, err
}

func standardDecode(data []byte) ([]*tableau.Workbook, error) {
	var p page
	err := xml.Unmarshal(data, &p)
	return p.Workbooks, err
}
