package emulator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tabctl/tableau-go/emulator"
)

// before returns the version before one, and whether there is one.
func before(version string) (string, bool) {
	var major, minor int
	fmt.Sscanf(version, "%d.%d", &major, &minor)
	switch {
	case minor > 0:
		return fmt.Sprintf("%d.%d", major, minor-1), true
	case major == 3:
		return "2.8", true
	}
	return "", false
}

// TestMethodsBeforeTheirVersion calls each route in the version before it came, and in its own: on a server that speaks newer
// ones too, and on one that is of that version.
func TestMethodsBeforeTheirVersion(t *testing.T) {
	t.Parallel()
	servers := map[string]*user{"": {t: t, server: emulator.Start(t)}}
	at := func(server, version string) *user {
		if servers[server] == nil {
			servers[server] = &user{t: t, server: emulator.Start(t, emulator.WithAPIVersion(version))}
		}
		return servers[server]
	}
	for _, rt := range emulator.Routes() {
		path := strings.NewReplacer("{", "", "}", "").Replace(rt.Path)
		if earlier, ok := before(rt.Since); ok {
			for _, server := range []string{"", earlier} {
				if got := at(server, earlier).send(rt.Method, "/api/"+earlier+path, nil, nil).code(); got != "404003" {
					t.Errorf("%s in version %s of a server of version %q: code %q, want 404003", rt.Name, earlier, server, got)
				}
			}
		}
		for _, server := range []string{"", rt.Since} {
			if got := at(server, rt.Since).send(rt.Method, "/api/"+rt.Since+path, nil, nil).code(); strings.HasPrefix(got, "404") {
				t.Errorf("%s in its version %s of a server of version %q: code %q", rt.Name, rt.Since, server, got)
			}
		}
	}
}
