package cli

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

// capabilities are what may be granted, in the order of Tableau's own pages.
var capabilities = []tableau.Capability{
	tableau.CapabilityRead, tableau.CapabilityFilter, tableau.CapabilityViewComments, tableau.CapabilityAddComment, tableau.CapabilityExportImage,
	tableau.CapabilityExportData, tableau.CapabilityShareView, tableau.CapabilityViewUnderlyingData, tableau.CapabilityWebAuthoring,
	tableau.CapabilityRunExplainData, tableau.CapabilityExportXML, tableau.CapabilityWrite, tableau.CapabilityChangeHierarchy,
	tableau.CapabilityDelete, tableau.CapabilityChangePermissions, tableau.CapabilityExtractRefresh, tableau.CapabilityConnect,
	tableau.CapabilitySaveAs, tableau.CapabilityVizqlDataAPIAccess, tableau.CapabilityPulseMetricDefine, tableau.CapabilityExecute,
	tableau.CapabilityWebAuthoringForFlows, tableau.CapabilityProjectLeader, tableau.CapabilityAIAccess, tableau.CapabilityOverwrite,
	tableau.CapabilityCreateRefreshMetrics,
}

// capabilityOf finds a capability, whose case does not matter. One that is not known is returned as it is.
func capabilityOf(text string) (capability tableau.Capability, known bool) {
	for _, known := range capabilities {
		if strings.EqualFold(string(known), text) {
			return known, true
		}
	}
	return tableau.Capability(text), false
}

// grantItem is one capability of one grantee.
type grantItem struct {
	Grantee     string `json:"grantee"`
	GranteeType string `json:"granteeType"`
	Capability  string `json:"capability"`
	Mode        string `json:"mode"`
	GranteeID   string `json:"granteeId"`
}

var grantColumns = []column{
	{title: "GRANTEE", path: "grantee"}, {title: "TYPE", path: "granteeType"}, {title: "CAPABILITY", path: "capability"}, {title: "MODE", path: "mode"},
	{title: "GRANTEE ID", path: "granteeId", wide: true},
}

func (a *app) permissionsCommand() *cobra.Command {
	return a.groupCommand("permissions", "Show and change who may do what",
		a.permissionsListCommand(),
		a.permissionsChangeCommand("grant", "Allow a user or group something", "allow", "Allowed", "to",
			func(ctx context.Context, c *tableau.Client, item ruled, rule tableau.PermissionRule) error {
				return setRule(ctx, c, item, rule, tableau.ModeAllow)
			}),
		a.permissionsChangeCommand("deny", "Deny a user or group something", "deny", "Denied", "to",
			func(ctx context.Context, c *tableau.Client, item ruled, rule tableau.PermissionRule) error {
				return setRule(ctx, c, item, rule, tableau.ModeDeny)
			}),
		a.permissionsChangeCommand("revoke", "Take back what was allowed or denied", "revoke", "Revoked", "from", revokeRule),
		a.permissionsSetCommand())
}

// defaultForChoice is the flag that turns a project's own permissions into those of what will be published in it.
func defaultForChoice() choice {
	return choice{allowed: []string{"workbooks", "datasources", "flows", "databases", "tables", "dataroles", "virtualConnections"}}
}

// ruled is what rules are about: an item, or what new content in a project starts with.
type ruled struct {
	tableau.Content
	of    tableau.ContentType // the new content; "": the item itself
	label string              // for messages
}

// findRuled finds what a type and a name stand for, or with a plural the defaults for such content.
func findRuled(ctx context.Context, c *tableau.Client, args []string, plural string) (r ruled, err error) {
	found, label, err := content(ctx, c, args[0], args[1])
	switch {
	case err != nil || plural == "":
		return ruled{found.Content, "", label}, err
	case found.Type != tableau.ContentProject:
		return r, usage("--default-for: only projects have default permissions")
	}
	return ruled{found.Content, tableau.ContentType(strings.TrimSuffix(plural, "s")), label + ", for new " + plural}, nil
}

func (r ruled) permissions(ctx context.Context, c *tableau.Client) (*tableau.Permissions, error) {
	if r.of != "" {
		return c.Permissions.Defaults(ctx, r.Content, r.of)
	}
	return c.Permissions.List(ctx, r.Content)
}

func (r ruled) set(ctx context.Context, c *tableau.Client, rules ...tableau.PermissionRule) (err error) {
	if r.of != "" {
		_, err = c.Permissions.SetDefaults(ctx, r.Content, r.of, rules...)
	} else {
		_, err = c.Permissions.Set(ctx, r.Content, rules...)
	}
	return err
}

func (r ruled) delete(ctx context.Context, c *tableau.Client, rules ...tableau.PermissionRule) error {
	if r.of != "" {
		return c.Permissions.DeleteDefaults(ctx, r.Content, r.of, rules...)
	}
	return c.Permissions.Delete(ctx, r.Content, rules...)
}

func (a *app) permissionsListCommand() *cobra.Command {
	defaults := defaultForChoice()
	command := &cobra.Command{
		Use: "list " + contentWords, Short: "List who may do what with a workbook, view, data source or project",
		Example: "  tabctl permissions list workbook Finance/Sales\n  tabctl permissions list project Finance --default-for workbooks -o csv",
		Args:    cobra.ExactArgs(2), ValidArgsFunction: a.completeContent,
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			item, err := findRuled(ctx, c, args, defaults.value)
			if err != nil {
				return err
			}
			permissions, err := item.permissions(ctx, c)
			if err != nil {
				return err
			}
			if permissions.ParentProjectID != "" {
				a.say("The project %s decides for %s.", permissions.ParentProjectID, item.label)
			}
			grants, err := grantItems(ctx, c, permissions)
			if err != nil {
				return err
			}
			return printList(a, grants, grantColumns)
		}),
	}
	choiceFlag(command, &defaults, "default-for", "of a project: the rules that new `content` in it starts with")
	return command
}

// grantItems names the grantees, which the server tells by their IDs, and puts groups before users.
func grantItems(ctx context.Context, c *tableau.Client, permissions *tableau.Permissions) ([]grantItem, error) {
	names := map[string]string{}
	for _, rule := range permissions.Rules {
		if rule.Grantee.Type == tableau.GranteeGroup && names[rule.Grantee.ID] == "" {
			for group, err := range c.Groups.List(ctx, tableau.Query{}) {
				if err != nil {
					break // who may not list groups sees IDs
				}
				names[group.ID] = group.Name
			}
		}
	}
	var items []grantItem
	for _, rule := range permissions.Rules {
		id := rule.Grantee.ID
		if rule.Grantee.Type == tableau.GranteeUser && names[id] == "" {
			if user, err := c.Users.Get(ctx, id); err == nil {
				names[id] = user.Name
			} else if ctx.Err() != nil {
				return nil, err
			}
		}
		for capability, mode := range rule.Capabilities {
			items = append(items, grantItem{cmp.Or(names[id], id), string(rule.Grantee.Type), string(capability), string(mode), id})
		}
	}
	slices.SortFunc(items, func(one, other grantItem) int { // so that two lists can be compared
		return cmp.Or(cmp.Compare(one.GranteeType, other.GranteeType), cmp.Compare(one.Grantee, other.Grantee),
			cmp.Compare(one.GranteeID, other.GranteeID), cmp.Compare(one.Capability, other.Capability))
	})
	return items, nil
}

func (a *app) permissionsChangeCommand(verb, short, sentence, done, preposition string, change func(ctx context.Context, c *tableau.Client, item ruled, rule tableau.PermissionRule) error) *cobra.Command {
	var user, group string
	defaults := defaultForChoice()
	wanted, least, long := "CAPABILITY...", 3, short
	if verb == "revoke" {
		wanted, least, long = "[CAPABILITY...]", 2, short+": the capabilities, or without one all that the user or group has"
	}
	command := &cobra.Command{
		Use: verb + " " + contentWords + " " + wanted, Short: short,
		Long: wrapped(long+". Capabilities are "+joined(capabilities)+".", 80),
		Example: fmt.Sprintf(`  tabctl permissions %s workbook Finance/Sales Read ExportData --group Analysts
  tabctl permissions %[1]s project Finance Write --user ann
  tabctl permissions %[1]s project Finance Read --group Analysts --default-for workbooks`, verb),
		Args: cobra.MinimumNArgs(least),
		ValidArgsFunction: func(command *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) < 2 {
				return a.completeContent(command, args, typed)
			}
			var names []string
			for _, capability := range capabilities {
				names = append(names, string(capability))
			}
			return offered(names, args[2:], typed), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			rule := tableau.PermissionRule{Capabilities: map[tableau.Capability]tableau.PermissionMode{}}
			for _, text := range args[2:] {
				capability, ok := capabilityOf(text)
				if !ok {
					return usage("there is no capability %q; there are %s", text, joined(capabilities))
				}
				rule.Capabilities[capability] = ""
			}
			named := cmp.Or(joined(slices.Sorted(maps.Keys(rule.Capabilities))), "everything")
			item, err := findRuled(ctx, c, args, defaults.value)
			if err != nil {
				return err
			}
			who := ""
			if rule.Grantee, who, err = findGrantee(ctx, c, user, group); err != nil {
				return err
			}
			what := fmt.Sprintf(" %s %s %s on %s", named, preposition, who, item.label)
			return a.change(sentence+what, done+what, func() error { return change(ctx, c, item, rule) })
		}),
	}
	command.Flags().StringVar(&user, "user", "", "`name` or ID of a user")
	command.Flags().StringVar(&group, "group", "", "`name` or ID of a group")
	command.MarkFlagsMutuallyExclusive("user", "group")
	command.MarkFlagsOneRequired("user", "group")
	choiceFlag(command, &defaults, "default-for", "of a project: the rules that new `content` in it starts with")
	a.dryRunFlag(command)
	return command
}

func findGrantee(ctx context.Context, c *tableau.Client, user, group string) (grantee tableau.Grantee, who string, err error) {
	if user != "" {
		u, err := users.find(ctx, c, user)
		if err != nil {
			return grantee, "", err
		}
		return tableau.Grantee{Type: tableau.GranteeUser, ID: u.ID}, fmt.Sprintf("the user %q", u.Name), nil
	}
	g, err := groups.find(ctx, c, group)
	if err != nil {
		return grantee, "", err
	}
	return tableau.Grantee{Type: tableau.GranteeGroup, ID: g.ID}, fmt.Sprintf("the group %q", g.Name), nil
}

// setRule gives the capabilities a mode, whatever they had before.
func setRule(ctx context.Context, c *tableau.Client, item ruled, rule tableau.PermissionRule, mode tableau.PermissionMode) error {
	for capability := range rule.Capabilities {
		rule.Capabilities[capability] = mode
	}
	return item.set(ctx, c, rule)
}

// revokeRule deletes the rules on the capabilities, allowing or denying, or on all when none is named. What has no rule is
// left as it is.
func revokeRule(ctx context.Context, c *tableau.Client, item ruled, rule tableau.PermissionRule) error {
	permissions, err := item.permissions(ctx, c)
	if err != nil {
		return err
	}
	there := tableau.PermissionRule{Grantee: rule.Grantee, Capabilities: map[tableau.Capability]tableau.PermissionMode{}}
	for _, known := range permissions.Rules {
		for capability, mode := range known.Capabilities {
			_, wanted := rule.Capabilities[capability]
			if len(rule.Capabilities) == 0 {
				wanted = capability != tableau.CapabilityInheritedProjectLeader // which no one can take back here
			}
			if wanted && known.Grantee == rule.Grantee {
				there.Capabilities[capability] = mode
			}
		}
	}
	if len(there.Capabilities) == 0 {
		return &missingError{"rule", "on these capabilities"}
	}
	return item.delete(ctx, c, there)
}

func joined[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, word := range words {
		texts[i] = string(word)
	}
	return strings.Join(texts, ", ")
}

// wrapped breaks a text into lines that are no wider.
func wrapped(text string, width int) string {
	var b strings.Builder
	line := 0
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
		case line+1+len(word) > width:
			b.WriteByte('\n')
			line = 0
		default:
			b.WriteByte(' ')
			line++
		}
		b.WriteString(word)
		line += len(word)
	}
	return b.String()
}
