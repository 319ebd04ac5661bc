package store

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
)

var (
	joins     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\s+(?:LEFT )?JOIN\s+`) })
	qualified = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\b(\w+)\.`) })
)

// tableAlias is the name under which a list's own table is known: "w" in "workbooks w JOIN …".
func tableAlias(from string) string { return strings.Fields(from)[1] }

// tablesFor leaves the tables out of a join that an expression does not need. Each row has its partners in them, so they
// change neither which rows there are nor how many.
func tablesFor(from, expression string) string {
	needed := map[string]bool{}
	need := func(text string) {
		for _, m := range qualified().FindAllStringSubmatch(text, -1) {
			needed[m[1]] = true
		}
	}
	need(expression)
	starts := joins().FindAllStringIndex(from, -1)
	end := len(from)
	var kept []string
	for i := len(starts) - 1; i >= 0; i-- { // a table's condition names those before it
		join := from[starts[i][0]:end]
		end = starts[i][0]
		if table := from[starts[i][1]:]; needed[tableAlias(table)] {
			need(join)
			kept = append(kept, join)
		}
	}
	tables := from[:end]
	for i := len(kept) - 1; i >= 0; i-- {
		tables += kept[i]
	}
	return tables
}

// maxRemembered bounds what a memory holds.
const maxRemembered = 1000

// memory remembers answers to queries as long as nothing is written.
type memory[T any] struct {
	mu    sync.Mutex
	state uint64
	known map[string]T
}

// get returns what was put when the data were the same as now.
func (m *memory[T]) get(key string, writes *atomic.Uint64) (answer T, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state != writes.Load() {
		return answer, false
	}
	answer, ok = m.known[key]
	return answer, ok
}

// put remembers an answer, unless something has been written since its transaction began.
func (m *memory[T]) put(key string, answer T, tx *Tx) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !tx.isLatest() {
		return
	}
	if m.known == nil || m.state != tx.state || len(m.known) == maxRemembered {
		m.known, m.state = map[string]T{}, tx.state
	}
	m.known[key] = answer
}

// count runs a query for a number. Who walks through a list asks again with every page, and each filter makes another query.
func (tx *Tx) count(text string, args []any) (n int64, err error) {
	key := fmt.Sprint(text, args)
	if tx.isLatest() {
		if n, ok := tx.store.counts.get(key, &tx.store.writes); ok {
			return n, nil
		}
	}
	if err := tx.queryRow(text, args...).Scan(&n); err != nil {
		return 0, err
	}
	tx.store.counts.put(key, n, tx)
	return n, nil
}

// isLatest reports whether nothing was written since the transaction began. The transaction must have read something: only
// then is it sure to see what there was when it began.
func (tx *Tx) isLatest() bool { return tx.state%2 == 0 && tx.store.writes.Load() == tx.state }
