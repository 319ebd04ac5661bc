package wiretest

import "fmt"

// A difference is one thing that our client did otherwise than the Python
// client.
type difference struct {
	Request int    // which request of the case, from 1; 0 for what is no request
	Part    string // "method", "path", "query pageSize", "body workbook@name", "result .name", …
	Want    string // as recorded
	Got     string // ours
}

// String says the difference in one line.
func (d difference) String() string {
	where := d.Part
	if d.Request > 0 {
		where = fmt.Sprintf("request %d: %s", d.Request, d.Part)
	}
	return fmt.Sprintf("%s: recorded %q, ours %q", where, shorten(d.Want), shorten(d.Got))
}

// absent stands for a value that is not there at all.
const absent = "(absent)"

// shorten keeps a message readable.
func shorten(text string) string {
	const most = 600
	if len(text) <= most {
		return text
	}
	return text[:most] + "…"
}
