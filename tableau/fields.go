package tableau

import (
	"strconv"
	"time"
)

// Fields to filter and sort by, with the lists that are known to take them. A
// server refuses what a list does not know; newer servers know more.
const (
	FieldArgs                  = "args"               // jobs
	FieldAuthenticationType    = "authenticationType" // data sources
	FieldCaption               = "caption"            // views
	FieldChannel               = "channel"
	FieldCompletedAt           = "completedAt"           // jobs, flow runs
	FieldConnectedWorkbookType = "connectedWorkbookType" // data sources
	FieldConnectionTo          = "connectionTo"          // data sources
	FieldConnectionType        = "connectionType"        // data sources
	FieldContentURL            = "contentUrl"            // views, workbooks, data sources
	FieldCreatedAt             = "createdAt"             // jobs, projects, views, flows, workbooks, data sources
	FieldDatabaseName          = "databaseName"          // data sources
	FieldDatabaseUserName      = "databaseUserName"      // data sources
	FieldDescription           = "description"           // data sources
	FieldDisplayTabs           = "displayTabs"           // workbooks
	FieldDomainName            = "domainName"            // users, groups
	FieldDomainNickname        = "domainNickname"        // groups
	FieldFavoritesTotal        = "favoritesTotal"        // views, workbooks, data sources
	FieldFields                = "fields"                // views
	FieldFlowID                = "flowId"                // flow runs
	FieldFriendlyName          = "friendlyName"          // users
	FieldHasAlert              = "hasAlert"              // data sources
	FieldHasAlerts             = "hasAlerts"             // workbooks
	FieldHasEmbeddedPassword   = "hasEmbeddedPassword"   // data sources
	FieldHasExtracts           = "hasExtracts"           // workbooks, data sources
	FieldHitsTotal             = "hitsTotal"             // views
	FieldID                    = "id"
	FieldIsCertified           = "isCertified"     // data sources
	FieldIsConnectable         = "isConnectable"   // data sources
	FieldIsDefaultPort         = "isDefaultPort"   // data sources
	FieldIsHierarchical        = "isHierarchical"  // data sources
	FieldIsLocal               = "isLocal"         // users, groups
	FieldIsPublished           = "isPublished"     // data sources
	FieldJobType               = "jobType"         // jobs
	FieldLastLogin             = "lastLogin"       // users
	FieldLUID                  = "luid"            // users, groups
	FieldMinimumSiteRole       = "minimumSiteRole" // groups
	FieldName                  = "name"            // projects, users, views, flows, workbooks, data sources, groups
	FieldNotes                 = "notes"           // jobs
	FieldNotificationType      = "notificationType"
	FieldOwnerDomain           = "ownerDomain"     // projects, views, workbooks, data sources
	FieldOwnerEmail            = "ownerEmail"      // projects, views, workbooks, data sources
	FieldOwnerID               = "ownerId"         // custom views
	FieldOwnerName             = "ownerName"       // projects, views, flows, workbooks, data sources
	FieldParentProjectID       = "parentProjectId" // projects
	FieldPriority              = "priority"        // jobs
	FieldProgress              = "progress"        // jobs, flow runs
	FieldProjectID             = "projectId"       // flows
	FieldProjectName           = "projectName"     // views, flows, workbooks, data sources
	FieldPublishSamples        = "publishSamples"
	FieldServerName            = "serverName"          // data sources
	FieldServerPort            = "serverPort"          // data sources
	FieldSheetCount            = "sheetCount"          // workbooks
	FieldSheetNumber           = "sheetNumber"         // views
	FieldSheetType             = "sheetType"           // views
	FieldSiteRole              = "siteRole"            // users
	FieldSize                  = "size"                // workbooks, data sources
	FieldStartedAt             = "startedAt"           // jobs, flow runs
	FieldStatus                = "status"              // jobs
	FieldSubscriptionsTotal    = "subscriptionsTotal"  // workbooks
	FieldSubtitle              = "subtitle"            // jobs
	FieldTableName             = "tableName"           // data sources
	FieldTags                  = "tags"                // views, workbooks, data sources
	FieldTitle                 = "title"               // jobs, views
	FieldTopLevelProject       = "topLevelProject"     // projects
	FieldType                  = "type"                // data sources
	FieldUpdatedAt             = "updatedAt"           // projects, views, flows, workbooks, data sources
	FieldUserCount             = "userCount"           // groups
	FieldUserID                = "userId"              // flow runs
	FieldViewID                = "viewId"              // custom views
	FieldViewURLName           = "viewUrlName"         // views
	FieldWorkbookDescription   = "workbookDescription" // views
	FieldWorkbookID            = "workbookId"          // custom views
	FieldWorkbookName          = "workbookName"        // views
)

// What Query.Fields can name besides single fields.
const (
	FieldsAll     = "_all_"
	FieldsDefault = "_default_"
)

// EqFold holds when the field has the value, letter case aside.
func EqFold(field, value string) Filter { return Filter{field, OpEqualFold, []string{value}} }

// Is holds when the field, which is true or false, is that.
func Is(field string, value bool) Filter { return Eq(field, strconv.FormatBool(value)) }

// Has holds when the field contains the value. Jobs know it.
func Has(field, value string) Filter { return Filter{field, OpHas, []string{value}} }

// AtLeast holds when the field's number is n or more.
func AtLeast(field string, n int64) Filter {
	return Filter{field, OpGreaterOrEqual, []string{strconv.FormatInt(n, 10)}}
}

// AtMost holds when the field's number is n or less.
func AtMost(field string, n int64) Filter {
	return Filter{field, OpLessOrEqual, []string{strconv.FormatInt(n, 10)}}
}

// NotBefore holds when the field's time is t or later.
func NotBefore(field string, t time.Time) Filter {
	return Filter{field, OpGreaterOrEqual, []string{formatTime(t)}}
}

// NotAfter holds when the field's time is t or earlier.
func NotAfter(field string, t time.Time) Filter {
	return Filter{field, OpLessOrEqual, []string{formatTime(t)}}
}
