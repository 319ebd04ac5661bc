package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// row is a line of the table: ours beside another contestant, or alone. At most
// one aim is set.
type row struct {
	task        string // %[1]s is the number of workbooks, %[2]s the size of the file
	ours, other string // names of contestants

	times  float64       // how many times as fast as the other ours is to be
	within time.Duration // what it may take
	rate   float64       // how often a second
}

const tableHead = "| | ours | the other | ratio | aim |\n|---|---|---|---|---|\n"

// rows are the lines of a measurement, without those for which something is not installed.
func (b *bench) rows(m measurement, results map[string]result) string {
	var text strings.Builder
	for _, r := range m.rows {
		ours, ran := results[r.ours]
		other, beside := results[r.other]
		if !ran || r.other != "" && !beside {
			continue
		}
		ratio, rival, aim, reached := "", "", "", true
		if r.other != "" {
			times := other.time.Seconds() / ours.time.Seconds()
			rival = r.other + " " + other.String()
			ratio = fmt.Sprintf("%.3g ×", times)
			if r.times > 0 {
				aim, reached = fmt.Sprintf("%g ×", r.times), times >= r.times
			}
		}
		if r.within > 0 {
			aim, reached = fmt.Sprint(r.within), ours.time <= r.within
		}
		if r.rate > 0 {
			aim, reached = fmt.Sprintf("%.0f", r.rate), ours.rate() >= r.rate
		}
		if !reached {
			aim = "**" + aim + ", missed**"
		}
		task := strings.NewReplacer("%[1]s", grouped(b.items), "%[2]s", sized(b.size)).Replace(r.task)
		fmt.Fprintf(&text, "| %s | %s | %s | %s | %s |\n", task, ours, rival, ratio, aim)
	}
	return text.String()
}

func (r result) rate() float64 { return float64(r.count) / r.time.Seconds() }

func (r result) String() string {
	if r.count > 0 {
		return fmt.Sprintf("%.0f a second", r.rate())
	}
	text := fmt.Sprint(round(r.time))
	if r.peak > 0 {
		text += fmt.Sprintf(", %d MB", (r.peak+1e6-1)/1e6)
	}
	return text
}

// grouped is a number with its thousands apart.
func grouped(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}

func sized(bytes int64) string {
	if bytes%(1<<30) == 0 {
		return fmt.Sprintf("%d GiB", bytes>>30)
	}
	return fmt.Sprintf("%d MiB", bytes>>20)
}

const tableBegin, tableEnd = "<!-- begin table -->\n", "<!-- end table -->\n"

// writeTable puts the table between the marks of a page.
func writeTable(path, table string) error {
	page, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(page), tableBegin)
	_, after, ends := strings.Cut(rest, tableEnd)
	if !begins || !ends {
		return fmt.Errorf("%s has no place for a table: write %q and %q where it is to be", path, tableBegin, tableEnd)
	}
	return os.WriteFile(path, []byte(before+tableBegin+"\n"+table+"\n"+tableEnd+after), 0o644)
}
