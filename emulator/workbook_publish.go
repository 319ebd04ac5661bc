package emulator

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

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

func publishWorkbook(c *call) (*tsxml.Element, error) { return c.receive(workbookPublishing) }

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
		name := cmp.Or(one.DataSourceCaption, one.DataSourceName)
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
