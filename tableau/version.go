package tableau

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Version is a version of the REST API, such as "3.24".
type Version string

// ParseVersion reads a REST API version such as "3.24". Errors:
// [ErrInvalidArgument].
func ParseVersion(text string) (Version, error) {
	major, minor, ok := strings.Cut(text, ".")
	_, majorErr := strconv.ParseUint(major, 10, 16)
	_, minorErr := strconv.ParseUint(minor, 10, 16)
	if !ok || majorErr != nil || minorErr != nil {
		return "", invalid(fmt.Sprintf("%q is not a REST API version such as 3.24", text))
	}
	return Version(text), nil
}

// Less reports whether v is older than other.
func (v Version) Less(other Version) bool {
	major, minor := v.numbers()
	otherMajor, otherMinor := other.numbers()
	return major < otherMajor || major == otherMajor && minor < otherMinor
}

func (v Version) numbers() (major, minor int) {
	before, after, _ := strings.Cut(string(v), ".")
	major, _ = strconv.Atoi(before)
	minor, _ = strconv.Atoi(after)
	return major, minor
}

// UnsupportedVersionError says that the client's REST API version lacks a
// method. It matches [ErrUnsupportedVersion].
type UnsupportedVersionError struct {
	Call     string  // what was called, as "GET workbooks/…/pdf"
	Needs    Version // the first version that has it
	Speaking Version // the version that the client uses
}

func (e *UnsupportedVersionError) Error() string {
	return fmt.Sprintf("tableau: %s needs REST API version %s, but this client speaks %s: use a newer server, or do not pin an older version", e.Call, e.Needs, e.Speaking)
}

// Is matches [ErrUnsupportedVersion].
func (e *UnsupportedVersionError) Is(target error) bool { return target == ErrUnsupportedVersion }

// firstVersion is the oldest version that answers serverInfo.
const firstVersion Version = "2.4"

// APIVersion returns the REST API version that the client uses: the pinned
// one, or the server's own, which is asked for once. Errors: those of
// [ServerService.Info].
func (c *Client) APIVersion(ctx context.Context) (Version, error) {
	c.mu.Lock()
	version := c.version
	c.mu.Unlock()
	if version != "" {
		return version, nil
	}
	info, err := c.Server.Info(ctx)
	if err != nil {
		return "", err
	}
	version, err = ParseVersion(info.RESTAPIVersion)
	if err != nil {
		return "", c.notTableau(http.StatusOK, "the server names no REST API version")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.version == "" {
		c.version = version
	}
	return c.version, nil
}

// notTableau is the error for an address that answers, but not as Tableau does.
func (c *Client) notTableau(status int, why string) error {
	return &Error{
		StatusCode: status,
		Method:     http.MethodGet,
		URL:        c.base.String(),
		Summary:    "not a Tableau Server",
		Detail:     why + "; the URL may be wrong, or a proxy or single sign-on page stands before the server: open the URL in a browser, and let /api/ pass without that sign-on",
	}
}
