package tableau

import (
	"context"
	"fmt"
	"iter"
	"strings"
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

// Children returns the projects directly below a project.
//
//tableau:op GET /sites/{site}/projects since=2.0 retry=safe tsc=-
func (s *ProjectsService) Children(ctx context.Context, id string) iter.Seq2[*Project, error] {
	r := get("projects")
	if id == "" {
		r = r.fail(invalid("the ID of the parent project is empty"))
	}
	return list[Project](ctx, s.client, "projects>project", r, Query{Filter: []Filter{Eq("parentProjectId", id)}})
}

// ByPath returns the project at a path of names from the top level, such as
// "Finance/EMEA/Daily". A slash within a name is written \/, a backslash
// before a slash \\. Errors: [ErrNotFound], naming the first step that is
// missing or that the user may not see.
//
//tableau:op GET /sites/{site}/projects since=2.0 retry=safe tsc=-
func (s *ProjectsService) ByPath(ctx context.Context, projectPath string) (*Project, error) {
	names, err := splitPath(projectPath)
	if err != nil {
		return nil, err
	}
	var q Query
	if !strings.ContainsAny(strings.Join(names, ""), ",[]") { // a filter cannot hold these
		q.Filter = []Filter{In("name", names...)}
	}
	type place struct{ parentID, name string }
	all := map[place]*Project{}
	for project, err := range s.List(ctx, q) {
		if err != nil {
			return nil, err
		}
		all[place{project.ParentProjectID, project.Name}] = project
	}
	var found Project
	for i, name := range names {
		next, ok := all[place{found.ID, name}]
		if !ok {
			return nil, fmt.Errorf("tableau: project path %q: step %d, %q, does not exist or is not visible to this user: %w", projectPath, i+1, name, ErrNotFound)
		}
		found = *next
	}
	return &found, nil
}

// splitPath splits a project path into its names.
func splitPath(path string) ([]string, error) {
	var names []string
	var name strings.Builder
	for i := 0; i <= len(path); i++ {
		switch {
		case i == len(path) || path[i] == '/':
			if name.Len() == 0 {
				return nil, invalid(fmt.Sprintf("the project path %q has an empty name", path))
			}
			names = append(names, name.String())
			name.Reset()
		case path[i] == '\\' && i+1 < len(path) && (path[i+1] == '/' || path[i+1] == '\\'):
			i++
			name.WriteByte(path[i])
		default:
			name.WriteByte(path[i])
		}
	}
	return names, nil
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
		Owner: refIf(u.OwnerID),
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
