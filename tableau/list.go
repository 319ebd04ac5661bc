package tableau

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"maps"
	"net/http"
	"reflect"

	"github.com/tabctl/tableau-go/internal/tsxml"
)

// Page is one page of a list.
type Page[T any] struct {
	Items []*T
	// Number counts from 1. Size and Total are the server's; all three are 0
	// when the server sends the list in one piece.
	Number, Size, Total int
}

// item is what a list holds.
type item[T any] interface {
	*T
	id() string
}

type pagination struct {
	PageNumber     int `xml:"pageNumber,attr"`
	PageSize       int `xml:"pageSize,attr"`
	TotalAvailable int `xml:"totalAvailable,attr"`
}

// fetchPage reads one page.
func fetchPage[T any](ctx context.Context, c *Client, path string, r request, q Query) (*Page[T], error) {
	return decodePage[T](c.askForPage(ctx, r, q), path)
}

// pageAnswer is a page as the server sent it.
type pageAnswer struct {
	response *http.Response
	data     []byte
	err      error
}

func (c *Client) askForPage(ctx context.Context, r request, q Query) pageAnswer {
	if err := q.check(); err != nil {
		return pageAnswer{err: err}
	}
	_, keep, err := c.split(ctx, q.Filter)
	if err != nil {
		return pageAnswer{err: err}
	}
	if len(keep) > 0 {
		return pageAnswer{err: invalid(fmt.Sprintf("the filter %s cannot be sent, because of its comma or ampersand: use List, which applies it to what the server sends", keep[0]))}
	}
	values := q.values()
	maps.Copy(values, r.query)
	response, data, err := c.read(ctx, r.asking(values))
	return pageAnswer{response, data, err}
}

func decodePage[T any](a pageAnswer, path string) (*Page[T], error) {
	if a.err != nil {
		return nil, a.err
	}
	page := &Page[T]{}
	var place *pagination
	if err := decodeAnswer(a.response, a.data, tsxml.At("pagination", &place), tsxml.At(path, &page.Items)); err != nil {
		return nil, err
	}
	if place != nil {
		page.Number, page.Size, page.Total = place.PageNumber, place.PageSize, place.TotalAvailable
	}
	return page, nil
}

// list walks all items of a paged list in order, fetching pages ahead.
//
// Items may come and go between two pages. Those that slide back onto a later
// page are not told twice; when the total shrinks, the walk steps back as many
// pages as items may have slid forward, so that none is missed. Filters that
// cannot be sent are applied here.
func list[T any, P item[T]](ctx context.Context, c *Client, path string, r request, q Query) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		if q.PageSize == 0 {
			q.PageSize = mostItemsPerPage
		}
		if q.PageNumber == 0 {
			q.PageNumber = 1
		}
		local, err := q.takeLocal(ctx, c, reflect.TypeFor[T]())
		if err != nil {
			yield(nil, err)
			return
		}
		if len(q.Fields) > 0 && len(local) > 0 && r.minimum.Less("2.5") {
			r = r.since("2.5") // where fields can be asked for
		}
		walk := &walker[T]{client: c, path: path, request: r, query: q, ctx: ctx}
		for number := q.PageNumber; number != walk.end; number++ {
			page, err := walk.page(number)
			if err != nil {
				yield(nil, err)
				return
			}
			if len(page.Items) == 0 {
				if !walk.lookBack(number) {
					return
				}
				number -= 2 // the loop's own step makes up for one
				continue
			}
			fresh := 0
			for _, value := range page.Items {
				if !walk.recent.add(number, P(value).id()) {
					continue
				}
				fresh++
				ok, err := keeps(local, value)
				if err != nil {
					yield(nil, err)
					return
				}
				if ok && !yield(value, nil) {
					return
				}
			}
			back, done, err := walk.advance(number, page, fresh)
			if err != nil {
				yield(nil, err)
				return
			}
			if done {
				return
			}
			number -= back
		}
	}
}

// walker holds a walk's place in a list.
type walker[T any] struct {
	client  *Client
	path    string
	request request
	query   Query
	ctx     context.Context // the walk's own: it ends with the loop

	ahead  map[int]chan pageAnswer // pages being fetched; they stay as they came, which is smaller, until their turn
	total  int                     // as the last page had it
	last   int                     // page, as that total has it
	end    int                     // page found empty although the total had promised it; 0 when none was
	recent recentIDs
}

// page returns the page, which may be on its way already. The page after the
// last is empty.
func (w *walker[T]) page(number int) (*Page[T], error) {
	var answer pageAnswer
	if coming, ok := w.ahead[number]; ok {
		delete(w.ahead, number)
		answer = <-coming
		w.fetchAhead(number) // before the page is decoded and its items are used
	} else {
		answer = w.fetch(number)
	}
	page, err := decodePage[T](answer, w.path)
	if e, ok := errors.AsType[*Error](err); ok && e.Code == codeNoSuchPage && number > w.query.PageNumber {
		return &Page[T]{}, nil
	}
	return page, err
}

func (w *walker[T]) fetch(number int) pageAnswer {
	q := w.query
	q.PageNumber = number
	return w.client.askForPage(w.ctx, w.request, q)
}

// advance decides how the walk goes on after a page: how many pages back, or
// that it is done; and it starts fetching what comes next.
func (w *walker[T]) advance(number int, page *Page[T], fresh int) (back int, done bool, err error) {
	if page.Size == 0 { // no pagination: the list is whole
		return 0, true, nil
	}
	if page.Number != number {
		return 0, false, fmt.Errorf("tableau: the server sent page %d of %s instead of page %d", page.Number, w.path, number)
	}
	first := number == w.query.PageNumber
	if first && page.Size < w.query.PageSize {
		w.query.PageSize = page.Size // the server's limit is lower: its page numbers count in its size
	}
	lost := w.total - page.Total
	w.total = page.Total
	if lost > 0 && !first && fresh > 0 {
		back = min((lost+page.Size-1)/page.Size, recentPages-1, number-w.query.PageNumber)
		w.ahead = nil
		return back + 1, false, nil // the loop's own step makes up for the one
	}
	if number*page.Size >= page.Total {
		return 0, true, nil
	}
	w.last = (page.Total + page.Size - 1) / page.Size
	w.fetchAhead(number)
	return 0, false, nil
}

// lookBack decides what an empty page means. When the total had promised more,
// items may have slid onto the page before it, which is then read again.
func (w *walker[T]) lookBack(number int) bool {
	if number == w.query.PageNumber || (number-1)*w.query.PageSize >= w.total {
		return false
	}
	w.end = number
	w.ahead = nil
	return true
}

// fetchAhead starts fetching the pages after number that are known to exist.
func (w *walker[T]) fetchAhead(number int) {
	for next := number + 1; next <= min(number+w.client.prefetch, w.last); next++ {
		if _, ok := w.ahead[next]; ok {
			continue
		}
		if w.ahead == nil {
			w.ahead = map[int]chan pageAnswer{}
		}
		coming := make(chan pageAnswer, 1)
		w.ahead[next] = coming
		go func() { coming <- w.fetch(next) }()
	}
}

// recentPages is how many pages an item can slide and still be recognised.
const recentPages = 8

// recentIDs remembers the items of at least the last recentPages pages, by two
// hashes of their IDs: the IDs themselves would keep all of their pages.
type recentIDs struct {
	seeds       [2]maphash.Seed
	now, before map[[2]uint64]struct{}
	page        int // whose items come
	pages       int // that are in now
}

// add reports whether the item is new. Items without an ID always are.
func (r *recentIDs) add(page int, id string) bool {
	if id == "" {
		return true
	}
	if r.now == nil {
		r.seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}
		r.now, r.before = map[[2]uint64]struct{}{}, map[[2]uint64]struct{}{}
	}
	if page != r.page {
		r.page = page
		if r.pages++; r.pages > recentPages {
			r.now, r.before, r.pages = r.before, r.now, 1
			clear(r.now)
		}
	}
	key := [2]uint64{maphash.String(r.seeds[0], id), maphash.String(r.seeds[1], id)}
	_, earlier := r.before[key]
	count := len(r.now)
	r.now[key] = struct{}{} // one that is seen again is remembered longer
	return !earlier && len(r.now) > count
}

// Collect returns the first n items of a list, all of them when n is negative.
// On an error it returns what came before it, too.
func Collect[T any](items iter.Seq2[*T, error], n int) ([]*T, error) {
	var all []*T
	if n == 0 {
		return nil, nil
	}
	for value, err := range items {
		if err != nil {
			return all, err
		}
		all = append(all, value)
		if len(all) == n {
			break
		}
	}
	return all, nil
}
