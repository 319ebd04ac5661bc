package wiretest

import (
	"context"
	"fmt"
	"testing"

	"github.com/tabctl/tableau-go/tableau"
)

// contentTypes are the kinds of items by Python's endpoints.
var contentTypes = map[string]tableau.ContentType{
	"workbooks":           tableau.ContentWorkbook,
	"views":               tableau.ContentView,
	"datasources":         tableau.ContentDataSource,
	"projects":            tableau.ContentProject,
	"flows":               tableau.ContentFlow,
	"metrics":             tableau.ContentMetric,
	"databases":           tableau.ContentDatabase,
	"tables":              tableau.ContentTable,
	"virtual_connections": tableau.ContentVirtualConnection,
}

var _ = register(permissionAdapters())

// permissionAdapters adapts the methods that every endpoint has of its own.
func permissionAdapters() map[string]adapter {
	all := map[string]adapter{}
	for resource, kind := range contentTypes {
		if kind == tableau.ContentMetric {
			continue // Python has none for metrics
		}
		content := func(c *call) (tableau.Content, error) { return contentOf(c, kind) }
		all[resource+".populate_permissions"] = func(ctx context.Context, c *call) (any, error) {
			item, err := content(c)
			if err != nil {
				return nil, err
			}
			return rulesOf(c.client.Permissions.List(ctx, item))
		}
		update := "update_permissions"
		if kind == tableau.ContentVirtualConnection {
			update = "add_permissions"
		}
		all[resource+"."+update] = func(ctx context.Context, c *call) (any, error) {
			item, err := content(c)
			if err != nil {
				return nil, err
			}
			return rulesOf(c.client.Permissions.Add(ctx, item, rulesIn(c.args)...))
		}
		all[resource+".delete_permission"] = func(ctx context.Context, c *call) (any, error) {
			item, err := content(c)
			if err != nil {
				return nil, err
			}
			return nil, c.client.Permissions.Delete(ctx, item, rulesIn(c.args)...)
		}
	}
	defaults := func(resource, name string, of tableau.ContentType) {
		holder := func(c *call) (tableau.Content, error) { return contentOf(c, contentTypes[resource]) }
		all[resource+".populate_"+name+"_default_permissions"] = func(ctx context.Context, c *call) (any, error) {
			item, err := holder(c)
			if err != nil {
				return nil, err
			}
			return rulesOf(c.client.Permissions.Defaults(ctx, item, of))
		}
		all[resource+".update_"+name+"_default_permissions"] = func(ctx context.Context, c *call) (any, error) {
			item, err := holder(c)
			if err != nil {
				return nil, err
			}
			return rulesOf(c.client.Permissions.AddDefaults(ctx, item, of, rulesIn(c.args)...))
		}
		all[resource+".delete_"+name+"_default_permissions"] = func(ctx context.Context, c *call) (any, error) {
			item, err := holder(c)
			if err != nil {
				return nil, err
			}
			return nil, c.client.Permissions.DeleteDefaults(ctx, item, of, rulesIn(c.args)...)
		}
	}
	for name, of := range map[string]tableau.ContentType{
		"workbook": tableau.ContentWorkbook, "datasource": tableau.ContentDataSource, "flow": tableau.ContentFlow,
		"metric": tableau.ContentMetric, "datarole": tableau.ContentDataRole, "lens": tableau.ContentLens,
		"database": tableau.ContentDatabase, "table": tableau.ContentTable, "virtualconnection": tableau.ContentVirtualConnection,
	} {
		defaults("projects", name, of)
	}
	defaults("databases", "table", tableau.ContentTable)
	return all
}

// contentOf reads the item, by one of the names that Python has for it.
func contentOf(c *call, kind tableau.ContentType) (tableau.Content, error) {
	err := c.args.only("item", "resource", "virtual_connection", "tags", "rules", "rule", "permission_item", "capability_item")
	for _, name := range []string{"item", "resource", "virtual_connection"} {
		if c.args.has(name) {
			return tableau.Content{Type: kind, ID: c.args.id(name)}, err
		}
	}
	return tableau.Content{Type: kind}, err
}

// rulesIn reads the rules, one or a list, by one of the names that Python has
// for them.
func rulesIn(args arguments) []tableau.PermissionRule {
	var rules []tableau.PermissionRule
	for _, name := range []string{"rules", "rule", "permission_item", "capability_item"} {
		list := args.items(name)
		if args.item(name).has("$rule") {
			list = []arguments{args.item(name)}
		}
		for _, marker := range list {
			rule := marker.item("$rule")
			grantee := rule.item("grantee")
			out := tableau.PermissionRule{
				Grantee:      tableau.Grantee{Type: tableau.GranteeType(grantee.text("type")), ID: grantee.text("id")},
				Capabilities: map[tableau.Capability]tableau.PermissionMode{},
			}
			for capability, mode := range rule.item("capabilities") {
				out.Capabilities[tableau.Capability(capability)] = tableau.PermissionMode(fmt.Sprint(mode))
			}
			rules = append(rules, out)
		}
	}
	return rules
}

// rulesOf leaves only what Python returns.
func rulesOf(p *tableau.Permissions, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return p.Rules, nil
}

func TestComparisonOfCapabilities(t *testing.T) {
	t.Parallel()
	const (
		start = `<tsRequest><permissions><granteeCapabilities><user id="u"/><capabilities>`
		end   = `</capabilities></granteeCapabilities></permissions></tsRequest>`
		read  = `<capability name="Read" mode="Allow"/>`
		write = `<capability name="Write" mode="Deny"/>`
	)
	if found := compareXML("body", start+read+write+end, start+write+read+end); len(found) != 0 {
		t.Errorf("the order of capabilities counts: %v", found)
	}
	if found := compareXML("body", start+read+write+end, start+read+end); len(found) == 0 {
		t.Error("a missing capability does not count")
	}

	want := map[string]any{"$type": "PermissionsRule", "capabilities": map[string]any{"Read": "Allow"}}
	tests := []struct {
		rule tableau.PermissionRule
		want int
	}{
		{tableau.Allow(tableau.Grantee{}, tableau.CapabilityRead), 0},
		{tableau.Deny(tableau.Grantee{}, tableau.CapabilityRead), 1},
		{tableau.Allow(tableau.Grantee{}, tableau.CapabilityRead, tableau.CapabilityWrite), 1},
		{tableau.Allow(tableau.Grantee{}), 1},
	}
	for _, test := range tests {
		if found := compareResult("", want, test.rule); len(found) != test.want {
			t.Errorf("%v: differences %v, want %d", test.rule, found, test.want)
		}
	}
}
