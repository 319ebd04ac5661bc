package tableau

import (
	"fmt"
	"net/url"
	"strings"
)

// parseServerURL returns the server's address, and the site's ContentURL when
// the address is that of a page in a browser.
func parseServerURL(address string) (base *url.URL, site string, err error) {
	address = strings.TrimSpace(address)
	if address == "" {
		return nil, "", invalid("the server URL is empty")
	}
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, "", invalid("the server URL cannot be read: check it for blanks and stray characters")
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, "", invalid(fmt.Sprintf("the server URL %q is not an http or https address", u.Redacted()))
	}
	if u.User != nil {
		return nil, "", invalid("the server URL holds a user name or password: give them with WithCredentials")
	}
	// Pages of a site are at /#/site/NAME/…, and at /t/NAME/… for embedded views.
	if rest, ok := strings.CutPrefix(u.Fragment, "/site/"); ok {
		site, _, _ = strings.Cut(rest, "/")
		site, _, _ = strings.Cut(site, "?")
	} else if before, rest, ok := strings.Cut(u.Path, "/t/"); ok {
		site, _, _ = strings.Cut(rest, "/")
		u.Path = before
	}
	u.Path = strings.TrimRight(u.Path, "/")
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}, site, nil
}
