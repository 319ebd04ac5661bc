package emulator

import (
	"errors"
	"slices"

	"github.com/tabctl/tableau-go/emulator/internal/store"
)

// secured is something that takes a capability to see or to change.
type secured struct {
	kind     string           // of its capabilities, as in capabilitiesOf
	title    string           // in sentences: workbook 'Sales'
	notFound int              // the code for who may not even see it
	id       string           // as the caller gave it, for who may not even see it
	owner    int64            // seq; 0: who owns the project
	project  int64            // that it lies in; of a project, itself
	rules    store.GrantPlace // of its own
	defaults string           // the type of content whose default permissions decide in locked projects; "": it is a project
}

func securedWorkbook(w store.Workbook) secured {
	return secured{"workbooks", "workbook '" + w.Name + "'", workbookNotFound, w.ID, w.Owner.Seq, w.Project.Seq,
		store.GrantPlace{Kind: "workbooks", Item: w.Seq}, "workbooks"}
}

// securedView follows its workbook while that shows its views as tabs.
func securedView(v store.View) secured {
	rules := store.GrantPlace{Kind: "views", Item: v.Seq}
	if v.Workbook.ShowTabs {
		rules = store.GrantPlace{Kind: "workbooks", Item: v.Workbook.Seq}
	}
	return secured{"views", "view '" + v.Name + "'", viewNotFound, v.ID, v.Workbook.Owner.Seq, v.Workbook.Project.Seq, rules, "workbooks"}
}

func securedDataSource(d store.DataSource) secured {
	return secured{"datasources", "data source '" + d.Name + "'", dataSourceNotFound, d.ID, d.Owner.Seq, d.Project.Seq,
		store.GrantPlace{Kind: "datasources", Item: d.Seq}, "datasources"}
}

func securedProject(p store.Project) secured {
	return secured{"projects", "project '" + p.Name + "'", projectNotFound, p.ID, 0, p.Seq, store.GrantPlace{Kind: "projects", Item: p.Seq}, ""}
}

// What a site role allows at most, whatever is granted or owned. Publishers may have every capability.
var (
	viewerCapabilities   = []string{"Read", "Filter", "ViewComments", "AddComment", "ExportImage", "ExportData"}
	explorerCapabilities = append([]string{"ShareView", "ViewUnderlyingData", "WebAuthoring", "RunExplainData", "Connect",
		"VizqlDataApiAccess", "PulseMetricDefine"}, viewerCapabilities...)
)

func roleAllows(u store.User, capability string) bool {
	switch {
	case mayPublish(u):
		return true
	case u.SiteRole == "Unlicensed":
		return false
	case u.SiteRole == "Explorer":
		return slices.Contains(explorerCapabilities, capability)
	}
	return slices.Contains(viewerCapabilities, capability)
}

// leads is a capability that nobody is granted: owners of a project, its leaders and administrators have it.
const leads = ""

// may reports whether a user has a capability on something: administrators, owners and leaders of the project have all that
// their site role allows, others what the rules grant.
func may(tx *store.Tx, u store.User, capability string, what secured) (bool, error) {
	if isSiteAdmin(u) {
		return true, nil
	}
	if !roleAllows(u, capability) {
		return false, nil
	}
	if u.Seq == what.owner {
		return true, nil
	}
	if led, err := tx.LeadsProject(what.project, u); led || err != nil || capability == leads {
		return led, err
	}
	rules := what.rules
	lockOn := tx.LockOnContents
	if what.defaults == "" {
		lockOn = tx.LockOnProject
	}
	lock, err := lockOn(what.project)
	if err == nil {
		rules = store.GrantPlace{Kind: "projects", Item: lock.Seq, Content: what.defaults}
	} else if !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	return tx.Granted(rules, u, capability)
}

// must refuses a user who does not have a capability: to those who may not see the thing it does not exist.
func must(tx *store.Tx, u store.User, capability string, what secured) error {
	has, err := may(tx, u, capability, what)
	if has || err != nil {
		return err
	}
	reads := false
	if capability != "Read" {
		if reads, err = may(tx, u, "Read", what); err != nil {
			return err
		}
	}
	switch {
	case !reads:
		return orNotFound(store.ErrNotFound, what.notFound, kindTitles[what.kind], what.id)
	case capability == leads:
		return fail(forbidden, "Only a leader of the %s or an administrator may do that.", what.title)
	}
	return fail(forbidden, "You do not have the capability '%s' on the %s.", capability, what.title)
}

var kindTitles = map[string]string{"workbooks": "Workbook", "views": "View", "datasources": "Data source", "projects": "Project"}

// reader is who lists are for; nil: an administrator, who sees everything.
func (c *call) reader() *store.User { return readerOf(c.user) }

func readerOf(u store.User) *store.User {
	switch {
	case isSiteAdmin(u):
		return nil
	case !roleAllows(u, "Read"):
		return &store.User{} // nobody, who sees nothing
	}
	return &u
}

// ownOnly is whose jobs, tasks and subscriptions the caller sees: administrators see all, which is 0.
func (c *call) ownOnly() int64 {
	if isSiteAdmin(c.user) {
		return 0
	}
	return c.user.Seq
}

// The finders that handlers begin with. "Write" is what Tableau's interface calls Overwrite, and of a project Publish.

// workbookFor returns the workbook of the path, on which the caller must have a capability.
func (c *call) workbookFor(tx *store.Tx, capability string) (store.Workbook, error) {
	return c.workbookByID(tx, c.id("workbook"), capability)
}

func (c *call) workbookByID(tx *store.Tx, id, capability string) (store.Workbook, error) {
	w, err := tx.Workbook(c.site.Seq, id)
	if err != nil {
		return w, orNotFound(err, workbookNotFound, "Workbook", id)
	}
	return w, must(tx, c.user, capability, securedWorkbook(w))
}

// viewFor returns the view of the path, on which the caller must have a capability.
func (c *call) viewFor(tx *store.Tx, capability string) (store.View, error) {
	v, err := c.viewByID(tx, c.id("view"), capability)
	if id := c.id("workbook"); err == nil && id != "" && id != v.Workbook.ID {
		err = orNotFound(store.ErrNotFound, viewNotFound, "View", c.id("view"))
	}
	return v, err
}

func (c *call) viewByID(tx *store.Tx, id, capability string) (store.View, error) {
	v, err := tx.View(c.site.Seq, id)
	if err != nil {
		return v, orNotFound(err, viewNotFound, "View", id)
	}
	return v, must(tx, c.user, capability, securedView(v))
}

// dataSourceFor returns the data source of the path, on which the caller must have a capability.
func (c *call) dataSourceFor(tx *store.Tx, capability string) (store.DataSource, error) {
	return c.dataSourceByID(tx, c.id("datasource"), capability)
}

func (c *call) dataSourceByID(tx *store.Tx, id, capability string) (store.DataSource, error) {
	d, err := tx.DataSource(c.site.Seq, id)
	if err != nil {
		return d, orNotFound(err, dataSourceNotFound, "Data source", id)
	}
	return d, must(tx, c.user, capability, securedDataSource(d))
}

// projectByID returns a project of the site, on which the caller must have a capability.
func (c *call) projectByID(tx *store.Tx, id, capability string) (store.Project, error) {
	p, err := tx.Project(c.site.Seq, id)
	if err != nil {
		return p, orNotFound(err, projectNotFound, "Project", id)
	}
	return p, must(tx, c.user, capability, securedProject(p))
}

// pathProject returns the project of the path, which the caller must lead.
func (c *call) pathProject(tx *store.Tx) (store.Project, error) {
	return c.projectByID(tx, c.id("project"), leads)
}

// moved returns the project that something is moved to: that takes its capability ChangeHierarchy, and Write on the project.
func (c *call) moved(tx *store.Tx, what secured, id string) (store.Project, error) {
	p, err := tx.Project(c.site.Seq, id)
	if err != nil {
		return p, orNotFound(err, projectNotFound, "Project", id)
	}
	if p.Seq == what.project {
		return p, nil
	}
	if err := must(tx, c.user, "ChangeHierarchy", what); err != nil {
		return p, err
	}
	return p, must(tx, c.user, "Write", securedProject(p))
}

// newOwner returns the user that something is given to, by its owner, a leader of its project or an administrator.
func (c *call) newOwner(tx *store.Tx, what secured, id string) (store.User, error) {
	u, err := findUser(tx, c.site.Seq, id)
	if err != nil || u.Seq == what.owner {
		return u, err
	}
	return u, must(tx, c.user, leads, what)
}
