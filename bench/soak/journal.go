package main

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"
)

// outcome is what a client knows about a write.
type outcome int

const (
	done    outcome = iota // acknowledged
	refused                // surely not done
	unknown                // done or not
)

// item is something on the server as its only user knows it: what was
// acknowledged, and what may be all the same.
type item struct {
	kind    *kind
	name    string    // no two items ever have the same
	id      string    // "" while it is not known
	unsure  bool      // it may be there or not
	frozen  time.Time // until then a job may still make it: there is nothing to be learned by looking
	project *item     // that it is in; nil: the default one
	fields  map[string][]string
	marks   map[string]bool // tags or members: true when surely there, false when unsure
}

func newItem(k *kind, name string) *item {
	return &item{kind: k, name: name, fields: map[string][]string{}, marks: map[string]bool{}}
}

// set notes that a field was given a value.
func (i *item) set(field, value string, o outcome) {
	switch o {
	case done:
		i.fields[field] = []string{value}
	case unknown:
		i.fields[field] = append(i.fields[field], value)
	}
}

// mark notes that a tag or a member was added, or removed.
func (i *item) mark(name string, added bool, o outcome) {
	switch {
	case o == refused:
	case o == unknown:
		i.marks[name] = false
	case added:
		i.marks[name] = true
	default:
		delete(i.marks, name)
	}
}

// sureMarks are the tags or members that are surely there.
func (i *item) sureMarks() []string {
	var all []string
	for name, sure := range i.marks {
		if sure {
			all = append(all, name)
		}
	}
	sort.Strings(all)
	return all
}

// found is an item as the server shows it. What it does not show is nil.
type found struct {
	id, name string
	fields   map[string]string
	marks    []string
}

// differences says how what the server shows differs from what was acknowledged.
func (i *item) differences(f found) (all []string) {
	if i.id != "" && f.id != i.id {
		all = append(all, fmt.Sprintf("it has the ID %s, not %s", f.id, i.id))
	}
	for field, got := range f.fields {
		if want := i.fields[field]; !slices.Contains(want, got) {
			all = append(all, fmt.Sprintf("%s is %q, not %q", field, got, strings.Join(want, `" or "`)))
		}
	}
	if f.marks == nil {
		return all
	}
	for name, sure := range i.marks {
		if sure && !slices.Contains(f.marks, name) {
			all = append(all, fmt.Sprintf("%s is missing", name))
		}
	}
	for n, name := range f.marks {
		if _, known := i.marks[name]; !known || slices.Contains(f.marks[:n], name) {
			all = append(all, fmt.Sprintf("%s is too much", name))
		}
	}
	return all
}

// learn takes over what the server shows, so that it is known from now on.
func (i *item) learn(f found) {
	i.id, i.unsure = f.id, false
	for field, got := range f.fields {
		i.fields[field] = []string{got}
	}
	if f.marks == nil {
		return
	}
	clear(i.marks)
	for _, name := range f.marks {
		i.marks[name] = true
	}
}
