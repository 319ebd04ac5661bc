package tableau

import (
	"context"
	"iter"
	"time"
)

// ProjectsService calls the project methods.
type ProjectsService service

// Project holds content and other projects.
type Project struct {
	ID                              string             `xml:"id,attr"`
	Name                            string             `xml:"name,attr"`
	Description                     string             `xml:"description,attr"`
	ParentProjectID                 string             `xml:"parentProjectId,attr"` // "" at the top level
	TopLevel                        bool               `xml:"topLevelProject,attr"`
	Writeable                       bool               `xml:"writeable,attr"`
	ContentPermissions              ContentPermissions `xml:"contentPermissions,attr"`
	ControllingPermissionsProjectID string             `xml:"controllingPermissionsProjectId,attr"`
	CreatedAt                       time.Time          `xml:"createdAt,attr"`
	UpdatedAt                       time.Time          `xml:"updatedAt,attr"`
	Owner                           UserRef            `xml:"owner"`
	Contents                        ContentsCounts     `xml:"contentsCounts"`
	Extra                           Attributes         `xml:",any,attr"`
}

func (p *Project) id() string { return p.ID }

// ContentsCounts says how much a project holds. Only there when the query asks
// for all fields.
type ContentsCounts struct {
	Projects    int `xml:"projectCount,attr"`
	Workbooks   int `xml:"workbookCount,attr"`
	Views       int `xml:"viewCount,attr"`
	DataSources int `xml:"datasourceCount,attr"`
}

// ContentPermissions says who decides on the permissions of a project's content.
type ContentPermissions string

// The ways to manage the permissions of a project's content.
const (
	ManagedByOwner               ContentPermissions = "ManagedByOwner"
	LockedToProject              ContentPermissions = "LockedToProject"
	LockedToProjectWithoutNested ContentPermissions = "LockedToProjectWithoutNested"
)

// CreateProject says what project to make.
type CreateProject struct {
	Name               string             `xml:"name,attr"`
	Description        string             `xml:"description,attr,omitempty"`
	ParentProjectID    string             `xml:"parentProjectId,attr,omitempty"` // "" for the top level
	ContentPermissions ContentPermissions `xml:"contentPermissions,attr,omitempty"`
	PublishSamples     bool               `xml:"-"` // puts Tableau's sample workbooks into it
}

// ProjectUpdate says what to change; what is nil stays as it is.
type ProjectUpdate struct {
	Name               *string
	Description        *string
	ParentProjectID    *string // "" moves it to the top level
	ContentPermissions *ContentPermissions
	OwnerID            *string
	PublishSamples     bool // puts Tableau's sample workbooks into it
}

type projectUpdateRequest struct {
	Name               *string             `xml:"name,attr"`
	Description        *string             `xml:"description,attr"`
	ParentProjectID    *string             `xml:"parentProjectId,attr"`
	ContentPermissions *ContentPermissions `xml:"contentPermissions,attr"`
	Owner              *idRequest          `xml:"owner"`
}

// List returns the projects of the site that the query chooses.
//
//tableau:op GET /sites/{site}/projects since=2.0 retry=safe tsc=projects.get,projects.filter
func (s *ProjectsService) List(ctx context.Context, q Query) iter.Seq2[*Project, error] {
	return list[Project](ctx, s.client, "projects>project", get("projects"), q)
}

// Page returns one page of the list.
//
//tableau:op GET /sites/{site}/projects since=2.0 retry=safe tsc=projects.get
func (s *ProjectsService) Page(ctx context.Context, q Query) (*Page[Project], error) {
	return fetchPage[Project](ctx, s.client, "projects>project", get("projects"), q)
}

// Get returns one project. The REST API has no method for that: an update that
// changes nothing is sent, so it takes the right to change the project.
//
//tableau:op PUT /sites/{site}/projects/{project} since=2.0 retry=safe tsc=projects.get_by_id
func (s *ProjectsService) Get(ctx context.Context, id string) (*Project, error) {
	return s.Update(ctx, id, ProjectUpdate{})
}

// Create makes a project. Errors: [ErrConflict] when its parent holds one of
// that name.
//
//tableau:op POST /sites/{site}/projects since=2.0 retry=unsent tsc=projects.create
func (s *ProjectsService) Create(ctx context.Context, p CreateProject) (*Project, error) {
	r := post("projects").send("project", p)
	if p.Name == "" {
		r = r.fail(invalid("the project needs a name"))
	}
	if p.PublishSamples {
		r = r.param("publishSamples", "true")
	}
	return fetch[Project](ctx, s.client, "project", r)
}

// Update changes what is set in u and leaves the rest alone.
//
//tableau:op PUT /sites/{site}/projects/{project} since=2.0 retry=safe tsc=projects.update
func (s *ProjectsService) Update(ctx context.Context, id string, u ProjectUpdate) (*Project, error) {
	payload := projectUpdateRequest{
		Name: u.Name, Description: u.Description, ParentProjectID: u.ParentProjectID, ContentPermissions: u.ContentPermissions,
	}
	if u.OwnerID != nil {
		payload.Owner = &idRequest{*u.OwnerID}
	}
	r := put("projects", id).send("project", payload)
	if u.PublishSamples {
		r = r.param("publishSamples", "true")
	}
	return fetch[Project](ctx, s.client, "project", r)
}

// Delete deletes a project with all it holds.
//
//tableau:op DELETE /sites/{site}/projects/{project} since=2.0 retry=safe tsc=projects.delete
func (s *ProjectsService) Delete(ctx context.Context, id string) error {
	return s.client.run(ctx, del("projects", id))
}
