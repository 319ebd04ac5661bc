package cli

import "github.com/spf13/cobra"

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

With -o json an error is a JSON object on standard error, with exitCode, message
and, when a server has answered, Tableau's code, summary and detail.`,
	}
}

func environmentTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "environment",
		Short: "The environment variables that tabctl reads",
		Long: `A flag comes before an environment variable, and that before the saved profile.

  TABLEAU_SERVER_URL   the server, such as https://tableau.example.com
  TABLEAU_SITE         the site's content URL, the part of a browser address after /#/site/
  TABLEAU_TOKEN_NAME   name of a personal access token
  TABLEAU_TOKEN_VALUE  secret of the personal access token
  TABLEAU_JWT          a JSON Web Token of a connected app
  TABLEAU_USERNAME     user name
  TABLEAU_PASSWORD     password
  TABLEAU_DB_PASSWORD  password of the database, for connections of what is published or changed
  TABLEAU_CA_CERT      PEM file of certificate authorities to trust beside the system's
  HTTPS_PROXY          URL of the proxy for https addresses; HTTP_PROXY for http ones
  NO_PROXY             hosts and domains to reach without a proxy, with commas
  TABCTL_CONFIG_DIR    where profiles are saved, instead of the user's configuration directory
  TABCTL_KEYRING       off keeps secrets in a file that only the user can read, not in the keyring
  NO_COLOR             set, there is no colour; nor is there when TERM is dumb

On Linux the keyring is reached over the session bus, which DBUS_SESSION_BUS_ADDRESS
or XDG_RUNTIME_DIR tell; without them secrets are kept in a file.

A variable that is empty counts as not set. When several credentials are set,
the personal access token is used, then the JSON Web Token, then the password.
A session that credentials from flags or variables start ends with the command;
the session of a saved profile lives on. A saved secret is only sent to the
server it was saved for.

Shells complete names with the living session of a saved profile for the same
server and site, as "tabctl login" leaves it. Completing never signs in: a
personal access token has one session, and a new one would end that of a command
that runs.`,
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
		Short: "The formats of data, and the names in JSON",
		Long: `Data goes to standard output, in the format that -o names:

  table   aligned columns, cut to fit the terminal; whole when piped
  wide    all columns, never cut
  json    one JSON array, or one object for one item
  jsonl   one JSON object a line
  yaml    the same as YAML
  csv     a heading and lines, with commas
  name    the first column alone, one a line, for other commands to read

Names in JSON, YAML, CSV, --columns and --filter are those of Tableau's REST API,
unchanged: contentUrl, updatedAt, showTabs. They follow these rules:

  - a name keeps its meaning and its type from one version of tabctl to the next
  - what is inside another thing is reached with a dot: owner.name, project.id
  - lists are named for what they hold, in the plural: tags, views
  - times are UTC, as 2026-01-31T09:30:00Z; sizes are megabytes where Tableau's are
  - a time, a list or a part that there is not is left out; texts, numbers and
    true or false are always there
  - what a newer server sends, and this tabctl does not know, is passed on as text;
    readers should ignore names that they do not know

Table headings are for people and may change; so may messages on standard error.
Errors have a shape of their own with -o json: see tabctl help exit-codes.`,
	}
}
