package emulator

import (
	"slices"
	"strings"

	"github.com/tabctl/tableau-go/internal/tsxml"
)

// fields says what a list shows of its items. A name is an attribute, a child with everything in it, or child.attribute; a
// caller may put the item's own name before it, as in workbook.name.
type fields struct {
	item     string   // the element of one item
	defaults []string // shown without fields=, and for _default_
	others   []string // shown when named, and for _all_
}

// selection returns the names that fields=spec selects; all reports _all_.
func (f *fields) selection(spec string) (names []string, all bool) {
	if spec == "" {
		spec = "_default_"
	}
	for name := range strings.SplitSeq(spec, ",") {
		switch name {
		case "_all_":
			all = true
		case "_default_":
			names = append(names, f.defaults...)
		default:
			names = append(names, strings.TrimPrefix(name, f.item+"."))
		}
	}
	return names, all
}

// check refuses names that the list does not have.
func (f *fields) check(spec string) error {
	names, _ := f.selection(spec)
	for _, name := range names {
		parent, _, _ := strings.Cut(name, ".")
		inside := func(known string) bool { return known == name || known == parent || strings.HasPrefix(known, name+".") }
		if !slices.ContainsFunc(f.defaults, inside) && !slices.ContainsFunc(f.others, inside) {
			return fail(badRequest, "The list has no field '%s'.", name)
		}
	}
	return nil
}

// wants reports whether the answer shows a field that costs something to find out.
func (f *fields) wants(spec, name string) bool {
	names, all := f.selection(spec)
	return all || slices.Contains(names, name)
}

// keep removes what fields=spec does not select from the items of a list.
func (f *fields) keep(list *tsxml.Element, spec string) {
	names, all := f.selection(spec)
	if all {
		return
	}
	selected := make(map[string]bool, 2*len(names))
	for _, name := range names {
		selected[name] = true
		if parent, _, nested := strings.Cut(name, "."); nested {
			selected[parent+".*"] = true
		}
	}
	for _, item := range list.Children {
		item.Attrs = slices.DeleteFunc(item.Attrs, func(a tsxml.Attr) bool { return !selected[a.Name] })
		item.Children = slices.DeleteFunc(item.Children, func(child *tsxml.Element) bool {
			if selected[child.Name] {
				return false
			}
			if selected[child.Name+".*"] {
				child.Attrs = slices.DeleteFunc(child.Attrs, func(a tsxml.Attr) bool { return !selected[child.Name+"."+a.Name] })
				return false
			}
			return true
		})
	}
}
