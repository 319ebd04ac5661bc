package emulator

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/tabctl/tableau-go/emulator/internal/content"
	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func workbookPublishRoutes() []route {
	return []route{
		answered("POST", "/sites/{site}/workbooks", "Publish Workbook", "2.0", SignedIn, publishWorkbook).
			but("connections are not checked, passwords not kept, and thumbnails show everybody the same"),
	}
}

// publication is what a publish request asks for. Jobs keep it as JSON until they run.
type publication struct {
	Element           string // of publishables
	Name              string
	Description       *string
	ShowTabs          bool
	ThumbnailsUserID  string
	ThumbnailsGroupID string
	Freshness         string // as store.Workbook has it
	EncryptExtracts   bool
	Certified         *bool
	CertificationNote *string
	UseBridge         *bool
	ProjectID         string // "": the default project
	HiddenViews       []string
	Credentials       []credentials
	Kind              string
	Overwrite         bool
	Append            bool
	Blob              string
	Bytes             int64

	published func(tx *store.Tx, id string) error // called in the transaction that publishes; nil: there is nothing more to write
}

// wrote ends the transaction that publishes.
func (p *publication) wrote(tx *store.Tx, id string) error {
	if p.published == nil {
		return nil
	}
	return p.published(tx, id)
}

// credentials are what a publisher gives for connections, without the password, which nothing here would use.
type credentials struct {
	Server   string // "": those of every connection
	Port     string // "": of any port
	UserName string
	Embed    bool
	OAuth    bool
}

func credentialsIn(connection, e *tsxml.Element) credentials {
	return credentials{connection.Attr("serverAddress"), connection.Attr("serverPort"), e.Attr("name"), e.Attr("embed") == "true", e.Attr("oAuth") == "true"}
}

// publishable is a kind of content that files are published as.
type publishable struct {
	element  string // in documents, and in the names of parameters and parts
	title    string // in sentences
	kinds    []string
	describe func(*publication, *tsxml.Element) error
	publish  func(s *Server, ctx context.Context, publisher store.User, p publication) (id string, err error)
	show     func(c *call, tx *store.Tx, id string) (*tsxml.Element, error)
}

// publishableNamed returns what a publication is published as.
func publishableNamed(element string) publishable {
	if element == dataSourcePublishing.element {
		return dataSourcePublishing
	}
	return workbookPublishing
}

var workbookPublishing = publishable{
	element: "workbook", title: "workbook", kinds: []string{content.KindTWB, content.KindTWBX},
	describe: describeWorkbook,
	publish:  (*Server).putWorkbook,
	show: func(c *call, tx *store.Tx, id string) (*tsxml.Element, error) {
		w, err := tx.Workbook(c.site.Seq, id)
		if err != nil {
			return nil, err
		}
		return c.workbookWithViews(tx, w)
	},
}

func (c *call) mustPublish() error {
	if mayPublish(c.user) {
		return nil
	}
	return fail(forbidden, "The site role %s does not allow to publish.", c.user.SiteRole)
}

func publishWorkbook(c *call) (*tsxml.Element, error) { return c.receive(workbookPublishing) }

// receive takes a file in, and publishes it or leaves that to a job.
func (c *call) receive(what publishable) (*tsxml.Element, error) {
	if err := c.mustPublish(); err != nil {
		return nil, err
	}
	asJob, err := c.queryFlag("asJob")
	if err != nil {
		return nil, err
	}
	p := publication{Element: what.element}
	if p.Overwrite, err = c.queryFlag("overwrite"); err != nil {
		return nil, err
	}
	if p.Append, err = c.queryFlag("append"); err != nil {
		return nil, err
	}
	if replace, err := c.queryFlag("replace"); err != nil {
		return nil, err
	} else if what.element == dataSourcePublishing.element {
		p.Overwrite = p.Overwrite || replace
	}
	if _, err := c.queryFlag("skipConnectionCheck"); err != nil {
		return nil, err // true or false makes no difference: there is no database that could be asked
	}
	p.Kind = strings.ToLower(c.query.Get(what.element + "Type"))
	described := false
	describe := func(mediaType string, r io.Reader) error {
		described = true
		return p.read(what, mediaType, r)
	}
	var file *store.Stored
	uploadID := c.query.Get("uploadSessionId")
	var upload store.Upload
	receive := func(fileName string, r io.Reader) error {
		if file != nil || uploadID != "" {
			return fail(badPayload, "Payload is either malformed or incomplete. The file is given twice.")
		}
		if p.Kind == "" {
			p.Kind = strings.ToLower(strings.TrimPrefix(filepath.Ext(fileName), "."))
		}
		file, err = c.store.Blobs.Put(r)
		return err
	}
	err = c.fileParts("tableau_"+what.element, describe, receive)
	if err == nil && !described {
		err = fail(badPayload, "Payload is either malformed or incomplete. The part request_payload is missing.")
	}
	if err == nil && uploadID != "" {
		upload, file, err = c.assemble(uploadID)
	}
	if file != nil {
		defer c.collect(file.Hash) // after Done: a file that no row names goes, as do the blocks and the revision before
		defer file.Done()
	}
	if err != nil {
		return nil, err
	}
	if file == nil {
		return nil, fail(badPayload, "Payload is either malformed or incomplete. The part tableau_%s is missing.", what.element)
	}
	if !slices.Contains(what.kinds, p.Kind) {
		return nil, fail(badPublish, "The %sType '%s' is none of %s.", what.element, p.Kind, strings.Join(what.kinds, ", "))
	}
	p.Blob, p.Bytes = file.Hash, file.Bytes
	c.status = http.StatusCreated
	var element *tsxml.Element
	if asJob {
		c.status = http.StatusAccepted
		element, err = c.publishLater(what, p)
	} else {
		element, err = c.publishNow(what, p)
	}
	if err != nil || upload.Seq == 0 {
		return element, err
	}
	return element, c.store.Write(c.ctx(), func(tx *store.Tx) error { return tx.DeleteUpload(upload.Seq) })
}

// collect removes files that may have become unused, and those that revisions and uploads have let go of. A failure costs disk
// space until the next start, nothing else.
func (s *Server) collect(hashes ...string) {
	if err := s.store.Collect(context.Background(), hashes...); err != nil {
		s.config.logger.Error("a file that is not used any more stays", "error", err)
	}
}

// read reads the document of a publish request.
func (p *publication) read(what publishable, mediaType string, r io.Reader) error {
	root, err := parseDocument(r, mediaType)
	if err != nil {
		return err
	}
	e, err := childOf(root, what.element)
	if err != nil {
		return err
	}
	if p.Name = e.Attr("name"); strings.TrimSpace(p.Name) == "" {
		return fail(badPayload, "Payload is either malformed or incomplete. The %s has no name.", what.title)
	}
	if description, ok := e.Lookup("description"); ok {
		p.Description = &description
	}
	if p.EncryptExtracts, err = flag(e, "encryptExtracts", false); err != nil {
		return err
	}
	p.ProjectID = e.Child("project").Attr("id")
	if one := e.Child("connectionCredentials"); one != nil {
		p.Credentials = append(p.Credentials, credentialsIn(nil, one))
	}
	if connections := e.Child("connections"); connections != nil {
		for _, one := range connections.Children {
			p.Credentials = append(p.Credentials, credentialsIn(one, one.Child("connectionCredentials")))
		}
	}
	return what.describe(p, e)
}

// describeWorkbook reads what only workbooks have.
func describeWorkbook(p *publication, e *tsxml.Element) (err error) {
	if p.ShowTabs, err = flag(e, "showTabs", false); err != nil {
		return err
	}
	p.ThumbnailsUserID, p.ThumbnailsGroupID = e.Attr("thumbnailsUserId"), e.Attr("thumbnailsGroupId")
	if policy := e.Child("dataFreshnessPolicy"); policy != nil {
		if policy, err = freshnessIn(policy); err != nil {
			return err
		}
		p.Freshness = policy.String()
	}
	if views := e.Child("views"); views != nil {
		for _, v := range views.Children {
			if hidden, err := flag(v, "hidden", false); err != nil {
				return err
			} else if hidden {
				p.HiddenViews = append(p.HiddenViews, v.Attr("name"))
			}
		}
	}
	return nil
}

// apply puts what the publisher gave for a connection over what its file says.
func (p *publication) apply(to *store.Connection) {
	for _, given := range p.Credentials {
		if given.Server != "" && !strings.EqualFold(given.Server, to.Server) || given.Port != "" && given.Port != to.Port {
			continue
		}
		if given.UserName != "" {
			to.UserName = given.UserName
		}
		if given.OAuth {
			to.Authentication = "oauth"
		}
		to.EmbedPassword = to.EmbedPassword || given.Embed
	}
}

// checkThumbnails refuses a user or group who is not on the site, with whose eyes thumbnails are to be drawn.
func (p *publication) checkThumbnails(tx *store.Tx, site int64) error {
	if p.ThumbnailsUserID != "" {
		if _, err := findUser(tx, site, p.ThumbnailsUserID); err != nil {
			return err
		}
	}
	if p.ThumbnailsGroupID != "" {
		if _, err := tx.Group(site, p.ThumbnailsGroupID); err != nil {
			return orNotFound(err, groupNotFound, "Group", p.ThumbnailsGroupID)
		}
	}
	return nil
}

func (c *call) publishNow(what publishable, p publication) (*tsxml.Element, error) {
	id, err := what.publish(c.Server, c.ctx(), c.user, p)
	if err != nil {
		return nil, err
	}
	return read(c, func(tx *store.Tx) (*tsxml.Element, error) { return what.show(c, tx, id) })
}

func (c *call) publishLater(what publishable, p publication) (*tsxml.Element, error) {
	j := store.Job{JobType: "publish_" + what.element, Site: c.site.Seq, User: c.user.Seq, Title: p.Name, Blob: p.Blob}
	return c.startJob(func(tx *store.Tx) (store.Job, error) {
		if _, err := publishProject(tx, c.user, p.ProjectID); err != nil {
			return j, err
		}
		return c.addJob(tx, j, p)
	})
}

// publishProject returns the project that a user may publish into; with "" the default project.
func publishProject(tx *store.Tx, user store.User, id string) (p store.Project, err error) {
	if id == "" {
		p, err = tx.DefaultProject(user.Site)
	} else {
		p, err = tx.Project(user.Site, id)
	}
	if err != nil {
		return p, orNotFound(err, projectNotFound, "Project", id)
	}
	return p, must(tx, user, "Write", securedProject(p))
}

// mayOverwrite refuses a user who may not publish over what is there.
func mayOverwrite(tx *store.Tx, user store.User, what secured) error {
	has, err := may(tx, user, "Write", what)
	if err == nil && !has {
		err = fail(overwriteForbidden, "You may not overwrite the %s: that takes the capability 'Write'.", what.title)
	}
	return err
}

// putWorkbook reads the stored file and makes it a workbook. It returns the workbook's id. The caller guards the file.
func (s *Server) putWorkbook(ctx context.Context, user store.User, p publication) (id string, err error) {
	file, err := s.readWorkbook(p.Blob, p.Bytes, p.Kind)
	if err != nil {
		return "", p.unreadable(err)
	}
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		project, err := publishProject(tx, user, p.ProjectID)
		if err != nil {
			return err
		}
		if err := p.checkThumbnails(tx, user.Site); err != nil {
			return err
		}
		w, err := tx.WorkbookNamed(project.Seq, p.Name)
		isNew := errors.Is(err, store.ErrNotFound)
		switch {
		case err != nil && !isNew:
			return err
		case isNew:
			w = store.Workbook{ID: newID(), Name: p.Name, Project: project, Owner: user, Created: s.now()}
		case !p.Overwrite:
			return fail(overwriteForbidden, "The project '%s' has a workbook named '%s': publish with overwrite=true to replace it.", project.Name, p.Name)
		default:
			if err := mayOverwrite(tx, user, securedWorkbook(w)); err != nil {
				return err
			}
		}
		if err := checkStorage(tx, user.Site, p.Bytes-w.Bytes); err != nil {
			return err
		}
		if p.Description != nil {
			w.Description = *p.Description
		}
		w.ShowTabs, w.EncryptExtracts, w.HasExtracts = p.ShowTabs, p.EncryptExtracts,
			slices.ContainsFunc(file.DataSources, func(d content.DataSource) bool { return d.HasExtract })
		w.Kind, w.Blob, w.Bytes = p.Kind, p.Blob, p.Bytes
		if p.Freshness != "" {
			w.Freshness = p.Freshness
		}
		w.Updated, w.Published = s.now(), s.now()
		w.Revision++
		if isNew {
			if w.ContentURL, err = tx.FreeContentURL("workbooks", user.Site, urlName(p.Name, "Workbook")); err != nil {
				return err
			}
			if err = tx.AddWorkbook(user.Site, &w); err == nil {
				err = grantDefaults(tx, "workbooks", w.Seq, project.Seq)
			}
		} else {
			err = tx.UpdateWorkbook(w)
		}
		if err != nil {
			return err
		}
		id = w.ID
		err = keepRevision(tx, user, "workbooks", w.Seq, store.Revision{Number: w.Revision, Published: w.Published, Kind: w.Kind, Blob: w.Blob,
			Bytes: w.Bytes, HasExtracts: w.HasExtracts})
		if err != nil {
			return err
		}
		if err := tx.SetViews(user.Site, w.Seq, s.publishedViews(file, p)); err != nil {
			return err
		}
		if err := setConnections(tx, w.Seq, file, p); err != nil {
			return err
		}
		return p.wrote(tx, id)
	})
	return id, err
}

// unreadable turns what is wrong with the file into what the publisher is told.
func (p *publication) unreadable(err error) error {
	if invalid, ok := errors.AsType[*content.InvalidError](err); ok {
		return fail(badPublish, "There was a problem publishing the file '%s.%s': %s", p.Name, p.Kind, invalid.Reason)
	}
	return err
}

// publishedViews returns the views of a file. Sheets that the workbook or the publisher hides are kept, but not shown.
func (s *Server) publishedViews(file *content.Workbook, p publication) []store.View {
	var views []store.View
	names, taken := map[string]bool{}, map[string]bool{}
	for i, v := range file.Views {
		if names[v.Name] {
			continue // Tableau does not write two sheets of one name
		}
		names[v.Name] = true
		hidden := v.Hidden || slices.Contains(p.HiddenViews, v.Name)
		name := urlName(v.Name, "Sheet")
		for unique, n := name, 1; ; n++ {
			if !taken[strings.ToLower(unique)] {
				name = unique
				break
			}
			unique = name + "_" + strconv.Itoa(n)
		}
		taken[strings.ToLower(name)] = true
		views = append(views, store.View{ID: newID(), Name: v.Name, URLName: name, SheetType: v.SheetType, Hidden: hidden,
			Position: int64(i + 1), Created: s.now(), Updated: s.now()})
	}
	return views
}

// setConnections keeps the ids of connections that were there before.
func setConnections(tx *store.Tx, workbook int64, file *content.Workbook, p publication) error {
	before, err := tx.Connections(workbook)
	if err != nil {
		return err
	}
	dataSources := map[string]string{}
	var connections []store.Connection
	for _, one := range file.Connections {
		name := one.DataSourceCaption
		if name == "" {
			name = one.DataSourceName
		}
		made := store.Connection{ID: newID(), DataSourceID: dataSources[name], DataSourceName: name, Class: one.Class, Server: one.Server,
			Port: portNumber(one.Port), UserName: one.UserName}
		for i, old := range before {
			if old.DataSourceName == name && made.DataSourceID == "" {
				made.DataSourceID = old.DataSourceID
			}
			if old.DataSourceName == name && old.Class == made.Class && old.Server == made.Server {
				made.ID = old.ID
				before = slices.Delete(before, i, i+1)
				break
			}
		}
		if made.DataSourceID == "" {
			made.DataSourceID = newID()
		}
		dataSources[name] = made.DataSourceID
		p.apply(&made)
		connections = append(connections, made)
	}
	return tx.SetConnections(workbook, connections)
}

// portNumber returns a port when it is a number, as the API's schema wants it.
func portNumber(port string) string {
	if strings.Trim(port, "0123456789") != "" {
		return ""
	}
	return port
}

// urlName is a name as it stands in a content URL: without blanks and punctuation.
func urlName(name, fallback string) string {
	kept := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_' || r == '-' {
			return r
		}
		return -1
	}, name)
	if kept == "" {
		return fallback
	}
	return kept
}
