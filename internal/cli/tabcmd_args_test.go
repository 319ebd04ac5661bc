package cli

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTabcmdArguments reads command lines as tabcmd's own parser, Python's argparse, does.
func TestTabcmdArguments(t *testing.T) {
	t.Parallel()
	type values = map[string][]string
	on := []string{"true"}
	tests := []struct {
		line      string // words, with spaces between them; _ is a space in a word and "" is empty
		command   string
		arguments []string
		values    values
	}{
		{"login -s https://t.example.com -t mkt -u ann -p secret", "login", nil,
			values{"--server": {"https://t.example.com"}, "--site": {"mkt"}, "--username": {"ann"}, "--password": {"secret"}}},
		{"-s t.example.com --no-certcheck publish a.twbx", "publish", []string{"a.twbx"}, values{"--server": {"t.example.com"}, "--no-certcheck": on}},
		{"publish a.twbx -r Finance -o --tabbed", "publish", []string{"a.twbx"}, values{"--project": {"Finance"}, "--overwrite": on, "--tabbed": on}},
		{"publish -o a.twbx --project=Finance", "publish", []string{"a.twbx"}, values{"--project": {"Finance"}, "--overwrite": on}},
		// Abbreviations, as long as they are unique.
		{"publish a.twbx --proj Finance --over", "publish", []string{"a.twbx"}, values{"--project": {"Finance"}, "--overwrite": on}},
		{"publish a.twbx --parent=A/B --db-u ann --db-p=x", "publish", []string{"a.twbx"}, values{"--parent-project-path": {"A/B"}, "--db-username": {"ann"}, "--db-password": {"x"}}},
		{"createproject -n Sub --cont", "createproject", nil, values{"--name": {"Sub"}, "--continue-if-exists": on}},
		// The whole name counts, also where longer ones begin so.
		{"publish a.twbx --site x", "publish", []string{"a.twbx"}, values{"--site": {"x"}}},
		{"editsite old --site-name new --site x", "editsite", []string{"old"}, values{"--site-name": {"new"}, "--site": {"x"}}},
		{"editsite old --site-m", "editsite", []string{"old"}, values{"--site-mode": on}},
		// One dash: with the value, with several switches, with an equals sign.
		{"publish a.twbx -rFinance", "publish", []string{"a.twbx"}, values{"--project": {"Finance"}}},
		{"publish a.twbx -orFinance", "publish", []string{"a.twbx"}, values{"--project": {"Finance"}, "--overwrite": on}},
		{"list workbooks -nod", "list", []string{"workbooks"}, values{"--name": on, "--owner": on, "--details": on}},
		{"login -s=t.example.com", "login", nil, values{"--server": {"t.example.com"}}},
		// Spellings of earlier releases.
		{"login -tn ci -to secret", "login", nil, values{"--token-name": {"ci"}, "--token-value": {"secret"}}},
		{"login --token-name ci --token secret", "login", nil, values{"--token-name": {"ci"}, "--token-value": {"secret"}}},
		{"login -tmkt", "login", nil, values{"--site": {"mkt"}}},
		// Values.
		{"login --password=-dash -u a", "login", nil, values{"--password": {"-dash"}, "--username": {"a"}}},
		{"login -u a -p -xY9=", "login", nil, values{"--password": {"-xY9="}, "--username": {"a"}}}, // argparse wants --password=
		{"login --password-file - -u a", "login", nil, values{"--password-file": {"-"}, "--username": {"a"}}},
		{`login --site "" -u a`, "login", nil, values{"--site": {""}, "--username": {"a"}}},
		{"export W/V --csv --filter Region=North_America", "export", []string{"W/V"}, values{"--csv": on, "--filter": {"Region=North America"}}},
		{"export W/V --csv --filter -_odd=1", "export", []string{"W/V"}, values{"--csv": on, "--filter": {"- odd=1"}}},
		{"export W/V --csv --filter=A=1&B=2 --filter C=3", "export", []string{"W/V"}, values{"--csv": on, "--filter": {"A=1&B=2", "C=3"}}},
		{"createsite x --user-quota -1", "createsite", []string{"x"}, values{"--user-quota": {"-1"}}},
		{"createsite x --storage-quota 12 --user-quota 12", "createsite", []string{"x"}, values{"--storage-quota": {"12"}, "--user-quota": {"12"}}},
		// Words of a choice in any case.
		{"export W/V --pdf --pagesize A4 --pagelayout LANDSCAPE --language DE -l debug", "export", []string{"W/V"},
			values{"--pdf": on, "--pagesize": {"A4"}, "--pagelayout": {"Landscape"}, "--language": {"de"}, "--logging-level": {"DEBUG"}}},
		{"createsiteusers u.csv --role viewer --auth-type tableauidwithmfa", "createsiteusers", []string{"u.csv"}, values{"--role": {"Viewer"}, "--auth-type": {"TableauIDWithMFA"}}},
		{"createsiteusers u.csv -r SITEADMINISTRATOR", "createsiteusers", []string{"u.csv"}, values{"--role": {"SiteAdministrator"}}},
		{"list Workbooks", "list", []string{"workbooks"}, values{}},
		// The switch that once took a value.
		{"publish --recursive dir", "publish", []string{"dir"}, values{"--recursive": on}},
		{"publish --recursive True dir", "publish", []string{"dir"}, values{"--recursive": {"True"}}},
		{"publish dir --recursive=no", "publish", []string{"dir"}, values{"--recursive": {"no"}}},
		// What looks like an option and is none.
		{"delete -- -odd", "delete", []string{"-odd"}, values{}},
		{"delete -r P -- -w", "delete", []string{"-w"}, values{"--project": {"P"}}},
		{"delete -odd_name", "delete", []string{"-odd name"}, values{}}, // no option holds a space
		{"creategroup -x9 g", "creategroup", []string{"g"}, values{"--proxy": {"9"}}},
		{"addusers g --users u.csv", "addusers", []string{"g"}, values{"--users": {"u.csv"}}},
		{"addusers --users u.csv --no-complete g", "addusers", []string{"g"}, values{"--users": {"u.csv"}, "--no-complete": on}},
		{"refreshextracts --workbook My_Book --project P --synchronous", "refreshextracts", nil, values{"--workbook": {"My Book"}, "--project": {"P"}, "--synchronous": on}},
		{"delete --datasource Sales", "delete", []string{"Sales"}, values{"--datasource": on}},
		{"get /views/W/V.png?:size=640,480 -f out.png", "get", []string{"/views/W/V.png?:size=640,480"}, values{"--filename": {"out.png"}}},
		{"help", "help", nil, values{}},
		{"", "", []string{}, values{}},
	}
	for _, test := range tests {
		got, err := parseTabcmd(words(test.line))
		if err != nil {
			t.Errorf("%s: %v", test.line, err)
			continue
		}
		name := ""
		if got.command != nil {
			name = got.command.name
		}
		if name != test.command || strings.Join(got.arguments, "\n") != strings.Join(test.arguments, "\n") {
			t.Errorf("%s: %s %q", test.line, name, got.arguments)
		}
		if diff := cmp.Diff(test.values, got.values); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", test.line, diff)
		}
	}
}

func words(line string) []string {
	all := strings.Fields(line)
	for i, word := range all {
		if word == `""` {
			word = ""
		}
		all[i] = strings.ReplaceAll(word, "_", " ")
	}
	return all
}

func TestTabcmdArgumentErrors(t *testing.T) {
	t.Parallel()
	tests := []struct{ line, text string }{
		{"nonsense", `there is no command "nonsense"`},
		{"Publish a.twbx", `there is no command "Publish"`},
		{"publish", "the argument FILE is missing"},
		{"publish a.twbx b.twbx", `unrecognized argument "b.twbx"`},
		{"publish a.twbx --nonsense", "unrecognized option --nonsense"},
		{"publish a.twbx --thumbnail-username", "--thumbnail-username expects a value"},
		{"login -u a -p --site x", "--password/-p expects a value"},
		{"login -u a -p -t x", "--password/-p expects a value"},
		{"publish a.twbx --name --overwrite", "--name/-n expects a value"},
		{"publish a.twbx -rFinance -ofoo", "unrecognized option -ofoo"},
		{"publish a.twbx --overwrite=yes", "--overwrite/-o takes no value"},
		{"publish a.twbx --append --replace", "--replace cannot be given together with --append"},
		{"publish a.twbx --d x", "--d could be --description, --db-username, --db-password, --disable-uploader"},
		{"publish a.twbx --pro x", "--pro could be --proxy, --project"},
		{"login -u a --token-name b", "--token-name/-tn cannot be given together with --username/-u"},
		{"login -p a --password-file b", "--password-file cannot be given together with --password/-p"},
		{"login --no-certcheck -c cert", "cannot be given together"},
		{"login --no-proxy -x p:1", "cannot be given together"},
		{"login --country xx", `"xx" is none of de, en`},
		{"login --query-page-size many", `"many" is no whole number`},
		{"list views", `TYPE: "views" is none of projects, workbooks, datasources, flows`},
		{"export W/V", "one of --pdf, --fullpdf, --png, --csv is required"},
		{"export W/V --pdf --csv", "--csv cannot be given together with --pdf"},
		{"delete ds -d -w", "cannot be given together"},
		{"createproject", "--name is required"},
		{"addusers g", "--users is required"},
		{"createextracts", "one of --datasource/-d, --workbook/-w, --url is required"},
		{"createextracts -d a -w b", "cannot be given together"},
		{"createsite", "the argument NAME is missing"},
		{"createsite x --user-quota", "--user-quota expects a value"},
		{"createsite x --url a --site-id b", "cannot be given together"},
		{"createsiteusers u.csv --auth-type TableauId", "is none of"},
		{"refreshextracts --addcalculations --removecalculations -w x", "cannot be given together"},
	}
	for _, test := range tests {
		_, err := parseTabcmd(words(test.line))
		if _, ok := errors.AsType[*tabcmdUsageError](err); !ok || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: %v, want %s", test.line, err, test.text)
		}
	}
}

// TestTabcmdOptions calls what reads an option for each that a command has: one with another name would panic.
func TestTabcmdOptions(t *testing.T) {
	t.Parallel()
	for _, command := range tabcmdCommands() {
		seen := map[string]bool{}
		for _, f := range append(tabcmdGlobalFlags(), command.flags()...) {
			for _, name := range f.names {
				if seen[name] {
					t.Errorf("%s has the option %s twice", command.name, name)
				}
				seen[name] = true
			}
			if f.help == "" {
				t.Errorf("%s: %s has no help", command.name, f.names[0])
			}
		}
		if command.help == "" || command.tabctl == "" || (command.run == nil) == (command.local == nil) {
			t.Errorf("%s is not complete", command.name)
		}
	}
}

func TestIsTabcmd(t *testing.T) {
	t.Parallel()
	for program, want := range map[string]bool{
		"tabcmd": true, "/usr/local/bin/tabcmd": true, `C:\tools\tabcmd.exe`: true, "TABCMD.EXE": true, "tabctl": false, "/opt/tabcmd/tabctl": false, "tabcmd2": false,
	} {
		if got := isTabcmd(program); got != want {
			t.Errorf("%s: %v", program, got)
		}
	}
}
