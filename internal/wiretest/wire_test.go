// Package wiretest runs recorded calls of the Python client through this one.
//
// An adapter per Python method makes our call of the recorded inputs, a server
// on the loopback plays the recorded answers, and what our client sent and
// returned is compared with the recording by its meaning. Deliberate
// differences stand in one table, [allowances].
package wiretest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tabctl/tableau-go/tableau"
)

// longestCall is when a call that hangs is given up.
const longestCall = 3 * time.Minute

// promisedShare is how many of the calls of methods of the Python client's
// reference are to be as recorded, in percent; calls that show a fault of the
// Python client, which ours does not have, are not counted.
const promisedShare = 95

// percent is the share of a part in a whole.
func percent(part, whole int64) float64 { return 100 * float64(part) / float64(max(whole, 1)) }

// TestWire runs every recorded case, named by its id.
func TestWire(t *testing.T) {
	all := loadRecordings(t)
	table := newAllowanceTable(allowances)
	var passed, notBuiltYet, withDifferences, failed, allowedDifferences atomic.Int64
	var seed, seedAsRecorded, seedFaults atomic.Int64

	t.Run("cases", func(t *testing.T) {
		for _, c := range all.cases {
			t.Run(c.ID, func(t *testing.T) {
				t.Parallel()
				found, err := runCase(t, c)
				if missing, ok := errors.AsType[notBuilt](err); ok {
					notBuiltYet.Add(1)
					t.Skip(missing.Error())
				}
				allowed, left := table.judge(c.ID, found)
				for _, d := range left {
					t.Errorf("%s", d)
				}
				if c.InSeed {
					for _, d := range allowed {
						t.Logf("%s | %s | %s | %s | %s", c.ID, d.Part, shorten(d.Want), shorten(d.Got), d.Reason)
					}
					seed.Add(1)
					switch {
					case len(allowed)+len(left) == 0:
						seedAsRecorded.Add(1)
					case len(left) == 0 && c.Bug != "":
						seedFaults.Add(1)
					}
				}
				switch {
				case len(left) > 0:
					failed.Add(1)
					t.Logf("Python: %s", c.Call)
				case len(allowed) > 0:
					withDifferences.Add(1)
					allowedDifferences.Add(int64(len(allowed)))
				default:
					passed.Add(1)
				}
			})
		}
	})
	t.Run("gates", func(t *testing.T) { checkGates(t, all, table) })
	t.Run("enums", func(t *testing.T) { checkEnums(t, all.enums) })

	total := passed.Load() + withDifferences.Load() + failed.Load()
	t.Logf("%d calls run: %d as recorded, %d with %d deliberate differences, %d failed; %d not built yet; %d exceptions in the table",
		total, passed.Load(), withDifferences.Load(), allowedDifferences.Load(), failed.Load(), notBuiltYet.Load(), len(allowances))
	n, m, k := seedAsRecorded.Load(), seed.Load(), seedFaults.Load()
	t.Logf("of the methods of the reference, %d calls of %d as recorded (%d more where the recording shows a fault of the original): %.1f %% of all, %.1f %% without those",
		n, m, k, percent(n, m), percent(n, m-k))
	// The exceptions were written against the default recordings, all of them.
	if _, isDefault := goldenFolder(); isDefault && total+notBuiltYet.Load() == int64(len(all.cases)) {
		if share := percent(n, m-k); share < promisedShare {
			t.Errorf("%.1f %% of the calls of the methods of the reference are as recorded, promised are %d %%", share, promisedShare)
		}
		for _, entry := range table.stale() {
			t.Errorf("exception no longer needed: cases %q, %s: %s", entry.Cases, entry.Part, entry.Reason)
		}
	}
}

// runCase makes the call of one case and lists all differences. The error is
// [notBuilt] or nil.
func runCase(t *testing.T, c *wireCase) ([]difference, error) {
	run, err := adapterFor(c)
	if err != nil {
		return nil, err
	}
	if marker := unknownMarker(c.Args); marker != "" {
		return []difference{{Part: "call", Want: c.Call, Got: "the unknown marker " + marker}}, nil
	}
	server := startCanned(t, c)
	calling := &call{t: t, c: c, args: c.Args, server: server}
	ctx, cancel := context.WithTimeout(t.Context(), longestCall)
	defer cancel()

	var result any
	if err = calling.start(); err == nil {
		result, err = makeCall(ctx, run, calling)
	}
	if missing, ok := errors.AsType[notBuilt](err); ok {
		return nil, missing
	}
	if without, ok := errors.AsType[noCounterpart](err); ok {
		return []difference{{Part: "call", Want: c.Call, Got: string(without)}}, nil
	}
	if refused, ok := errors.AsType[notCompiled](err); ok {
		if refused.isRefusal(c) && len(server.arrived()) == 0 {
			return nil, nil
		}
		return []difference{{Part: "call", Want: c.Call, Got: refused.Error()}}, nil
	}
	whole := ""
	if slices.ContainsFunc(c.Requests, func(r recordedRequest) bool { return isAppend(r.Method, r.Path) }) {
		whole = c.fileHash()
	}
	found := compareRequests(server, whole)
	found = append(found, compareError(c, err, result)...)
	if c.Exception == nil && err == nil {
		found = append(found, compareResult("", c.Result, result)...)
	}
	return append(found, compareState(ctx, calling)...), nil
}

// makeCall runs an adapter. What its arguments cannot hold in Go ends it.
func makeCall(ctx context.Context, run adapter, c *call) (result any, err error) {
	defer func() {
		switch refused := recover().(type) {
		case nil:
		case notCompiled:
			result, err = nil, refused
		default:
			panic(refused)
		}
	}()
	return run(ctx, c)
}

// compareState compares the session after the call.
func compareState(ctx context.Context, c *call) []difference {
	if c.c.ServerState == nil || c.client == nil {
		return nil
	}
	session, _ := c.client.Session()
	got := map[string]string{
		"auth_token": session.Token, "site_id": session.SiteID, "user_id": session.UserID, "site_url": session.SiteContentURL,
		"version": c.version,
	}
	if c.version == "" && c.c.APIVersion != "" {
		if version, err := c.client.APIVersion(ctx); err == nil {
			got["version"] = string(version)
		}
	}
	var found []difference
	for _, name := range sortedKeys(got, nil) {
		want, ok := c.c.ServerState[name]
		if name == "version" && want == "Unknown" { // Python's word for none
			want = nil
		}
		if ok && plainText(want) != got[name] {
			found = append(found, difference{Part: "state " + name, Want: plainText(want), Got: got[name]})
		}
	}
	return found
}

var calledMethod = regexp.MustCompile(`\b([a-z_]+)\.([a-z_]+)\(`)

// adapterFor finds how to make a case's call. A case that makes several calls,
// or is about the server object, names them in its Python expression.
func adapterFor(c *wireCase) (adapter, error) {
	method, _ := c.method()
	var named []string
	for _, m := range calledMethod.FindAllStringSubmatch(c.Call, -1) {
		if m[1] != "server" && !strings.HasPrefix(m[0], "re.") {
			named = append(named, m[1]+"."+m[2])
		}
	}
	group, _, _ := strings.Cut(method, ".")
	if group == "server" && adapters[method] == nil {
		if len(named) == 0 {
			return nil, notBuilt(method)
		}
		return sequence(named)
	}
	// x = server.workbooks.get_by_id(…); …; server.workbooks.update(x)
	if len(named) > 1 && strings.Contains(c.Call, ";") && !slices.ContainsFunc(named, func(name string) bool { return adapters[name] == nil }) {
		return sequence(named)
	}
	if a := adapters[method]; a != nil {
		return a, nil
	}
	return nil, notBuilt(method)
}

// sequence makes several calls with the same inputs and returns what the last
// one gave.
func sequence(methods []string) (adapter, error) {
	for _, method := range methods {
		if adapters[method] == nil {
			return nil, notBuilt(method)
		}
	}
	return func(ctx context.Context, c *call) (result any, err error) {
		all := c.args
		defer func() { c.args = all }()
		for _, method := range methods {
			c.args = argumentsOf(method, all)
			if result, err = adapters[method](ctx, c); err != nil {
				return nil, err
			}
			c.previous = result
		}
		return result, nil
	}, nil
}

// argumentsOf leaves one call of a sequence only the inputs that are its own.
func argumentsOf(method string, all arguments) arguments {
	own := maps.Clone(all)
	for name := range own {
		if isSignIn := strings.HasPrefix(method, "auth."); isSignIn != (name == "auth_req" || name == "site_item") {
			delete(own, name)
		}
	}
	return own
}

// checkGates tries each adapted method below its first version, where nothing
// may be sent, and at it.
func checkGates(t *testing.T, all *recordings, table *allowanceTable) {
	byID := map[string]*wireCase{}
	for _, c := range all.cases {
		byID[c.ID] = c
	}
	for _, gate := range all.gates {
		probe := byID[gate.ProbedWith]
		if probe == nil || adapters[gate.Method] == nil {
			continue
		}
		t.Run(gate.Method, func(t *testing.T) {
			t.Parallel()
			var found []difference
			if gate.RefusedAt != nil {
				sent, err := tryAt(t, probe, gate.RefusedAt.APIVersion)
				if !errors.Is(err, tableau.ErrUnsupportedVersion) {
					found = append(found, difference{Part: "gate below", Want: "refused at " + gate.RefusedAt.APIVersion, Got: fmt.Sprint(err)})
				} else if sent > 0 {
					found = append(found, difference{Part: "gate below", Want: "nothing sent", Got: fmt.Sprintf("%d requests", sent)})
				}
			}
			if gate.EffectiveMinVersion != "" {
				if _, err := tryAt(t, probe, gate.EffectiveMinVersion); errors.Is(err, tableau.ErrUnsupportedVersion) {
					found = append(found, difference{Part: "gate at", Want: "goes through at " + gate.EffectiveMinVersion, Got: err.Error()})
				}
			}
			_, left := table.judge(gate.ID, found)
			for _, d := range left {
				t.Errorf("%s", d)
			}
		})
	}
}

// tryAt makes a case's call at another API version and counts what was sent.
func tryAt(t *testing.T, probe *wireCase, version string) (sent int, err error) {
	c := *probe
	c.APIVersion = version
	run, err := adapterFor(&c)
	if err != nil {
		return 0, err
	}
	calling := &call{t: t, c: &c, args: c.Args, server: startCanned(t, &c)}
	ctx, cancel := context.WithTimeout(t.Context(), longestCall)
	defer cancel()
	if err = calling.start(); err == nil {
		_, err = makeCall(ctx, run, calling)
	}
	return len(calling.server.arrived()), err
}
