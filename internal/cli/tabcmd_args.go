package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// tabcmdFlag is an option of tabcmd.
type tabcmdFlag struct {
	names   []string // the long one first: "--server", "-s"
	value   string   // what help calls the value; "" for a switch
	help    string
	tabctl  string   // how tabctl's own commands say it; "" when they need not
	choices []string // of which the value is one, in any case
	number  bool     // the value is a whole number
	may     bool     // a switch that may be followed by true or false
	group   string   // of the options of a group only one may be given
	note    string   // why it does nothing
	secret  string   // a secret: how to give it so that others cannot see it
}

// tabcmdArgument is an argument without a name.
type tabcmdArgument struct {
	name    string
	choices []string
}

// tabcmdArgs are the arguments of a command line that has been understood.
type tabcmdArgs struct {
	command   *tabcmdCommand
	flags     []*tabcmdFlag // those that the command knows
	values    map[string][]string
	arguments []string
}

// value is the last one that the option has been given; "" when there is none.
func (a *tabcmdArgs) value(name string) string {
	if all := a.all(name); len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

// all are the values of an option that counts each time.
func (a *tabcmdArgs) all(name string) []string {
	if !slices.ContainsFunc(a.flags, func(f *tabcmdFlag) bool { return f.names[0] == name }) {
		panic("cli: tabcmd " + a.command.name + " has no option " + name)
	}
	return a.values[name]
}

func (a *tabcmdArgs) given(name string) bool { return len(a.all(name)) > 0 }

// on reports whether a switch is given and not turned off.
func (a *tabcmdArgs) on(name string) bool {
	value := a.value(name)
	return value != "" && !isFalse(value)
}

// integer is the value of an option that takes a number; nil when it is not given.
func (a *tabcmdArgs) integer(name string) *int {
	if !a.given(name) {
		return nil
	}
	n, _ := strconv.Atoi(a.value(name)) // it has been checked
	return &n
}

// tabcmdUsageError is a command line that tabcmd does not understand.
type tabcmdUsageError struct {
	command string // "" before one is known
	text    string
}

func (e *tabcmdUsageError) Error() string { return e.text }

// tabcmdParser reads a command line as Python's argparse does: options anywhere, long ones abbreviated, --name=value,
// -nvalue, several switches after one dash, and -- before what only looks like an option.
type tabcmdParser struct {
	tabcmdArgs
	left []string
}

// parseTabcmd reads a command line. The command is nil when none is named.
func parseTabcmd(args []string) (*tabcmdArgs, error) {
	p := &tabcmdParser{tabcmdArgs: tabcmdArgs{values: map[string][]string{}, flags: tabcmdGlobalFlags()}, left: args}
	err := p.parse()
	return &p.tabcmdArgs, err
}

func (p *tabcmdParser) parse() error {
	for onlyArguments := false; len(p.left) > 0; {
		text := p.left[0]
		p.left = p.left[1:]
		if text == "--" && !onlyArguments {
			onlyArguments = true
			continue
		}
		if onlyArguments || !p.isOption(text) {
			if err := p.argument(text); err != nil {
				return err
			}
			continue
		}
		if err := p.option(text); err != nil {
			return err
		}
	}
	return p.complete()
}

func (p *tabcmdParser) fail(format string, args ...any) error {
	e := &tabcmdUsageError{text: fmt.Sprintf(format, args...)}
	if p.command != nil {
		e.command = p.command.name
	}
	return e
}

// argument takes what is no option: the command first.
func (p *tabcmdParser) argument(text string) error {
	if p.command == nil {
		if p.command = findTabcmd(text); p.command == nil {
			return p.fail("there is no command %q", text)
		}
		p.flags = append(p.flags, p.command.flags()...)
		return nil
	}
	n := len(p.arguments)
	if n == len(p.command.arguments) {
		return p.fail("unrecognized argument %q", text)
	}
	if choices := p.command.arguments[n].choices; choices != nil {
		chosen, ok := choose(choices, text)
		if !ok {
			return p.fail("%s: %q is none of %s", p.command.arguments[n].name, text, strings.Join(choices, ", "))
		}
		text = chosen
	}
	p.arguments = append(p.arguments, text)
	return nil
}

// isOption reports whether the text is an option, known or not. What holds a space is none, unless it begins with one.
func (p *tabcmdParser) isOption(text string) bool {
	if len(text) < 2 || text[0] != '-' {
		return false
	}
	name, _, _ := strings.Cut(text, "=")
	if len(p.matches(name)) > 0 || text[1] != '-' && p.short(text[:2]) != nil {
		return true
	}
	_, err := strconv.ParseFloat(text, 64)
	return err != nil && !strings.Contains(text, " ")
}

// matches are the options that the name may mean: the one of that name, else all long ones that begin so.
func (p *tabcmdParser) matches(name string) []*tabcmdFlag {
	var found []*tabcmdFlag
	for _, f := range p.flags {
		if slices.Contains(f.names, name) {
			return []*tabcmdFlag{f}
		}
		if len(name) > 2 && slices.ContainsFunc(f.names, func(long string) bool { return strings.HasPrefix(long, "--") && strings.HasPrefix(long, name) }) {
			found = append(found, f)
		}
	}
	return found
}

func (p *tabcmdParser) short(name string) *tabcmdFlag {
	for _, f := range p.flags {
		if slices.Contains(f.names, name) {
			return f
		}
	}
	return nil
}

// option takes an option with its value.
func (p *tabcmdParser) option(text string) error {
	name, value, inline := strings.Cut(text, "=")
	found := p.matches(name)
	switch {
	case len(found) > 1:
		var names []string
		for _, f := range found {
			names = append(names, f.names[0])
		}
		return p.fail("%s could be %s", name, strings.Join(names, ", "))
	case len(found) == 1:
		return p.take(found[0], value, inline)
	case strings.HasPrefix(text, "--"):
		return p.fail("unrecognized option %s", name)
	}
	// -nvalue, or switches together: -wo
	for rest := text[1:]; rest != ""; {
		f := p.short("-" + rest[:1])
		if f == nil {
			return p.fail("unrecognized option %s", text)
		}
		rest = rest[1:]
		if f.value != "" {
			return p.take(f, rest, rest != "")
		}
		if err := p.take(f, "", false); err != nil {
			return err
		}
	}
	return nil
}

// take keeps an option's value, which is the next argument when it was not given with the name.
func (p *tabcmdParser) take(f *tabcmdFlag, value string, inline bool) error {
	name := strings.Join(f.names, "/")
	for _, other := range p.flags {
		if f.group != "" && other != f && other.group == f.group && len(p.values[other.names[0]]) > 0 {
			return p.fail("%s cannot be given together with %s", name, strings.Join(other.names, "/"))
		}
	}
	switch {
	case f.value == "" && f.may:
		if !inline && len(p.left) > 0 && (isTrue(p.left[0]) || isFalse(p.left[0])) {
			value, p.left = p.left[0], p.left[1:]
		}
		value = cmp.Or(value, "true")
	case f.value == "" && inline:
		return p.fail("%s takes no value", name)
	case f.value == "":
		value = "true"
	case !inline:
		if len(p.left) == 0 || p.left[0] == "--" || p.isOption(p.left[0]) && !p.isSecret(f, p.left[0]) {
			return p.fail("%s expects a value (one that begins with a dash is written %s=VALUE)", name, f.names[0])
		}
		value, p.left = p.left[0], p.left[1:]
	}
	if f.choices != nil {
		chosen, ok := choose(f.choices, value)
		if !ok {
			return p.fail("%s: %q is none of %s", name, value, strings.Join(f.choices, ", "))
		}
		value = chosen
	}
	if _, err := strconv.Atoi(value); f.number && err != nil {
		return p.fail("%s: %q is no whole number", name, value)
	}
	p.values[f.names[0]] = append(p.values[f.names[0]], value)
	return nil
}

// isSecret reports whether the text can be the value of an option for secrets, which often begin with a dash: it is the
// name of no option.
func (p *tabcmdParser) isSecret(f *tabcmdFlag, text string) bool {
	name, _, _ := strings.Cut(text, "=")
	return f.secret != "" && len(p.matches(name)) == 0
}

// complete checks that nothing is missing.
func (p *tabcmdParser) complete() error {
	if p.command == nil || p.given("--help") || p.given("--version") {
		return nil
	}
	if missing := p.command.arguments[len(p.arguments):]; len(missing) > 0 && !p.command.optional {
		return p.fail("the argument %s is missing", missing[0].name)
	}
	if group := p.command.oneOf; group != "" {
		var names []string
		for _, f := range p.flags {
			if f.group == group && p.given(f.names[0]) {
				return nil
			}
			if f.group == group {
				names = append(names, strings.Join(f.names, "/"))
			}
		}
		return p.fail("one of %s is required", strings.Join(names, ", "))
	}
	if name := p.command.requires; name != "" && !p.given(name) {
		return p.fail("%s is required", name)
	}
	return nil
}

func isTrue(text string) bool {
	return slices.Contains([]string{"yes", "y", "1", "true"}, strings.ToLower(text))
}

func isFalse(text string) bool {
	return slices.Contains([]string{"no", "n", "0", "false"}, strings.ToLower(text))
}
