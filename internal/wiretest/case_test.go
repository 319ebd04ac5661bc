package wiretest

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
)

// defaultGolden is where the recordings lie, seen from this package.
const defaultGolden = "../../../shared/wire/golden"

// A wireCase is one recorded call of the Python client.
type wireCase struct {
	InSeed       bool               `json:"in_seed"` // of a method in the Python client's reference
	Bug          string             `json:"bug"`     // what is wrong with what Python does here; "" when nothing is
	ID           string             `json:"id"`
	Call         string             `json:"tsc_call"`
	APIVersion   string             `json:"api_version"`
	SignedIn     *bool              `json:"signed_in"`
	Server       map[string]any     `json:"server"`
	Env          map[string]string  `json:"env"`
	Args         map[string]any     `json:"args"`
	Requests     []recordedRequest  `json:"requests"`
	Responses    []recordedResponse `json:"responses"`
	Result       any                `json:"result"`
	Exception    *exceptionRaised   `json:"exception"`
	ServerState  map[string]any     `json:"server_state"`
	assetsFolder string
}

// A recordedRequest is one request as it arrived from the Python client.
type recordedRequest struct {
	Method      string            `json:"method"`
	Path        string            `json:"path"`
	Query       map[string]any    `json:"query"`
	Headers     map[string]string `json:"headers"`
	ContentType string            `json:"content_type"`
	BodyXML     string            `json:"body_xml"`
	BodyText    string            `json:"body_text"`
	BodyJSON    any               `json:"body_json"`
	BodyParts   []recordedPart    `json:"body_parts"`
}

// A recordedPart is one part of a multipart body.
type recordedPart struct {
	Name        string `json:"name"`
	FileName    string `json:"filename"`
	ContentType string `json:"content_type"`
	Text        string `json:"text"`
	XML         string `json:"xml"`
	Size        int64  `json:"size"`
	SHA256      string `json:"sha256"`
}

// A recordedResponse is the canned answer to one request.
type recordedResponse struct {
	Status      int               `json:"status"`
	ContentType string            `json:"content_type"`
	Headers     map[string]string `json:"headers"`
	BodyAsset   string            `json:"body_asset"`
	Body        string            `json:"body"`
	BodyHex     string            `json:"body_hex"`
}

// An exceptionRaised is what the Python client raised.
type exceptionRaised struct {
	Class   string         `json:"class"`
	Message string         `json:"message"`
	Fields  map[string]any `json:"fields"`
}

// signedIn reports whether the call starts with a session.
func (c *wireCase) signedIn() bool { return c.SignedIn == nil || *c.SignedIn }

// methods names the Python method the case calls, "workbooks.get", and how it
// was meant to end: "" (as recorded), "refused", "server" or "model".
func (c *wireCase) method() (name, kind string) {
	name, _, _ = strings.Cut(c.ID, "/")
	group, rest, _ := strings.Cut(name, ".")
	switch group {
	case "errors":
		kind, name, _ = strings.Cut(rest, ".")
		if kind == "model" || kind == "accepted" {
			name = "model." + name
		}
		return name, kind
	case "queryset", "request_options":
		// workbooks_order_by: the resource, then the method. Both may hold
		// underscores, so the known methods decide.
		for _, method := range []string{"all", "filter", "order_by", "paginate", "only_fields", "fields", "get"} {
			if resource, ok := strings.CutSuffix(rest, "_"+method); ok {
				return resource + "." + method, ""
			}
		}
		return rest, ""
	}
	return name, ""
}

// A versionGate tells at which API version a Python method refuses to work.
type versionGate struct {
	ID         string `json:"id"`
	Method     string `json:"method"`
	MinVersion string `json:"min_version"`
	ProbedWith string `json:"probed_with"`
	RefusedAt  *struct {
		APIVersion string           `json:"api_version"`
		Exception  *exceptionRaised `json:"exception"`
	} `json:"refused_at"`
	EffectiveMinVersion string `json:"effective_min_version"`
}

// recordings are all files of one folder.
type recordings struct {
	cases []*wireCase
	gates []versionGate
	enums map[string]map[string]any
}

// goldenFolder returns the folder of the recordings and whether it is the one
// this package was written against.
func goldenFolder() (folder string, isDefault bool) {
	if folder = os.Getenv("WIRE_GOLDEN"); folder != "" {
		return folder, false
	}
	return filepath.FromSlash(defaultGolden), true
}

// loadRecordings reads every JSON file of the golden folder and skips the test
// where the folder is absent.
func loadRecordings(t *testing.T) *recordings {
	t.Helper()
	folder, _ := goldenFolder()
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("no recorded calls in %s: set WIRE_GOLDEN to the folder that holds them", folder)
	}
	assets := assetsFolder(folder)
	all := &recordings{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var target any
		var cases []*wireCase
		switch filepath.Base(file) {
		case "version_gates.json":
			target = &all.gates
		case "enums.json":
			target = &all.enums
		default:
			target = &cases
		}
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.UseNumber()
		if err := decoder.Decode(target); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all.cases = append(all.cases, cases...)
	}
	for _, c := range all.cases {
		c.assetsFolder = assets
	}
	sort.Slice(all.cases, func(i, j int) bool { return all.cases[i].ID < all.cases[j].ID })
	return all
}

// assetsFolder finds the files that answers name: beside the recordings, or
// where they lie by default.
func assetsFolder(golden string) string {
	beside := filepath.Join(golden, "..", "..", "assets")
	if info, err := os.Stat(beside); err == nil && info.IsDir() {
		return beside
	}
	return filepath.Join(filepath.FromSlash(defaultGolden), "..", "..", "assets")
}

// body is what a recorded answer holds.
func (c *wireCase) body(response *recordedResponse) ([]byte, error) {
	switch {
	case response.BodyAsset != "":
		return c.asset(response.BodyAsset)
	case response.BodyHex != "":
		return hex.DecodeString(response.BodyHex)
	}
	return []byte(response.Body), nil
}

// asset reads a file that the case names.
func (c *wireCase) asset(name string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(c.assetsFolder, filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("case %s needs the asset %s: %w", c.ID, name, err)
	}
	return data, err
}
