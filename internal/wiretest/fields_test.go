package wiretest

// aliases say which field carries an attribute of a Python item where the
// names differ, by "Type.attribute". Of several, parted by "|", the first that
// is there and holds something counts.
var aliases = map[string]string{
	"BackgroundJobItem.name": "Title",

	"ConnectionItem.auth_type":       "AuthenticationType",
	"ConnectionItem.connection_type": "Type",
	"ConnectionItem.datasource_id":   "DataSource.ID",
	"ConnectionItem.datasource_name": "DataSource.Name",

	"DataFreshnessPolicyItem.FreshAt.interval_item": "Days()",
	"DataFreshnessPolicyItem.fresh_at_schedule":     "FreshAt",
	"DataFreshnessPolicyItem.fresh_every_schedule":  "FreshEvery",

	"FileuploadItem.file_size":         "Size",
	"FileuploadItem.upload_session_id": "SessionID",

	"DQWItem.owner_display_name": "UserDisplayName",
	"DQWItem.owner_id":           "Owner.ID",
	"DQWItem.warning_type":       "Type",

	"DatasourceItem.ask_data_enablement": "AskData.Enablement",
	"DatasourceItem.datasource_type":     "Type",
	"DatasourceItem.is_published":        "Published",
	"DatasourceItem.owner_id":            "Owner.ID",
	"DatasourceItem.project_id":          "Project.ID",
	"DatasourceItem.project_name":        "ProjectName|Project.Name",

	"JobItem.datasource_id":   "Refresh.DataSource.ID|DataUpdate.DataSource.ID",
	"JobItem.datasource_name": "Refresh.DataSource.Name|DataUpdate.DataSource.Name",
	"JobItem.workbook_id":     "Refresh.Workbook.ID|DataUpdate.Workbook.ID",
	"JobItem.workbook_name":   "Refresh.Workbook.Name|DataUpdate.Workbook.Name",
	"JobItem.flow_run":        "Flow.FlowRunID",
	"JobItem.notes":           "Refresh.Notes|DataUpdate.Notes|Flow.Notes",

	"ProjectItem.datasource_count":  "Contents.DataSources",
	"ProjectItem.owner_id":          "Owner.ID",
	"ProjectItem.parent_id":         "ParentProjectID",
	"ProjectItem.project_count":     "Contents.Projects",
	"ProjectItem.top_level_project": "TopLevel",
	"ProjectItem.view_count":        "Contents.Views",
	"ProjectItem.workbook_count":    "Contents.Workbooks",

	"ResourceReference.tag_name": "Type",

	"RevisionItem.created_at":      "PublishedAt",
	"RevisionItem.revision_number": "Number",
	"RevisionItem.user_id":         "Publisher.ID",
	"RevisionItem.user_name":       "Publisher.Name",

	"ServerInfoItem.build_number": "Build",

	"SiteItem.num_users": "Usage.Users",
	"SiteItem.storage":   "Usage.Storage",

	"ViewItem.data_acceleration_config": "Acceleration",
	"ViewItem.owner_id":                 "Owner.ID",
	"ViewItem.project_id":               "Project.ID",
	"ViewItem.total_views":              "Usage.TotalViewCount",
	"ViewItem.workbook_id":              "WorkbookID|Workbook.ID",

	"WorkbookItem.data_acceleration_config": "Acceleration",
	"WorkbookItem.data_freshness_policy":    "Freshness",
	"WorkbookItem.owner_id":                 "Owner.ID",
	"WorkbookItem.project_id":               "Project.ID",
	"WorkbookItem.project_name":             "Project.Name",
	"WorkbookItem.thumbnails_group_id":      "ThumbnailsGroup",

	"data_acceleration_config.acceleration_enabled": "Enabled",
	"data_acceleration_config.acceleration_status":  "Status",
}

// pythonDefaults are what Python's items hold for what an answer leaves out.
var pythonDefaults = map[string]string{
	"JobItem.finish_code":                             "-1",
	"SiteItem.auto_suspend_refresh_inactivity_window": "30",
	"SiteItem.revision_limit":                         "25",
}

// notCarried are attributes without a field in our struct, with the reason.
var notCarried = map[string]string{
	"ConnectionItem.connection_credentials": "what a call sends; the server never tells it",
	"ConnectionItem.password":               "what a call sends; the server never tells it",
	"ConnectionItem.query_tagging":          "bug in Python: it reads another attribute than servers send, so there is never one",
	"RevisionItem.resource_id":              "Python copies it from the item that the call is about",
	"RevisionItem.resource_name":            "Python copies it from the item that the call is about",
	"WorkbookItem.hidden_views":             "what publishing sends; the server never tells it",
}
