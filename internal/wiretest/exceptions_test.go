package wiretest

// allowances are the deliberate differences from the Python client, and the
// only ones.
var allowances = []allowance{
	// Lists.
	{Part: "query pageSize", Want: "100", Got: "1000",
		Reason: "a list is read in pages of 1000: a tenth of the requests"},
	{Cases: `.*_env.*`, Part: "query pageSize", Got: absentPattern,
		Reason: "the library reads no environment variables"},
	{Cases: `queryset\..*`, Part: "missing request", Want: "GET .*",
		Reason: "bug in Python: list() of a query set asks for the first page twice"},
	{Cases: `queryset\..*`, Part: "query fields", Want: `_,a,d,e,f,l,.*`,
		Reason: "bug in Python: fields() of a query set sends the letters of _default_"},
	{Cases: `queryset\..*`, Part: "error", Want: `\(none\)`, Got: `.* 40\d.*`,
		Reason: "bug in Python: iterating a query set swallows errors"},
	{Cases: `.*paginate.*`, Part: "query pageNumber|error", Want: `1|\(none\)`, Got: `\d+|.*sent page 1 of .*`,
		Reason: "bug in Python: iterating paginate(page_number=N) starts at page 1; here a list begins at the page asked for"},
	{Cases: `queryset\..*/index_beyond.*`, Part: "extra request",
		Reason: "a list is walked to its end; Python knows from the first page that the index is too large"},
	{Cases: `queryset\..*`, Part: "call", Got: "a slice with .*|an index from the end|several uses of .*",
		Reason: "a list is walked from its beginning: no steps, no indexes from the end"},
	{Cases: `errors\.server\..*error_on_later_page.*`, Part: "extra request|error.*",
		Reason: "400006 on a later page means that the list has shrunk: the page before is read again"},

	// Filters.
	{Part: "query filter", Want: `.*:in:[^\[].*`, Got: `.*:in:\[.*\]`,
		Reason: "the values of in stand in brackets, one or many; Python writes a single text bare and a tuple as Python text"},
	{Part: "query filter", Want: `.*:in:\[.*, .*\]`, Got: `.*:in:\[[^ ]*\]`,
		Reason: "Python leaves blanks between numbers"},
	{Cases: `request_options\..*(apostrophe|backslash).*`, Part: "query filter",
		Reason: "bug in Python: a list is written with repr, which drops apostrophes and doubles backslashes"},
	{Cases: `request_options\..*empty_list.*`, Part: "missing request|error", Got: absentPattern + "|.* has no value",
		Reason: "a filter without a value is refused"},
	{Part: "query filter", Want: `.*:\d{4}-\d\d-\d\d \d\d:\d\d.*`, Got: `.*:\d{4}-\d\d-\d\dT[\d:]+Z`,
		Reason: "bug in Python: a datetime is written with str()"},
	{Cases: `request_options\..*(hash|plus|ampersand).*@3\.6`, Part: "query .*",
		Reason: "bug in Python: below API 3.7 nothing is escaped"},

	// Renderings.
	{Cases: `views\.populate_.*before_3\.7`, Part: "query .*",
		Reason: "bug in Python: below API 3.7 nothing is escaped"},
	{Cases: `(views|workbooks)\.populate_\w+/same_filter.*`, Part: "query vf_.*", Got: ".* & .*",
		Reason: "bug in Python: of two filters on one field only the last is sent"},
	{Cases: `errors\.model\.\w+RequestOptions/max_age_too_high`, Part: "extra request|error class",
		Reason: "how old a rendering may be is the server's to limit"},
	{Cases: `errors\.model\.\w+RequestOptions/.*`, Part: "call", Got: "a maximum age that is no number",
		Reason: "the compiler refuses it"},

	// Items.
	{Cases: `errors\.model\..*/unread_.*|errors\.model\.WorkbookItem/data_acceleration.*`, Part: "call", Got: "reading an attribute that was not fetched",
		Reason: "methods return what they fetch: nothing can be read before"},
	{Cases: `errors\.model\.ConnectionCredentials/.*`, Part: "call", Got: "a text in place of a boolean",
		Reason: "the compiler refuses it"},
	{Cases: `errors\.model\.ProjectItem/bad_.*`, Part: "extra request|error class",
		Reason: "a newer server may know more values: it decides"},
	{Cases: `.*/round_trip`, Part: "call", Got: "sending back a whole item: .*",
		Reason: "an update holds only what changes, so nothing is sent back by accident"},
	{Cases: `\w+\.populate_\w+/not_read`, Part: "extra request|error",
		Reason: "a method fetches when it is called, not when its result is read"},
	{Cases: `workbooks\.populate_views/.*`, Part: `result \[\d+\]\.workbook_id`, Got: "",
		Reason: "Python copies the workbook's id into each view; the answer does not hold it"},
	{Part: `result .*finish_code`, Want: "-1", Got: "",
		Reason: "a job that runs has no finish code; Python shows -1"},

	// Projects.
	{Cases: `projects\..*`, Part: "query publishSamples", Want: "false", Got: absentPattern,
		Reason: "the server's default"},
	{Cases: `projects\.\w+/item_with_samples`, Part: "query publishSamples", Want: "(?i)true & false", Got: "true",
		Reason: "bug in Python: contradicting values are sent"},

	// Sites.
	{Part: `result .*\.auto_suspend_refresh_inactivity_window`, Want: "30", Got: "0",
		Reason: "Python fills in a default that the answer does not hold"},
	{Part: `result .*\.revision_limit`, Want: "25", Got: "0",
		Reason: "Python fills in a default that the answer does not hold"},
	{Part: `result .*\.user_quota`, Want: "", Got: `\d+`,
		Reason: "Python hides the user quota of a site with role tiers; the answer holds it"},
	{Cases: `sites\.get_by_name/.*`, Part: "path|query key", Got: `.*[#?/].*|name`,
		Reason: "bug in Python: names are pasted into the path"},
	{Cases: `errors\.refused\.sites\.get_by_(id|name|content_url)/.*(other|not_the|unknown|substring).*`, Part: "extra request|error class",
		Reason: "a server administrator may ask for other sites: the server decides"},

	// Publishing and downloading.
	{Part: "(body|part request_payload) tsRequest/workbook children", Want: "project,connections.*", Got: "connections,project.*",
		Reason: "the order of the official schema"},
	{Cases: `workbooks\.publish/.*`, Part: `part request_payload tsRequest/workbook/project(@id)?`, Want: `(\{random-uuid\})?`, Got: absentPattern,
		Reason: "bug in Python: a project is made up"},
	{Cases: `workbooks\.publish/.*replace.*`, Part: "missing request|error", Got: absentPattern + "|.*the mode Replace is none of .*",
		Reason: "bug in Python: Replace is accepted and acts like CreateNew"},
	{Cases: `workbooks\.publish/os_pathlike`, Part: "extra request|error class",
		Reason: "bug in Python: one kind of path is refused"},
	{Cases: `errors\.refused\.workbooks\.publish/mode_empty`, Part: "extra request|error class",
		Reason: "no mode means CreateNew"},
	{Cases: `errors\.refused\.workbooks\.publish/connection_port_as_int`, Part: "extra request|error class",
		Reason: "bug in Python: a number cannot be written"},
	{Cases: `workbooks\.download/.*`, Part: "result  file name", Want: `(.*)\.twbx\.twbx`,
		Reason: "bug in Python: the extension is put on twice"},
	{Cases: `workbooks\.download/.*`, Part: "result  file name", Want: "[^+]*", Got: `.*\+.*`,
		Reason: "file names keep what every system allows"},

	// The server and the session.
	{Cases: `server\.use_server_version/legacy_.*`, Part: "missing request|path|query format|error|state version", Want: `GET /auth|/auth|xml|\(none\)|2\.\d`,
		Reason: "servers older than 10.1, which do not know serverInfo, are told so by an error"},
	{Cases: `server\.use_server_version/.*(server_error|html).*`, Part: "error|state version", Want: `\(none\)|2\.4|Unknown`,
		Reason: "a version that cannot be learnt is an error, not a guess"},
	{Cases: `server_info\.get/.*`, Part: "error", Want: `\(none\)`, Got: ".*not a Tableau Server.*",
		Reason: "an address that is no Tableau Server is an error"},
	{Cases: `server\.http_options/user_agent_at_top_level`, Part: "extra request|error class",
		Reason: "bug in Python: the option raises a TypeError"},
	{Cases: `server\.http_options/.*leak.*`, Part: "token", Got: "",
		Reason: "bug in Python: headers leak into later calls"},
	{Cases: `server\.address/.*`, Part: "path", Want: ".*//api/.*",
		Reason: "bug in Python: the trailing slash of a path prefix is kept"},
	{Cases: `server\.address/no_scheme`, Part: "missing request|error",
		Reason: "an address without a scheme means https"},
	{Cases: `errors\.server\.auth\.sign_out/.*401.*`, Part: "error|state .*",
		Reason: "signing out of a dead session is no error"},

	// Answers.
	{Cases: `errors\.server\..*`, Part: "error code", Want: "", Got: `\d+`,
		Reason: "an error that lacks an element or its namespace is still read"},
	{Cases: `errors\.server\..*/http_200_other_namespace`, Part: "error", Got: `\(none\)`,
		Reason: "an answer is read whatever its namespace"},
	{Cases: `errors\.server\..*/http_200_html`, Part: "error", Want: `\(none\)`,
		Reason: "a web page is an error, not an empty list"},
	{Cases: `errors\.server\..*charset.*`, Part: "error", Got: `\(none\)`,
		Reason: "bug in Python: the charset of content that is never shown is checked"},

	// Python's ways of calling.
	{Cases: `errors\.refused\.\w+\.(all|filter|order_by|paginate|fields|only_fields)/.*`, Part: "call", Got: "argument .*|a filter without a field",
		Reason: "the compiler refuses it"},
	{Cases: `errors\.refused\.\w+\.filter/positional_on_queryset`, Part: "extra request|error",
		Reason: "the compiler refuses it"},
	{Cases: `errors\.refused\.\w+\.(filter|order_by)/unknown_field`, Part: "extra request|error class",
		Reason: "which fields a list knows is the server's to say"},

	{Cases: `errors\.refused\.(server|pager)/.*`, Part: "call", Got: "a property of .*|an untyped .*",
		Reason: "the compiler refuses it, or there is nothing of the kind"},

	// Versions.
	{Cases: `version_gates/.*`, Part: "gate below", Want: `refused at [01]\..*`,
		Reason: "the REST API begins with 2.0"},
	{Cases: `version_gates/workbooks\.download`, Part: "gate below", Want: `refused at 2\.2`,
		Reason: "Python downloads by a method of 2.3; the content itself can be had since 2.0"},

	// Schedules, tasks, subscriptions and jobs.
	{Cases: `errors\.server\.jobs\.(get|get_by_id|wait_for_job)/404.*`, Part: "extra request", Got: `GET .*/jobs\?.*`,
		Reason: "a job that only the list knows is found there"},
}

// absentPattern fits what is not there.
const absentPattern = `\(absent\)`
