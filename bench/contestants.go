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

// measurements are what the program compares. Contestants of one measurement run in turns; ours is the first of those that
// a row names.
var measurements = []measurement{
	{"decode", []contestant{
		{name: "ours", run: func(*bench) (result, error) { return decode(ourDecode) }},
		{name: "encoding/xml", run: func(*bench) (result, error) { return decode(standardDecode) }},
	}, []row{
		{task: "decode a page of 1,000 workbooks", ours: "ours", other: "encoding/xml", times: 12},
	}},
	{"list", []contestant{
		{name: "ours", run: func(b *bench) (result, error) { return b.ours("list", b.fast, strconv.Itoa(b.items)) }},
		{name: "Python client", once: true, run: func(b *bench) (result, error) { return python(pythonList, b.fast) }},
	}, []row{
		{task: "list %[1]s workbooks", ours: "ours", other: "Python client", times: 50},
	}},
	{"latency", []contestant{
		{name: "ours", run: func(b *bench) (result, error) { return b.ours("list", b.slow, strconv.Itoa(b.items)) }},
		{name: "one page after the other", run: func(b *bench) (result, error) { return b.ours("list-in-turn", b.slow, strconv.Itoa(b.items)) }},
	}, []row{
		{task: "list %[1]s workbooks, 50 ms for each request", ours: "ours", other: "one page after the other", times: 6},
	}},
	{"upload", []contestant{
		{name: "ours", run: func(b *bench) (result, error) { return b.ours("upload", b.fast, b.file) }},
		{name: "from a pipe", run: func(b *bench) (result, error) { return b.ours("upload-pipe", b.fast, b.file) }},
		{name: "in turn", run: func(b *bench) (result, error) { return b.ours("upload-in-turn", b.fast, b.file) }},
		{name: "curl", run: func(b *bench) (result, error) {
			return command("curl", "-sf", "-T", b.file, "-H", "Expect:", b.fast+root+"/fileUploads/1:a-1:0")
		}},
		{name: "Python client", once: true, run: func(b *bench) (result, error) { return python(pythonUpload, b.fast, b.file) }},
	}, []row{
		{task: "send %[2]s", ours: "ours", other: "curl", times: 0.85},
		{task: "the same, from a pipe", ours: "from a pipe", other: "curl"},
		{task: "the same, one block after the other", ours: "in turn", other: "curl"},
		{task: "send %[2]s", ours: "ours", other: "Python client"},
	}},
	{"latency", []contestant{
		{name: "ours", run: func(b *bench) (result, error) { return b.ours("upload", b.slow, b.file) }},
		{name: "one block after the other", run: func(b *bench) (result, error) { return b.ours("upload-in-turn", b.slow, b.file) }},
	}, []row{
		{task: "send %[2]s, 50 ms for each request", ours: "ours", other: "one block after the other", times: 4},
	}},
	{"download", []contestant{
		{name: "ours", run: func(b *bench) (result, error) { return b.ours("download", b.fast, b.into()) }},
		{name: "curl", run: func(b *bench) (result, error) {
			return command("curl", "-sf", "-o", b.into(), b.fast+root+"/workbooks/w/content")
		}},
		{name: "curl, then sync", run: func(b *bench) (result, error) {
			return command("sh", "-c", `curl -sf -o "$0" "$1" && sync "$0"`, b.into(), b.fast+root+"/workbooks/w/content")
		}},
		{name: "Python client", once: true, run: func(b *bench) (result, error) { return python(pythonDownload, b.fast, b.into()) }},
	}, []row{
		{task: "fetch %[2]s to disk", ours: "ours", other: "curl", times: 0.95},
		{task: "the same", ours: "ours", other: "curl, then sync"},
		{task: "the same", ours: "ours", other: "Python client"},
	}},
	{"start", []contestant{
		{name: "version", run: func(b *bench) (result, error) { return b.program("version") }},
		{name: "workbooks list", run: (*bench).programList},
		{name: "tabcmd", run: func(*bench) (result, error) { return tabcmd("--version") }},
	}, []row{
		{task: "`tabctl version`", ours: "version", other: "tabcmd", times: 25},
		{task: "`tabctl workbooks list`, of the emulator", ours: "workbooks list", within: 40 * time.Millisecond},
	}},
	{"emulator", []contestant{{name: "ours", run: (*bench).emulatorGet}}, []row{
		{task: "the emulator: one workbook, 16 requests at a time", ours: "ours", rate: 4000},
	}},
	{"emulator", []contestant{{name: "ours", run: (*bench).emulatorPage}}, []row{
		{task: "the emulator: a page of 1,000 workbooks, 4 at a time", ours: "ours", rate: 60},
	}},
	{"emulator", []contestant{
		{name: "ours", run: (*bench).emulatorPublish},
		{name: "cp", run: func(b *bench) (result, error) { return command("cp", b.archive(), b.into()) }},
		{name: "cp, then sync", run: func(b *bench) (result, error) {
			return command("sh", "-c", `cp "$0" "$1" && sync "$1"`, b.archive(), b.into())
		}},
	}, []row{
		{task: "the emulator: publish %[2]s", ours: "ours", other: "cp, then sync", times: 0.5},
		{task: "the same", ours: "ours", other: "cp"},
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
