package emulator

import (
	"encoding/json"
	"strings"
)

// scopes holds what a session that a connected app has opened needs for a method, by method and path. A method that is not
// here is open to every such session.
var scopes = map[string]string{
	"GET /sites/{site}":                                       "tableau:sites:read",
	"GET /sites/{site}/projects":                              "tableau:content:read",
	"GET /sites/{site}/workbooks":                             "tableau:content:read",
	"GET /sites/{site}/workbooks/{workbook}":                  "tableau:content:read",
	"GET /sites/{site}/workbooks/{workbook}/views":            "tableau:content:read",
	"GET /sites/{site}/views":                                 "tableau:content:read",
	"GET /sites/{site}/views/{view}":                          "tableau:content:read",
	"GET /sites/{site}/datasources":                           "tableau:content:read",
	"GET /sites/{site}/datasources/{datasource}":              "tableau:content:read",
	"POST /sites/{site}/fileUploads":                          "tableau:file_uploads:create",
	"PUT /sites/{site}/fileUploads/{upload}":                  "tableau:file_uploads:create",
	"POST /sites/{site}/projects":                             "tableau:projects:create",
	"PUT /sites/{site}/projects/{project}":                    "tableau:projects:update",
	"DELETE /sites/{site}/projects/{project}":                 "tableau:projects:delete",
	"POST /sites/{site}/workbooks":                            "tableau:workbooks:create",
	"PUT /sites/{site}/workbooks/{workbook}":                  "tableau:workbooks:update",
	"DELETE /sites/{site}/workbooks/{workbook}":               "tableau:workbooks:delete",
	"GET /sites/{site}/workbooks/{workbook}/content":          "tableau:workbooks:download",
	"GET /sites/{site}/workbooks/{workbook}/pdf":              "tableau:views:download",
	"GET /sites/{site}/workbooks/{workbook}/powerpoint":       "tableau:views:download",
	"GET /sites/{site}/views/{view}/image":                    "tableau:views:download",
	"GET /sites/{site}/views/{view}/data":                     "tableau:views:download",
	"GET /sites/{site}/views/{view}/pdf":                      "tableau:views:download",
	"GET /sites/{site}/views/{view}/crosstab/excel":           "tableau:views:download",
	"PUT /sites/{site}/workbooks/{workbook}/tags":             "tableau:workbook_tags:update",
	"PUT /sites/{site}/datasources/{datasource}/tags":         "tableau:datasource_tags:update",
	"POST /sites/{site}/datasources":                          "tableau:datasources:create",
	"PUT /sites/{site}/datasources/{datasource}":              "tableau:datasources:update",
	"DELETE /sites/{site}/datasources/{datasource}":           "tableau:datasources:delete",
	"GET /sites/{site}/users":                                 "tableau:users:read",
	"GET /sites/{site}/users/{user}":                          "tableau:users:read",
	"GET /sites/{site}/users/{user}/groups":                   "tableau:users:read",
	"POST /sites/{site}/users":                                "tableau:users:create",
	"POST /sites/{site}/users/import":                         "tableau:users:create",
	"PUT /sites/{site}/users/{user}":                          "tableau:users:update",
	"DELETE /sites/{site}/users/{user}":                       "tableau:users:delete",
	"POST /sites/{site}/users/delete":                         "tableau:users:delete",
	"GET /sites/{site}/groups":                                "tableau:groups:read",
	"GET /sites/{site}/groups/{group}/users":                  "tableau:groups:read",
	"POST /sites/{site}/groups":                               "tableau:groups:create",
	"PUT /sites/{site}/groups/{group}":                        "tableau:groups:update",
	"POST /sites/{site}/groups/{group}/users":                 "tableau:groups:update",
	"PUT /sites/{site}/groups/{group}/users/remove":           "tableau:groups:update",
	"DELETE /sites/{site}/groups/{group}/users/{user}":        "tableau:groups:update",
	"DELETE /sites/{site}/groups/{group}":                     "tableau:groups:delete",
	"GET /sites/{site}/jobs":                                  "tableau:jobs:read",
	"GET /sites/{site}/jobs/{job}":                            "tableau:jobs:read",
	"GET /sites/{site}/tasks/extractRefreshes":                "tableau:tasks:read",
	"GET /sites/{site}/tasks/extractRefreshes/{task}":         "tableau:tasks:read",
	"POST /sites/{site}/tasks/extractRefreshes/{task}/runNow": "tableau:tasks:run",
	"DELETE /sites/{site}/tasks/extractRefreshes/{task}":      "tableau:tasks:delete",
}

// scopeOf is the scope that a route needs, or "".
func scopeOf(rt *route) string {
	if strings.Contains(rt.Path, "/permissions") || strings.Contains(rt.Path, "/default-permissions") {
		return "tableau:permissions:" + map[string]string{"GET": "read", "PUT": "update", "DELETE": "delete"}[rt.Method]
	}
	return scopes[rt.Method+" "+rt.Path]
}

// scopesAllow reports whether a session may call a route. granted is the claim scp of the JWT that opened it: a list of
// scopes, in which * stands for any word; nil for a session that was opened in another way.
func scopesAllow(granted *string, rt *route) bool {
	needed := scopeOf(rt)
	if granted == nil || needed == "" {
		return true
	}
	var list []string
	if json.Unmarshal([]byte(*granted), &list) != nil {
		var one string
		json.Unmarshal([]byte(*granted), &one) // neither a list nor a text: nothing is granted
		list = strings.Fields(one)
	}
	words := strings.Split(needed, ":")
	for _, scope := range list {
		got := strings.Split(scope, ":")
		matches := len(got) == len(words)
		for i := range words {
			matches = matches && (got[i] == words[i] || i > 0 && got[i] == "*")
		}
		if matches {
			return true
		}
	}
	return false
}
