package tableau

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// PermissionsService calls the permission methods of every kind of item: who
// may do what with a workbook, a project, a table, and with what will be put
// into a project.
//
// Workbooks, data sources and projects have them in every version; views since
// REST API version 3.2, flows 3.3, databases and tables 3.5, virtual
// connections 3.22, collections 3.28. A grantee that is a group set takes 3.22.
type PermissionsService service

// Permissions says who may do what with an item.
type Permissions struct {
	// ParentProjectID names the project that decides instead of the item,
	// because its permissions are locked; changes of the item's own are then
	// refused. "" when the item decides.
	ParentProjectID string
	Rules           []PermissionRule
	Extra           Attributes
}

// PermissionRule says what one grantee may and may not do.
type PermissionRule struct {
	Grantee      Grantee
	Capabilities map[Capability]PermissionMode
	Extra        Attributes // of the grantee, as the server names it; never sent
}

// Grantee is who a rule is about.
type Grantee struct {
	Type GranteeType
	ID   string
}

// GranteeType is the kind of a grantee.
type GranteeType string

// The kinds of grantees.
const (
	GranteeUser     GranteeType = "user"
	GranteeGroup    GranteeType = "group"
	GranteeGroupSet GranteeType = "groupSet" // since REST API version 3.22
)

// PermissionMode says whether a capability is given or withheld. A capability
// without a mode is withheld unless another rule gives it.
type PermissionMode string

// The modes of a capability.
const (
	ModeAllow PermissionMode = "Allow"
	ModeDeny  PermissionMode = "Deny" // wins when the groups of a user differ
)

// Capability is something that may be done with an item. Each kind of item
// knows some of them; the server refuses others.
type Capability string

// The capabilities.
const (
	CapabilityAddComment             Capability = "AddComment"
	CapabilityAIAccess               Capability = "AiAccess"
	CapabilityChangeHierarchy        Capability = "ChangeHierarchy" // move it
	CapabilityChangePermissions      Capability = "ChangePermissions"
	CapabilityConnect                Capability = "Connect"
	CapabilityCreateRefreshMetrics   Capability = "CreateRefreshMetrics" // gone from newer servers
	CapabilityDelete                 Capability = "Delete"
	CapabilityExecute                Capability = "Execute" // run a flow
	CapabilityExportData             Capability = "ExportData"
	CapabilityExportImage            Capability = "ExportImage"
	CapabilityExportXML              Capability = "ExportXml" // download or save a copy
	CapabilityExtractRefresh         Capability = "ExtractRefresh"
	CapabilityFilter                 Capability = "Filter"
	CapabilityInheritedProjectLeader Capability = "InheritedProjectLeader" // told by the server; cannot be set
	CapabilityOverwrite              Capability = "Overwrite"
	CapabilityProjectLeader          Capability = "ProjectLeader" // cannot be denied
	CapabilityPulseMetricDefine      Capability = "PulseMetricDefine"
	CapabilityRead                   Capability = "Read" // see it
	CapabilityRunExplainData         Capability = "RunExplainData"
	CapabilitySaveAs                 Capability = "SaveAs"
	CapabilityShareView              Capability = "ShareView"
	CapabilityViewComments           Capability = "ViewComments"
	CapabilityViewUnderlyingData     Capability = "ViewUnderlyingData"
	CapabilityVizqlDataAPIAccess     Capability = "VizqlDataApiAccess"
	CapabilityWebAuthoring           Capability = "WebAuthoring"
	CapabilityWebAuthoringForFlows   Capability = "WebAuthoringForFlows"
	CapabilityWrite                  Capability = "Write" // publish into it, or overwrite it
)

// Allow is a rule that gives the grantee the capabilities.
func Allow(grantee Grantee, capabilities ...Capability) PermissionRule {
	return ruleOf(grantee, ModeAllow, capabilities)
}

// Deny is a rule that withholds the capabilities from the grantee.
func Deny(grantee Grantee, capabilities ...Capability) PermissionRule {
	return ruleOf(grantee, ModeDeny, capabilities)
}

func ruleOf(grantee Grantee, mode PermissionMode, capabilities []Capability) PermissionRule {
	rule := PermissionRule{Grantee: grantee, Capabilities: map[Capability]PermissionMode{}}
	for _, capability := range capabilities {
		rule.Capabilities[capability] = mode
	}
	return rule
}

// List returns the permissions of an item. What administrators and owners may
// do by their role is not among them.
//
//tableau:op GET /sites/{site}/{content}/{id}/permissions since=2.0 retry=safe tsc=workbooks.populate_permissions,views.populate_permissions,datasources.populate_permissions,projects.populate_permissions,flows.populate_permissions,databases.populate_permissions,tables.populate_permissions,virtual_connections.populate_permissions
func (s *PermissionsService) List(ctx context.Context, content Content) (*Permissions, error) {
	return s.list(ctx, placeOf(content, "permissions", permissionsSince))
}

// Add adds rules to the permissions of an item and returns them all. A
// capability that the grantee has with the other mode is not changed, and
// servers may refuse the call: use [PermissionsService.Set] for that.
//
//tableau:op PUT /sites/{site}/{content}/{id}/permissions since=2.0 retry=safe tsc=workbooks.update_permissions,views.update_permissions,datasources.update_permissions,projects.update_permissions,flows.update_permissions,databases.update_permissions,tables.update_permissions,virtual_connections.add_permissions
func (s *PermissionsService) Add(ctx context.Context, content Content, rules ...PermissionRule) (*Permissions, error) {
	return s.add(ctx, placeOf(content, "permissions", permissionsSince), rules)
}

// Delete takes the rules out of the permissions of an item: one request for
// each capability, with the mode that it has. The first error ends it; what
// was deleted by then stays deleted. What does not stand, or stands with the
// other mode, the server refuses to delete.
//
//tableau:op DELETE /sites/{site}/{content}/{id}/permissions/{grantees}/{grantee}/{capability}/{mode} since=2.0 retry=safe tsc=workbooks.delete_permission,views.delete_permission,datasources.delete_permission,projects.delete_permission,flows.delete_permission,databases.delete_permission,tables.delete_permission,virtual_connections.delete_permission
func (s *PermissionsService) Delete(ctx context.Context, content Content, rules ...PermissionRule) error {
	return s.delete(ctx, placeOf(content, "permissions", permissionsSince), rules)
}

// Set sees to it that the rules hold, and returns all permissions of the item:
// it reads them, deletes what stands with the other mode, and adds what is
// missing. Rules that hold already are not sent, and those of other grantees
// and capabilities stay. Errors: [ErrInvalidArgument] when the rules allow and
// deny the same.
//
//tableau:op GET /sites/{site}/{content}/{id}/permissions since=2.0 retry=safe tsc=-
func (s *PermissionsService) Set(ctx context.Context, content Content, rules ...PermissionRule) (*Permissions, error) {
	return s.set(ctx, placeOf(content, "permissions", permissionsSince), rules)
}

// Defaults returns the permissions that new content of the type gets in the
// holder: a project (workbooks and data sources since REST API version 2.1,
// metrics 3.2, flows, data roles and lenses 3.4, databases, tables and virtual
// connections 3.23), or a database for its tables (3.5).
//
//tableau:op GET /sites/{site}/{holder}/{id}/default-permissions/{content} since=2.1 retry=safe tsc=projects.populate_workbook_default_permissions,projects.populate_datasource_default_permissions,projects.populate_flow_default_permissions,projects.populate_metric_default_permissions,projects.populate_datarole_default_permissions,projects.populate_lens_default_permissions,projects.populate_database_default_permissions,projects.populate_table_default_permissions,projects.populate_virtualconnection_default_permissions,databases.populate_table_default_permissions
func (s *PermissionsService) Defaults(ctx context.Context, holder Content, of ContentType) (*Permissions, error) {
	return s.list(ctx, defaultsOf(holder, of))
}

// AddDefaults adds rules to the default permissions and returns them all, as
// [PermissionsService.Add] does for those of an item.
//
//tableau:op PUT /sites/{site}/{holder}/{id}/default-permissions/{content} since=2.1 retry=safe tsc=projects.update_workbook_default_permissions,projects.update_datasource_default_permissions,projects.update_flow_default_permissions,projects.update_metric_default_permissions,projects.update_datarole_default_permissions,projects.update_lens_default_permissions,projects.update_database_default_permissions,projects.update_table_default_permissions,projects.update_virtualconnection_default_permissions,databases.update_table_default_permissions
func (s *PermissionsService) AddDefaults(ctx context.Context, holder Content, of ContentType, rules ...PermissionRule) (*Permissions, error) {
	return s.add(ctx, defaultsOf(holder, of), rules)
}

// DeleteDefaults takes the rules out of the default permissions, as
// [PermissionsService.Delete] does for those of an item.
//
//tableau:op DELETE /sites/{site}/{holder}/{id}/default-permissions/{content}/{grantees}/{grantee}/{capability}/{mode} since=2.1 retry=safe tsc=projects.delete_workbook_default_permissions,projects.delete_datasource_default_permissions,projects.delete_flow_default_permissions,projects.delete_metric_default_permissions,projects.delete_datarole_default_permissions,projects.delete_lens_default_permissions,projects.delete_database_default_permissions,projects.delete_table_default_permissions,projects.delete_virtualconnection_default_permissions,databases.delete_table_default_permissions
func (s *PermissionsService) DeleteDefaults(ctx context.Context, holder Content, of ContentType, rules ...PermissionRule) error {
	return s.delete(ctx, defaultsOf(holder, of), rules)
}

// SetDefaults sees to it that the rules hold among the default permissions, as
// [PermissionsService.Set] does for those of an item.
//
//tableau:op GET /sites/{site}/{holder}/{id}/default-permissions/{content} since=2.1 retry=safe tsc=-
func (s *PermissionsService) SetDefaults(ctx context.Context, holder Content, of ContentType, rules ...PermissionRule) (*Permissions, error) {
	return s.set(ctx, defaultsOf(holder, of), rules)
}

// permissionsSince holds the kinds of items that have permissions, with the
// first version of the REST API that tells them.
var permissionsSince = map[ContentType]Version{
	ContentWorkbook: "2.0", ContentDataSource: "2.0", ContentProject: "2.0", ContentView: "3.2", ContentMetric: "3.2",
	ContentFlow: "3.3", ContentLens: "3.4", ContentDatabase: "3.5", ContentTable: "3.5", ContentVirtualConnection: "3.22",
	ContentCollection: "3.28",
}

// projectDefaultsSince is the same for the default permissions of a project.
var projectDefaultsSince = map[ContentType]Version{
	ContentWorkbook: "2.1", ContentDataSource: "2.1", ContentMetric: "3.2", ContentFlow: "3.4", ContentDataRole: "3.4",
	ContentLens: "3.4", ContentDatabase: "3.23", ContentTable: "3.23", ContentVirtualConnection: "3.23",
}

// groupSetsSince is the first version that knows group sets as grantees.
const groupSetsSince Version = "3.22"

// place is where permissions or tags hang.
type place struct {
	segments []string
	minimum  Version
	err      error
}

// placeOf is the place below an item, for the types that since holds.
func placeOf(content Content, below string, since map[ContentType]Version) place {
	segment, err := content.segment()
	if _, ok := since[content.Type]; err == nil && !ok {
		err = invalid(fmt.Sprintf("a %s has no %s", content.Type, below))
	}
	return place{[]string{segment, content.ID, below}, since[content.Type], err}
}

// defaultsOf is the place of default permissions.
func defaultsOf(holder Content, of ContentType) place {
	var since map[ContentType]Version
	switch holder.Type {
	case ContentProject:
		since = projectDefaultsSince
	case ContentDatabase:
		since = map[ContentType]Version{ContentTable: "3.5"}
	}
	segment, err := holder.segment()
	below, belowErr := Content{Type: of}.segment()
	switch {
	case err != nil:
	case belowErr != nil:
		err = belowErr
	case since[of] == "":
		err = invalid(fmt.Sprintf("a %s has no default permissions for the type %s", holder.Type, of))
	}
	return place{[]string{segment, holder.ID, "default-permissions", below}, since[of], err}
}

// request makes a request with one of get, put and del.
func (p place) request(verb func(...string) request, below ...string) request {
	return verb(slices.Concat(p.segments, below)...).since(p.minimum).fail(p.err)
}

// granting is the place for a request about the grantees of the rules.
func (p place) granting(rules []PermissionRule) place {
	for _, rule := range rules {
		if rule.Grantee.Type == GranteeGroupSet && p.minimum.Less(groupSetsSince) {
			p.minimum = groupSetsSince
		}
		if err := rule.check(); err != nil && p.err == nil {
			p.err = err
		}
	}
	return p
}

func (r PermissionRule) check() error {
	switch r.Grantee.Type {
	case GranteeUser, GranteeGroup, GranteeGroupSet:
	default:
		return invalid(fmt.Sprintf("the grantee's type is %q, want user, group or groupSet", string(r.Grantee.Type)))
	}
	if r.Grantee.ID == "" {
		return invalid(fmt.Sprintf("the ID of the grantee, a %s, is empty", r.Grantee.Type))
	}
	if len(r.Capabilities) == 0 {
		return invalid(fmt.Sprintf("the rule for %s %s names no capability", r.Grantee.Type, r.Grantee.ID))
	}
	for capability, mode := range r.Capabilities {
		if capability == "" || mode == "" {
			return invalid(fmt.Sprintf("the rule for %s %s holds the capability %q with the mode %q: neither may be empty",
				r.Grantee.Type, r.Grantee.ID, string(capability), string(mode)))
		}
	}
	return nil
}

// permissionsXML is the permissions as they are sent and answered.
type permissionsXML struct {
	Parent *struct {
		Type string `xml:"type,attr"`
		ID   string `xml:"id,attr"`
	} `xml:"parent"`
	Rules []ruleXML  `xml:"granteeCapabilities"`
	Extra Attributes `xml:",any,attr"`
}

type ruleXML struct {
	Group        *granteeXML     `xml:"group"`
	GroupSet     *granteeXML     `xml:"groupSet"`
	User         *granteeXML     `xml:"user"`
	Capabilities []capabilityXML `xml:"capabilities>capability"`
}

type granteeXML struct {
	ID    string     `xml:"id,attr"`
	Extra Attributes `xml:",any,attr"`
}

type capabilityXML struct {
	Name Capability     `xml:"name,attr"`
	Mode PermissionMode `xml:"mode,attr"`
}

func (p *permissionsXML) permissions() *Permissions {
	out := &Permissions{Extra: p.Extra}
	if p.Parent != nil && p.Parent.Type == "Project" {
		out.ParentProjectID = p.Parent.ID
	}
	for _, r := range p.Rules {
		rule := PermissionRule{Capabilities: map[Capability]PermissionMode{}}
		for kind, grantee := range map[GranteeType]*granteeXML{GranteeUser: r.User, GranteeGroup: r.Group, GranteeGroupSet: r.GroupSet} {
			if grantee != nil {
				rule.Grantee, rule.Extra = Grantee{kind, grantee.ID}, grantee.Extra
			}
		}
		for _, c := range r.Capabilities {
			rule.Capabilities[c.Name] = c.Mode
		}
		out.Rules = append(out.Rules, rule)
	}
	return out
}

func permissionsRequest(rules []PermissionRule) permissionsXML {
	var out permissionsXML
	for _, rule := range rules {
		var r ruleXML
		grantee := &granteeXML{ID: rule.Grantee.ID}
		switch rule.Grantee.Type {
		case GranteeUser:
			r.User = grantee
		case GranteeGroup:
			r.Group = grantee
		case GranteeGroupSet:
			r.GroupSet = grantee
		}
		for _, capability := range slices.Sorted(maps.Keys(rule.Capabilities)) {
			r.Capabilities = append(r.Capabilities, capabilityXML{capability, rule.Capabilities[capability]})
		}
		out.Rules = append(out.Rules, r)
	}
	return out
}

func (s *PermissionsService) list(ctx context.Context, p place) (*Permissions, error) {
	return s.fetch(ctx, p.request(get))
}

func (s *PermissionsService) add(ctx context.Context, p place, rules []PermissionRule) (*Permissions, error) {
	return s.fetch(ctx, p.granting(rules).request(put).send("permissions", permissionsRequest(rules)))
}

func (s *PermissionsService) fetch(ctx context.Context, r request) (*Permissions, error) {
	answer, err := fetch[permissionsXML](ctx, s.client, "permissions", r)
	if err != nil {
		return nil, err
	}
	return answer.permissions(), nil
}

func (s *PermissionsService) delete(ctx context.Context, p place, rules []PermissionRule) error {
	p = p.granting(rules)
	if p.err != nil {
		return p.err
	}
	for _, rule := range rules {
		for _, capability := range slices.Sorted(maps.Keys(rule.Capabilities)) {
			r := p.request(del, string(rule.Grantee.Type)+"s", rule.Grantee.ID, string(capability), string(rule.Capabilities[capability]))
			if err := s.client.run(ctx, r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *PermissionsService) set(ctx context.Context, p place, rules []PermissionRule) (*Permissions, error) {
	p = p.granting(rules)
	if p.err == nil {
		p.err = checkContradictions(rules)
	}
	current, err := s.list(ctx, p)
	if err != nil {
		return nil, err
	}
	var contrary, missing []PermissionRule
	for _, rule := range rules {
		remove, add := ruleOf(rule.Grantee, "", nil), ruleOf(rule.Grantee, "", nil)
		for capability, mode := range rule.Capabilities {
			standing := current.mode(rule.Grantee, capability)
			if standing == mode {
				continue
			}
			add.Capabilities[capability] = mode
			if standing != "" {
				remove.Capabilities[capability] = standing
			}
		}
		if len(remove.Capabilities) > 0 {
			contrary = append(contrary, remove)
		}
		if len(add.Capabilities) > 0 {
			missing = append(missing, add)
		}
	}
	if len(missing) == 0 {
		return current, nil
	}
	if err := s.delete(ctx, p, contrary); err != nil {
		return nil, err
	}
	changed, err := s.add(ctx, p, missing)
	if err != nil && len(contrary) > 0 {
		return nil, fmt.Errorf("tableau: permissions with the other mode are deleted, but those in their place were not added: %w", err)
	}
	return changed, err
}

// mode is how the capability stands for the grantee, "" when it does not.
func (p *Permissions) mode(grantee Grantee, capability Capability) PermissionMode {
	for _, rule := range p.Rules {
		if mode, ok := rule.Capabilities[capability]; ok && rule.Grantee == grantee {
			return mode
		}
	}
	return ""
}

// checkContradictions refuses rules of which not all can hold.
func checkContradictions(rules []PermissionRule) error {
	all := &Permissions{}
	for _, rule := range rules {
		for capability, mode := range rule.Capabilities {
			if other := all.mode(rule.Grantee, capability); other != "" && other != mode {
				return invalid(fmt.Sprintf("the rules set %s for %s %s both to %s and to %s", capability, rule.Grantee.Type, rule.Grantee.ID, other, mode))
			}
		}
		all.Rules = append(all.Rules, rule)
	}
	return nil
}
