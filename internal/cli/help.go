package cli

import "github.com/spf13/cobra"

// topics are pages of help that belong to no command.
func topics() []*cobra.Command {
	return []*cobra.Command{environmentTopic(), exitCodesTopic(), filtersTopic(), outputTopic()}
}

func exitCodesTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "exit-codes",
		Short: "What tabctl's exit codes mean",
		Long: `Tabctl ends with one of these codes:

  0  done
  1  failed, for a reason that is none of the following
  2  usage: the command line or a value in it is wrong, or a name is ambiguous
  3  sign-in: credentials are missing, refused, or the session has ended
  4  not found
  5  conflict: something of that name exists already
  6  forbidden: the signed-in user lacks the permission
  7  time-out
  8  partly done: some items of a batch failed, the others are done

With -o json an error is a JSON object on standard error (see: tabctl help output).`,
	}
}

func environmentTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "environment",
		Short: "The environment variables that tabctl reads",
		Long: `A flag comes before an environment variable, and that before the saved profile.

Server and sign-in:

  TABLEAU_SERVER_URL   the server, such as https://tableau.example.com
  TABLEAU_SITE         the site's content URL, the part of a browser address after /#/site/
  TABLEAU_TOKEN_NAME   name of a personal access token
  TABLEAU_TOKEN_VALUE  secret of the personal access token
  TABLEAU_JWT          a JSON Web Token of a connected app
  TABLEAU_USERNAME     user name
  TABLEAU_PASSWORD     password
  TABLEAU_DB_PASSWORD  password of the database, for connections of what is published or changed

Network:

  TABLEAU_CA_CERT      file with certificates (PEM) of authorities to trust besides the system's
  HTTPS_PROXY          URL of the proxy for https:// servers; it may hold user and password
  HTTP_PROXY           URL of the proxy for http:// servers
  NO_PROXY             servers that are reached without a proxy, such as .example.com,10.0.0.0/8

This machine:

  TABCTL_CONFIG_DIR    where profiles are saved, instead of the user's configuration directory
  TABCTL_KEYRING       off: secrets are saved in a file that only you can read, not in the keyring
  DBUS_SESSION_BUS_ADDRESS
                       where the keyring answers, on Linux; the desktop sets it
  NO_COLOR             anything: no bold headings at a terminal
  TERM                 dumb: no bold headings, and no line that is rewritten

A variable that is empty counts as not set. When several credentials are set,
the personal access token is used, then the JSON Web Token, then the password.
A session that credentials from flags or variables start ends with the command;
the session of a saved profile lives on. A saved secret is only sent to the
server it was saved for.`,
	}
}

func filtersTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "filters",
		Short: "How to choose what a list shows",
		Long: `A list takes conditions, all of which must hold:

  --filter name=Sales                    has the value
  --filter 'size>=100'                   =, >, >=, <, <=; in quotes, for the shell
  --filter 'updatedAt>2026-01-01T00:00:00Z'
  --filter 'name:in:[Sales,Costs]'       one of several
  --filter 'name:eq:Sales'               as the REST API writes it: field:operator:value,
                                         with eq, cieq, gt, gte, lt, lte, in, has

Fields have the names of the JSON output. The server decides which of them a
list can be filtered by; it says so when one is unknown. Values may hold commas
and ampersands: what the server cannot read in a filter, tabctl applies itself.

  --sort name                            smallest first; several count in turn
  --sort -updatedAt                      greatest first
  --limit 10                             the first ten
  --columns name,owner.name              the columns of a table or CSV file
  --jq '.[] | select(.size > 10) | .id'  any choice from the JSON`,
	}
}

func outputTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "output",
		Short: "How data is printed, and what its fields are called",
		Long: `Data goes to standard output; messages, progress and errors to standard error.

  -o table   columns for people; cut to fit a terminal, whole when piped (default)
  -o wide    more columns, none of them cut
  -o json    one array for a list, one object for one item
  -o jsonl   one object on each line, as soon as it is there
  -o yaml    the same as YAML
  -o csv     the columns, with a heading of JSON names
  -o name    the first column alone, such as names, to pipe
  --jq EXPR  what this jq expression makes of the JSON
  --columns  the columns of a table or CSV, by their JSON names

JSON names are those of Tableau's REST API: an attribute such as contentUrl, an
element such as project, whose parts follow a dot in --columns (project.name), and
for a list the name of its element, such as tags. What tabctl adds, such as the
path of a project, is named in the same manner. Names stay as they are from
version to version; what a newer server sends comes in addition.

Times are RFC 3339 in UTC, sizes are numbers in the API's unit. Text that is
empty is there as ""; times, lists and parts that are not set are left out.

With -o json or jsonl an error is an object on standard error:

  {"error": {"message": "...", "exitCode": 4, "code": "404006", "summary": "...",
   "detail": "...", "status": 404, "request": "GET https://...", "requestId": "...",
   "try": "...", "items": [...]}}

message and exitCode are always there; code, summary and detail are Tableau's;
try says what to do next; items are those of a batch that are not done.

"tabctl config set output json" makes another format the default.`,
	}
}
