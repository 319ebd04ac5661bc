//go:build !race

// The race detector makes reading 64 MiB take ten times as long, and there is nothing concurrent in it.

package tableau_test

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/tabctl/tableau-go/tableau"
)

// TestHostileAnswers reads what a server made to harm may send: all of it is refused, in bounded memory and time. Endless
// answers end only because the client hangs up.
func TestHostileAnswers(t *testing.T) {
	const head = `<?xml version="1.0" encoding="UTF-8"?><tsResponse xmlns="http://tableau.com/api">`
	const end = "></workbooks></tsResponse>"
	repeat := func(start, piece string, times int, end ...string) func(io.Writer) error { // times below zero: without end
		return func(w io.Writer) error {
			_, err := io.WriteString(w, start)
			block := strings.Repeat(piece, 1+1<<16/len(piece))
			for n := 0; err == nil && n != times; n++ {
				_, err = io.WriteString(w, block)
			}
			if err == nil {
				_, err = io.WriteString(w, strings.Join(end, ""))
			}
			return err
		}
	}
	asked := serve(t, func(http.ResponseWriter, *http.Request) {}) // by nobody
	address := `<!DOCTYPE x [<!ENTITY % d SYSTEM "` + asked.URL + `/d.dtd"> %d; <!ENTITY e SYSTEM "` + asked.URL + `/">]>`
	bomb := `<!DOCTYPE lolz [<!ENTITY a "lol">` + strings.Repeat(`<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">`, 10) + `]>`
	tests := []struct {
		name   string
		send   func(io.Writer) error
		gzip   bool
		status int
		says   string
	}{
		{"entity bomb", repeat(bomb+head+`<workbook id="&b;"/></tsResponse>`, " ", 0), false, 200, "document type"},
		{"external entity", repeat(`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>`+head+`<workbook id="&e;"/></tsResponse>`, " ", 0), false, 200, "document type"},
		{"external entity at an address", repeat(address+head+`<workbook id="&e;"/></tsResponse>`, " ", 0), false, 200, "document type"},
		{"undefined entity", repeat(head+`<workbook id="&e;"/></tsResponse>`, " ", 0), false, 200, "reference"},
		{"deep nesting", repeat(head, "<a>", 64), false, 200, "deeper"},
		{"attribute without end", repeat(head+`<workbook id="`, "x", -1), false, 200, "larger than 64 MiB"},
		{"space without end", repeat("", " ", -1), false, 200, "larger than 64 MiB"},
		{"elements without end", repeat(head, `<workbook id="w"/>`, -1), false, 200, "larger than 64 MiB"},
		{"many tiny elements", repeat(head+"<workbooks>", "<workbook/>", 900, "<workbook/", end), false, 200, "too many"},
		{"many attributes", repeat(head+"<workbooks><workbook", ` a=""`, 900, "/", end), false, 200, "too many"},
		{"gzip bomb", repeat(head+`<workbook id="`, "x", -1), true, 200, "larger than 64 MiB"},
		{"gzip bomb of an error", repeat(head+`<error code="`, "x", -1), true, 400, "HTTP 400"},
		{"error without end", repeat("", "x", -1), false, 500, "HTTP 500"},
		{"web page without end", repeat("<html>", "x", -1), false, 200, "larger than 64 MiB"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				out := io.Writer(w)
				if test.gzip {
					w.Header().Set("Content-Encoding", "gzip")
				}
				w.WriteHeader(test.status)
				if test.gzip {
					packed, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
					defer packed.Close()
					out = packed
				}
				_ = test.send(out) // fails when the client hangs up
			})
			c := server.client(t)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := c.Workbooks.Page(t.Context(), tableau.Query{})
			runtime.ReadMemStats(&after)
			e, ok := errors.AsType[*tableau.Error](err)
			if !ok || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%.300v: want an *Error that says %q", err, test.says)
			} else if n := len(server.requests()); n != 1 || len(e.Error()) > 4096 {
				t.Errorf("%d requests, and an error of %d bytes", n, len(e.Error()))
			}
			// All that was ever allocated, by the server, too; what is in use at a time is less.
			if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 900 {
				t.Errorf("%d MiB were allocated", used)
			} else {
				t.Logf("%d MiB were allocated", used)
			}
		})
	}
	if n := len(asked.requests()); n > 0 {
		t.Errorf("the address in an answer was asked %d times", n)
	}
}

// TestAnswersWithoutEndToChanges hangs up on a server that answers a change without end.
func TestAnswersWithoutEndToChanges(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for block := make([]byte, 1<<20); ; {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	if err := server.client(t).Workbooks.Delete(t.Context(), "w"); err != nil {
		t.Errorf("%v: the server has said yes", err)
	}
}
