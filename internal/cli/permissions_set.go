package cli

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

// granted are the modes of capabilities, by who has them.
type granted map[tableau.Grantee]map[tableau.Capability]tableau.PermissionMode

func (g granted) add(grantee tableau.Grantee, capability tableau.Capability, mode tableau.PermissionMode) {
	if g[grantee] == nil {
		g[grantee] = map[tableau.Capability]tableau.PermissionMode{}
	}
	g[grantee][capability] = mode
}

// grantedBy leaves out what the server derives and nobody can change.
func grantedBy(permissions *tableau.Permissions) granted {
	g := granted{}
	for _, rule := range permissions.Rules {
		for capability, mode := range rule.Capabilities {
			if capability != tableau.CapabilityInheritedProjectLeader {
				g.add(rule.Grantee, capability, mode)
			}
		}
	}
	return g
}

// without returns what g has and other has not, or has with another mode.
func (g granted) without(other granted) granted {
	rest := granted{}
	for grantee, capabilities := range g {
		for capability, mode := range capabilities {
			if other[grantee][capability] != mode {
				rest.add(grantee, capability, mode)
			}
		}
	}
	return rest
}

func (g granted) rules() []tableau.PermissionRule {
	var rules []tableau.PermissionRule
	for grantee, capabilities := range g {
		rules = append(rules, tableau.PermissionRule{Grantee: grantee, Capabilities: capabilities})
	}
	slices.SortFunc(rules, func(one, other tableau.PermissionRule) int {
		return cmp.Or(cmp.Compare(one.Grantee.Type, other.Grantee.Type), cmp.Compare(one.Grantee.ID, other.Grantee.ID))
	})
	return rules
}

func (a *app) permissionsSetCommand() *cobra.Command {
	defaults := defaultForChoice()
	command := &cobra.Command{
		Use: "set " + contentWords + " FILE", Short: "Make the rules on an item exactly those of a file",
		Long: `Makes the rules on a workbook, view, data source or project exactly those of a
file, as "tabctl permissions list -o yaml" or "-o json" prints them: what is
missing is added, what differs is changed, and what the file does not have is
taken away. - is standard input.

Each rule has a grantee, a capability, a granteeType (group without one) and a
mode (Allow without one). A granteeId may be left out, as for another site, and
must be of that grantee when it is there. The file of an item without any rule
is []. Nothing is changed before all grantees and capabilities are known.`,
		Example: `  tabctl permissions list project Finance -o yaml > finance.yaml
  tabctl permissions set project Finance finance.yaml --dry-run
  tabctl permissions list workbook Sales -o json | tabctl permissions set workbook Costs -`,
		Args: cobra.ExactArgs(3),
		ValidArgsFunction: func(command *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 2 {
				return nil, cobra.ShellCompDirectiveDefault // a file
			}
			return a.completeContent(command, args, typed)
		},
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			items, err := a.readGrants(args[2])
			if err != nil {
				return err
			}
			item, err := findRuled(ctx, c, args, defaults.value)
			if err != nil {
				return err
			}
			permissions, err := item.permissions(ctx, c)
			if err != nil {
				return err
			}
			before := grantedBy(permissions)
			wanted, names, err := wantedGrants(ctx, c, items, before)
			if err != nil {
				return fmt.Errorf("%s: %w", args[2], err)
			}
			known, err := grantItems(ctx, c, permissions)
			if err != nil {
				return err
			}
			for _, grant := range known {
				names[tableau.Grantee{Type: tableau.GranteeType(grant.GranteeType), ID: grant.GranteeID}] = grant.Grantee
			}
			return a.setPermissions(ctx, c, item, before, wanted, names)
		}),
	}
	choiceFlag(command, &defaults, "default-for", "of a project: the rules that new `content` in it starts with")
	a.dryRunFlag(command)
	return command
}

// readGrants reads rules in YAML, which JSON is a part of.
func (a *app) readGrants(path string) ([]grantItem, error) {
	source, err := a.input(path)
	if err != nil {
		return nil, err
	}
	defer source.Close()
	text, err := io.ReadAll(source)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if len(bytes.TrimSpace(text)) == 0 { // perhaps what should have written it has failed
		return nil, withHint(usage("%s is empty", path), "[] in it to take all rules away")
	}
	var items []grantItem
	if err := yaml.UnmarshalWithOptions(text, &items, yaml.Strict()); err != nil {
		return nil, withHint(usage("%s: %w", path, err), "a list as tabctl permissions list -o yaml prints it")
	}
	return items, nil
}

// wantedGrants understands rules: whom they name, and what they allow and deny. An item keeps what a newer server knows.
func wantedGrants(ctx context.Context, c *tableau.Client, items []grantItem, before granted) (wanted granted, names map[tableau.Grantee]string, err error) {
	wanted, names = granted{}, map[tableau.Grantee]string{}
	found := map[grantItem]tableau.Grantee{}
	for _, item := range items {
		if strings.EqualFold(item.Capability, string(tableau.CapabilityInheritedProjectLeader)) {
			continue
		}
		key := grantItem{Grantee: item.Grantee, GranteeType: item.GranteeType, GranteeID: item.GranteeID}
		grantee, ok := found[key]
		if !ok {
			if grantee, err = granteeOf(ctx, c, item, before); err != nil {
				return nil, nil, err
			}
			found[key], names[grantee] = grantee, cmp.Or(item.Grantee, item.GranteeID)
		}
		capability, ok := capabilityOf(item.Capability)
		if _, standing := before[grantee][tableau.Capability(item.Capability)]; !ok && !standing {
			return nil, nil, usage("there is no capability %q; there are %s", item.Capability, joined(capabilities))
		}
		mode := choice{value: string(tableau.ModeAllow), allowed: []string{string(tableau.ModeAllow), string(tableau.ModeDeny)}}
		if item.Mode != "" {
			if err := mode.Set(item.Mode); err != nil {
				return nil, nil, usage("the mode %q of %s for %s: %w", item.Mode, capability, names[grantee], err)
			}
		}
		if other, twice := wanted[grantee][capability]; twice && other != tableau.PermissionMode(mode.value) {
			return nil, nil, usage("%s is allowed and denied for %s", capability, names[grantee])
		}
		wanted.add(grantee, capability, tableau.PermissionMode(mode.value))
	}
	return wanted, names, nil
}

// granteeOf finds whom a rule is about. Group sets are known where they have rules already.
func granteeOf(ctx context.Context, c *tableau.Client, item grantItem, before granted) (tableau.Grantee, error) {
	kind := choice{value: string(tableau.GranteeGroup), allowed: []string{string(tableau.GranteeUser), string(tableau.GranteeGroup), string(tableau.GranteeGroupSet)}}
	if item.GranteeType != "" {
		if err := kind.Set(item.GranteeType); err != nil {
			return tableau.Grantee{}, usage("the granteeType %q of %s: %w", item.GranteeType, cmp.Or(item.Grantee, item.GranteeID), err)
		}
	}
	named := cmp.Or(item.GranteeID, item.Grantee)
	grantee, name := tableau.Grantee{Type: tableau.GranteeType(kind.value), ID: item.GranteeID}, item.GranteeID
	switch {
	case named == "":
		return grantee, usage("a rule on %s has no grantee", item.Capability)
	case grantee.Type == tableau.GranteeUser:
		user, err := users.find(ctx, c, named)
		if err != nil {
			return grantee, err
		}
		grantee.ID, name = user.ID, user.Name
	case grantee.Type == tableau.GranteeGroup:
		group, err := groups.find(ctx, c, named)
		if err != nil {
			return grantee, err
		}
		grantee.ID, name = group.ID, group.Name
	case before[grantee] == nil:
		return grantee, usage("the group set %q has no rule on the item yet, so that its ID cannot be checked", named)
	}
	if item.GranteeID != "" && item.Grantee != "" && item.Grantee != name && item.Grantee != item.GranteeID {
		return grantee, usage("the granteeId %s is that of %q, not of %q", item.GranteeID, name, item.Grantee)
	}
	return grantee, nil
}

// setPermissions adds and changes before it takes away, so that nobody is locked out on the way.
func (a *app) setPermissions(ctx context.Context, c *tableau.Client, item ruled, before, wanted granted, names map[tableau.Grantee]string) error {
	set, gone := wanted.without(before), before.without(wanted)
	for grantee, capabilities := range set { // what only changes its mode is not taken away
		for capability := range capabilities {
			delete(gone[grantee], capability)
		}
		if len(gone[grantee]) == 0 {
			delete(gone, grantee)
		}
	}
	lines := func(allow, deny, revoke string) (lines []string) {
		tell := func(verb string, rule tableau.PermissionRule, mode tableau.PermissionMode, preposition string) {
			if chosen := withMode(rule, mode); chosen != "" {
				lines = append(lines, fmt.Sprintf("%s %s %s the %s %q on %s", verb, chosen, preposition, rule.Grantee.Type, names[rule.Grantee], item.label))
			}
		}
		for _, rule := range set.rules() {
			tell(allow, rule, tableau.ModeAllow, "to")
			tell(deny, rule, tableau.ModeDeny, "to")
		}
		for _, rule := range gone.rules() {
			tell(revoke, rule, "", "from")
		}
		return lines
	}
	if len(set)+len(gone) == 0 {
		a.say("Nothing to change: the rules are those of the file already")
		return nil
	}
	if a.dryRun {
		for _, line := range lines("allow", "deny", "revoke") {
			a.left("%s", line)
		}
		return nil
	}
	var err error
	if len(set) > 0 {
		err = item.set(ctx, c, set.rules()...)
	}
	if err == nil && len(gone) > 0 {
		err = item.delete(ctx, c, gone.rules()...)
	}
	if err != nil {
		return withHint(fmt.Errorf("set the permissions on %s: %w", item.label, err), "the same command again when the reason is gone: it goes on from what is there")
	}
	for _, line := range lines("Allowed", "Denied", "Revoked") {
		a.say("%s", line)
	}
	return nil
}

// withMode names the capabilities that the rule gives the mode; "" is any.
func withMode(rule tableau.PermissionRule, mode tableau.PermissionMode) string {
	var chosen []tableau.Capability
	for capability, has := range rule.Capabilities {
		if mode == "" || has == mode {
			chosen = append(chosen, capability)
		}
	}
	slices.Sort(chosen)
	return joined(chosen)
}
