package cli

import (
	"context"
	"slices"

	"github.com/tabctl/tableau-go/tableau"
)

// tabcmdCommand is a command of tabcmd.
type tabcmdCommand struct {
	name, help string
	tabctl     string // the same with tabctl's own commands
	arguments  []tabcmdArgument
	optional   bool                 // the arguments may be left out
	options    func() []*tabcmdFlag // beside the global ones; nil when there are none
	oneOf      string               // a group of options of which one must be given
	requires   string               // an option that must be given
	run        tabcmdRun            // nil of a command that calls no server
	local      func(*app, *tabcmdArgs) error
}

type tabcmdRun func(a *app, ctx context.Context, c *tableau.Client, args *tabcmdArgs) error

func (c *tabcmdCommand) flags() []*tabcmdFlag {
	if c.options == nil {
		return nil
	}
	return c.options()
}

func findTabcmd(name string) *tabcmdCommand {
	all := tabcmdCommands()
	if i := slices.IndexFunc(all, func(c *tabcmdCommand) bool { return c.name == name }); i >= 0 {
		return all[i]
	}
	return nil
}

func tabcmdLanguages() []string {
	return []string{"de", "en", "es", "fr", "it", "ja", "ko", "pt", "sv", "zh"}
}

// tabcmdGlobalFlags are the options of every command.
func tabcmdGlobalFlags() []*tabcmdFlag {
	return []*tabcmdFlag{
		{names: []string{"--help", "-h"}, help: "show help", tabctl: "--help"},
		{names: []string{"--server", "-s"}, value: "URL", help: "the server; without a scheme it is https", tabctl: "--server"},
		{names: []string{"--site", "-t"}, value: "SITE", help: "the site, by its name in addresses; Default is the one without", tabctl: "--site"},
		{names: []string{"--username", "-u"}, value: "USER", help: "user name", group: "who", tabctl: "--username"},
		{names: []string{"--token-name", "-tn"}, value: "NAME", help: "name of a personal access token", group: "who", tabctl: "--token-name"},
		{names: []string{"--password", "-p"}, value: "PASSWORD", help: "password", group: "secret",
			secret: "--password-file, or TABLEAU_PASSWORD", tabctl: "TABLEAU_PASSWORD"},
		{names: []string{"--password-file"}, value: "FILE", help: "file that holds the password; - is standard input", group: "secret", tabctl: "--password-file"},
		{names: []string{"--token-value", "--token", "-to"}, value: "SECRET", help: "secret of the personal access token", group: "secret",
			secret: "--token-file, or TABLEAU_TOKEN_VALUE", tabctl: "TABLEAU_TOKEN_VALUE"},
		{names: []string{"--token-file"}, value: "FILE", help: "file that holds the token's secret; - is standard input", group: "secret", tabctl: "--token-value-file"},
		{names: []string{"--no-prompt"}, help: "ask nothing; without a terminal nothing is ever asked"},
		{names: []string{"--use-certificate", "-c"}, value: "FILE", help: "client certificate and key, a PEM file", group: "certificates", tabctl: "--client-cert"},
		{names: []string{"--no-certcheck"}, help: "do not check the server's certificate", group: "certificates", tabctl: "--insecure"},
		{names: []string{"--no-cookie"}, help: "do not remember the sign-in"},
		{names: []string{"--proxy", "-x"}, value: "HOST:PORT", help: "proxy, for http and https", group: "proxy", tabctl: "--proxy"},
		{names: []string{"--no-proxy"}, help: "use no proxy, not even the environment's", group: "proxy", tabctl: "NO_PROXY"},
		{names: []string{"--timeout"}, value: "SECONDS", help: "give up when the server says nothing for so long, and with --synchronous when the job takes longer", tabctl: "--timeout"},
		{names: []string{"--continue-if-exists"}, help: "what is there already is no error"},
		{names: []string{"--country"}, value: "COUNTRY", choices: tabcmdLanguages(), help: "accepted", note: "messages are in English, and files are in the language of --language"},
		{names: []string{"--language"}, value: "LANGUAGE", choices: tabcmdLanguages(), help: "language of dates and numbers in exported files"},
		{names: []string{"--logging-level", "-l"}, value: "LEVEL", choices: []string{"TRACE", "DEBUG", "INFO", "ERROR"},
			help: "ERROR tells errors only, DEBUG each request, TRACE requests and answers without secrets", tabctl: "--quiet, --verbose, --debug"},
		{names: []string{"--query-page-size"}, value: "N", number: true, help: "items per request of list"},
		{names: []string{"--version", "-v"}, help: "show the version", tabctl: "tabctl version"},
	}
}

func projectFlag(names ...string) *tabcmdFlag {
	return &tabcmdFlag{names: names, value: "PROJECT", help: "name of the project; default is the project Default", tabctl: "PROJECT/NAME"}
}

func parentFlag() *tabcmdFlag {
	return &tabcmdFlag{names: []string{"--parent-project-path"}, value: "PATH", help: "path of the projects that the project is in, such as Finance/EMEA", tabctl: "PATH/PROJECT"}
}

func completeFlags() []*tabcmdFlag {
	return []*tabcmdFlag{
		{names: []string{"--complete"}, help: "change nothing when a line of the file is wrong, and exit 1 when a change fails (default)", group: "complete"},
		{names: []string{"--no-complete"}, help: "pass over what is wrong or fails", group: "complete"},
		{names: []string{"--no-wait", "--nowait"}, help: "accepted", note: "users are changed one by one, not by a job"},
		{names: []string{"--silent-progress"}, help: "accepted", note: "there is no progress to show"},
	}
}

func groupUsersFlags() []*tabcmdFlag {
	return append([]*tabcmdFlag{
		{names: []string{"--users"}, value: "FILE", help: "CSV file whose first column is the user name"},
	}, completeFlags()...)
}

// tabcmdRoles are the site roles that createsiteusers takes, and what some are called today.
var tabcmdRoles = map[string]tableau.SiteRole{
	"ServerAdministrator":       tableau.RoleServerAdministrator,
	"SiteAdministratorCreator":  tableau.RoleSiteAdministratorCreator,
	"SiteAdministratorExplorer": tableau.RoleSiteAdministratorExplorer,
	"SiteAdministrator":         tableau.RoleSiteAdministratorExplorer,
	"Creator":                   tableau.RoleCreator,
	"ExplorerCanPublish":        tableau.RoleExplorerCanPublish,
	"Publisher":                 tableau.RoleExplorerCanPublish,
	"Explorer":                  tableau.RoleExplorer,
	"Interactor":                tableau.RoleExplorer,
	"Viewer":                    tableau.RoleViewer,
	"Unlicensed":                tableau.RoleUnlicensed,
}

// tabcmdAuthTypes are the ways to sign in that createsiteusers takes.
var tabcmdAuthTypes = map[string]tableau.AuthSetting{
	"Local":            tableau.AuthServerDefault,
	"SAML":             tableau.AuthSAML,
	"OpenID":           tableau.AuthOpenID,
	"ServerDefault":    tableau.AuthServerDefault,
	"TableauIDWithMFA": tableau.AuthTableauIDWithMFA,
}

func siteUsersFlags() []*tabcmdFlag {
	return append([]*tabcmdFlag{
		{names: []string{"--role", "-r"}, value: "ROLE", choices: sortedKeys(tabcmdRoles), help: "site role of all users of the file"},
		{names: []string{"--auth-type"}, value: "TYPE", choices: sortedKeys(tabcmdAuthTypes), help: "how all users of the file sign in"},
	}, completeFlags()...)
}

func siteFlags() []*tabcmdFlag {
	return []*tabcmdFlag{
		{names: []string{"--site-id"}, value: "SITE", help: "the site's name in addresses", group: "address"},
		{names: []string{"--url", "-r"}, value: "SITE", help: "the site's name in addresses", group: "address"},
		{names: []string{"--user-quota"}, value: "N", number: true, help: "users that the site may have"},
		{names: []string{"--site-mode"}, help: "site administrators may add and remove users", group: "mode"},
		{names: []string{"--no-site-mode"}, help: "only server administrators may", group: "mode"},
		{names: []string{"--storage-quota"}, value: "MB", number: true, help: "megabytes that the site may store"},
		{names: []string{"--extract-encryption-mode"}, value: "MODE", choices: []string{"enforced", "enabled", "disabled"}, help: "whether extracts are encrypted"},
		{names: []string{"--run-now-enabled"}, value: "BOOL", choices: []string{"true", "false"}, help: "whether users may run tasks by hand"},
	}
}

func extractFlags() []*tabcmdFlag {
	return []*tabcmdFlag{
		{names: []string{"--datasource", "-d"}, value: "NAME", help: "name of the data source", group: "item"},
		{names: []string{"--workbook", "-w"}, value: "NAME", help: "name of the workbook", group: "item"},
		{names: []string{"--url"}, value: "NAME", help: "the workbook by its name in addresses", group: "item"},
		projectFlag("--project", "-r"), parentFlag(),
	}
}

func embeddedFlags() []*tabcmdFlag {
	return append(extractFlags(),
		&tabcmdFlag{names: []string{"--embedded-datasources"}, value: "NAMES", help: "names of data sources in the workbook, with commas or spaces between them", group: "embedded"},
		&tabcmdFlag{names: []string{"--include-all"}, help: "all data sources in the workbook", group: "embedded"})
}

func tabcmdPublishFlags() []*tabcmdFlag {
	return []*tabcmdFlag{
		{names: []string{"--filetype"}, value: "TYPE", help: "of a folder, only the files of this type: twbx or *.twbx"},
		{names: []string{"--recursive"}, may: true, help: "of a folder, also what its folders hold; with or without a value", tabctl: "--recursive"},
		{names: []string{"--name", "-n"}, value: "NAME", help: "name on the server; default is the file's", tabctl: "--name"},
		projectFlag("--project", "-r"), parentFlag(),
		{names: []string{"--overwrite", "-o"}, help: "replace what has the name", tabctl: "--overwrite"},
		{names: []string{"--append"}, help: "add the file's rows to the data source", group: "data", tabctl: "--append"},
		{names: []string{"--replace"}, help: "replace the data source's data", group: "data", tabctl: "--replace"},
		{names: []string{"--description", "-d"}, value: "TEXT", help: "description", tabctl: "--description"},
		{names: []string{"--oauth-username"}, value: "USER", help: "user whose saved OAuth credentials are used", group: "credentials"},
		{names: []string{"--db-username"}, value: "USER", help: "user name for the file's databases", group: "credentials", tabctl: "--db-username"},
		{names: []string{"--db-password"}, value: "PASSWORD", help: "password for the file's databases", secret: "TABLEAU_DB_PASSWORD", tabctl: "--db-password-file"},
		{names: []string{"--save-db-password"}, help: "keep the password with what is published", tabctl: "--embed-password"},
		{names: []string{"--save-oauth"}, help: "keep the OAuth credentials with what is published"},
		{names: []string{"--tabbed"}, help: "show the workbook's views as tabs", tabctl: "--show-tabs"},
		{names: []string{"--thumbnail-username"}, value: "USER", help: "draw thumbnails with this user's eyes", group: "thumbnails", tabctl: "--thumbnails-user"},
		{names: []string{"--thumbnail-group"}, value: "GROUP", help: "draw thumbnails with this group's eyes", group: "thumbnails"},
		{names: []string{"--encrypt-extracts"}, help: "encrypt the workbook's extracts", tabctl: "--encrypt-extracts"},
		{names: []string{"--skip-connection-check"}, help: "do not try the workbook's connections", tabctl: "--skip-connection-check"},
		{names: []string{"--use-tableau-bridge"}, help: "let Tableau Bridge query the data source", tabctl: "--use-bridge"},
		{names: []string{"--disable-uploader"}, help: "accepted", note: "large files always go in parts"},
		{names: []string{"--restart"}, value: "ID", help: "accepted", note: "parts that fail are sent again without it"},
	}
}

func exportFlagsOfTabcmd() []*tabcmdFlag {
	return []*tabcmdFlag{
		{names: []string{"--pdf"}, help: "the view as a PDF", group: "format", tabctl: "tabctl views pdf"},
		{names: []string{"--fullpdf"}, help: "the workbook as a PDF", group: "format", tabctl: "tabctl workbooks pdf"},
		{names: []string{"--png"}, help: "the view as a picture", group: "format", tabctl: "tabctl views image"},
		{names: []string{"--csv"}, help: "the view's data", group: "format", tabctl: "tabctl views csv"},
		{names: []string{"--pagelayout"}, value: "LAYOUT", choices: []string{"Landscape", "Portrait"}, help: "how a PDF's pages are turned", tabctl: "--orientation"},
		{names: []string{"--pagesize"}, value: "SIZE", choices: pageTypeChoice().allowed, help: "size of a PDF's pages; default is letter", tabctl: "--page-type"},
		{names: []string{"--width"}, value: "PIXELS", number: true, help: "default is 800", tabctl: "--size"},
		{names: []string{"--height"}, value: "PIXELS", number: true, help: "default is 600", tabctl: "--size"},
		{names: []string{"--filename", "-f"}, value: "FILE", help: "file to write; default is the view's or workbook's name", tabctl: "-f"},
		{names: []string{"--filter"}, value: "FIELD=VALUE", help: `keep the rows with the value; A=1&B=2 are two, A=1,2 are alternatives, \, and \& are themselves; may be repeated`, tabctl: "--filter"},
		{names: []string{"--resolution"}, value: "RESOLUTION", choices: []string{"high", "standard"}, help: "of a picture; default is high", tabctl: "--high-resolution"},
	}
}

// tabcmdCommands are the commands of tabcmd, by name.
func tabcmdCommands() []*tabcmdCommand {
	one := func(names ...string) (all []tabcmdArgument) {
		for _, name := range names {
			all = append(all, tabcmdArgument{name: name})
		}
		return all
	}
	flags := func(all ...*tabcmdFlag) func() []*tabcmdFlag { return func() []*tabcmdFlag { return all } }
	return []*tabcmdCommand{
		{name: "addusers", help: "Add users to a group", tabctl: "tabctl groups add-user GROUP USER", arguments: one("GROUP"),
			options: groupUsersFlags, requires: "--users", run: (*app).tabcmdAddUsers},
		{name: "createextracts", help: "Create the extracts of a data source or workbook", tabctl: "tabctl workbooks|datasources create-extract NAME",
			options: func() []*tabcmdFlag {
				return append(embeddedFlags(), &tabcmdFlag{names: []string{"--encrypt"}, help: "encrypt them", tabctl: "--encrypt"})
			}, oneOf: "item", run: (*app).tabcmdCreateExtracts},
		{name: "creategroup", help: "Create a local group", tabctl: "tabctl groups create NAME", arguments: one("NAME"), run: (*app).tabcmdCreateGroup},
		{name: "createproject", help: "Create a project", tabctl: "tabctl projects create NAME --parent PATH",
			options: flags(&tabcmdFlag{names: []string{"--name", "-n"}, value: "NAME", help: "name of the project"},
				&tabcmdFlag{names: []string{"--description", "-d"}, value: "TEXT", help: "description", tabctl: "--description"}, parentFlag()),
			requires: "--name", run: (*app).tabcmdCreateProject},
		{name: "createsite", help: "Create a site of a server", tabctl: "tabctl sites create NAME", arguments: one("NAME"), options: siteFlags, run: (*app).tabcmdCreateSite},
		{name: "createsiteusers", help: "Add the users of a CSV file to the site", tabctl: "tabctl users import FILE", arguments: one("FILE"),
			options: siteUsersFlags, run: (*app).tabcmdCreateUsers},
		{name: "createusers", help: "Add the users of a CSV file to the site: the REST API has no users without one", tabctl: "tabctl users import FILE", arguments: one("FILE"),
			options: siteUsersFlags, run: (*app).tabcmdCreateUsers},
		{name: "decryptextracts", help: "Decrypt all extracts of a site", tabctl: "tabctl sites decrypt-extracts NAME", arguments: one("SITE"), run: (*app).tabcmdDecryptExtracts},
		{name: "delete", help: "Delete a workbook or data source", tabctl: "tabctl workbooks|datasources delete PROJECT/NAME --yes", arguments: one("NAME"),
			options: flags(&tabcmdFlag{names: []string{"--workbook", "-w"}, help: "it is a workbook", group: "item"},
				&tabcmdFlag{names: []string{"--datasource", "-d"}, help: "it is a data source", group: "item"},
				projectFlag("--project", "-r"), parentFlag()), run: (*app).tabcmdDelete},
		{name: "deleteextracts", help: "Delete the extracts of a data source or workbook", tabctl: "tabctl workbooks|datasources delete-extract NAME",
			options: embeddedFlags, oneOf: "item", run: (*app).tabcmdDeleteExtracts},
		{name: "deletegroup", help: "Delete a group", tabctl: "tabctl groups delete NAME --yes", arguments: one("NAME"), run: (*app).tabcmdDeleteGroup},
		{name: "deleteproject", help: "Delete a project with all it holds", tabctl: "tabctl projects delete PATH --yes", arguments: one("NAME"),
			options: flags(parentFlag()), run: (*app).tabcmdDeleteProject},
		{name: "deletesite", help: "Delete a site with all it holds", tabctl: "tabctl sites delete NAME --yes", arguments: one("SITE"), run: (*app).tabcmdDeleteSite},
		{name: "deletesiteusers", help: "Remove the users of a file from the site", tabctl: "tabctl users remove NAME --yes", arguments: one("FILE"),
			options: completeFlags, run: (*app).tabcmdDeleteUsers},
		{name: "deleteusers", help: "Remove the users of a file from the site: a server forgets those that are on no other", tabctl: "tabctl users remove NAME --yes", arguments: one("FILE"),
			options: completeFlags, run: (*app).tabcmdDeleteUsers},
		{name: "editsite", help: "Change a site", tabctl: "tabctl sites update NAME", arguments: one("SITE"),
			options: func() []*tabcmdFlag {
				return append(siteFlags(),
					&tabcmdFlag{names: []string{"--site-name"}, value: "NAME", help: "new name"},
					&tabcmdFlag{names: []string{"--status"}, value: "STATUS", choices: []string{"ACTIVE", "SUSPENDED"}, help: "whether it can be used"})
			}, run: (*app).tabcmdEditSite},
		{name: "encryptextracts", help: "Encrypt all extracts of a site", tabctl: "tabctl sites encrypt-extracts NAME", arguments: one("SITE"), run: (*app).tabcmdEncryptExtracts},
		{name: "export", help: "Save a view or workbook as a PDF, a picture or data", tabctl: "tabctl views image|pdf|csv WORKBOOK/VIEW", arguments: one("WORKBOOK/VIEW"),
			options: exportFlagsOfTabcmd, oneOf: "format", run: (*app).tabcmdExport},
		{name: "get", help: "Save what is at an address: /workbooks/NAME.twbx, /datasources/NAME.tdsx, /views/WORKBOOK/VIEW.png (or .pdf, .csv)",
			tabctl: "tabctl workbooks|datasources download NAME, tabctl views image|pdf|csv WORKBOOK/VIEW", arguments: one("URL"),
			options: flags(&tabcmdFlag{names: []string{"--filename", "-f"}, value: "FILE", help: "file to write, with or without its type", tabctl: "-f"}), run: (*app).tabcmdGet},
		{name: "help", help: "Show the commands, or all about one", tabctl: "tabctl help", arguments: one("COMMAND"), optional: true, local: (*app).tabcmdHelp},
		{name: "list", help: "List what you may see", tabctl: "tabctl projects|workbooks|datasources list", arguments: []tabcmdArgument{{name: "TYPE", choices: []string{"projects", "workbooks", "datasources", "flows"}}},
			options: flags(&tabcmdFlag{names: []string{"--machine"}, help: "as CSV", tabctl: "-o csv"},
				&tabcmdFlag{names: []string{"--name", "-n"}, help: "with names"},
				&tabcmdFlag{names: []string{"--owner", "-o"}, help: "with owners' IDs"},
				&tabcmdFlag{names: []string{"--details", "-d"}, help: "with the views of workbooks"},
				&tabcmdFlag{names: []string{"--address", "-a"}, help: "with names in addresses"}), run: (*app).tabcmdList},
		{name: "listsites", help: "List the sites that you are on", tabctl: "tabctl sites list",
			options: flags(&tabcmdFlag{names: []string{"--get-extract-encryption-mode"}, help: "with their encryption of extracts"}), run: (*app).tabcmdListSites},
		{name: "login", help: "Sign in and remember it", tabctl: "tabctl login", run: (*app).tabcmdLogin},
		{name: "logout", help: "Sign out and forget it", tabctl: "tabctl logout", local: (*app).tabcmdLogout},
		{name: "publish", help: "Publish a workbook, a data source or an extract, or those of a folder", tabctl: "tabctl workbooks|datasources publish FILE --project PATH", arguments: one("FILE"),
			options: tabcmdPublishFlags, run: (*app).tabcmdPublish},
		{name: "publishsamples", help: "Put Tableau's sample workbooks into a project", tabctl: "tabctl tabcmd publishsamples",
			options: flags(&tabcmdFlag{names: []string{"--name", "-n"}, value: "NAME", help: "name of the project"}, parentFlag()), requires: "--name", run: (*app).tabcmdPublishSamples},
		{name: "reencryptextracts", help: "Encrypt all extracts of a site with a new key", tabctl: "tabctl sites reencrypt-extracts NAME", arguments: one("SITE"), run: (*app).tabcmdReencryptExtracts},
		{name: "refreshextracts", help: "Refresh the extracts of a data source or workbook", tabctl: "tabctl workbooks|datasources refresh NAME --wait",
			options: func() []*tabcmdFlag {
				return append(extractFlags(),
					&tabcmdFlag{names: []string{"--incremental"}, help: "only the rows that are new", tabctl: "--incremental"},
					&tabcmdFlag{names: []string{"--synchronous"}, help: "wait until it is done; a failure exits 1", tabctl: "--wait"},
					&tabcmdFlag{names: []string{"--addcalculations"}, help: "accepted", note: "servers have no such task any more", group: "calculations"},
					&tabcmdFlag{names: []string{"--removecalculations"}, help: "accepted", note: "servers have no such task any more", group: "calculations"})
			}, oneOf: "item", run: (*app).tabcmdRefreshExtracts},
		{name: "removeusers", help: "Remove users from a group", tabctl: "tabctl groups remove-user GROUP USER", arguments: one("GROUP"),
			options: groupUsersFlags, requires: "--users", run: (*app).tabcmdRemoveUsers},
		{name: "runschedule", help: "Run the extract refreshes of a schedule now", tabctl: "tabctl tasks run ID", arguments: one("SCHEDULE"), run: (*app).tabcmdRunSchedule},
		{name: "version", help: "Show the version", tabctl: "tabctl version", local: (*app).tabcmdVersion},
	}
}
