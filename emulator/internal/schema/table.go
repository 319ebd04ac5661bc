package schema

import (
	_ "embed"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// request.txt holds what the schema says of everything inside tsRequest; go test -update writes it. One type a line:
//
//	modeType = 'Allow' 'Deny'
//	portType = integer[1,65535] 'none'
//	idType = string/[0-9a-f]+/
//	tagType { label!:string } tag:tagType*
//	taskType { } (| extractRefresh:refreshType flowRun:runType )? schedule:scheduleType
//
// A simple type has literals and rules, any of which may fit. An element's type has attributes in braces, "!" marking those
// that must be there, and then its children: one each, or ? * + {least,most} as in a regular expression. Of the children
// after "(|" there is one.
//
//go:embed request.txt
var official string

// lenient.txt holds what is allowed beyond the schema, and why. A line replaces the type of that name. One with "+=" says
// something else of the attributes and children that it names, and "|=" makes them alternatives to those that are there. The
// literal 'True'=true is taken for true, and an attribute with the value of 'none'= is taken for absent.
//
//go:embed lenient.txt
var lenient string

var requests = sync.OnceValue(func() *table {
	t := newTable()
	for _, text := range []string{official, lenient} {
		if err := t.read(text); err != nil {
			panic("schema: " + err.Error())
		}
	}
	return t
})

// table is a schema.
type table struct {
	complexTypes map[string]*complexType
	simpleTypes  map[string]simpleType
}

func newTable() *table {
	return &table{map[string]*complexType{}, map[string]simpleType{}}
}

// complexType is the type of an element that has attributes or children.
type complexType struct {
	abstract   bool // only other types made from it can occur, and none of them is known here
	attributes map[string]attribute
	required   []string          // attributes
	children   map[string]string // types by name
	content    *particle
}

type attribute struct {
	typeName string
	required bool
}

// particle says how often one element, or a group of particles, occurs.
type particle struct {
	name     string // "" for a group
	min, max int
	choice   bool // exactly one of parts instead of all
	parts    []*particle
}

// read adds the types of a text in the notation of request.txt.
func (t *table) read(text string) error {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := t.readLine(line); err != nil {
			return fmt.Errorf("%w in %q", err, line)
		}
	}
	return nil
}

var simpleRule = form(`^(\w+)(?:\[(-?\d*),(\d*)\])?(?:/(.*)/)?$`)

func (t *table) readLine(line string) error {
	words := strings.Fields(line)
	name, words := words[0], words[1:]
	if words[0] == "=" {
		simple := simpleType{instead: map[string]string{}}
		for _, word := range words[1:] {
			if quoted, ok := strings.CutPrefix(word, "'"); ok {
				literal, rest, _ := strings.Cut(quoted, "'")
				if instead, replaced := strings.CutPrefix(rest, "="); replaced {
					simple.instead[literal] = instead
				} else {
					simple.literals = append(simple.literals, literal)
				}
				continue
			}
			parts := simpleRule().FindStringSubmatch(word)
			if parts == nil {
				return fmt.Errorf("no rule: %s", word)
			}
			r := rule{base: parts[1], min: parts[2], max: parts[3]}
			if parts[4] != "" {
				var err error
				if r.pattern, err = regexp.Compile("^(?:" + parts[4] + ")$"); err != nil {
					return err
				}
			}
			simple.rules = append(simple.rules, r)
		}
		t.simpleTypes[name] = simple
		return nil
	}
	made, group := t.complexTypes[name], (*particle)(nil)
	switch {
	case words[0] != "+=" && words[0] != "|=":
		made = &complexType{attributes: map[string]attribute{}, children: map[string]string{}, content: &particle{min: 1, max: 1}}
		group = made.content
		t.complexTypes[name] = made
	case made == nil:
		return fmt.Errorf("there is no type %s", name)
	case words[0] == "+=":
		group, words = made.content, words[1:]
	case len(made.content.parts) != 1 || !made.content.parts[0].choice:
		return fmt.Errorf("%s is no choice", name)
	default:
		group, words = made.content.parts[0], append([]string{"{", "}"}, words[1:]...)
	}
	if made.abstract = words[0] == "abstract"; made.abstract {
		words = words[1:]
	}
	if words[0] != "{" {
		return fmt.Errorf("%q instead of {", words[0])
	}
	for words = words[1:]; words[0] != "}"; words = words[1:] {
		attributeName, typeName, _ := strings.Cut(words[0], ":")
		attributeName, required := strings.CutSuffix(attributeName, "!")
		made.attributes[attributeName] = attribute{typeName, required}
	}
	made.required = nil
	for attributeName, a := range made.attributes {
		if a.required {
			made.required = append(made.required, attributeName)
		}
	}
	slices.Sort(made.required)
	parts, rest, err := made.readParts(words[1:])
	if err != nil || len(rest) > 0 {
		return fmt.Errorf("it cannot be read from %q on: %w", rest, err)
	}
	for _, part := range parts {
		for _, element := range part.names() {
			made.content.remove(element)
		}
	}
	group.parts = append(group.parts, parts...)
	return nil
}

// remove takes an element out of a group, and groups that have become empty.
func (p *particle) remove(name string) {
	p.parts = slices.DeleteFunc(p.parts, func(part *particle) bool {
		part.remove(name)
		return part.name == name || part.name == "" && len(part.parts) == 0
	})
}

// readParts reads particles up to a closing parenthesis or the end.
func (c *complexType) readParts(words []string) (parts []*particle, rest []string, err error) {
	for len(words) > 0 && !strings.HasPrefix(words[0], ")") {
		word := words[0]
		words = words[1:]
		part := &particle{}
		occurs := ""
		switch word {
		case "(", "(|":
			part.choice = word == "(|"
			if part.parts, words, err = c.readParts(words); err != nil {
				return nil, nil, err
			}
			if len(words) == 0 {
				return nil, nil, fmt.Errorf("no closing parenthesis")
			}
			occurs, words = words[0][1:], words[1:]
		default:
			end := strings.IndexAny(word, "?*+{")
			if end >= 0 {
				word, occurs = word[:end], word[end:]
			}
			var typeName string
			part.name, typeName, _ = strings.Cut(word, ":")
			if typeName == "" {
				return nil, nil, fmt.Errorf("no type in %q", word)
			}
			c.children[part.name] = typeName
		}
		if part.min, part.max, err = readOccurs(occurs); err != nil {
			return nil, nil, err
		}
		parts = append(parts, part)
	}
	return parts, words, nil
}

func readOccurs(occurs string) (least, most int, err error) {
	switch occurs {
	case "":
		return 1, 1, nil
	case "?":
		return 0, 1, nil
	case "*":
		return 0, math.MaxInt, nil
	case "+":
		return 1, math.MaxInt, nil
	}
	low, high, ok := strings.Cut(strings.Trim(occurs, "{}"), ",")
	if least, err = strconv.Atoi(low); err == nil && ok {
		most, err = strconv.Atoi(high)
	}
	if err != nil || !ok {
		return 0, 0, fmt.Errorf("no number of occurrences: %q", occurs)
	}
	return least, most, nil
}
