package emulator

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/sample"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

// seed is what a server shall have. Attributes are named as in the API.
type seed struct {
	Schedules []seedSchedule `json:"schedules"`
	Sites     []seedSite     `json:"sites"`
}

type seedSchedule struct {
	Name      string              `json:"name"`
	Type      string              `json:"type"`      // Extract without it
	Frequency string              `json:"frequency"` // Daily without it
	Start     string              `json:"start"`     // 02:00:00 without it
	End       string              `json:"end"`
	Intervals []map[string]string `json:"intervals"` // such as weekDay: Monday
}

type seedSite struct {
	Name       string      `json:"name"` // without it, it is the default site
	ContentURL string      `json:"contentUrl"`
	Users      []seedUser  `json:"users"`
	Groups     []seedGroup `json:"groups"`
	seedContent
}

// seedContent is what is in a project; in a site it is what is in the default project, but for projects.
type seedContent struct {
	Projects    []seedProject `json:"projects"`
	Workbooks   []seedItem    `json:"workbooks"`
	DataSources []seedItem    `json:"datasources"`
}

type seedUser struct {
	Name        string `json:"name"`
	FullName    string `json:"fullName"`
	Email       string `json:"email"`
	Password    string `json:"password"`
	SiteRole    string `json:"siteRole"` // Creator without it
	TokenName   string `json:"tokenName"`
	TokenSecret string `json:"tokenSecret"`
}

type seedGroup struct {
	Name            string   `json:"name"`
	MinimumSiteRole string   `json:"minimumSiteRole"`
	Users           []string `json:"users"` // names
}

type seedProject struct {
	Name               string           `json:"name"`
	Description        string           `json:"description"`
	ContentPermissions string           `json:"contentPermissions"`
	Owner              string           `json:"owner"` // name of a user
	Permissions        []seedPermission `json:"permissions"`
	seedContent
}

// seedItem is a workbook or a data source. Without a file and data it is the sample.
type seedItem struct {
	Name        string           `json:"name"` // the file's without it
	Description string           `json:"description"`
	File        string           `json:"file"`
	Data        []byte           `json:"data"` // base64: the file itself
	Kind        string           `json:"kind"` // of data, such as twbx
	Owner       string           `json:"owner"`
	Tags        []string         `json:"tags"`
	Permissions []seedPermission `json:"permissions"`
	Schedules   []string         `json:"schedules"` // names of those that refresh it; for workbooks only
}

type seedPermission struct {
	User  string   `json:"user"`
	Group string   `json:"group"`
	Allow []string `json:"allow"` // capabilities
	Deny  []string `json:"deny"`
}

// sampleDataSource is what a data source without a file is: a live connection to a table.
const sampleDataSource = `<?xml version='1.0' encoding='utf-8' ?>
<datasource formatted-name='sample' version='18.1'>
  <connection class='postgres' dbname='bakery' port='5432' server='db.example.com' username='reader'/>
</datasource>
`

// Seed adds what a document, in YAML or JSON, says: sites, users, groups, projects, workbooks, data sources and schedules, as
// docs/emulator.md describes. What is there already is left as it is. Names of files are relative to the working directory.
// The server administrator does all of it, through the API, so that its rules hold; what was done before an error stays.
func (s *Server) Seed(ctx context.Context, document []byte) error {
	return s.seed(ctx, document, os.ReadFile)
}

// SeedFile is Seed with a document in a file; the names of files in it are relative to its directory.
func (s *Server) SeedFile(ctx context.Context, name string) error {
	document, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return s.seed(ctx, document, func(file string) ([]byte, error) {
		if !filepath.IsAbs(file) {
			file = filepath.Join(filepath.Dir(name), file)
		}
		return os.ReadFile(file)
	})
}

func (s *Server) seed(ctx context.Context, document []byte, readFile func(string) ([]byte, error)) error {
	var wanted seed
	asJSON, err := yaml.YAMLToJSON(document) // JSON is YAML too
	if err == nil {
		decoder := json.NewDecoder(bytes.NewReader(asJSON))
		decoder.DisallowUnknownFields()
		err = decoder.Decode(&wanted)
	}
	if err != nil {
		return fmt.Errorf("the seed cannot be read: %w", err)
	}
	// Schedules are the server's, but need somebody who is signed in somewhere.
	if err := s.seedSite(ctx, seedSite{}, func(g *gardener) error { return g.schedules(wanted.Schedules) }); err != nil {
		return err
	}
	for _, site := range wanted.Sites {
		name := cmp.Or(site.Name, "Default")
		err := s.seedSite(ctx, site, func(g *gardener) error {
			g.readFile = readFile
			return g.fill(site)
		})
		if err != nil {
			return fmt.Errorf("seeding the site %q: %w", name, err)
		}
	}
	return nil
}

// gardener is the server administrator, signed in to a site to seed it.
type gardener struct {
	server   *Server
	ctx      context.Context
	token    string
	site     string // ID
	readFile func(string) ([]byte, error)
	found    map[string][]*tsxml.Element // by path: what a list had, and what was made since
}

// seedSite signs in to a site, which is made when missing.
func (s *Server) seedSite(ctx context.Context, wanted seedSite, use func(*gardener) error) error {
	if wanted.Name != "" && wanted.ContentURL == "" {
		wanted.ContentURL = urlName(wanted.Name, "site")
	}
	if wanted.Name == "" && wanted.ContentURL != "" {
		return errors.New("the site needs a name")
	}
	g := &gardener{server: s, ctx: ctx, token: newSecret(), found: map[string][]*tsxml.Element{}}
	err := s.store.Write(ctx, func(tx *store.Tx) error {
		account, err := tx.AccountByName(s.config.adminName)
		if err != nil {
			return err
		}
		session := store.Session{Expires: s.config.now().Add(s.config.sessionTimeout)}
		session.Site, err = tx.SiteByContentURL(wanted.ContentURL)
		if errors.Is(err, store.ErrNotFound) {
			if err = checkFree(tx, store.Site{Name: wanted.Name, ContentURL: wanted.ContentURL}); err != nil {
				return err
			}
			session.Site, err = s.addSite(tx, store.Site{Name: wanted.Name, ContentURL: wanted.ContentURL}, account.Seq, "ServerAdministrator")
		}
		if err != nil {
			return err
		}
		if session.User, err = s.member(tx, session.Site, account); err != nil {
			return err
		}
		g.site = session.Site.ID
		return s.openSession(tx, g.token, session)
	})
	if err != nil {
		return err
	}
	err = use(g)
	_, outErr := g.call("POST", "/auth/signout", "", nil)
	return errors.Join(err, outErr)
}

// call sends a request of the API to the server itself. The path may begin with {site}.
func (g *gardener) call(method, path, contentType string, body []byte) (*tsxml.Element, error) {
	path = strings.Replace(path, "{site}", "/sites/"+g.site, 1)
	r, err := http.NewRequestWithContext(g.ctx, method, "/api/"+g.server.version.String()+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("X-Tableau-Auth", g.token)
	r.Header.Set("Content-Type", contentType)
	answer := &heldAnswer{header: http.Header{}}
	g.server.serveAPI(&statusRecorder{ResponseWriter: answer}, r)
	if answer.body.Len() == 0 {
		return nil, g.ctx.Err()
	}
	document, err := tsxml.ParseXML(&answer.body, 1<<30)
	if err != nil {
		return nil, err
	}
	if e := document.Child("error"); e != nil {
		return nil, fmt.Errorf("%s: %s: %s", e.Attr("code"), e.Child("summary").Text, e.Child("detail").Text)
	}
	return document, nil
}

// send sends a document and returns the element of the answer that has the given name.
func (g *gardener) send(method, path string, e *tsxml.Element, name string) (*tsxml.Element, error) {
	var body bytes.Buffer
	if err := tsxml.New("tsRequest").Add(e).WriteXML(&body); err != nil {
		return nil, err
	}
	answer, err := g.call(method, path, "application/xml", body.Bytes())
	return answer.Child(name), err
}

// all returns everything that a list has.
func (g *gardener) all(path, list string) ([]*tsxml.Element, error) {
	if known, ok := g.found[path]; ok {
		return known, nil
	}
	var all []*tsxml.Element
	for number := 1; ; number++ {
		answer, err := g.call("GET", fmt.Sprintf("%s?pageSize=1000&pageNumber=%d", path, number), "", nil)
		if err != nil {
			return nil, err
		}
		page := answer.Child(list)
		if page != nil {
			all = append(all, page.Children...)
		}
		if page == nil || len(page.Children) < 1000 {
			g.found[path] = all
			return all, nil
		}
	}
}

// ensure returns the element of a list that is the wanted one, or makes it.
func (g *gardener) ensure(path, list string, is func(*tsxml.Element) bool, create func() (*tsxml.Element, error)) (e *tsxml.Element, isNew bool, err error) {
	all, err := g.all(path, list)
	if err != nil {
		return nil, false, err
	}
	for _, e := range all {
		if is(e) {
			return e, false, nil
		}
	}
	if e, err = create(); err != nil {
		return nil, false, err
	}
	g.found[path] = append(all, e)
	return e, true, nil
}

func named(name string) func(*tsxml.Element) bool {
	return func(e *tsxml.Element) bool { return strings.EqualFold(e.Attr("name"), name) }
}

// idOf returns the ID of something in a list, by name.
func (g *gardener) idOf(path, list, what, name string) (string, error) {
	e, _, err := g.ensure(path, list, named(name), func() (*tsxml.Element, error) {
		return nil, fmt.Errorf("there is no %s named %q", what, name)
	})
	return e.Attr("id"), err
}

func (g *gardener) userID(name string) (string, error) {
	return g.idOf("{site}/users", "users", "user", name)
}

func (g *gardener) schedules(wanted []seedSchedule) error {
	for _, w := range wanted {
		_, _, err := g.ensure("/schedules", "schedules", named(w.Name), func() (*tsxml.Element, error) {
			details := tsxml.New("frequencyDetails", "start", cmp.Or(w.Start, "02:00:00")).SetIf("end", w.End)
			if len(w.Intervals) > 0 {
				intervals := tsxml.New("intervals")
				for _, one := range w.Intervals {
					interval := tsxml.New("interval")
					for name, value := range one {
						interval.Set(name, value)
					}
					intervals.Add(interval)
				}
				details.Add(intervals)
			}
			return g.send("POST", "/schedules", tsxml.New("schedule", "name", w.Name, "priority", "50", "type", cmp.Or(w.Type, "Extract"),
				"frequency", cmp.Or(w.Frequency, "Daily"), "executionOrder", "Parallel").Add(details), "schedule")
		})
		if err != nil {
			return fmt.Errorf("seeding the schedule %q: %w", w.Name, err)
		}
	}
	return nil
}

// fill makes what a site shall have.
func (g *gardener) fill(wanted seedSite) error {
	for _, w := range wanted.Users {
		if err := g.user(w); err != nil {
			return fmt.Errorf("user %q: %w", w.Name, err)
		}
	}
	for _, w := range wanted.Groups {
		if err := g.group(w); err != nil {
			return fmt.Errorf("group %q: %w", w.Name, err)
		}
	}
	return g.content("", wanted.seedContent)
}

func (g *gardener) user(w seedUser) error {
	_, isNew, err := g.ensure("{site}/users", "users", named(w.Name), func() (*tsxml.Element, error) {
		return g.send("POST", "{site}/users", tsxml.New("user", "name", w.Name, "siteRole", cmp.Or(w.SiteRole, "Creator")), "user")
	})
	if err != nil || !isNew {
		return err
	}
	change := tsxml.New("user").SetIf("fullName", w.FullName).SetIf("email", w.Email).SetIf("password", w.Password)
	if len(change.Attrs) > 0 {
		id, err := g.userID(w.Name)
		if err == nil {
			_, err = g.send("PUT", "{site}/users/"+id, change, "user")
		}
		if err != nil {
			return err
		}
	}
	if w.TokenName == "" {
		return nil
	}
	s := g.server // the API has no method that makes a personal access token
	return s.store.Write(g.ctx, func(tx *store.Tx) error {
		account, err := tx.AccountByName(w.Name)
		if err != nil {
			return err
		}
		return tx.SetToken(account.Seq, w.TokenName, hashSecret(w.TokenSecret), s.now())
	})
}

func (g *gardener) group(w seedGroup) error {
	group, isNew, err := g.ensure("{site}/groups", "groups", named(w.Name), func() (*tsxml.Element, error) {
		return g.send("POST", "{site}/groups", tsxml.New("group", "name", w.Name).SetIf("minimumSiteRole", w.MinimumSiteRole), "group")
	})
	if err != nil || !isNew {
		return err
	}
	for _, name := range w.Users {
		id, err := g.userID(name)
		if err == nil {
			_, err = g.send("POST", "{site}/groups/"+group.Attr("id")+"/users", tsxml.New("user", "id", id), "user")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// content makes what a project shall have; without a project it is the site's.
func (g *gardener) content(project string, wanted seedContent) error {
	for _, w := range wanted.Projects {
		id, err := g.project(project, w)
		if err == nil {
			err = g.content(id, w.seedContent)
		}
		if err != nil {
			return fmt.Errorf("project %q: %w", w.Name, err)
		}
	}
	if project == "" {
		var err error
		if project, err = g.idOf("{site}/projects", "projects", "project", "Default"); err != nil {
			return err
		}
	}
	for _, w := range wanted.Workbooks {
		if err := g.item("workbook", project, w); err != nil {
			return fmt.Errorf("workbook %q: %w", w.Name, err)
		}
	}
	for _, w := range wanted.DataSources {
		if err := g.item("datasource", project, w); err != nil {
			return fmt.Errorf("data source %q: %w", w.Name, err)
		}
	}
	return nil
}

func (g *gardener) project(parent string, w seedProject) (id string, err error) {
	is := func(e *tsxml.Element) bool { return named(w.Name)(e) && e.Attr("parentProjectId") == parent }
	e, isNew, err := g.ensure("{site}/projects", "projects", is, func() (*tsxml.Element, error) {
		return g.send("POST", "{site}/projects", tsxml.New("project", "name", w.Name).SetIf("parentProjectId", parent).
			SetIf("description", w.Description).SetIf("contentPermissions", w.ContentPermissions), "project")
	})
	if err != nil {
		return "", err
	}
	path := "{site}/projects/" + e.Attr("id")
	if !isNew {
		return e.Attr("id"), nil
	}
	if err := g.owner(path, "project", w.Owner); err != nil {
		return "", err
	}
	return e.Attr("id"), g.permit(path, w.Permissions)
}

func (g *gardener) owner(path, element, name string) error {
	if name == "" {
		return nil
	}
	id, err := g.userID(name)
	if err == nil {
		_, err = g.send("PUT", path, tsxml.New(element).Add(tsxml.New("owner", "id", id)), element)
	}
	return err
}

func (g *gardener) permit(path string, wanted []seedPermission) error {
	if len(wanted) == 0 {
		return nil
	}
	permissions := tsxml.New("permissions")
	for _, w := range wanted {
		grantee, list, name := "user", "users", w.User
		if w.Group != "" {
			grantee, list, name = "group", "groups", w.Group
		}
		id, err := g.idOf("{site}/"+list, list, grantee, name)
		if err != nil {
			return err
		}
		capabilities := tsxml.New("capabilities")
		for _, capability := range w.Allow {
			capabilities.Add(tsxml.New("capability", "name", capability, "mode", "Allow"))
		}
		for _, capability := range w.Deny {
			capabilities.Add(tsxml.New("capability", "name", capability, "mode", "Deny"))
		}
		permissions.Add(tsxml.New("granteeCapabilities").Add(tsxml.New(grantee, "id", id), capabilities))
	}
	_, err := g.send("PUT", path+"/permissions", permissions, "permissions")
	return err
}

// item publishes a workbook or a data source.
func (g *gardener) item(element, project string, w seedItem) error {
	data, kind := w.Data, w.Kind
	switch {
	case w.File != "" && g.readFile == nil:
		return errors.New("a file cannot be named here: give its content as data, in base64, and its kind")
	case w.File != "":
		var err error
		if data, err = g.readFile(w.File); err != nil {
			return err
		}
		kind = strings.TrimPrefix(filepath.Ext(w.File), ".")
		w.Name = cmp.Or(w.Name, strings.TrimSuffix(filepath.Base(w.File), filepath.Ext(w.File)))
	case len(data) == 0 && element == "workbook":
		data, kind, w.Name = sample.Workbook(), "twbx", cmp.Or(w.Name, sample.Name)
	case len(data) == 0:
		data, kind, w.Name = []byte(sampleDataSource), "tds", cmp.Or(w.Name, "Sample")
	}
	list := element + "s"
	is := func(e *tsxml.Element) bool { return named(w.Name)(e) && e.Child("project").Attr("id") == project }
	e, isNew, err := g.ensure("{site}/"+list, list, is, func() (*tsxml.Element, error) {
		document := tsxml.New(element, "name", w.Name).SetIf("description", w.Description).Add(tsxml.New("project", "id", project))
		return g.publish(element, kind, document, data)
	})
	if err != nil || !isNew {
		return err
	}
	path := "{site}/" + list + "/" + e.Attr("id")
	if err := g.permit(path, w.Permissions); err != nil {
		return err
	}
	if len(w.Tags) > 0 {
		tags := tsxml.New("tags")
		for _, label := range w.Tags {
			tags.Add(tsxml.New("tag", "label", label))
		}
		if _, err := g.send("PUT", path+"/tags", tags, "tags"); err != nil {
			return err
		}
	}
	for _, name := range w.Schedules {
		id, err := g.idOf("/schedules", "schedules", "schedule", name)
		if err == nil {
			_, err = g.send("PUT", "{site}/schedules/"+id+"/"+list, tsxml.New("task").Add(tsxml.New("extractRefresh").Add(
				tsxml.New(element, "id", e.Attr("id")))), "task")
		}
		if err != nil {
			return err
		}
	}
	return g.owner(path, element, w.Owner)
}

func (g *gardener) publish(element, kind string, document *tsxml.Element, file []byte) (*tsxml.Element, error) {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part := func(disposition, contentType string) (err error) {
		_, err = w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {disposition}, "Content-Type": {contentType}})
		return err
	}
	err := part(`name="request_payload"`, "text/xml")
	if err == nil {
		err = tsxml.New("tsRequest").Add(document).WriteXML(&body)
	}
	if err == nil {
		err = part(`name="tableau_`+element+`"; filename="file"`, "application/octet-stream")
	}
	if err != nil {
		return nil, err
	}
	body.Write(file)
	if err := w.Close(); err != nil {
		return nil, err
	}
	answer, err := g.call("POST", "{site}/"+element+"s?"+element+"Type="+url.QueryEscape(kind), "multipart/mixed; boundary="+w.Boundary(), body.Bytes())
	return answer.Child(element), err
}
