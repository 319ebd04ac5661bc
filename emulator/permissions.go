package emulator

import (
	"errors"
	"slices"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

// capabilitiesOf holds what may be granted, by the kind of content as paths name it.
var capabilitiesOf = map[string][]string{
	"projects": {"Read", "Write", "ProjectLeader"},
	"workbooks": {"Read", "Filter", "ViewComments", "AddComment", "ExportImage", "ExportData", "ShareView", "ViewUnderlyingData",
		"WebAuthoring", "RunExplainData", "ExportXml", "Write", "ChangeHierarchy", "Delete", "ChangePermissions", "ExtractRefresh"},
	"views": {"Read", "Filter", "ViewComments", "AddComment", "ExportImage", "ExportData", "ShareView", "ViewUnderlyingData",
		"WebAuthoring", "Write", "Delete", "ChangePermissions"},
	"datasources": {"Read", "Connect", "VizqlDataApiAccess", "PulseMetricDefine", "ExportXml", "SaveAs", "Write", "ChangeHierarchy",
		"Delete", "ChangePermissions", "ExtractRefresh"},
	"flows":              {"Read", "ExportXml", "Execute", "WebAuthoringForFlows", "Write", "ChangeHierarchy", "Delete", "ChangePermissions"},
	"dataroles":          {"Read", "Write", "ChangeHierarchy", "Delete", "ChangePermissions"},
	"lenses":             {"Read", "Write", "ChangeHierarchy", "Delete", "ChangePermissions"},
	"metrics":            {"Read", "Write", "ChangeHierarchy", "Delete", "ChangePermissions"},
	"databases":          {"Read", "Write", "ChangeHierarchy", "ChangePermissions"},
	"tables":             {"Read", "Write", "ChangeHierarchy", "ChangePermissions"},
	"virtualConnections": {"Read", "Connect", "Write", "ChangeHierarchy", "Delete", "ChangePermissions"},
}

// otherCapabilities are known but cannot be granted on anything served here.
var otherCapabilities = []string{"AiAccess", "CreateRefreshMetrics", "InheritedProjectLeader", "Overwrite"}

// defaultsSince holds the types of content that a project has default permissions for, with the API version that they came with.
var defaultsSince = map[string]string{"workbooks": "2.1", "datasources": "2.1", "flows": "3.4", "dataroles": "3.4",
	"lenses": "3.4", "metrics": "3.2", "databases": "3.23", "tables": "3.23", "virtualConnections": "3.23"}

// granteePaths holds the kinds of grantees by their names in paths.
var granteePaths = map[string]string{"users": "user", "groups": "group", "groupSets": "groupSet"}

// securable is an item with permissions, as the caller of a method sees it.
type securable struct {
	place   store.GrantPlace
	kind    string         // of capabilities
	element *tsxml.Element // the item in answers
	lock    string         // ID of the project that decides instead; "": none
}

// findSecurable finds the item of the path, whose permissions the caller may see.
type findSecurable func(*call, *store.Tx) (securable, error)

func securableElement(kind, id, name string, owner store.User) *tsxml.Element {
	return tsxml.New(kind, "id", id, "name", name).Add(tsxml.New("owner", "id", owner.ID))
}

func workbookSecurable(c *call, tx *store.Tx) (securable, error) {
	w, err := c.workbookFor(tx, "ChangePermissions")
	if err != nil {
		return securable{}, err
	}
	s := securable{store.GrantPlace{Kind: "workbooks", Item: w.Seq}, "workbooks", securableElement("workbook", w.ID, w.Name, w.Owner), ""}
	return lockedContent(tx, s, w.Project.Seq)
}

func dataSourceSecurable(c *call, tx *store.Tx) (securable, error) {
	d, err := c.dataSourceFor(tx, "ChangePermissions")
	if err != nil {
		return securable{}, err
	}
	s := securable{store.GrantPlace{Kind: "datasources", Item: d.Seq}, "datasources", securableElement("datasource", d.ID, d.Name, d.Owner), ""}
	return lockedContent(tx, s, d.Project.Seq)
}

func viewSecurable(c *call, tx *store.Tx) (securable, error) {
	v, err := c.viewFor(tx, "ChangePermissions")
	if err != nil {
		return securable{}, err
	}
	s := securable{store.GrantPlace{Kind: "views", Item: v.Seq}, "views", securableElement("view", v.ID, v.Name, v.Workbook.Owner), ""}
	return lockedContent(tx, s, v.Workbook.Project.Seq)
}

// lockedContent completes what is in a project. Views follow what holds for workbooks.
func lockedContent(tx *store.Tx, s securable, project int64) (securable, error) {
	content := s.kind
	if content == "views" {
		content = "workbooks"
	}
	p, err := tx.LockOnContents(project)
	return s.lockedBy(p, content, err)
}

func projectSecurable(c *call, tx *store.Tx) (securable, error) {
	return c.projectSecurable(tx, "projects", "")
}

func defaultsSecurable(c *call, tx *store.Tx) (securable, error) {
	for kind, since := range defaultsSince {
		if strings.EqualFold(kind, c.id("content")) && !c.version.before(mustVersion(since)) {
			return c.projectSecurable(tx, kind, kind)
		}
	}
	return securable{}, fail(resourceNotFound, "Unknown resource '%s' specified in URI: projects have no default permissions for '%s'.",
		strings.TrimPrefix(c.request.URL.Path, "/api"), c.id("content"))
}

func (c *call) projectSecurable(tx *store.Tx, kind, content string) (securable, error) {
	p, err := c.pathProject(tx)
	if err != nil {
		return securable{}, err
	}
	s := securable{store.GrantPlace{Kind: "projects", Item: p.Seq, Content: content}, kind, securableElement("project", p.ID, p.Name, p.Owner), ""}
	lock, err := tx.LockOnProject(p.Seq)
	return s.lockedBy(lock, content, err)
}

// lockedBy makes a project's permissions those of the item, unless err says that there is no such project.
func (s securable) lockedBy(p store.Project, content string, err error) (securable, error) {
	if errors.Is(err, store.ErrNotFound) {
		return s, nil
	}
	s.lock, s.place = p.ID, store.GrantPlace{Kind: "projects", Item: p.Seq, Content: content}
	return s, err
}

// granteeExists refuses a grantee who is not on the site.
func (c *call) granteeExists(tx *store.Tx, g store.Grant) error {
	switch g.GranteeType {
	case "user":
		_, err := findUser(tx, c.site.Seq, g.Grantee)
		return err
	case "group":
		_, err := tx.Group(c.site.Seq, g.Grantee)
		return orNotFound(err, groupNotFound, "Group", g.Grantee)
	}
	return fail(resourceNotFound, "Group set '%s' could not be found.", g.Grantee)
}

// checkGrant refuses what nobody can be granted on this kind of content.
func checkGrant(kind string, g store.Grant) error {
	if g.Mode != "Allow" && g.Mode != "Deny" {
		return incomplete("The mode '%s' is not valid: use Allow or Deny.", g.Mode)
	}
	known := slices.Contains(otherCapabilities, g.Capability)
	for _, capabilities := range capabilitiesOf {
		known = known || slices.Contains(capabilities, g.Capability)
	}
	if !known {
		return incomplete("There is no capability '%s'.", g.Capability)
	}
	if !slices.Contains(capabilitiesOf[kind], g.Capability) {
		return fail(badCapability, "The capability '%s' is not valid for %s.", g.Capability, kind)
	}
	if g.Capability == "ProjectLeader" && g.Mode == "Deny" {
		return fail(badCapability, "The capability 'ProjectLeader' cannot be denied.")
	}
	return nil
}

// grantsIn reads the grants of a request.
func (c *call) grantsIn(permissions *tsxml.Element) ([]store.Grant, error) {
	var grants []store.Grant
	for _, rule := range permissions.Children {
		if rule.Name != "granteeCapabilities" {
			continue // the item, which the path names
		}
		var g store.Grant
		for _, child := range rule.Children {
			if slices.Contains([]string{"user", "group", "groupSet"}, child.Name) {
				g.GranteeType, g.Grantee = child.Name, child.Attr("id")
			}
		}
		if g.Grantee == "" || g.GranteeType == "groupSet" && c.version.before(mustVersion("3.22")) {
			return nil, incomplete("Each <granteeCapabilities> needs a user or a group with an id; group sets are known from version 3.22 on.")
		}
		capabilities := rule.Child("capabilities")
		if capabilities == nil || len(capabilities.Children) == 0 {
			return nil, incomplete("Each <granteeCapabilities> needs <capabilities>.")
		}
		for _, capability := range capabilities.Children {
			g.Capability, g.Mode = capability.Attr("name"), capability.Attr("mode")
			grants = append(grants, g)
		}
	}
	return grants, nil
}

func (c *call) permissionsElement(tx *store.Tx, s securable) (*tsxml.Element, error) {
	e := tsxml.New("permissions")
	if s.lock != "" {
		e.Add(tsxml.New("parent", "type", "Project", "id", s.lock))
	}
	e.Add(s.element)
	grants, err := tx.Grants(s.place)
	type grantee struct{ kind, id string }
	rules := map[grantee]*tsxml.Element{}
	for _, g := range grants {
		if !slices.Contains(capabilitiesOf[s.kind], g.Capability) {
			continue // of a project's default for workbooks, views know fewer
		}
		by := grantee{g.GranteeType, g.Grantee}
		if rules[by] == nil {
			rules[by] = tsxml.List("capabilities")
			e.Add((&tsxml.Element{Name: "granteeCapabilities", Repeated: true}).Add(tsxml.New(by.kind, "id", by.id), rules[by]))
		}
		rules[by].Add(tsxml.New("capability", "name", g.Capability, "mode", g.Mode))
	}
	return e, err
}

func (c *call) listPermissions(find findSecurable) (*tsxml.Element, error) {
	return read(c, func(tx *store.Tx) (*tsxml.Element, error) {
		s, err := find(c, tx)
		if err != nil {
			return nil, err
		}
		return c.permissionsElement(tx, s)
	})
}

// changeable finds the item of the path, whose permissions the caller may change.
func (find findSecurable) changeable(c *call, tx *store.Tx) (securable, error) {
	s, err := find(c, tx)
	if err == nil && s.lock != "" {
		err = fail(forbidden, "The permissions are locked: the project '%s' decides.", s.lock)
	}
	return s, err
}

func (c *call) addPermissions(find findSecurable) (e *tsxml.Element, err error) {
	wanted, err := c.payload("permissions")
	if err != nil {
		return nil, err
	}
	grants, err := c.grantsIn(wanted)
	if err != nil {
		return nil, err
	}
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		s, err := find.changeable(c, tx)
		if err != nil {
			return err
		}
		for _, g := range grants {
			if err := c.addGrant(tx, s, g); err != nil {
				return err
			}
		}
		e, err = c.permissionsElement(tx, s)
		return err
	})
	return e, err
}

func (c *call) addGrant(tx *store.Tx, s securable, g store.Grant) error {
	if err := checkGrant(s.kind, g); err != nil {
		return err
	}
	if err := c.granteeExists(tx, g); err != nil {
		return err
	}
	standing, err := tx.Grants(s.place)
	if err != nil {
		return err
	}
	for _, other := range standing {
		if other == g {
			return nil
		}
		if other.GranteeType == g.GranteeType && other.Grantee == g.Grantee && other.Capability == g.Capability {
			return fail(badCapability, "The %s '%s' has the capability '%s' with the mode %s: delete that first.",
				g.GranteeType, g.Grantee, g.Capability, other.Mode)
		}
	}
	return tx.AddGrant(s.place, g)
}

func (c *call) deletePermission(find findSecurable) (*tsxml.Element, error) {
	g := store.Grant{GranteeType: granteePaths[c.id("grantees")], Grantee: c.id("grantee"), Capability: c.id("capability"), Mode: c.id("mode")}
	return nil, c.store.Write(c.ctx(), func(tx *store.Tx) error {
		s, err := find.changeable(c, tx)
		if err != nil {
			return err
		}
		if g.GranteeType == "" {
			return fail(resourceNotFound, "Unknown resource '%s' specified in URI: use users, groups or groupSets.", c.id("grantees"))
		}
		if err := checkGrant(s.kind, g); err != nil {
			return err
		}
		if err := c.granteeExists(tx, g); err != nil {
			return err
		}
		stood, err := tx.RemoveGrant(s.place, g)
		if err == nil && !stood {
			err = fail(resourceNotFound, "The %s '%s' does not have the capability '%s' with the mode %s.", g.GranteeType, g.Grantee, g.Capability, g.Mode)
		}
		return err
	})
}

// grantDefaults gives new content of a kind the default permissions of its project, or of the project that decides there.
func grantDefaults(tx *store.Tx, kind string, item, project int64) error {
	lock, err := tx.LockOnContents(project)
	if err == nil {
		project = lock.Seq
	} else if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	grants, err := tx.Grants(store.GrantPlace{Kind: "projects", Item: project, Content: kind})
	if err != nil {
		return err
	}
	for _, g := range grants {
		if err := tx.AddGrant(store.GrantPlace{Kind: kind, Item: item}, g); err != nil {
			return err
		}
	}
	return nil
}

// firstGrants is what the group of everyone is allowed in the default project of a new site: to publish there, and to see
// and use what is published. Other projects start with a copy.
var firstGrants = []struct {
	content      string
	capabilities []string
}{
	{"", []string{"Read", "Write"}},
	{"workbooks", []string{"Read", "Filter", "ViewComments", "AddComment", "ExportImage", "ExportData", "ShareView", "ViewUnderlyingData",
		"WebAuthoring", "RunExplainData"}},
	{"datasources", []string{"Read", "Connect"}},
	{"flows", []string{"Read"}},
	{"dataroles", []string{"Read"}},
	{"databases", []string{"Read"}},
	{"tables", []string{"Read"}},
	{"virtualConnections", []string{"Read", "Connect"}},
}

// addDefaultProject adds the project that every site has.
func addDefaultProject(tx *store.Tx, site int64, p store.Project) error {
	p.Default = true
	if err := tx.AddProject(site, &p); err != nil {
		return err
	}
	everyone, err := tx.Everyone(site)
	if err != nil {
		return err
	}
	for _, first := range firstGrants {
		for _, capability := range first.capabilities {
			place := store.GrantPlace{Kind: "projects", Item: p.Seq, Content: first.content}
			if err := tx.AddGrant(place, store.Grant{GranteeType: "group", Grantee: everyone.ID, Capability: capability, Mode: "Allow"}); err != nil {
				return err
			}
		}
	}
	return nil
}

// permissionRoutes are the three methods for each item that has permissions.
func permissionRoutes() []route {
	var all []route
	add := func(path, since, query, add, remove string, find findSecurable) {
		one := path + "/{grantees}/{grantee}/{capability}/{mode}"
		all = append(all,
			answered("GET", path, query, since, SignedIn, func(c *call) (*tsxml.Element, error) { return c.listPermissions(find) }),
			answered("PUT", path, add, since, SignedIn, func(c *call) (*tsxml.Element, error) { return c.addPermissions(find) }),
			answered("DELETE", one, remove, since, SignedIn, func(c *call) (*tsxml.Element, error) { return c.deletePermission(find) }))
	}
	add("/sites/{site}/workbooks/{workbook}/permissions", "2.0", "Query Workbook Permissions", "Add Workbook Permissions",
		"Delete Workbook Permission", workbookSecurable)
	add("/sites/{site}/datasources/{datasource}/permissions", "2.0", "Query Data Source Permissions", "Add Data Source Permissions",
		"Delete Data Source Permission", dataSourceSecurable)
	add("/sites/{site}/views/{view}/permissions", "3.2", "Query View Permissions", "Add View Permissions",
		"Delete View Permission", viewSecurable)
	add("/sites/{site}/projects/{project}/permissions", "2.0", "Query Project Permissions", "Add Project Permissions",
		"Delete Project Permission", projectSecurable)
	add("/sites/{site}/projects/{project}/default-permissions/{content}", "2.1", "Query Default Permissions", "Add Default Permissions",
		"Delete Default Permission", defaultsSecurable)
	return all
}
