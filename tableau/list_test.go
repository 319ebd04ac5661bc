package tableau_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/tableau"
)

// shelf is a list on a server that changes while it is read.
type shelf struct {
	mu      sync.Mutex
	ids     []string
	asked   int                      // pages so far
	change  func(s *shelf, page int) // called before a page is answered
	refuse  bool                     // a page past the end is refused with 400006 instead of being empty
	maxSize int
}

func newShelf(n int) *shelf {
	s := &shelf{maxSize: 1000}
	for i := range n {
		s.ids = append(s.ids, fmt.Sprintf("id-%04d", i))
	}
	return s
}

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	number, _ := strconv.Atoi(r.URL.Query().Get("pageNumber"))
	size, _ := strconv.Atoi(r.URL.Query().Get("pageSize"))
	number, size = max(number, 1), min(size, s.maxSize)
	s.asked++
	if s.change != nil {
		s.change(s, number)
	}
	from, to := min((number-1)*size, len(s.ids)), min(number*size, len(s.ids))
	if from == to && number > 1 && s.refuse {
		fault(w, 400, "400006")
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<pagination pageNumber="%d" pageSize="%d" totalAvailable="%d"/><workbooks>`, number, size, len(s.ids))
	for _, id := range s.ids[from:to] {
		fmt.Fprintf(&b, `<workbook id="%s" name="n"/>`, id)
	}
	answer(w, 200, b.String()+`</workbooks>`)
}

func listIDs(t *testing.T, c *tableau.Client, q tableau.Query) []string {
	t.Helper()
	var ids []string
	for workbook, err := range c.Workbooks.List(t.Context(), q) {
		if err != nil {
			t.Fatalf("List: %v", err)
		}
		ids = append(ids, workbook.ID)
	}
	return ids
}

func TestListGivesEveryItemOnceInOrder(t *testing.T) {
	t.Parallel()
	for _, prefetch := range []int{0, 3} {
		for _, n := range []int{0, 1, 9, 10, 11, 95} {
			t.Run(fmt.Sprintf("%d items, %d pages ahead", n, prefetch), func(t *testing.T) {
				t.Parallel()
				shelf := newShelf(n)
				want := slices.Clone(shelf.ids)
				c := serve(t, shelf.ServeHTTP).client(t, tableau.WithPrefetch(prefetch))
				if diff := cmp.Diff(want, listIDs(t, c, tableau.Query{PageSize: 10})); diff != "" {
					t.Errorf("List (-want +got)\n%s", diff)
				}
				if pages := max(1, (n+9)/10); shelf.asked != pages {
					t.Errorf("asked for %d pages, want %d", shelf.asked, pages)
				}
			})
		}
	}
}

// TestListFetchesAhead reads forty pages from a server that takes 50 ms for
// each: the pages of a list overlap, and never more of them than allowed.
func TestListFetchesAhead(t *testing.T) {
	t.Parallel()
	tests := []struct {
		options []tableau.Option
		want    time.Duration
		atOnce  int
	}{
		{[]tableau.Option{tableau.WithPrefetch(0)}, 2 * time.Second, 1},
		{[]tableau.Option{tableau.WithPrefetch(3)}, 700 * time.Millisecond, 3},
		{nil, 300 * time.Millisecond, 8},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			shelf := newShelf(400)
			var inFlight, most atomic.Int32
			slow := func(w http.ResponseWriter, r *http.Request) {
				now := inFlight.Add(1)
				defer inFlight.Add(-1)
				for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
				}
				time.Sleep(50 * time.Millisecond)
				shelf.ServeHTTP(w, r)
			}
			c, err := tableau.New("http://tableau.test", append(test.options, tableau.WithHTTPClient(serveInMemory(t, http.HandlerFunc(slow))),
				tableau.WithSession(signedIn), tableau.WithAPIVersion("3.27"))...)
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			if got := listIDs(t, c, tableau.Query{PageSize: 10}); len(got) != 400 {
				t.Errorf("%d items, want 400", len(got))
			}
			if took := time.Since(start); took > test.want {
				t.Errorf("with %d pages at a time it took %v, want at most %v", test.atOnce, took, test.want)
			}
			if n := int(most.Load()); n > test.atOnce {
				t.Errorf("%d pages at a time, want at most %d", n, test.atOnce)
			}
		})
	}
}

func TestListWhileItemsComeAndGo(t *testing.T) {
	t.Parallel()
	once := func(page int, do func(*shelf)) func() func(*shelf, int) {
		return func() func(*shelf, int) {
			done := false
			return func(s *shelf, asked int) {
				if asked == page && !done {
					done = true
					do(s)
				}
			}
		}
	}
	tests := map[string]func() func(*shelf, int){
		"items inserted before": once(3, func(s *shelf) { s.ids = append([]string{"new-1", "new-2"}, s.ids...) }),
		"items appended":        once(3, func(s *shelf) { s.ids = append(s.ids, "new-1", "new-2") }),
		"items removed before":  once(3, func(s *shelf) { s.ids = s.ids[3:] }),
		"a page removed before": once(3, func(s *shelf) { s.ids = s.ids[10:] }),
		"two pages removed":     once(4, func(s *shelf) { s.ids = slices.Concat(s.ids[:2], s.ids[22:]) }),
		"last page slides away": once(5, func(s *shelf) { s.ids = s.ids[6:] }),
	}
	for name, change := range tests {
		for _, refuse := range []bool{false, true} {
			for _, prefetch := range []int{0, 3} {
				t.Run(fmt.Sprintf("%s, refused past the end %t, %d ahead", name, refuse, prefetch), func(t *testing.T) {
					t.Parallel()
					shelf := newShelf(45)
					shelf.change, shelf.refuse = change(), refuse
					before := slices.Clone(shelf.ids)
					got := listIDs(t, serve(t, shelf.ServeHTTP).client(t, tableau.WithPrefetch(prefetch)), tableau.Query{PageSize: 10})
					if dup := firstDouble(got); dup != "" {
						t.Errorf("%s came twice", dup)
					}
					for _, id := range before {
						if slices.Contains(shelf.ids, id) && !slices.Contains(got, id) {
							t.Errorf("%s was there all the time and is missing", id)
						}
					}
				})
			}
		}
	}
}

func firstDouble(ids []string) string {
	seen := map[string]bool{}
	for _, id := range ids {
		if seen[id] {
			return id
		}
		seen[id] = true
	}
	return ""
}

func TestListEndsWhenTheTotalPromisesTooMuch(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"400006", ""} {
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if number := r.URL.Query().Get("pageNumber"); number == "1" || number == "" {
				answer(w, 200, `<pagination pageNumber="1" pageSize="2" totalAvailable="9"/><workbooks><workbook id="a"/><workbook id="b"/></workbooks>`)
			} else if code != "" {
				fault(w, 400, code)
			} else {
				answer(w, 200, `<pagination pageNumber="`+number+`" pageSize="2" totalAvailable="9"/><workbooks/>`)
			}
		})
		got := listIDs(t, server.client(t), tableau.Query{PageSize: 2})
		if diff := cmp.Diff([]string{"a", "b"}, got); diff != "" {
			t.Errorf("code %q: (-want +got)\n%s", code, diff)
		}
	}
}

func TestListWithoutPaginationIsOnePage(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 200, `<workbooks><workbook id="a"/><workbook id="b"/></workbooks>`)
	})
	if diff := cmp.Diff([]string{"a", "b"}, listIDs(t, server.client(t), tableau.Query{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if n := len(server.requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

func TestListCountsInTheServersPageSize(t *testing.T) {
	t.Parallel()
	shelf := newShelf(35)
	shelf.maxSize = 10
	got := listIDs(t, serve(t, shelf.ServeHTTP).client(t), tableau.Query{})
	if diff := cmp.Diff(shelf.ids, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestListThatStandsStillIsAnError(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 200, `<pagination pageNumber="1" pageSize="1" totalAvailable="5"/><workbooks><workbook id="a"/></workbooks>`)
	})
	var last error
	for _, err := range server.client(t).Workbooks.List(t.Context(), tableau.Query{PageSize: 1}) {
		last = err
	}
	if last == nil || !strings.Contains(last.Error(), "page 1") {
		t.Errorf("error = %v, want one that says the page repeats", last)
	}
}

func TestListStopsFetchingWhenLeft(t *testing.T) {
	t.Parallel()
	shelf := newShelf(100)
	c := serve(t, shelf.ServeHTTP).client(t, tableau.WithPrefetch(0))
	got, err := tableau.Collect(c.Workbooks.List(t.Context(), tableau.Query{PageSize: 10}), 5)
	if err != nil || len(got) != 5 || shelf.asked != 1 {
		t.Errorf("Collect gave %d items, %v, after %d pages; want 5, nil, 1", len(got), err, shelf.asked)
	}
}

func TestListTellsTheErrorOfALaterPage(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("pageNumber") != "1" {
			fault(w, 403, "403004")
			return
		}
		answer(w, 200, `<pagination pageNumber="1" pageSize="1" totalAvailable="2"/><workbooks><workbook id="a"/></workbooks>`)
	})
	got, err := tableau.Collect(server.client(t).Workbooks.List(t.Context(), tableau.Query{PageSize: 1}), -1)
	if len(got) != 1 || !errors.Is(err, tableau.ErrForbidden) {
		t.Errorf("got %d items and %v, want 1 and ErrForbidden", len(got), err)
	}
}

func TestQueryOnTheWire(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, `<workbooks/>`) })
	_, err := server.client(t).Workbooks.Page(t.Context(), tableau.Query{
		Filter:     []tableau.Filter{tableau.Eq("ownerName", "Ä & B+c"), tableau.In("name", "x", "y z")},
		Sort:       []tableau.Sort{tableau.Desc("size"), tableau.Asc("name")},
		Fields:     []string{"_default_", "owner.name"},
		PageSize:   7,
		PageNumber: 3,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "fields=_default_%2Cowner.name&filter=ownerName%3Aeq%3A%C3%84+%26+B%2Bc%2Cname%3Ain%3A%5Bx%2Cy+z%5D&pageNumber=3&pageSize=7&sort=size%3Adesc%2Cname%3Aasc"
	if got := server.requests()[0].Query; got != want {
		t.Errorf("query\n got %s\nwant %s", got, want)
	}
}

func TestBadQueriesAreNotSent(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, `<workbooks/>`) })
	c := server.client(t)
	for name, q := range map[string]tableau.Query{
		"page size":        {PageSize: 1001},
		"negative size":    {PageSize: -1},
		"page number":      {PageNumber: -1},
		"filter field":     {Filter: []tableau.Filter{tableau.Eq("", "x")}},
		"filter operator":  {Filter: []tableau.Filter{{Field: "name", Values: []string{"x"}}}},
		"filter values":    {Filter: []tableau.Filter{tableau.In("name")}},
		"too many values":  {Filter: []tableau.Filter{{Field: "name", Operator: tableau.OpEqual, Values: []string{"x", "y"}}}},
		"sort of no field": {Sort: []tableau.Sort{tableau.Asc("")}},
	} {
		if _, err := c.Workbooks.Page(t.Context(), q); !errors.Is(err, tableau.ErrInvalidArgument) {
			t.Errorf("%s: Page error = %v, want ErrInvalidArgument", name, err)
		}
		if _, err := tableau.Collect(c.Workbooks.List(t.Context(), q), -1); !errors.Is(err, tableau.ErrInvalidArgument) {
			t.Errorf("%s: List error = %v, want ErrInvalidArgument", name, err)
		}
	}
	if n := len(server.requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}
