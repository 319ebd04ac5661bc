package emulator

import (
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tabctl/tableau-go/emulator/internal/content"
	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func workbookRoutes() []route {
	return []route{
		listed("/sites/{site}/users/{user}/workbooks", "Query Workbooks for User", "2.0", SignedIn, &workbookFields, listUserWorkbooks),
		listed("/sites/{site}/workbooks", "Query Workbooks for Site", "2.0", SignedIn, &workbookFields, listWorkbooks),
		answered("GET", "/sites/{site}/workbooks/{workbook}", "Query Workbook", "2.0", SignedIn, getWorkbook),
		answered("PUT", "/sites/{site}/workbooks/{workbook}", "Update Workbook", "2.0", SignedIn, updateWorkbook).
			but("data acceleration and freshness are kept and shown, and make no difference"),
		answered("DELETE", "/sites/{site}/workbooks/{workbook}", "Delete Workbook", "2.0", SignedIn, deleteWorkbook),
		streamed("/sites/{site}/workbooks/{workbook}/content", "Download Workbook", "2.0", downloadWorkbook),
		answered("GET", "/sites/{site}/workbooks/{workbook}/views", "Query Views for Workbook", "2.0", SignedIn, listWorkbookViews),
	}
}

var workbookFields = fields{
	item: "workbook",
	defaults: append([]string{"id", "name", "description", "contentUrl", "webpageUrl", "showTabs", "size", "createdAt", "updatedAt",
		"encryptExtracts", "defaultViewId", "project.id", "project.name", "location", "tags", "dataAccelerationConfig"}, ownerFields("id", "name")...),
	others: append([]string{"sheetCount", "hasExtracts", "shareDescription", "lastPublishedAt", "project.description", "favoritesTotal",
		"dataFreshnessPolicy"},
		ownerFields("fullName", "email", "siteRole", "lastLogin")...),
}

func (c *call) workbookElement(w store.Workbook) *tsxml.Element { return c.workbookAround(w, nil) }

// workbookAround is a workbook with its views, or without them for nil.
func (c *call) workbookAround(w store.Workbook, views *tsxml.Element) *tsxml.Element {
	e := tsxml.New("workbook", "id", w.ID, "name", w.Name, "description", w.Description, "contentUrl", w.ContentURL,
		"webpageUrl", c.webpageURL("workbooks", w.Seq))
	e.SetBool("showTabs", w.ShowTabs)
	e.SetInt("size", w.Megabytes())
	e.SetTime("createdAt", w.Created)
	e.SetTime("updatedAt", w.Updated)
	e.SetInt("sheetCount", w.SheetCount)
	e.SetBool("hasExtracts", w.HasExtracts)
	e.SetBool("encryptExtracts", w.EncryptExtracts)
	e.SetIf("defaultViewId", w.DefaultViewID)
	e.SetIf("shareDescription", w.Description)
	e.SetTime("lastPublishedAt", w.Published)
	return e.Add(
		tsxml.New("project", "id", w.Project.ID, "name", w.Project.Name, "description", w.Project.Description),
		tsxml.New("location", "id", w.Project.ID, "type", "Project", "name", w.Project.Name),
		ownerElement(w.Owner),
		tagsElement(w.Tags),
		views,
		accelerationElement(w.Acceleration, w.Accelerated),
		storedFreshness(w.Freshness))
}

// webpageURL is where people would find something in a browser.
func (c *call) webpageURL(kind string, seq int64) string {
	site := ""
	if c.site.ContentURL != "" {
		site = "site/" + c.site.ContentURL + "/"
	}
	scheme := "http://"
	if c.request.TLS != nil {
		scheme = "https://"
	}
	return scheme + c.request.Host + "/#/" + site + kind + "/" + strconv.FormatInt(seq, 10)
}

func listWorkbooks(c *call) (*tsxml.Element, error) {
	return c.workbooksOf(c.user, false)
}

func listUserWorkbooks(c *call) (*tsxml.Element, error) {
	owned, err := c.queryFlag("ownedBy")
	if err != nil {
		return nil, err
	}
	u, err := read(c, c.pathUser)
	if err != nil {
		return nil, err
	}
	if u.Seq != c.user.Seq && !isSiteAdmin(c.user) {
		return nil, fail(forbidden, "Only a site administrator may query the workbooks of another user.")
	}
	return c.workbooksOf(u, owned)
}

// workbooksOf lists the workbooks that a user may read, or only those that are the user's own.
func (c *call) workbooksOf(reader store.User, owned bool) (*tsxml.Element, error) {
	owner := int64(0)
	if owned {
		owner = reader.Seq
	}
	return pageOf(c, "workbooks", c.workbookElement, func(tx *store.Tx, q store.Query) ([]store.Workbook, int64, error) {
		q.Reader = readerOf(reader)
		return tx.Workbooks(c.site.Seq, owner, q)
	})
}

// namedWorkbook returns the workbook of the path, which callers may also name by its content URL: ?key=contentUrl.
func (c *call) namedWorkbook(tx *store.Tx) (store.Workbook, error) {
	switch key := c.query.Get("key"); key {
	case "":
		return c.workbookFor(tx, "Read")
	case "contentUrl":
	default:
		return store.Workbook{}, fail(badRequest, "The key '%s' is not known: use contentUrl.", key)
	}
	var w store.Workbook
	id, err := tx.WorkbookID(c.site.Seq, c.id("workbook"))
	if err == nil {
		w, err = c.workbookByID(tx, id, "Read")
	}
	if told, ok := errors.AsType[*apiError](err); ok && told.code == workbookNotFound {
		err = store.ErrNotFound // who may not see the workbook is not told its id
	}
	return w, orNotFound(err, workbookNotFound, "Workbook", c.id("workbook"))
}

func getWorkbook(c *call) (*tsxml.Element, error) {
	return read(c, func(tx *store.Tx) (*tsxml.Element, error) {
		w, err := c.namedWorkbook(tx)
		if err != nil {
			return nil, err
		}
		return c.workbookWithViews(tx, w)
	})
}

func (c *call) workbookWithViews(tx *store.Tx, w store.Workbook) (*tsxml.Element, error) {
	views, err := tx.ViewsOf(w, c.reader())
	if err != nil {
		return nil, err
	}
	list := tsxml.List("views")
	withAcceleration, err := c.queryFlag("includeViewAccelerationStatus")
	if err != nil {
		return nil, err
	}
	for _, v := range views {
		e := viewAttributes(v).Add(tagsElement(v.Tags))
		if withAcceleration {
			e.Add(accelerationElement(v.Accelerated, w.Accelerated))
		}
		list.Add(e)
	}
	return c.workbookAround(w, list), nil
}

func listWorkbookViews(c *call) (*tsxml.Element, error) {
	withUsage, err := c.queryFlag("includeUsageStatistics")
	if err != nil {
		return nil, err
	}
	if withUsage {
		c.writeHits()
	}
	list := tsxml.List("views")
	err = c.store.Read(c.ctx(), func(tx *store.Tx) error {
		w, err := c.workbookFor(tx, "Read")
		if err != nil {
			return err
		}
		views, err := tx.ViewsOf(w, c.reader())
		for _, v := range views {
			e := viewAttributes(v).Add(tagsElement(v.Tags))
			if withUsage {
				e.Add(usageElement(v))
			}
			list.Add(e)
		}
		return err
	})
	return list, err
}

func updateWorkbook(c *call) (*tsxml.Element, error) {
	change, err := c.payload("workbook")
	if err != nil {
		return nil, err
	}
	var e *tsxml.Element
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		w, err := c.workbookFor(tx, "Write")
		if err != nil {
			return err
		}
		if name, ok := change.Lookup("name"); ok {
			if w.Name = name; strings.TrimSpace(name) == "" {
				return fail(badRequest, "A workbook needs a name.")
			}
		}
		if description, ok := change.Lookup("description"); ok {
			w.Description = description
		}
		if w.ShowTabs, err = flag(change, "showTabs", w.ShowTabs); err != nil {
			return err
		}
		if w.EncryptExtracts, err = flag(change, "encryptExtracts", w.EncryptExtracts); err != nil {
			return err
		}
		if id := change.Child("project").Attr("id"); id != "" {
			if w.Project, err = c.moved(tx, securedWorkbook(w), id); err != nil {
				return err
			}
		}
		if id := change.Child("owner").Attr("id"); id != "" {
			if w.Owner, err = c.newOwner(tx, securedWorkbook(w), id); err != nil {
				return err
			}
		}
		other, err := tx.WorkbookNamed(w.Project.Seq, w.Name)
		if err == nil && other.Seq != w.Seq {
			return fail(overwriteForbidden, "The project '%s' has another workbook named '%s'.", w.Project.Name, w.Name)
		}
		if err := unlessNotFound(err); err != nil {
			return err
		}
		if policy := change.Child("dataFreshnessPolicy"); policy != nil {
			if policy, err = freshnessIn(policy); err != nil {
				return err
			}
			w.Freshness = policy.String()
		}
		if err := c.accelerate(tx, &w, change); err != nil {
			return err
		}
		w.Updated = c.now()
		if err := tx.UpdateWorkbook(w); err != nil {
			return err
		}
		e = c.workbookElement(w)
		if c.query.Has("includeViewAccelerationStatus") {
			e, err = c.workbookWithViews(tx, w)
			return err
		}
		return nil
	})
	return e, err
}

func deleteWorkbook(c *call) (*tsxml.Element, error) {
	var unused string
	err := c.store.Write(c.ctx(), func(tx *store.Tx) error {
		w, err := c.workbookFor(tx, "Delete")
		if err != nil {
			return err
		}
		unused = w.Blob
		return tx.DeleteWorkbook(w.Seq)
	})
	if err != nil {
		return nil, err
	}
	return nil, c.store.Collect(c.ctx(), unused)
}

// openWorkbook opens the file of the workbook that find returns.
func (c *call) openWorkbook(find func(*store.Tx) (store.Workbook, error)) (w store.Workbook, f store.Content, err error) {
	f, err = c.openBlob(func(tx *store.Tx) (string, error) {
		w, err = find(tx)
		return w.Blob, err
	})
	return w, f, err
}

// openBlob opens the content that find returns the name of.
func (c *call) openBlob(find func(*store.Tx) (string, error)) (f store.Content, err error) {
	// A publish that ends between the two steps may have put another file in the place of the one found.
	for range 3 {
		var blob string
		err = c.store.Read(c.ctx(), func(tx *store.Tx) error {
			blob, err = find(tx)
			return err
		})
		if err != nil {
			return nil, err
		}
		if f, err = c.store.Blobs.Open(blob); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return f, err
}

func downloadWorkbook(c *call) error {
	w, f, err := c.openWorkbook(func(tx *store.Tx) (store.Workbook, error) { return c.workbookFor(tx, "ExportXml") })
	if err != nil {
		return err
	}
	defer f.Close()
	return c.sendFile(f, attachment("tableau_workbook", w.Name+"."+w.Kind), w.Blob, w.Updated,
		w.HasExtracts && w.Kind == content.KindTWBX)
}

// sendFile answers with a published file, or its package without extracts where the caller wants that and it has some.
func (c *call) sendFile(f store.Content, disposition, blob string, updated time.Time, packedExtracts bool) error {
	header := c.writer.Header()
	header.Set("Content-Type", "application/octet-stream")
	header.Set("Content-Disposition", disposition)
	withExtract := true
	if c.query.Has("includeExtract") {
		var err error
		if withExtract, err = c.queryFlag("includeExtract"); err != nil {
			return err
		}
	}
	if packedExtracts && !withExtract {
		size, err := f.Seek(0, io.SeekEnd)
		if err != nil {
			return err
		}
		return content.WithoutExtracts(c.writer, f, size)
	}
	header.Set("ETag", `"`+blob+`"`)
	http.ServeContent(c.writer, c.request, "", updated, f)
	return nil
}

// attachment is Tableau's Content-Disposition, which has no type: name="…"; filename="…".
func attachment(name, fileName string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r < ' ' || r == 0x7f || r == '/' || r == '\\' || r == '"':
			return '_'
		}
		return r
	}, fileName)
	header := `name="` + name + `"; filename="` + plain + `"`
	if encoded := mime.FormatMediaType("attachment", map[string]string{"filename": plain}); strings.Contains(encoded, "filename*=") {
		header += "; " + strings.TrimPrefix(encoded, "attachment; ") // for names that are not ASCII
	}
	return header
}
