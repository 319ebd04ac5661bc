package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/tabctl/tableau-go/tableau"
)

// worker is one client with a user, and items that are nobody else's.
type worker struct {
	soak   *soak
	client *tableau.Client
	random *rand.Rand
	number int
	dir    string // for downloads
	made   int    // items so far
	items  []*item
	jobs   []string // IDs of acknowledged jobs
	open   []string // those of them that have not been seen to end
}

func newWorker(ctx context.Context, s *soak, admin *tableau.Client, number int) (*worker, error) {
	w := &worker{soak: s, number: number, random: rand.New(rand.NewPCG(s.seed, uint64(number+100))),
		dir: filepath.Join(s.dir, fmt.Sprintf("client-%d", number))}
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		return nil, err
	}
	name, password := fmt.Sprintf("client-%d", number), fmt.Sprintf("secret-%d", number)
	user, err := admin.Users.Add(ctx, tableau.AddUser{Name: name, SiteRole: tableau.RoleSiteAdministratorCreator})
	if err != nil {
		return nil, err
	}
	if _, err := admin.Users.Update(ctx, user.ID, tableau.UserUpdate{Password: &password}); err != nil {
		return nil, err
	}
	w.client, err = s.client(name, password)
	return w, err
}

// work does one thing after the other until ctx ends. What has begun is
// finished: else nobody would know when it takes effect.
func (w *worker) work(ctx context.Context) {
	for ctx.Err() == nil {
		switch n := w.random.IntN(100); {
		case n < 2:
			w.read("sign out", func(ctx context.Context) error { return w.client.SignOut(ctx) })
		case n < 10:
			w.list(kinds[w.random.IntN(len(kinds))])
		case n < 12:
			w.abandonUpload()
		default:
			w.step(kinds[w.random.IntN(len(kinds))])
		}
	}
}

// of returns the items of a kind that are, or may be, there.
func (w *worker) of(k *kind) (all []*item) {
	for _, i := range w.items {
		if i.kind == k {
			all = append(all, i)
		}
	}
	return all
}

// anySure returns one of the items of a kind that are surely there, or nil.
func (w *worker) anySure(k *kind) *item {
	all := slices.DeleteFunc(w.of(k), func(i *item) bool { return i.unsure })
	if len(all) == 0 {
		return nil
	}
	return all[w.random.IntN(len(all))]
}

// step does something with items of a kind.
func (w *worker) step(k *kind) {
	all := w.of(k)
	if len(all) == 0 || len(all) < k.most && w.random.IntN(3) == 0 {
		w.made++
		i := newItem(k, fmt.Sprintf("%.1s-%d-%d", k.name, w.number, w.made))
		k.create(w, i)
		return
	}
	i := all[w.random.IntN(len(all))]
	switch n := w.random.IntN(10); {
	case i.unsure:
		w.lookUp(i)
	case len(all) >= k.most && n < 4, n == 0:
		w.remove(i)
	case n < 6:
		w.get(i)
	default:
		k.change(w, i)
	}
}

type repeatedKey struct{}

// expected are the failures that faults and kills bring.
var expected = []error{tableau.ErrConnection, tableau.ErrServer, tableau.ErrRateLimited, tableau.ErrUnauthorized, tableau.ErrUploadIncomplete}

func isExpected(err error) bool {
	return slices.ContainsFunc(expected, func(one error) bool { return errors.Is(err, one) })
}

// call makes a call, and says whether its request was sent more than once.
func (w *worker) call(f func(ctx context.Context) error) (repeated bool, err error) {
	var times atomic.Int64
	ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), repeatedKey{}, &times), 2*time.Minute)
	defer cancel()
	err = f(ctx)
	return times.Load() > 0, err
}

// write makes a call that changes something, and says what is known of it.
func (w *worker) write(what string, f func(ctx context.Context) error) outcome {
	began := time.Now()
	repeated, err := w.call(f)
	w.soak.journal.Printf("client %d: %s, from %s: %v", w.number, what, began.Format("15:04:05.000"), err)
	e, answered := errors.AsType[*tableau.Error](err)
	switch {
	case err == nil:
		w.soak.tally.acknowledged.Add(1)
		return done
	case !isExpected(err):
		w.soak.tally.problem("client %d: %s: %v", w.number, what, err)
	case answered && e.StatusCode >= 400 && e.StatusCode < 500 && !repeated:
		return refused
	}
	w.soak.tally.unknown.Add(1)
	return unknown
}

// read makes a call that changes nothing, and reports whether it was answered.
func (w *worker) read(what string, f func(ctx context.Context) error) bool {
	_, err := w.call(f)
	if err == nil {
		return true
	}
	w.soak.journal.Printf("client %d: %s: %v", w.number, what, err)
	w.soak.tally.failedReads.Add(1)
	if !isExpected(err) {
		w.soak.tally.problem("client %d: %s: %v", w.number, what, err)
	}
	return false
}

// check compares what the server shows with what it has acknowledged.
func (w *worker) check(i *item, f found, where string) {
	for _, text := range i.differences(f) {
		w.soak.tally.problem("client %d: the %s %s %s: %s", w.number, i.kind.name, i.name, where, text)
	}
	i.learn(f)
}

// created notes a new item.
func (w *worker) created(i *item, o outcome) {
	if o != refused {
		i.unsure = o == unknown
		w.items = append(w.items, i)
	}
}

// gone notes that an item is not there, nor what was in it.
func (w *worker) gone(gone *item) {
	w.items = slices.DeleteFunc(w.items, func(i *item) bool {
		delete(i.marks, gone.name) // if it was a member
		return i == gone || i.project == gone
	})
}

// remove deletes an item, unless a job may still work on it.
func (w *worker) remove(i *item) {
	w.open = slices.DeleteFunc(w.open, w.hasEnded)
	if len(w.open) > 0 {
		return
	}
	switch w.write("delete "+i.name, func(ctx context.Context) error {
		return ignoreRepeated(ctx, i.kind.remove(ctx, w.client, i.id), tableau.ErrNotFound)
	}) {
	case done:
		w.gone(i)
	case unknown:
		for _, other := range w.items {
			if other == i || other.project == i {
				other.unsure = true
			}
			if _, member := other.marks[i.name]; member {
				other.marks[i.name] = false
			}
		}
	}
}

// lookUp finds out whether an item is there.
func (w *worker) lookUp(i *item) {
	if time.Now().Before(i.frozen) {
		return
	}
	var got []found
	answered := w.read("look for "+i.name, func(ctx context.Context) error {
		got = nil
		for f, err := range i.kind.list(ctx, w.client, tableau.Query{Filter: []tableau.Filter{tableau.Eq("name", i.name)}}) {
			if err != nil {
				return err
			}
			got = append(got, f)
		}
		return nil
	})
	switch {
	case !answered:
	case len(got) == 0:
		w.soak.journal.Printf("client %d: %s is not there", w.number, i.name)
		w.gone(i)
	case len(got) > 1:
		w.soak.tally.problem("client %d: the %s %s is there %d times", w.number, i.kind.name, i.name, len(got))
	default:
		w.check(i, got[0], "that was looked for")
	}
}

// get reads an item, and its file.
func (w *worker) get(i *item) {
	var got found
	if w.read("get "+i.name, func(ctx context.Context) (err error) {
		got, err = i.kind.get(ctx, w.client, i.id)
		return err
	}) {
		w.check(i, got, "that was read")
	}
	if i.fields["content"] != nil && w.random.IntN(2) == 0 {
		w.download(i)
	}
}

// list lists items of all clients. Its own must be among them, once; one that is missing must be there when it is asked for,
// since a list can lose one when others insert and delete as many at the same time (docs/decisions/lists.md).
func (w *worker) list(k *kind) {
	times := map[string]int{}
	if !w.read("list "+k.name+"s", func(ctx context.Context) error {
		clear(times)
		q := tableau.Query{PageSize: []int{0, 25, 100}[w.random.IntN(3)], Sort: []tableau.Sort{tableau.Asc("name")}}
		for f, err := range k.list(ctx, w.client, q) {
			if err != nil {
				return err
			}
			times[f.id]++
		}
		return nil
	}) {
		return
	}
	for _, i := range w.of(k) {
		switch n := times[i.id]; {
		case i.unsure || n == 1:
		case n > 1:
			w.soak.tally.problem("client %d: the %s %s is %d times in the list", w.number, k.name, i.name, n)
		default:
			w.read("get the "+k.name+" "+i.name+", which is not in the list", func(ctx context.Context) error {
				_, err := k.get(ctx, w.client, i.id)
				return err
			})
		}
	}
}

// abandonUpload begins an upload that nobody will end.
func (w *worker) abandonUpload() {
	w.read("begin an upload", func(ctx context.Context) error {
		upload, err := w.client.FileUploads.Start(ctx)
		if err == nil {
			_, err = w.client.FileUploads.AppendNumbered(ctx, upload.SessionID, 1, w.bytes(10<<10))
		}
		return err
	})
}

// ignoreRepeated is no error when it is target and the request was sent more
// than once: the first attempt has done it.
func ignoreRepeated(ctx context.Context, err, target error) error {
	if times, _ := ctx.Value(repeatedKey{}).(*atomic.Int64); errors.Is(err, target) && times.Load() > 0 {
		return nil
	}
	return err
}
