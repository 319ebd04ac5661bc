package tableau

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"time"
)

// Revision is one state of a published item that the server keeps.
type Revision struct {
	Number      int        `xml:"revisionNumber,attr"` // from 1
	PublishedAt time.Time  `xml:"publishedAt,attr"`
	Current     bool       `xml:"current,attr"`
	Deleted     bool       `xml:"deleted,attr"` // its file is gone
	Size        int64      `xml:"sizeInBytes,attr"`
	Publisher   UserRef    `xml:"publisher"`
	Extra       Attributes `xml:",any,attr"`
}

func (r *Revision) id() string { return strconv.Itoa(r.Number) }

// revisions walks the revisions of an item. Few have more than a hundred.
func (c *Client) revisions(ctx context.Context, r request) iter.Seq2[*Revision, error] {
	return list[Revision](ctx, c, "revisions>revision", r.since("2.3"), Query{PageSize: 100})
}

// revision is a request for one revision of an item.
func revision(verb func(...string) request, resource, id string, number int, rest ...string) request {
	r := verb(append([]string{resource, id, "revisions", strconv.Itoa(number)}, rest...)...).since("2.3")
	if number < 1 {
		r = r.fail(invalid(fmt.Sprintf("revision %d: revisions are numbered from 1", number)))
	}
	return r
}
