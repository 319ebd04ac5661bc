package emulator

import (
	"net/http"
	"slices"
	"strings"

	"github.com/tabctl/tableau-go/internal/tsxml"
)

// Route is one method of the REST API that the server serves.
type Route struct {
	Method string
	Path   string // below /api/{version}
	Name   string // Tableau's name of the method
	Since  string // the API version that it came with
	Caller Caller
	// Simplified says what the server does not do as Tableau does; "" means nothing that a caller would notice.
	Simplified string
}

// Routes lists what the server serves, by path.
func Routes() []Route {
	all := make([]Route, len(routes()))
	for i, rt := range routes() {
		all[i] = rt.Route
	}
	return all
}

// route is a Route and what serves it.
type route struct {
	Route
	answer func(*call) (*tsxml.Element, error) // returns the element inside tsResponse; nil: an empty answer
	stream func(*call) error                   // writes an answer that is no document
	fields *fields                             // set for lists that know fields=
}

// but says what is simplified.
func (rt route) but(simplified string) route {
	rt.Simplified = simplified
	return rt
}

// routes is the one table of what is served: mux, authorization and documentation follow from it.
func routes() []route {
	answer := func(method, path, name, since string, caller Caller, handler func(*call) (*tsxml.Element, error)) route {
		return route{Route: Route{Method: method, Path: path, Name: name, Since: since, Caller: caller}, answer: handler}
	}
	list := func(path, name, since string, caller Caller, f *fields, handler func(*call) (*tsxml.Element, error)) route {
		return route{Route: Route{Method: "GET", Path: path, Name: name, Since: since, Caller: caller}, answer: handler, fields: f}
	}
	stream := func(path, name, since string, handler func(*call) error) route {
		return route{Route: Route{Method: "GET", Path: path, Name: name, Since: since, Caller: SignedIn}, stream: handler}
	}
	// drawn is what all renderings of views have in common.
	const drawn = "drawn from text files packaged in the workbook; views of extracts and databases have columns and no rows; " +
		"parameters, language and maxAge change nothing"
	const connections = "passwords are not kept, and the file stays as it was published"
	return append([]route{
		answer("GET", "/serverinfo", "Server Info", "2.4", Anyone, serverInfo),
		answer("POST", "/auth/signin", "Sign In", "2.0", Anyone, signIn),
		answer("POST", "/auth/signout", "Sign Out", "2.0", SignedIn, signOut),
		answer("POST", "/auth/switchSite", "Switch Site", "2.6", SignedIn, switchSite),
		answer("POST", "/auth/revokeAllServerAdminTokens", "Revoke Administrator Personal Access Tokens", "3.10", ServerAdministrator, revokeAdminTokens),
		answer("DELETE", "/auth/serverAdminAccessTokens", "Revoke Administrator Personal Access Tokens", "3.10", ServerAdministrator, revokeAdminTokens),
		answer("GET", "/sessions/current", "Get Current Server Session", "3.1", SignedIn, currentSession),

		answer("GET", "/sites", "Query Sites", "2.0", SignedIn, listSites),
		answer("POST", "/sites", "Create Site", "2.0", ServerAdministrator, createSite),
		answer("GET", "/sites/{site}", "Query Site", "2.0", SignedIn, getSite),
		answer("PUT", "/sites/{site}", "Update Site", "2.0", SiteAdministrator, updateSite),
		answer("DELETE", "/sites/{site}", "Delete Site", "2.0", ServerAdministrator, deleteSite),
		answer("GET", "/sites/{site}/site-auth-configurations", "List Authentication Configurations", "3.24", SiteAdministrator, listAuthConfigurations).
			but("every site has one for SAML and one for OpenID; a user's idpConfigurationId is kept as it is given, and nobody signs in by it"),

		list("/sites/{site}/users", "Get Users on Site", "2.0", SiteAdministrator, &userFields, listUsers),
		answer("POST", "/sites/{site}/users", "Add User to Site", "2.0", SiteAdministrator, addUser),
		answer("GET", "/sites/{site}/users/{user}", "Query User On Site", "2.0", SignedIn, getUser),
		answer("PUT", "/sites/{site}/users/{user}", "Update User", "2.0", SignedIn, updateUser),
		answer("DELETE", "/sites/{site}/users/{user}", "Remove User from Site", "2.0", SiteAdministrator, removeUser),
		answer("POST", "/sites/{site}/users/import", "Import Users to Site from CSV", "3.15", SiteAdministrator, importUsersFromFile),
		answer("POST", "/sites/{site}/users/delete", "Delete Users from Site with CSV", "3.15", SiteAdministrator, deleteUsersByFile),
		list("/sites/{site}/users/{user}/workbooks", "Query Workbooks for User", "2.0", SignedIn, &workbookFields, listUserWorkbooks),

		list("/sites/{site}/projects", "Query Projects", "2.0", SignedIn, &projectFields, listProjects),
		answer("POST", "/sites/{site}/projects", "Create Project", "2.0", SignedIn, createProject),
		answer("PUT", "/sites/{site}/projects/{project}", "Update Project", "2.0", SignedIn, updateProject),
		answer("DELETE", "/sites/{site}/projects/{project}", "Delete Project", "2.0", SignedIn, deleteProject),

		answer("POST", "/sites/{site}/fileUploads", "Initiate File Upload", "2.0", SignedIn, startUpload),
		answer("PUT", "/sites/{site}/fileUploads/{upload}", "Append to File Upload", "2.0", SignedIn, appendToUpload),

		list("/sites/{site}/workbooks", "Query Workbooks for Site", "2.0", SignedIn, &workbookFields, listWorkbooks),
		answer("POST", "/sites/{site}/workbooks", "Publish Workbook", "2.0", SignedIn, publishWorkbook).
			but("connections are not checked, passwords not kept, and thumbnails show everybody the same"),
		answer("GET", "/sites/{site}/workbooks/{workbook}", "Query Workbook", "2.0", SignedIn, getWorkbook),
		answer("PUT", "/sites/{site}/workbooks/{workbook}", "Update Workbook", "2.0", SignedIn, updateWorkbook).
			but("data acceleration and freshness are kept and shown, and make no difference"),
		answer("DELETE", "/sites/{site}/workbooks/{workbook}", "Delete Workbook", "2.0", SignedIn, deleteWorkbook),
		stream("/sites/{site}/workbooks/{workbook}/content", "Download Workbook", "2.0", downloadWorkbook),
		answer("GET", "/sites/{site}/workbooks/{workbook}/views", "Query Views for Workbook", "2.0", SignedIn, listWorkbookViews),
		answer("GET", "/sites/{site}/workbooks/{workbook}/connections", "Query Workbook Connections", "2.0", SignedIn, listWorkbookConnections),
		answer("PUT", "/sites/{site}/workbooks/{workbook}/connections", "Update Workbook Connections", "3.26", SignedIn, updateWorkbookConnections).
			but(connections),
		answer("PUT", "/sites/{site}/workbooks/{workbook}/connections/{connection}", "Update Workbook Connection", "2.3", SignedIn, updateWorkbookConnection).
			but(connections),
		answer("GET", "/sites/{site}/workbooks/{workbook}/revisions", "Get Workbook Revisions", "2.3", SignedIn, listWorkbookRevisions),
		stream("/sites/{site}/workbooks/{workbook}/revisions/{revision}/content", "Download Workbook Revision", "2.3", downloadWorkbookRevision).
			but("the current revision can be downloaded by its number, too"),
		answer("DELETE", "/sites/{site}/workbooks/{workbook}/revisions/{revision}", "Remove Workbook Revision", "2.3", SignedIn, deleteWorkbookRevision),
		stream("/sites/{site}/workbooks/{workbook}/previewImage", "Query Workbook Preview Image", "2.0", workbookPreview).
			but(drawn),
		stream("/sites/{site}/workbooks/{workbook}/pdf", "Download Workbook PDF", "3.4", workbookPDF).
			but(drawn),
		stream("/sites/{site}/workbooks/{workbook}/powerpoint", "Download Workbook PowerPoint", "3.8", workbookPowerPoint).
			but(drawn),
		answer("PUT", "/sites/{site}/workbooks/{workbook}/tags", "Add Tags to Workbook", "2.0", SignedIn, addWorkbookTags),
		answer("DELETE", "/sites/{site}/workbooks/{workbook}/tags/{tag}", "Delete Tag from Workbook", "2.0", SignedIn, deleteWorkbookTag).
			but("who added a tag is not kept: deleting one takes the right to change the item"),
		stream("/sites/{site}/workbooks/{workbook}/views/{view}/previewImage", "Query View Preview Image", "2.0", viewPreview).
			but(drawn),

		list("/sites/{site}/views", "Query Views for Site", "2.2", SignedIn, &viewFields, listViews),
		answer("GET", "/sites/{site}/views/{view}", "Get View", "3.0", SignedIn, getView),
		answer("DELETE", "/sites/{site}/views/{view}", "Delete View", "3.27", SignedIn, deleteView),
		stream("/sites/{site}/views/{view}/image", "Query View Image", "2.5", viewImage).
			but(drawn),
		stream("/sites/{site}/views/{view}/data", "Query View Data", "2.7", viewData).
			but(drawn),
		stream("/sites/{site}/views/{view}/crosstab/excel", "Download View Crosstab Excel", "3.8", viewExcel).
			but(drawn + "; the rows are those of the data, not pivoted"),
		stream("/sites/{site}/views/{view}/pdf", "Query View PDF", "2.7", viewPDF).
			but(drawn),
		stream("/sites/{site}/views/{view}/previewImage", "Query View Preview Image", "2.2", viewPreview).
			but(drawn),
		answer("PUT", "/sites/{site}/views/{view}/tags", "Add Tags to View", "2.0", SignedIn, addViewTags),
		answer("DELETE", "/sites/{site}/views/{view}/tags/{tag}", "Delete Tag from View", "2.0", SignedIn, deleteViewTag).
			but("who added a tag is not kept: deleting one takes the right to change the item"),

		list("/sites/{site}/datasources", "Query Data Sources", "2.0", SignedIn, &datasourceFields, listDatasources),
		answer("POST", "/sites/{site}/datasources", "Publish Data Source", "2.0", SignedIn, publishDatasource).
			but("connections are not checked, passwords not kept; append keeps the file that is there and adds to its size"),
		answer("GET", "/sites/{site}/datasources/{datasource}", "Query Data Source", "2.0", SignedIn, getDatasource),
		answer("PUT", "/sites/{site}/datasources/{datasource}", "Update Data Source", "2.0", SignedIn, updateDatasource),
		answer("DELETE", "/sites/{site}/datasources/{datasource}", "Delete Data Source", "2.0", SignedIn, deleteDatasource),
		stream("/sites/{site}/datasources/{datasource}/content", "Download Data Source", "2.0", downloadDatasource),
		answer("GET", "/sites/{site}/datasources/{datasource}/connections", "Query Data Source Connections", "2.0", SignedIn, listDatasourceConnections),
		answer("PUT", "/sites/{site}/datasources/{datasource}/connections", "Update Data Source Connections", "3.26", SignedIn, updateDatasourceConnections).
			but(connections),
		answer("PUT", "/sites/{site}/datasources/{datasource}/connections/{connection}", "Update Data Source Connection", "2.3", SignedIn, updateDatasourceConnection).
			but(connections),
		answer("PATCH", "/sites/{site}/datasources/{datasource}/data", "Update Data in Hyper Data Source", "3.12", SignedIn, updateHyperData).
			but("actions and file are checked, and the rows stay as they are"),
		answer("PATCH", "/sites/{site}/datasources/{datasource}/connections/{connection}/data", "Update Data in Hyper Connection", "3.12", SignedIn, updateHyperData).
			but("actions and file are checked, and the rows stay as they are"),
		answer("GET", "/sites/{site}/datasources/{datasource}/revisions", "Get Data Source Revisions", "2.3", SignedIn, listDatasourceRevisions),
		stream("/sites/{site}/datasources/{datasource}/revisions/{revision}/content", "Download Data Source Revision", "2.3", downloadDatasourceRevision).
			but("the current revision can be downloaded by its number, too"),
		answer("DELETE", "/sites/{site}/datasources/{datasource}/revisions/{revision}", "Remove Data Source Revision", "2.3", SignedIn, deleteDatasourceRevision),
		answer("PUT", "/sites/{site}/datasources/{datasource}/tags", "Add Tags to Data Source", "2.6", SignedIn, addDatasourceTags),
		answer("DELETE", "/sites/{site}/datasources/{datasource}/tags/{tag}", "Delete Tag from Data Source", "2.6", SignedIn, deleteDatasourceTag).
			but("who added a tag is not kept: deleting one takes the right to change the item"),

		answer("GET", "/sites/{site}/dataQualityWarnings/{content}/{item}", "Query Data Quality Warning by Content", "3.5", SignedIn, listWarnings),
		answer("POST", "/sites/{site}/dataQualityWarnings/{content}/{item}", "Add Data Quality Warning", "3.5", SignedIn, addWarning),
		answer("PUT", "/sites/{site}/dataQualityWarnings/{content}/{item}", "Update Data Quality Warning by Content", "3.5", SignedIn, updateWarnings),
		answer("DELETE", "/sites/{site}/dataQualityWarnings/{content}/{item}", "Delete Data Quality Warning by Content", "3.5", SignedIn, deleteWarnings),
		answer("GET", "/sites/{site}/dataQualityWarnings/{warning}", "Query Data Quality Warning by ID", "3.5", SignedIn, getWarning),
		answer("PUT", "/sites/{site}/dataQualityWarnings/{warning}", "Update Data Quality Warning", "3.5", SignedIn, updateWarning),
		answer("DELETE", "/sites/{site}/dataQualityWarnings/{warning}", "Delete Data Quality Warning by ID", "3.5", SignedIn, deleteWarning),
		answer("PUT", "/sites/{site}/tags:batchCreate", "Batch Add Tags", "3.9", SignedIn, addTagBatch),
		answer("PUT", "/sites/{site}/tags:batchDelete", "Batch Delete Tags", "3.9", SignedIn, deleteTagBatch),
		answer("POST", "/sites/{site}/workbooks/{workbook}/refresh", "Update Workbook Now", "2.8", SignedIn, refreshWorkbook).
			but("the data stays as it was published: no database stands behind it"),
		answer("POST", "/sites/{site}/workbooks/{workbook}/createExtract", "Create Extracts for Embedded Data Sources in a Workbook", "3.5", SignedIn, createWorkbookExtracts).
			but("the workbook counts as having extracts; its file stays as it was published"),
		answer("POST", "/sites/{site}/workbooks/{workbook}/deleteExtract", "Delete Extracts of Embedded Data Sources from a Workbook", "3.3", SignedIn, deleteWorkbookExtracts).
			but("the workbook counts as having none; its file stays as it was published"),
		answer("POST", "/sites/{site}/datasources/{datasource}/refresh", "Update Data Source Now", "2.8", SignedIn, refreshDatasource).
			but("the data stays as it was published: no database stands behind it"),
		answer("POST", "/sites/{site}/datasources/{datasource}/createExtract", "Create an Extract for a Data Source", "3.5", SignedIn, createDatasourceExtract).
			but("the data source counts as having an extract; its file stays as it was published"),
		answer("POST", "/sites/{site}/datasources/{datasource}/deleteExtract", "Delete the Extract from a Data Source", "3.5", SignedIn, deleteDatasourceExtract).
			but("the data source counts as having none; its file stays as it was published"),
		answer("POST", "/sites/{site}/encrypt-extracts", "Encrypt Extracts in a Site", "3.5", SiteAdministrator, encryptExtracts).
			but("kept and shown; files stay as they were published, whatever the site's extractEncryptionMode"),
		answer("POST", "/sites/{site}/decrypt-extracts", "Decrypt Extracts in a Site", "3.5", SiteAdministrator, decryptExtracts).
			but("kept and shown; files stay as they were published, whatever the site's extractEncryptionMode"),
		answer("POST", "/sites/{site}/reencrypt-extracts", "Reencrypt Extracts in a Site", "3.5", SiteAdministrator, reencryptExtracts).
			but("there are no keys: the job changes nothing"),

		answer("GET", "/sites/{site}/flows", "Query Flows for Site", "3.3", SignedIn, listFlows).but("there are none: flows cannot be published"),
		answer("GET", "/sites/{site}/customviews", "List Custom Views", "3.18", SignedIn, listCustomViews).but("there are none: they cannot be made"),
		answer("GET", "/sites/{site}/webhooks", "List Webhooks", "3.6", SiteAdministrator, listWebhooks).but("there are none: they cannot be made"),

		answer("GET", "/sites/{site}/jobs", "Query Jobs", "2.6", SignedIn, listJobs),
		answer("GET", "/sites/{site}/jobs/{job}", "Query Job", "2.0", SignedIn, getJob),
		answer("PUT", "/sites/{site}/jobs/{job}", "Cancel Job", "3.1", SignedIn, cancelJob),

		list("/sites/{site}/groups", "Query Groups", "2.0", SiteAdministrator, &groupFields, listGroups),
		answer("POST", "/sites/{site}/groups", "Create Group", "2.0", SiteAdministrator, createGroup).
			but("Active Directory is a file given to the server"),
		answer("PUT", "/sites/{site}/groups/{group}", "Update Group", "2.0", SiteAdministrator, updateGroup).
			but("Active Directory is a file given to the server"),
		answer("DELETE", "/sites/{site}/groups/{group}", "Delete Group", "2.0", SiteAdministrator, deleteGroup),
		list("/sites/{site}/groups/{group}/users", "Get Users in Group", "2.0", SiteAdministrator, &userFields, listGroupUsers),
		answer("POST", "/sites/{site}/groups/{group}/users", "Add User to Group", "2.0", SiteAdministrator, addGroupUsers),
		answer("PUT", "/sites/{site}/groups/{group}/users/remove", "Remove Users from Group", "3.21", SiteAdministrator, removeGroupUsers),
		answer("DELETE", "/sites/{site}/groups/{group}/users/{user}", "Remove User from Group", "2.0", SiteAdministrator, removeGroupUser),
		list("/sites/{site}/users/{user}/groups", "Get Groups for a User", "3.7", SignedIn, &groupFields, listUserGroups),

		answer("GET", "/sites/{site}/favorites/{user}", "Get Favorites for User", "2.5", SignedIn, listFavorites),
		answer("PUT", "/sites/{site}/favorites/{user}", "Add Favorite", "2.0", SignedIn, addFavorite),
		answer("DELETE", "/sites/{site}/favorites/{user}/{kind}/{item}", "Delete Favorite", "2.0", SignedIn, removeFavorite),

		answer("GET", "/schedules", "List Server Schedules", "2.3", SignedIn, listSchedules),
		answer("POST", "/schedules", "Create Server Schedule", "2.3", ServerAdministrator, createSchedule),
		answer("PUT", "/schedules", "Batch Update Schedule State", "3.27", ServerAdministrator, setScheduleStates),
		answer("GET", "/schedules/{schedule}", "Get Server Schedule", "3.8", SignedIn, getSchedule),
		answer("PUT", "/schedules/{schedule}", "Update Server Schedule", "2.3", ServerAdministrator, updateSchedule),
		answer("DELETE", "/schedules/{schedule}", "Delete Server Schedule", "2.3", ServerAdministrator, deleteSchedule),
		answer("PUT", "/sites/{site}/schedules/{schedule}/workbooks", "Add Workbook to Server Schedule", "2.8", SignedIn, addToSchedule),
		answer("PUT", "/sites/{site}/schedules/{schedule}/datasources", "Add Data Source to Server Schedule", "2.8", SignedIn, addToSchedule),
		answer("GET", "/sites/{site}/schedules/{schedule}/extracts", "List Extract Refresh Tasks in Server Schedule", "2.3", SignedIn, listScheduleExtracts),
		answer("GET", "/sites/{site}/tasks/extractRefreshes", "List Extract Refresh Tasks in Site", "2.6", SignedIn, listTasks),
		answer("POST", "/sites/{site}/tasks/extractRefreshes", "Create Cloud Extract Refresh Task", "3.19", SignedIn, createTask).
			but("served beside server schedules, which Tableau Cloud does not have"),
		answer("GET", "/sites/{site}/tasks/extractRefreshes/{task}", "Get Extract Refresh Task", "2.6", SignedIn, getTask),
		answer("POST", "/sites/{site}/tasks/extractRefreshes/{task}", "Update Cloud Extract Refresh Task", "3.20", SignedIn, updateTask),
		answer("POST", "/sites/{site}/tasks/extractRefreshes/{task}/runNow", "Run Extract Refresh Task", "2.6", SignedIn, runTask).
			but("the data stays as it was published: no database stands behind it"),
		answer("DELETE", "/sites/{site}/tasks/extractRefreshes/{task}", "Delete Extract Refresh Task", "3.6", SignedIn, deleteTask),
		answer("GET", "/sites/{site}/tasks/dataAcceleration", "List Data Acceleration Tasks in Site", "3.8", SignedIn, listNoTasks).
			but("there are none"),
		answer("GET", "/sites/{site}/tasks/runFlow", "Get Flow Run Tasks", "3.3", SignedIn, listNoTasks).but("there are none"),
		answer("GET", "/sites/{site}/tasks/linked", "Get Linked Tasks", "3.15", SignedIn, listLinkedTasks).but("there are none"),
		answer("GET", "/sites/{site}/subscriptions", "List Subscriptions", "2.3", SignedIn, listSubscriptions),
		answer("POST", "/sites/{site}/subscriptions", "Create Subscription", "2.3", SignedIn, createSubscription),
		answer("GET", "/sites/{site}/subscriptions/{subscription}", "Get Subscription", "2.3", SignedIn, getSubscription),
		answer("PUT", "/sites/{site}/subscriptions/{subscription}", "Update Subscription", "2.3", SignedIn, updateSubscription),
		answer("DELETE", "/sites/{site}/subscriptions/{subscription}", "Delete Subscription", "2.3", SignedIn, deleteSubscription),
	}, permissionRoutes()...)
}

// spellings holds other ways to write a path that Tableau accepts.
var spellings = map[string]string{"/serverinfo": "/serverInfo", "/auth/switchSite": "/auth/switchsite", "/auth/signin": "/auth/signIn",
	"/auth/signout": "/auth/signOut", "/sites/{site}/fileUploads": "/sites/{site}/fileuploads",
	"/sites/{site}/fileUploads/{upload}": "/sites/{site}/fileuploads/{upload}",
	"/sites/{site}/tags:batchCreate":     "/tags:batchCreate", "/sites/{site}/tags:batchDelete": "/tags:batchDelete"} // as the Python client has them

func (s *Server) newMux() *http.ServeMux {
	mux := http.NewServeMux()
	methods := map[string][]string{} // by path
	for _, rt := range routes() {
		handler := func(w http.ResponseWriter, r *http.Request) { s.handle(&rt, w.(*statusRecorder), r) }
		paths := []string{rt.Path}
		if other, ok := spellings[rt.Path]; ok {
			paths = append(paths, other)
		}
		for _, path := range paths {
			mux.HandleFunc(rt.Method+" /api/{version}"+path, handler)
			methods[path] = append(methods[path], rt.Method)
		}
	}
	for path, allowed := range methods {
		slices.Sort(allowed)
		refuse := func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Allow", strings.Join(allowed, ", "))
			s.refuse(w, r, fail(wrongMethod, "'%s' takes %s, not %s.", strings.TrimPrefix(r.URL.Path, "/api"), strings.Join(allowed, " or "), r.Method))
		}
		// One by one: users/remove for any method would conflict with DELETE users/{user}.
		for _, method := range []string{"DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"} {
			if !slices.Contains(allowed, method) {
				mux.HandleFunc(method+" /api/{version}"+path, refuse)
			}
		}
	}
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, r, fail(resourceNotFound, "Unknown resource '%s' specified in URI.", strings.TrimPrefix(r.URL.Path, "/api")))
	})
	return mux
}
