package emulator

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/tabctl/tableau-go/emulator/internal/content"
	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

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

func (c *call) mustPublish() error {
	if mayPublish(c.user) {
		return nil
	}
	return fail(forbidden, "The site role %s does not allow to publish.", c.user.SiteRole)
}

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
			return incomplete("The file is given twice.")
		}
		if p.Kind == "" {
			p.Kind = strings.ToLower(strings.TrimPrefix(filepath.Ext(fileName), "."))
		}
		file, err = c.store.Blobs.Put(r)
		return err
	}
	err = c.fileParts("tableau_"+what.element, describe, receive)
	if err == nil && !described {
		err = incomplete("The part request_payload is missing.")
	}
	if err == nil && uploadID != "" {
		upload, file, err = c.assemble(uploadID)
	}
	if file != nil {
		defer c.collect(file.Name) // after Done: a file that no row names goes, as do the blocks and the revision before
		defer file.Done()
	}
	if err != nil {
		return nil, err
	}
	if file == nil {
		return nil, incomplete("The part tableau_%s is missing.", what.element)
	}
	if !slices.Contains(what.kinds, p.Kind) {
		return nil, fail(badPublish, "The %sType '%s' is none of %s.", what.element, p.Kind, strings.Join(what.kinds, ", "))
	}
	p.Blob, p.Bytes = file.Name, file.Bytes
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
func (s *Server) collect(blobs ...string) {
	if err := s.store.Collect(context.Background(), blobs...); err != nil {
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
		return incomplete("The %s has no name.", what.title)
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

// unreadable turns what is wrong with the file into what the publisher is told.
func (p *publication) unreadable(err error) error {
	if invalid, ok := errors.AsType[*content.InvalidError](err); ok {
		return fail(badPublish, "There was a problem publishing the file '%s.%s': %s", p.Name, p.Kind, invalid.Reason)
	}
	return err
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
