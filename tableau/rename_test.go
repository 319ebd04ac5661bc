package tableau

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// A file that is not there stands for one that another program holds: the system refuses to rename it, until it appears.
func TestRename(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		freeAfter int // refusals; 0: never
		held      bool
		cancelled time.Duration
		want      error
		least     time.Duration
		most      time.Duration
	}{
		{"let go", 4, true, 0, nil, time.Millisecond, 100 * time.Millisecond},
		{"never let go", 0, true, 0, fs.ErrNotExist, renamePatience / 4, renamePatience},
		{"refused for good", 4, false, 0, fs.ErrNotExist, 0, 0},
		{"given up", 0, true, 100 * time.Millisecond, context.Canceled, 100 * time.Millisecond, 100 * time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			from, to := filepath.Join(t.TempDir(), "from"), filepath.Join(t.TempDir(), "to")
			if err := os.WriteFile(to, []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if test.cancelled > 0 {
					time.AfterFunc(test.cancelled, cancel)
				}
				refusals := 0
				start := time.Now()
				err := rename(ctx, from, to, func(err error) bool {
					if refusals++; refusals == test.freeAfter {
						if err := os.WriteFile(from, []byte("new"), 0o600); err != nil {
							t.Error(err)
						}
					}
					return test.held && errors.Is(err, fs.ErrNotExist)
				})
				if took := time.Since(start); !errors.Is(err, test.want) || took < test.least || took > test.most {
					t.Errorf("after %v: %v, want %v after %v to %v", took, err, test.want, test.least, test.most)
				}
			})
			want := "old"
			if test.want == nil {
				want = "new"
			}
			if got, err := os.ReadFile(to); err != nil || string(got) != want {
				t.Errorf("the file holds %q, %v; want %q", got, err, want)
			}
		})
	}
}
