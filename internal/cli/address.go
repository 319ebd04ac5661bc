package cli

import (
	"net/url"
	"strings"

	"github.com/tabctl/tableau-go/tableau"
)

// address is where a page of an item is in a browser.
type address struct {
	kind string // "workbooks", "views" and so on
	item string // a number, or of a view its content URL
}

// isAddress reports whether the text was copied from a browser's address bar.
func isAddress(text string) bool {
	return strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://")
}

// parseAddress reads the address of a page such as https://tableau.example.com/#/site/acme/workbooks/12/views or
// …/#/views/Sales/Overview?:iid=1. A page of another server or site is an error.
func parseAddress(c *tableau.Client, text string) (address, error) {
	own, err := isServer(text, c.URL())
	if err != nil {
		return address{}, err
	}
	if !own {
		return address{}, usage("%s is not on the server %s", text, c.URL())
	}
	_, path, _ := strings.Cut(text, "#/")
	if path == "" { // embedded: /t/acme/views/Sales/Overview
		if u, err := url.Parse(text); err == nil {
			path = strings.TrimPrefix(u.Path, "/")
		}
	}
	path, _, _ = strings.Cut(path, "?")
	segments := strings.Split(strings.Trim(path, "/"), "/")
	site := ""
	if len(segments) > 1 && (segments[0] == "site" || segments[0] == "t") {
		site, segments = segments[1], segments[2:]
	}
	if session, ok := c.Session(); ok && session.SiteContentURL != site {
		return address{}, withHint(usage("%s is on the site %s, not on %s", text, siteName(site), siteName(session.SiteContentURL)),
			"--site "+siteName(site))
	}
	if len(segments) < 2 {
		return address{}, usage("%s is not the page of an item", text)
	}
	for i, segment := range segments {
		if segments[i], err = url.PathUnescape(segment); err != nil {
			return address{}, usage("%s is no address: %w", text, err)
		}
	}
	place := address{segments[0], segments[1]}
	if place.kind == "views" && len(segments) > 2 {
		place.item = segments[1] + "/sheets/" + segments[2]
	}
	return place, nil
}
