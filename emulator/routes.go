package emulator

import (
	"net/http"
	"slices"
	"strings"

	"github.com/tabctl/tableau-go/internal/tsxml"
)

// Route is one method of the REST API that the server serves.
type Route struct {
	Method string
	Path   string // below /api/{version}
	Name   string // Tableau's name of the method
	Since  string // the API version that it came with
	Caller Caller
	// Simplified says what the server does not do as Tableau does; "" means nothing that a caller would notice.
	Simplified string
}

// Routes lists what the server serves, by path.
func Routes() []Route {
	all := make([]Route, len(routes()))
	for i, rt := range routes() {
		all[i] = rt.Route
	}
	return all
}

// route is a Route and what serves it.
type route struct {
	Route
	answer func(*call) (*tsxml.Element, error) // returns the element inside tsResponse; nil: an empty answer
	stream func(*call) error                   // writes an answer that is no document
	fields *fields                             // set for lists that know fields=
}

// but says what is simplified.
func (rt route) but(simplified string) route {
	rt.Simplified = simplified
	return rt
}

// routes is the one table of what is served: mux, authorization and documentation follow from it. Its rows stand at the top of
// the files with their handlers. What stands inside other things comes after them.
func routes() []route {
	return slices.Concat(
		serverInfoRoutes(), authRoutes(), siteRoutes(), userRoutes(), userImportRoutes(), projectRoutes(), uploadRoutes(),
		workbookRoutes(), workbookPublishRoutes(), viewRoutes(), dataSourceRoutes(), dataSourcePublishRoutes(),
		connectionRoutes(), revisionRoutes(), renderRoutes(), tagRoutes(), hyperDataRoutes(), qualityWarningRoutes(),
		extractRoutes(), absentRoutes(), jobRoutes(), groupRoutes(), favoriteRoutes(), scheduleRoutes(), taskRoutes(),
		subscriptionRoutes(), permissionRoutes())
}

func answered(method, path, name, since string, caller Caller, handler func(*call) (*tsxml.Element, error)) route {
	return route{Route: Route{Method: method, Path: path, Name: name, Since: since, Caller: caller}, answer: handler}
}

func listed(path, name, since string, caller Caller, f *fields, handler func(*call) (*tsxml.Element, error)) route {
	return route{Route: Route{Method: "GET", Path: path, Name: name, Since: since, Caller: caller}, answer: handler, fields: f}
}

func streamed(path, name, since string, handler func(*call) error) route {
	return route{Route: Route{Method: "GET", Path: path, Name: name, Since: since, Caller: SignedIn}, stream: handler}
}

// spellings holds other ways to write a path that Tableau accepts.
var spellings = map[string]string{"/serverinfo": "/serverInfo", "/auth/switchSite": "/auth/switchsite", "/auth/signin": "/auth/signIn",
	"/auth/signout": "/auth/signOut", "/sites/{site}/fileUploads": "/sites/{site}/fileuploads",
	"/sites/{site}/fileUploads/{upload}": "/sites/{site}/fileuploads/{upload}",
	"/sites/{site}/tags:batchCreate":     "/tags:batchCreate", "/sites/{site}/tags:batchDelete": "/tags:batchDelete"} // as the Python client has them

func (s *Server) newMux() *http.ServeMux {
	mux := http.NewServeMux()
	methods := map[string][]string{} // by path
	for _, rt := range routes() {
		handler := func(w http.ResponseWriter, r *http.Request) { s.handle(&rt, w.(*statusRecorder), r) }
		paths := []string{rt.Path}
		if other, ok := spellings[rt.Path]; ok {
			paths = append(paths, other)
		}
		for _, path := range paths {
			mux.HandleFunc(rt.Method+" /api/{version}"+path, handler)
			methods[path] = append(methods[path], rt.Method)
		}
	}
	for path, allowed := range methods {
		slices.Sort(allowed)
		refuse := func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Allow", strings.Join(allowed, ", "))
			s.refuse(w, r, fail(wrongMethod, "'%s' takes %s, not %s.", strings.TrimPrefix(r.URL.Path, "/api"), strings.Join(allowed, " or "), r.Method))
		}
		// One by one: users/remove for any method would conflict with DELETE users/{user}.
		for _, method := range []string{"DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"} {
			if !slices.Contains(allowed, method) {
				mux.HandleFunc(method+" /api/{version}"+path, refuse)
			}
		}
	}
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, r, fail(resourceNotFound, "Unknown resource '%s' specified in URI.", strings.TrimPrefix(r.URL.Path, "/api")))
	})
	return mux
}
