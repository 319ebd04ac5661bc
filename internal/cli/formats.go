package cli

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"

	"github.com/goccy/go-yaml"
	"github.com/itchyny/gojq"
)

func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

func writeYAML(w io.Writer, value any) error { return yaml.NewEncoder(w).Encode(value) }

// jsonPrinter writes an array, item by item.
type jsonPrinter struct {
	out   io.Writer
	begun bool
}

func (p *jsonPrinter) print(o object) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("  ", "  ")
	if err := encoder.Encode(o); err != nil {
		return err
	}
	before := ",\n  "
	if !p.begun {
		before = "[\n  "
	}
	p.begun = true
	_, err := fmt.Fprintf(p.out, "%s%s", before, bytes.TrimRight(text.Bytes(), "\n"))
	return err
}

func (p *jsonPrinter) end() error {
	text := "\n]\n"
	if !p.begun {
		text = "[]\n"
	}
	_, err := io.WriteString(p.out, text)
	return err
}

// linePrinter writes a JSON object per line.
type linePrinter struct{ out io.Writer }

func (p *linePrinter) print(o object) error {
	text, err := o.MarshalJSON()
	if err != nil {
		return err
	}
	var line bytes.Buffer
	if err := json.Compact(&line, text); err != nil {
		return err
	}
	line.WriteByte('\n')
	_, err = p.out.Write(line.Bytes())
	return err
}

func (p *linePrinter) end() error { return nil }

// yamlPrinter writes a list, item by item.
type yamlPrinter struct {
	out   io.Writer
	begun bool
}

func (p *yamlPrinter) print(o object) error {
	p.begun = true
	return writeYAML(p.out, []object{o})
}

func (p *yamlPrinter) end() error {
	if p.begun {
		return nil
	}
	return writeYAML(p.out, []object{})
}

// csvPrinter writes a heading and a row for each item.
type csvPrinter struct {
	out     *csv.Writer
	columns []column
	row     []string
}

func newCSVPrinter(out io.Writer, columns []column) (*csvPrinter, error) {
	p := &csvPrinter{out: csv.NewWriter(out), columns: columns, row: make([]string, len(columns))}
	for i, c := range columns {
		p.row[i] = c.path
	}
	return p, p.out.Write(p.row)
}

func (p *csvPrinter) print(o object) error {
	for i, c := range p.columns {
		p.row[i] = plain(o.at(c.path))
	}
	return p.out.Write(p.row)
}

func (p *csvPrinter) end() error {
	p.out.Flush()
	return p.out.Error()
}

// namePrinter writes what an item is called, one per line.
type namePrinter struct {
	out  io.Writer
	path string
}

func (p *namePrinter) print(o object) error {
	_, err := fmt.Fprintln(p.out, cell(o.at(p.path)))
	return err
}

func (p *namePrinter) end() error { return nil }

// queryPrinter gives all items to a jq expression, as one array.
type queryPrinter struct {
	app  *app
	list []any
}

func newQueryPrinter(a *app) (*queryPrinter, error) {
	_, err := gojq.Parse(a.output.jq)
	if err != nil {
		err = usage("--jq: %w", err)
	}
	return &queryPrinter{app: a, list: []any{}}, err
}

func (p *queryPrinter) print(o object) error {
	value, err := jqValue(o)
	p.list = append(p.list, value)
	return err
}

func (p *queryPrinter) end() error { return p.app.query(p.list) }

// jqValue is an object of the types that jq expressions work on.
func jqValue(o object) (value any, err error) {
	text, err := o.MarshalJSON()
	if err == nil {
		err = json.Unmarshal(text, &value)
	}
	return value, err
}

func (a *app) printQuery(o object) error {
	value, err := jqValue(o)
	if err != nil {
		return err
	}
	return a.query(value)
}

// query prints what the jq expression makes of a value: texts as they are, anything else as JSON.
func (a *app) query(value any) error {
	program, err := gojq.Parse(a.output.jq)
	if err != nil {
		return usage("--jq: %w", err)
	}
	code, err := gojq.Compile(program)
	if err != nil {
		return usage("--jq: %w", err)
	}
	for results := code.Run(value); ; {
		result, more := results.Next()
		if !more {
			return nil
		}
		switch result := result.(type) {
		case error:
			return usage("--jq: %w", result)
		case string:
			fmt.Fprintln(a.out, result)
		default:
			if err := writeJSON(a.out, result); err != nil {
				return err
			}
		}
	}
}
