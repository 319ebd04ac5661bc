package wiretest

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tabctl/tableau-go/tableau"
)

var _ = register(map[string]adapter{
	"workbooks.update": updateWorkbook,
	// Policies that Python refuses are refused here by the call that takes them.
	"model.DataFreshnessPolicyItem": func(ctx context.Context, c *call) (any, error) {
		item := c.args.item("item")
		switch item.text("$item") {
		case "DataFreshnessPolicyItem.FreshEvery":
			item = arguments{"option": "FreshEvery", "fresh_every_schedule": map[string]any(item)}
		case "DataFreshnessPolicyItem.FreshAt":
			item = arguments{"option": "FreshAt", "fresh_at_schedule": map[string]any(item)}
		}
		return c.client.Workbooks.Update(ctx, "w", tableau.WorkbookUpdate{Freshness: freshness(item)})
	},
	"workbooks.refresh": func(ctx context.Context, c *call) (any, error) {
		if err := c.args.only("workbook_item", "incremental"); err != nil {
			return nil, err
		}
		if c.args.flag("incremental") {
			return c.client.Workbooks.RefreshIncremental(ctx, c.args.id("workbook_item"))
		}
		return c.client.Workbooks.Refresh(ctx, c.args.id("workbook_item"))
	},
	"workbooks.create_extract": func(ctx context.Context, c *call) (any, error) {
		if err := c.args.only("workbook_item", "encrypt", "includeAll", "datasources"); err != nil {
			return nil, err
		}
		return c.client.Workbooks.CreateExtract(ctx, c.args.id("workbook_item"), embedded(c.args), c.args.flag("encrypt"))
	},
	"workbooks.delete_extract": func(ctx context.Context, c *call) (any, error) {
		if err := c.args.only("workbook_item", "includeAll", "datasources"); err != nil {
			return nil, err
		}
		return c.client.Workbooks.DeleteExtract(ctx, c.args.id("workbook_item"), embedded(c.args))
	},
	"workbooks.update_connection": func(ctx context.Context, c *call) (any, error) {
		if err := c.args.only("workbook_item", "connection_item"); err != nil {
			return nil, err
		}
		item := connectionOf(c)
		update, err := connectionUpdate(item)
		if err != nil {
			return nil, err
		}
		return c.client.Workbooks.UpdateConnection(ctx, c.args.id("workbook_item"), item.text("id"), update)
	},
	"workbooks.update_connections": func(ctx context.Context, c *call) (any, error) {
		if err := c.args.only("workbook_item", "connection_luids", "authentication_type", "username", "password", "embed_password"); err != nil {
			return nil, err
		}
		return c.client.Workbooks.UpdateConnections(ctx, c.args.id("workbook_item"), connectionsUpdate(c.args))
	},
	"workbooks.populate_powerpoint": func(ctx context.Context, c *call) (any, error) {
		return powerPoint(ctx, c, c.args.id("workbook_item"), c.args.item("req_options"))
	},
	"workbooks.populate_revisions": func(ctx context.Context, c *call) (any, error) {
		return tableau.Collect(c.client.Workbooks.Revisions(ctx, c.args.id("workbook_item")), -1)
	},
	"workbooks.download_revision": func(ctx context.Context, c *call) (any, error) {
		return downloaded(ctx, c, c.client.Workbooks, "workbook_id")
	},
	"workbooks.delete_revision": func(ctx context.Context, c *call) (any, error) {
		revision, err := revisionNumber(c)
		if err != nil {
			return nil, err
		}
		return nil, c.client.Workbooks.DeleteRevision(ctx, c.args.text("workbook_id"), revision)
	},
})

func updateWorkbook(ctx context.Context, c *call) (any, error) {
	// A call may fetch the item first, or its views, which Python keeps in it.
	fetched, isFetched := c.previous.(*tableau.Workbook)
	var views []*tableau.View
	before, _ := c.previous.([]*viewOfWorkbook)
	for _, view := range before {
		views = append(views, view.View)
	}
	item := c.args.item("workbook_item")
	if isFetched {
		item = changed(c, arguments{
			"id": fetched.ID, "name": fetched.Name, "description": fetched.Description, "show_tabs": fetched.ShowTabs,
			"project_id": fetched.Project.ID, "owner_id": fetched.Owner.ID,
		})
		for i := range fetched.Views {
			views = append(views, &fetched.Views[i])
		}
	} else {
		if err := c.args.only("workbook_item", "include_view_acceleration_status"); err != nil {
			return nil, err
		}
		fetched = &tableau.Workbook{ID: item.text("id")}
	}

	update := tableau.WorkbookUpdate{
		Name: given(item, "name", arguments.text), ProjectID: given(item, "project_id", arguments.text), OwnerID: given(item, "owner_id", arguments.text),
		ShowTabs:                new(item.flag("show_tabs")), // Python's items are without tabs unless told otherwise
		IncludeViewAcceleration: c.args.flag("include_view_acceleration_status"),
		Freshness:               freshness(item.item("data_freshness_policy")),
	}
	// Python leaves the description out without a word where it cannot be sent.
	if !tableau.Version(c.c.APIVersion).Less("3.21") {
		update.Description = given(item, "description", arguments.text)
	}
	if config := item.item("data_acceleration_config"); config != nil || views != nil {
		update.Acceleration = &tableau.AccelerationUpdate{
			Enabled: given(config, "acceleration_enabled", arguments.flag), AccelerateNow: given(config, "accelerate_now", arguments.flag),
		}
		for _, view := range views {
			update.Acceleration.ViewIDs = append(update.Acceleration.ViewIDs, view.ID)
		}
	}
	kept := *fetched
	if item.has("tags") || item.has("initial_tags") {
		var err error
		if kept.Tags, err = updateTags(ctx, c, "workbooks.update_tags", item); err != nil {
			return nil, err
		}
	}
	answer, err := c.client.Workbooks.Update(ctx, item.text("id"), update)
	if err != nil {
		return nil, err
	}

	// Python returns its argument, with only this of the answer. Of several
	// accelerations it takes the first, which may be a view's.
	kept.Name, kept.Description = item.text("name"), item.text("description")
	kept.ShowTabs, kept.UpdatedAt, kept.Project, kept.Owner = answer.ShowTabs, answer.UpdatedAt, answer.Project, answer.Owner
	kept.Freshness, kept.Acceleration = answer.Freshness, answer.Acceleration
	if len(answer.Views) > 0 {
		kept.Views, kept.Acceleration = answer.Views, answer.Views[0].Acceleration
	}
	return &kept, nil
}

// changed is Python's item of what a call has fetched and then changed. What was
// empty there is nothing to Python.
func changed(c *call, item arguments) arguments {
	maps.DeleteFunc(item, func(_ string, value any) bool { return value == "" })
	assign(item, c.c.Call)
	return item
}

// assigned finds what a call sets of an item that it has fetched.
var assigned = regexp.MustCompile(`\b\w+\.(\w+) = '([^']*)'`)

func assign(item arguments, call string) {
	for _, m := range assigned.FindAllStringSubmatch(call, -1) {
		item[m[1]] = m[2]
	}
}

// updateTags gives an item the tags that it holds, as another adapter does it.
func updateTags(ctx context.Context, c *call, method string, item arguments) ([]tableau.Tag, error) {
	run := adapters[method]
	if run == nil {
		return nil, notBuilt(method)
	}
	inner := *c
	inner.args = arguments{"item": map[string]any(item)}
	result, err := run(ctx, &inner)
	tags, _ := result.([]tableau.Tag)
	return tags, err
}

// freshness reads a DataFreshnessPolicyItem.
func freshness(item arguments) *tableau.FreshnessPolicy {
	if item == nil {
		return nil
	}
	policy := &tableau.FreshnessPolicy{Option: tableau.FreshnessOption(item.text("option"))}
	if every := item.item("fresh_every_schedule"); every != nil {
		value, _ := every.number("value")
		policy.FreshEvery = tableau.FreshEvery{Frequency: tableau.FreshEveryFrequency(every.text("frequency")), Value: value}
	}
	if at := item.item("fresh_at_schedule"); at != nil {
		policy.FreshAt = tableau.FreshAt{
			Frequency: tableau.FreshAtFrequency(at.text("frequency")), Time: at.text("time"), TimeZone: at.text("timezone"),
		}
		for _, day := range at.texts("interval_item") {
			interval := tableau.FreshAtInterval{MonthDay: day}
			if policy.FreshAt.Frequency == tableau.FreshAtWeek {
				interval = tableau.FreshAtInterval{WeekDay: day}
			}
			policy.FreshAt.Intervals = append(policy.FreshAt.Intervals, interval)
		}
	}
	return policy
}

// embedded reads which of a workbook's data sources a call is about.
func embedded(args arguments) tableau.EmbeddedDataSources {
	if !args.has("includeAll") || args.flag("includeAll") {
		return tableau.EmbeddedDataSources{All: true}
	}
	var chosen tableau.EmbeddedDataSources
	for _, item := range args.items("datasources") {
		chosen.IDs = append(chosen.IDs, item.text("id"))
	}
	return chosen
}

// withoutQueryTagging are the connection types for which Python drops the
// setting without a word.
var withoutQueryTagging = []string{"hyper", "snowflake", "teradata"}

// connectionOf is the ConnectionItem of a call: an argument, or the first that
// the call has fetched, which Python sends back as it was read.
func connectionOf(c *call) arguments {
	item := c.args.item("connection_item")
	if fetched, ok := c.previous.([]*tableau.Connection); ok && len(fetched) > 0 && item == nil {
		item = arguments{"id": fetched[0].ID, "server_address": fetched[0].ServerAddress, "embed_password": fetched[0].EmbedPassword}
		for name, value := range map[string]string{"server_port": fetched[0].ServerPort, "auth_type": fetched[0].AuthenticationType} {
			if value != "" {
				item[name] = value
			}
		}
		assign(item, c.c.Call)
	}
	return item
}

// connectionUpdate reads what a ConnectionItem changes.
func connectionUpdate(item arguments) (update tableau.ConnectionUpdate, err error) {
	if err := item.only("id", "connection_type", "server_address", "server_port", "username", "password", "embed_password", "auth_type", "query_tagging",
		"datasource_id", "datasource_name"); err != nil {
		return update, err
	}
	update = tableau.ConnectionUpdate{
		ServerAddress: given(item, "server_address", arguments.text), ServerPort: given(item, "server_port", arguments.text),
		UserName: given(item, "username", arguments.text), Password: given(item, "password", arguments.text),
		AuthenticationType: given(item, "auth_type", arguments.text), EmbedPassword: given(item, "embed_password", arguments.flag),
	}
	if !slices.Contains(withoutQueryTagging, strings.ToLower(item.text("connection_type"))) {
		update.QueryTaggingEnabled = given(item, "query_tagging", arguments.flag)
	}
	return update, nil
}

// connectionsUpdate reads the arguments of update_connections.
func connectionsUpdate(args arguments) tableau.ConnectionsUpdate {
	return tableau.ConnectionsUpdate{
		ConnectionIDs:      args.texts("connection_luids"),
		AuthenticationType: given(args, "authentication_type", arguments.text),
		UserName:           given(args, "username", arguments.text),
		Password:           given(args, "password", arguments.text),
		EmbedPassword:      given(args, "embed_password", arguments.flag),
	}
}

// revisionNumber reads the number of a revision; 0 is none.
func revisionNumber(c *call) (int, error) {
	text := c.args.text("revision_number")
	if text == "" {
		return 0, nil
	}
	number, err := strconv.Atoi(text)
	if err != nil {
		return 0, noCounterpart("the revision " + text)
	}
	return number, nil
}
