package store

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
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

// counts remembers how many rows queries match, as long as nothing is written: who walks through a list asks again with
// every page.
type counts struct {
	mu    sync.Mutex
	state uint64
	known map[string]int64
}

// maxCounts bounds what is remembered; each filter makes another query.
const maxCounts = 1000

// count runs a query for a number.
func (tx *Tx) count(text string, args []any) (n int64, err error) {
	key := fmt.Sprint(text, args)
	if n, ok := tx.store.counts.get(key, tx); ok {
		return n, nil
	}
	if err := tx.queryRow(text, args...).Scan(&n); err != nil {
		return 0, err
	}
	tx.store.counts.put(key, n, tx)
	return n, nil
}

func (c *counts) get(key string, tx *Tx) (n int64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !tx.isLatest() || c.state != tx.state {
		return 0, false
	}
	n, ok = c.known[key]
	return n, ok
}

func (c *counts) put(key string, n int64, tx *Tx) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !tx.isLatest() {
		return
	}
	if c.known == nil || c.state != tx.state || len(c.known) == maxCounts {
		c.known, c.state = map[string]int64{}, tx.state
	}
	c.known[key] = n
}

// isLatest reports whether nothing was written since the transaction began. The transaction must have read something: only
// then is it sure to see what there was when it began.
func (tx *Tx) isLatest() bool { return tx.state%2 == 0 && tx.store.writes.Load() == tx.state }
