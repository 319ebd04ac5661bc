package wiretest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/tabctl/tableau-go/tableau"
)

var _ = register(listAdapters("datasources", func(c *call) (lister, error) {
	return listing(c.client.DataSources.Page, c.client.DataSources.List), nil
}))

var _ = register(map[string]adapter{
	"datasources.get_by_id": func(ctx context.Context, c *call) (any, error) {
		return c.client.DataSources.Get(ctx, c.args.text("datasource_id"))
	},
	"datasources.delete": func(ctx context.Context, c *call) (any, error) {
		return nil, c.client.DataSources.Delete(ctx, c.args.text("datasource_id"))
	},
	"datasources.populate_connections": func(ctx context.Context, c *call) (any, error) {
		item := c.args.item("datasource_item")
		connections, err := c.client.DataSources.Connections(ctx, c.args.id("datasource_item"))
		for _, connection := range connections { // Python copies these from its argument
			connection.DataSource.ID = cmp.Or(connection.DataSource.ID, item.text("id"))
			connection.DataSource.Name = cmp.Or(connection.DataSource.Name, item.text("name"))
		}
		return connections, err
	},
	"datasources.refresh": func(ctx context.Context, c *call) (any, error) {
		if err := c.args.only("datasource_item", "incremental"); err != nil {
			return nil, err
		}
		if c.args.flag("incremental") {
			return c.client.DataSources.RefreshIncremental(ctx, c.args.id("datasource_item"))
		}
		return c.client.DataSources.Refresh(ctx, c.args.id("datasource_item"))
	},
	"datasources.create_extract": func(ctx context.Context, c *call) (any, error) {
		if err := c.args.only("datasource_item", "encrypt"); err != nil {
			return nil, err
		}
		return c.client.DataSources.CreateExtract(ctx, c.args.id("datasource_item"), c.args.flag("encrypt"))
	},
	"datasources.delete_extract": func(ctx context.Context, c *call) (any, error) {
		return nil, c.client.DataSources.DeleteExtract(ctx, c.args.id("datasource_item"))
	},
	"datasources.update":            updateDataSource,
	"datasources.publish":           publishDataSource,
	"datasources.update_hyper_data": updateHyperData,
	"datasources.update_connection": func(ctx context.Context, c *call) (any, error) {
		item := c.args.item("connection_item")
		update, err := connectionUpdate(item)
		if err != nil {
			return nil, err
		}
		return c.client.DataSources.UpdateConnection(ctx, c.args.id("datasource_item"), item.text("id"), update)
	},
	"datasources.update_connections": func(ctx context.Context, c *call) (any, error) {
		if err := c.args.only("datasource_item", "connection_luids", "authentication_type", "username", "password", "embed_password"); err != nil {
			return nil, err
		}
		return c.client.DataSources.UpdateConnections(ctx, c.args.id("datasource_item"), connectionsUpdate(c.args))
	},
	"datasources.download": func(ctx context.Context, c *call) (any, error) {
		return downloaded(ctx, c, c.client.DataSources, "datasource_id")
	},
	"datasources.download_revision": func(ctx context.Context, c *call) (any, error) {
		return downloaded(ctx, c, c.client.DataSources, "datasource_id")
	},
	"datasources.populate_revisions": func(ctx context.Context, c *call) (any, error) {
		return tableau.Collect(c.client.DataSources.Revisions(ctx, c.args.id("datasource_item")), -1)
	},
	"datasources.delete_revision": func(ctx context.Context, c *call) (any, error) {
		number, err := revisionNumber(c)
		if err != nil {
			return nil, err
		}
		return nil, c.client.DataSources.DeleteRevision(ctx, c.args.text("datasource_id"), number)
	},
	"datasources.populate_dqw": func(ctx context.Context, c *call) (any, error) {
		return c.client.DataSources.QualityWarnings(ctx, c.args.id("item"))
	},
	"datasources.add_dqw": func(ctx context.Context, c *call) (any, error) {
		warning := c.args.item("warning")
		if err := warning.only("warning_type", "message", "active", "severe"); err != nil {
			return nil, err
		}
		return c.client.DataSources.AddQualityWarning(ctx, c.args.id("item"), tableau.AddQualityWarning{
			Type: tableau.QualityWarningType(warning.text("warning_type")), Message: warning.text("message"),
			Severe: warning.flag("severe"), Inactive: warning.has("active") && !warning.flag("active"),
		})
	},
	"datasources.update_dqw": func(ctx context.Context, c *call) (any, error) {
		warning := c.args.item("warning")
		if err := warning.only("warning_type", "message", "active", "severe"); err != nil {
			return nil, err
		}
		// Python sends all, with its own values for what was not set.
		kind := tableau.WarningGeneral
		if warning.has("warning_type") {
			kind = tableau.QualityWarningType(warning.text("warning_type"))
		}
		return c.client.DataSources.UpdateQualityWarning(ctx, c.args.id("item"), tableau.QualityWarningUpdate{
			Type: &kind, Message: given(warning, "message", arguments.text),
			Active: new(!warning.has("active") || warning.flag("active")), Severe: new(warning.flag("severe")),
		})
	},
	"datasources.delete_dqw": func(ctx context.Context, c *call) (any, error) {
		return nil, c.client.DataSources.DeleteQualityWarnings(ctx, c.args.id("item"))
	},
	"model.DatasourceItem": func(_ context.Context, c *call) (any, error) {
		if strings.Contains(c.c.ID, "/unread_") {
			return nil, noCounterpart("reading an attribute that was not fetched")
		}
		item := c.args.item("item")
		if _, err := dataSourceUpdate(item); err != nil {
			return nil, err
		}
		return publishInstructions(item)
	},
	"model.ConnectionItem": func(_ context.Context, c *call) (any, error) {
		item := c.args.item("item")
		if _, err := connectionUpdate(item); err != nil {
			return nil, err
		}
		return nil, noCounterpart("what a kind of database can do")
	},
})

// given returns a pointer to an input, nil when it is null or absent.
func given[T any](a arguments, name string, read func(arguments, string) T) *T {
	if !a.has(name) {
		return nil
	}
	return new(read(a, name))
}

func updateDataSource(ctx context.Context, c *call) (any, error) {
	// A call may fetch the item first; Python sends back all of it.
	fetched, isFetched := c.previous.(*tableau.DataSource)
	item := c.args.item("datasource_item")
	if isFetched {
		item = changed(c, arguments{
			"id": fetched.ID, "name": fetched.Name, "description": fetched.Description, "certified": fetched.Certified,
			"project_id": fetched.Project.ID, "owner_id": fetched.Owner.ID,
			"ask_data_enablement": string(fetched.AskData.Enablement),
		})
	} else {
		fetched = &tableau.DataSource{
			ID: item.text("id"), Name: item.text("name"), Description: item.text("description"),
			Certified: item.flag("certified"), CertificationNote: item.text("certification_note"),
			EncryptExtracts: item.flag("encrypt_extracts"), UseRemoteQueryAgent: item.flag("use_remote_query_agent"),
			AskData: tableau.AskData{Enablement: tableau.AskDataEnablement(item.text("ask_data_enablement"))},
		}
	}
	kept := *fetched
	if item.has("tags") || item.has("initial_tags") {
		var err error
		if kept.Tags, err = updateTags(ctx, c, "datasources.update_tags", item); err != nil {
			return nil, err
		}
	}
	update, err := dataSourceUpdate(item)
	if err != nil {
		return nil, err
	}
	answer, err := c.client.DataSources.Update(ctx, item.text("id"), update)
	if err != nil {
		return nil, err
	}
	// Python returns its argument, with only this of the answer.
	kept.Certified, kept.CertificationNote = answer.Certified, cmp.Or(answer.CertificationNote, kept.CertificationNote)
	kept.Project, kept.Owner, kept.UpdatedAt = answer.Project, answer.Owner, answer.UpdatedAt
	kept.EncryptExtracts = answer.EncryptExtracts || kept.EncryptExtracts
	kept.HasExtracts = answer.HasExtracts || kept.HasExtracts
	kept.UseRemoteQueryAgent = answer.UseRemoteQueryAgent || kept.UseRemoteQueryAgent
	kept.WebpageURL = cmp.Or(answer.WebpageURL, kept.WebpageURL)
	if answer.AskData.Enablement != "" {
		kept.AskData = answer.AskData
	}
	return &updatedDataSource{&kept, cmp.Or(answer.Project.Name, fetched.Project.Name)}, nil
}

// An updatedDataSource is a data source with the name that its project had
// before, which Python keeps beside the project of the answer.
type updatedDataSource struct {
	*tableau.DataSource
	ProjectName string
}

// dataSourceUpdate reads what a DataSourceItem changes.
func dataSourceUpdate(item arguments) (tableau.DataSourceUpdate, error) {
	if err := item.only("id", "name", "description", "project_id", "owner_id", "certified", "certification_note",
		"encrypt_extracts", "use_remote_query_agent", "ask_data_enablement", "tags", "initial_tags"); err != nil {
		return tableau.DataSourceUpdate{}, err
	}
	return tableau.DataSourceUpdate{
		Name:                given(item, "name", arguments.text),
		Description:         given(item, "description", arguments.text),
		ProjectID:           given(item, "project_id", arguments.text),
		OwnerID:             given(item, "owner_id", arguments.text),
		Certified:           given(item, "certified", arguments.flag),
		CertificationNote:   given(item, "certification_note", arguments.text),
		EncryptExtracts:     given(item, "encrypt_extracts", arguments.flag),
		UseRemoteQueryAgent: given(item, "use_remote_query_agent", arguments.flag),
		AskData: given(item, "ask_data_enablement", func(a arguments, name string) tableau.AskDataEnablement {
			return tableau.AskDataEnablement(a.text(name))
		}),
	}, nil
}

func publishDataSource(ctx context.Context, c *call) (any, error) {
	if err := c.args.only("datasource_item", "file", "mode", "connection_credentials", "connections", "as_job"); err != nil {
		if c.args["connection_credentials"] != false {
			return nil, err
		}
	}
	instructions, err := publishInstructions(c.args.item("datasource_item"))
	if err != nil {
		return nil, err
	}
	file, err := c.args.file(c.c, "file")
	if err != nil {
		return nil, err
	}
	connections, err := publishConnections(c.args.items("connections"))
	if err != nil {
		return nil, err
	}
	instructions.Mode, instructions.Connections = tableau.PublishMode(c.args.text("mode")), connections
	if who := c.args.item("connection_credentials"); who != nil {
		if instructions.Credentials, err = connectionCredentials(who); err != nil {
			return nil, err
		}
	}
	if !file.AsFile {
		if c.args.flag("as_job") {
			return c.client.DataSources.PublishAsJob(ctx, file.open(), instructions)
		}
		return c.client.DataSources.Publish(ctx, file.open(), instructions)
	}
	path := file.onDisk(c.t)
	if !c.args.flag("as_job") {
		return c.client.DataSources.PublishFile(ctx, path, instructions)
	}
	opened, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	instructions.FileName = filepath.Base(path)
	if instructions.Name == "" {
		instructions.Name = strings.TrimSuffix(instructions.FileName, filepath.Ext(path))
	}
	return c.client.DataSources.PublishAsJob(ctx, opened, instructions)
}

// publishInstructions reads what publishing takes from a DataSourceItem.
func publishInstructions(item arguments) (tableau.PublishDataSource, error) {
	if err := item.only("name", "project_id", "description", "certified", "certification_note", "use_remote_query_agent", "ask_data_enablement"); err != nil {
		return tableau.PublishDataSource{}, err
	}
	if certified, isGiven := item["certified"]; isGiven && certified == nil {
		return tableau.PublishDataSource{}, notCompiled{"certified", nil, "a boolean"}
	}
	return tableau.PublishDataSource{
		Name:                item.text("name"),
		ProjectID:           item.text("project_id"),
		Description:         item.text("description"),
		Certified:           item.flag("certified"),
		CertificationNote:   item.text("certification_note"),
		UseRemoteQueryAgent: given(item, "use_remote_query_agent", arguments.flag),
		AskData:             tableau.AskDataEnablement(item.text("ask_data_enablement")),
	}, nil
}

func updateHyperData(ctx context.Context, c *call) (any, error) {
	if err := c.args.only("datasource_or_connection_item", "request_id", "actions", "payload"); err != nil {
		return nil, err
	}
	if target, isNumber := c.args["datasource_or_connection_item"].(json.Number); isNumber {
		return nil, notCompiled{"datasource_or_connection_item", target, "an ID"}
	}
	update := tableau.HyperDataUpdate{RequestID: c.args.text("request_id")}
	actions, err := json.Marshal(c.args["actions"])
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(actions))
	decoder.DisallowUnknownFields()
	decoder.UseNumber()
	if err := decoder.Decode(&update.Actions); err != nil {
		return nil, noCounterpart("an action: " + err.Error())
	}
	if c.args.has("payload") {
		file, err := c.args.file(c.c, "payload")
		if err != nil {
			return nil, err
		}
		if file.AsFile {
			opened, err := os.Open(file.onDisk(c.t))
			if err != nil {
				return nil, err
			}
			defer opened.Close()
			update.Payload = opened
		} else {
			update.Payload = file.open()
		}
	}
	id := c.args.id("datasource_or_connection_item")
	if item := c.args.item("datasource_or_connection_item"); item.has("datasource_id") {
		return c.client.DataSources.UpdateConnectionHyperData(ctx, item.text("datasource_id"), id, update)
	}
	return c.client.DataSources.UpdateHyperData(ctx, id, update)
}
