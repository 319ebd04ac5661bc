package tableau_test

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/tabctl/tableau-go/tableau"
)

// operation is a //tableau:op line: what a method says it does.
type operation struct {
	service, name string // "Workbooks", "Get"; the service is "" for methods of the client
	parameters    []string
	verb, path    string
	since         tableau.Version
	retry         string
	directives    int
}

func (o operation) String() string { return strings.TrimPrefix(o.service+"."+o.name, ".") }

var directive = regexp.MustCompile(`^//tableau:op (GET|POST|PUT|PATCH|DELETE) (/\S*) since=(\d+\.\d+) retry=(safe|unsent|never) tsc=\S+$`)

// operations reads the methods of all services, and those of the client that
// carry a line, from the source.
func operations(t *testing.T) []operation {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []operation
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			f, ok := declaration.(*ast.FuncDecl)
			if !ok || f.Recv == nil || !f.Name.IsExported() {
				continue
			}
			pointer, ok := f.Recv.List[0].Type.(*ast.StarExpr)
			if !ok {
				continue
			}
			receiver := pointer.X.(*ast.Ident).Name
			service, isService := strings.CutSuffix(receiver, "Service")
			if !isService && receiver != "Client" {
				continue
			}
			o := operation{name: f.Name.Name}
			if isService {
				o.service = service
			}
			for _, parameter := range f.Type.Params.List {
				for _, name := range parameter.Names {
					o.parameters = append(o.parameters, name.Name)
				}
			}
			if f.Doc != nil {
				for _, line := range f.Doc.List {
					if !strings.HasPrefix(line.Text, "//tableau:") {
						continue
					}
					match := directive.FindStringSubmatch(line.Text)
					if match == nil {
						t.Errorf("%s: cannot read %q", o, line.Text)
						continue
					}
					o.verb, o.path, o.since, o.retry = match[1], match[2], tableau.Version(match[3]), match[4]
					o.directives++
				}
			}
			if isService && o.directives != 1 {
				t.Errorf("%s has %d //tableau:op lines, want one", o, o.directives)
			}
			if o.directives == 1 {
				out = append(out, o)
			}
		}
	}
	return out
}

// everything is the content of an answer that any method can read. The test
// files of the resources add what their methods look for.
var everything = []string{
	`<serverInfo><productVersion build="b">1</productVersion><restApiVersion>3.29</restApiVersion></serverInfo>`,
	`<credentials token="t"><site id="` + siteID + `" contentUrl=""/><user id="u"/></credentials>`,
	`<workbook id="w"/><view id="v"/><project id="p"/><site id="s"/><fileUpload uploadSessionId="1:a-1:0"/>`,
	`<job id="j" completedAt="2026-01-02T03:04:05Z" finishCode="0"/>`,
}

// arguments are what a method is called with for a parameter of that type, or,
// before that, of that name. The test files of the resources add theirs; other
// structs get a name, other strings their parameter's name.
var arguments = map[reflect.Type]any{}
var argumentsByName = map[string]any{}

// TestOperations holds every method to its //tableau:op line by calling it: the
// request, the version gate and the repetition must be as the line says.
func TestOperations(t *testing.T) {
	t.Parallel()
	all := operations(t)
	if len(all) < 30 {
		t.Fatalf("found only %d operations", len(all))
	}
	for _, o := range all {
		t.Run(o.String(), func(t *testing.T) {
			t.Parallel()
			seen, err := o.call(t, o.since, 0)
			if err != nil {
				t.Errorf("at version %s: %v", o.since, err)
			}
			if len(seen) != 1 || seen[0].Method != o.verb || !o.matches(seen[0].Path) {
				t.Errorf("sent %v, want one %s of %s", seen, o.verb, o.path)
			}
			if before := previous(o.since); before != "" {
				seen, err := o.call(t, before, 0)
				if !errors.Is(err, tableau.ErrUnsupportedVersion) || len(seen) != 0 {
					t.Errorf("at version %s: %v after %v, want ErrUnsupportedVersion after nothing", before, err, seen)
				}
			}
			for status, classes := range map[int][]string{502: {"safe"}, 429: {"safe", "unsent"}} {
				want := 1
				if slices.Contains(classes, o.retry) {
					want = 2
				}
				if seen, _ := o.call(t, o.since, status); len(seen) != want {
					t.Errorf("after one %d: %d requests, want %d for retry=%s", status, len(seen), want, o.retry)
				}
			}
		})
	}
}

// call calls the method with made-up arguments. The first request is answered
// with failFirst unless that is 0.
func (o operation) call(t *testing.T, version tableau.Version, failFirst int) (seen []seenRequest, err error) {
	name := "Sales.twbx"
	if o.service == "DataSources" {
		name = "Sales.tdsx"
	}
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, zipFile, 0o600); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		transport := serveInMemory(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			seen = append(seen, seenRequest{Method: r.Method, Path: r.URL.EscapedPath()})
			if failFirst != 0 && len(seen) == 1 {
				fault(w, failFirst, strconv.Itoa(failFirst*1000))
				return
			}
			answer(w, 200, strings.Join(everything, ""))
		}))
		c, newErr := tableau.New("http://tableau.test", tableau.WithHTTPClient(transport), tableau.WithSession(signedIn),
			tableau.WithCredentials(tableau.Password{Name: "n", Password: "p"}), tableau.WithAPIVersion(string(version)))
		if newErr != nil {
			t.Fatal(newErr)
		}
		receiver := reflect.ValueOf(c)
		if o.service != "" {
			receiver = receiver.Elem().FieldByName(o.service)
		}
		method := receiver.MethodByName(o.name)
		in := []reflect.Value{reflect.ValueOf(t.Context())}
		for i := 1; i < method.Type().NumIn(); i++ {
			kind := method.Type().In(i)
			if method.Type().IsVariadic() && i == method.Type().NumIn()-1 {
				kind = kind.Elem()
			}
			in = append(in, argument(kind, o.parameters[i], file))
		}
		results := method.Call(in)
		last := results[len(results)-1]
		if last.Kind() == reflect.Func { // an iterator: begin it
			for _, failure := range last.Seq2() {
				err, _ = failure.Interface().(error)
				break
			}
			return
		}
		err, _ = last.Interface().(error)
	})
	return seen, err
}

func argument(kind reflect.Type, name, file string) reflect.Value {
	if value, ok := argumentsByName[name]; ok && reflect.TypeOf(value).ConvertibleTo(kind) {
		return reflect.ValueOf(value).Convert(kind)
	}
	if value, ok := arguments[kind]; ok {
		return reflect.ValueOf(value)
	}
	switch {
	case kind == reflect.TypeFor[io.Reader]():
		return reflect.ValueOf(bytes.NewReader(zipFile))
	case kind == reflect.TypeFor[io.Writer]():
		return reflect.ValueOf(io.Discard)
	case kind.Kind() == reflect.String && name == "path":
		return reflect.ValueOf(file)
	case kind.Kind() == reflect.String:
		return reflect.ValueOf(name + "-1")
	}
	value := reflect.New(kind).Elem()
	if kind.Kind() == reflect.Struct {
		if field := value.FieldByName("Name"); field.IsValid() && field.Kind() == reflect.String {
			field.SetString("a name")
		}
	}
	return value
}

// matches reports whether the path, below /api/VERSION, is of the operation.
func (o operation) matches(path string) bool {
	pattern := regexp.MustCompile(`\\{[a-zA-Z]+\\}`).ReplaceAllString(regexp.QuoteMeta(o.path), `[^/]+`)
	return regexp.MustCompile(`^/api/\d+\.\d+` + pattern + `$`).MatchString(path)
}

// previous is the version before, "" before the first that the client speaks.
func previous(v tableau.Version) tableau.Version {
	major, minor, _ := strings.Cut(string(v), ".")
	n, _ := strconv.Atoi(minor)
	switch {
	case n > 0:
		return tableau.Version(fmt.Sprintf("%s.%d", major, n-1))
	case major == "3":
		return "2.8"
	}
	return ""
}
