package emulator

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func projectRoutes() []route {
	return []route{
		listed("/sites/{site}/projects", "Query Projects", "2.0", SignedIn, &projectFields, listProjects),
		answered("POST", "/sites/{site}/projects", "Create Project", "2.0", SignedIn, createProject),
		answered("PUT", "/sites/{site}/projects/{project}", "Update Project", "2.0", SignedIn, updateProject),
		answered("DELETE", "/sites/{site}/projects/{project}", "Delete Project", "2.0", SignedIn, deleteProject),
	}
}

var projectFields = fields{
	item:     "project",
	defaults: append([]string{"id", "name", "description", "createdAt", "updatedAt", "contentPermissions", "parentProjectId"}, ownerFields("id")...),
	others: append([]string{"topLevelProject", "writeable", "contentsCounts", "favoritesTotal"},
		ownerFields("name", "fullName", "email", "siteRole", "lastLogin")...),
}

func (c *call) projectElement(p store.Project) *tsxml.Element {
	e := tsxml.New("project", "id", p.ID, "name", p.Name, "description", p.Description)
	e.SetTime("createdAt", p.Created)
	e.SetTime("updatedAt", p.Updated)
	e.Set("contentPermissions", p.ContentPermissions).SetIf("parentProjectId", p.ParentID)
	e.SetBool("topLevelProject", p.Parent == 0)
	e.SetBool("writeable", p.Writable)
	return e.Add(ownerElement(p.Owner), tsxml.New("contentsCounts").SetInt("projectCount", p.Contents.Projects).
		SetInt("workbookCount", p.Contents.Workbooks).SetInt("viewCount", p.Contents.Views).SetInt("datasourceCount", p.Contents.DataSources))
}

// noteWritable sets p.Writable for the caller.
func (c *call) noteWritable(tx *store.Tx, p *store.Project) (err error) {
	p.Writable, err = may(tx, c.user, "Write", securedProject(*p))
	return err
}

func listProjects(c *call) (*tsxml.Element, error) {
	return pageOf(c, "projects", c.projectElement, func(tx *store.Tx, q store.Query) ([]store.Project, int64, error) {
		found, total, err := tx.Projects(c.site.Seq, q)
		for i := range found {
			if err == nil && projectFields.wants(c.query.Get("fields"), "contentsCounts") {
				err = tx.CountContents(&found[i])
			}
			if err == nil && projectFields.wants(c.query.Get("fields"), "writeable") {
				err = c.noteWritable(tx, &found[i])
			}
		}
		return found, total, err
	})
}

// changeProject takes over what a request says about a project.
func (c *call) changeProject(tx *store.Tx, p *store.Project, change *tsxml.Element) error {
	if name, ok := change.Lookup("name"); ok {
		p.Name = name
	}
	if strings.TrimSpace(p.Name) == "" {
		return incomplete("A project needs a name.")
	}
	if description, ok := change.Lookup("description"); ok {
		p.Description = description
	}
	if permissions, ok := change.Lookup("contentPermissions"); ok {
		if !slices.Contains([]string{"LockedToProject", "LockedToProjectWithoutNested", "ManagedByOwner"}, permissions) {
			return fail(badValue, "The value '%s' of 'contentPermissions' is not valid: "+
				"use LockedToProject, LockedToProjectWithoutNested or ManagedByOwner.", permissions)
		}
		p.ContentPermissions = permissions
	}
	if id, ok := change.Lookup("parentProjectId"); ok {
		p.Parent, p.ParentID = 0, ""
		if id != "" {
			parent, err := c.projectByID(tx, id, "Read")
			if err != nil {
				return err
			}
			inside, err := tx.ProjectContains(p.Seq, parent.Seq)
			if err != nil {
				return err
			}
			if inside && p.Seq != 0 {
				return fail(badRequest, "The project '%s' cannot be moved into itself.", p.Name)
			}
			p.Parent, p.ParentID = parent.Seq, parent.ID
		}
	}
	if id := change.Child("owner").Attr("id"); id != "" {
		if p.Seq != 0 && id != p.Owner.ID && p.Owner.Seq != c.user.Seq && !isSiteAdmin(c.user) {
			return fail(forbidden, "Only the owner of project '%s' or an administrator may give it to somebody else.", p.Name)
		}
		var err error
		if p.Owner, err = findUser(tx, c.site.Seq, id); err != nil {
			return err
		}
	}
	other, err := tx.ProjectNamed(c.site.Seq, p.Parent, p.Name)
	if err == nil && other.Seq != p.Seq {
		return fail(projectExists, "Project name conflict: there is a project named '%s' in the same place.", other.Name)
	}
	return unlessNotFound(err)
}

func createProject(c *call) (*tsxml.Element, error) {
	wanted, err := c.payload("project")
	if err != nil {
		return nil, err
	}
	p := store.Project{ID: newID(), ContentPermissions: "ManagedByOwner", Owner: c.user, Created: c.now(), Updated: c.now()}
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		if err := c.changeProject(tx, &p, wanted); err != nil {
			return err
		}
		if err := c.mayPlaceProject(tx, p); err != nil {
			return err
		}
		if err := c.addProject(tx, &p); err != nil {
			return err
		}
		return c.noteWritable(tx, &p)
	})
	if err != nil {
		return nil, err
	}
	c.status = http.StatusCreated
	return c.projectElement(p), nil
}

// addProject adds a project, which starts with the permissions of its parent, or at the top with the default project's.
func (c *call) addProject(tx *store.Tx, p *store.Project) error {
	like := p.Parent
	if like == 0 {
		first, err := tx.DefaultProject(c.site.Seq)
		if err != nil {
			return err
		}
		like = first.Seq
	}
	if err := tx.AddProject(c.site.Seq, p); err != nil {
		return err
	}
	return tx.CopyGrants(like, p.Seq)
}

// mayPlaceProject lets administrators put projects anywhere, and others into projects that they lead.
func (c *call) mayPlaceProject(tx *store.Tx, p store.Project) error {
	if p.Parent != 0 {
		_, err := c.projectByID(tx, p.ParentID, leads)
		if _, refused := errors.AsType[*apiError](err); !refused {
			return err
		}
	} else if isSiteAdmin(c.user) {
		return nil
	}
	return fail(createProjectForbidden, "Only an administrator, or a leader of the parent project, may put a project here.")
}

func updateProject(c *call) (*tsxml.Element, error) {
	change, err := c.payload("project")
	if err != nil {
		return nil, err
	}
	var p store.Project
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		if p, err = c.pathProject(tx); err != nil {
			return err
		}
		before := p.Parent
		if err := c.changeProject(tx, &p, change); err != nil {
			return err
		}
		if p.Parent != before {
			if err := c.mayPlaceProject(tx, p); err != nil {
				return err
			}
		}
		p.Updated = c.now()
		if err := tx.UpdateProject(p); err != nil {
			return err
		}
		if err := c.noteWritable(tx, &p); err != nil {
			return err
		}
		return tx.CountContents(&p)
	})
	if err != nil {
		return nil, err
	}
	return c.projectElement(p), nil
}

func deleteProject(c *call) (*tsxml.Element, error) {
	var unused []string
	err := c.store.Write(c.ctx(), func(tx *store.Tx) error {
		p, err := c.pathProject(tx)
		if err != nil {
			return err
		}
		holds, err := tx.ProjectHoldsDefault(p.Seq)
		if err != nil {
			return err
		}
		if holds {
			return fail(forbidden, "The default project cannot be deleted.")
		}
		unused, err = tx.DeleteProject(p.Seq)
		return err
	})
	if err != nil {
		return nil, err
	}
	return nil, c.store.Collect(c.ctx(), unused...)
}
