package wiretest

import (
	"regexp"
	"sync/atomic"
)

// An allowance is one deliberate difference from the Python client. All four
// patterns are regular expressions over the whole text; an empty one fits
// everything.
type allowance struct {
	Cases  string // case ids
	Part   string // difference.Part
	Want   string // difference.Want
	Got    string // difference.Got
	Reason string
}

// allowanceTable is a list of allowances that notes which of them were needed.
type allowanceTable struct {
	entries []compiledAllowance
}

type compiledAllowance struct {
	allowance
	cases, part, want, got *regexp.Regexp
	used, seen             atomic.Int64
}

// newAllowanceTable compiles the patterns.
func newAllowanceTable(list []allowance) *allowanceTable {
	whole := func(pattern string) *regexp.Regexp {
		if pattern == "" {
			pattern = ".*"
		}
		return regexp.MustCompile(`(?s)\A(?:` + pattern + `)\z`)
	}
	table := &allowanceTable{entries: make([]compiledAllowance, len(list))}
	for i, entry := range list {
		e := &table.entries[i]
		e.allowance = entry
		e.cases, e.part, e.want, e.got = whole(entry.Cases), whole(entry.Part), whole(entry.Want), whole(entry.Got)
	}
	return table
}

// An allowedDifference is a difference and why it may stand.
type allowedDifference struct {
	difference
	Reason string
}

// judge splits the differences of a case into those that are allowed and those
// that are not.
func (t *allowanceTable) judge(id string, found []difference) (allowed []allowedDifference, left []difference) {
	for i := range t.entries {
		if t.entries[i].cases.MatchString(id) {
			t.entries[i].seen.Add(1)
		}
	}
	for _, d := range found {
		reason, isAllowed := "", false
		for i := range t.entries {
			e := &t.entries[i]
			if e.cases.MatchString(id) && e.part.MatchString(d.Part) && e.want.MatchString(d.Want) && e.got.MatchString(d.Got) {
				e.used.Add(1)
				reason, isAllowed = e.Reason, true
				break
			}
		}
		if isAllowed {
			allowed = append(allowed, allowedDifference{d, reason})
		} else {
			left = append(left, d)
		}
	}
	return allowed, left
}

// stale returns the entries whose cases ran and would all have passed without
// them.
func (t *allowanceTable) stale() []allowance {
	var list []allowance
	for i := range t.entries {
		if t.entries[i].seen.Load() > 0 && t.entries[i].used.Load() == 0 {
			list = append(list, t.entries[i].allowance)
		}
	}
	return list
}
