package wiretest

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"
)

// A pageResult is one page of a list with its totals.
type pageResult struct {
	Items  any // a slice
	Number int
	Size   int
	Total  int
}

// A fileResult is a downloaded file.
type fileResult struct {
	Name    string // as the server names it, "" if unknown
	Content []byte
}

// compareResult lists how a decoded value differs from the recorded one. What
// is null or false in Python equals a zero value or a nil pointer here.
func compareResult(path string, want, got any) []difference {
	differ := func(g string) []difference {
		return []difference{{Part: "result " + path, Want: plainText(want), Got: g}}
	}
	switch want := want.(type) {
	case nil:
		return nil // a method that returns nothing in Python
	case map[string]any:
		return compareObject(path, want, got)
	case []any:
		if page, ok := got.(pageResult); ok {
			return comparePage(path, want, page)
		}
		value := follow(reflect.ValueOf(got))
		if !value.IsValid() && len(want) == 0 {
			return nil
		}
		if !value.IsValid() || value.Kind() != reflect.Slice {
			return differ(fmt.Sprintf("no list but %T", got))
		}
		return compareList(path, want, value)
	default:
		return compareScalar(path, want, follow(reflect.ValueOf(got)))
	}
}

// compareObject compares what Python returns as an object or a dictionary.
func compareObject(path string, want map[string]any, got any) []difference {
	kind, _ := want["$type"].(string)
	switch {
	case kind == "contextmgr":
		return nil // its effect is compared as the state of the session
	case want["$response"] != nil:
		return nil // the raw answer of a call that otherwise returns nothing
	case kind != "":
		return compareItem(path, kind, want, follow(reflect.ValueOf(got)))
	case want["$exception"] != nil: // one of a list of failures
		code := plainText(arguments(want).item("$exception").item("fields")["code"])
		if text, ok := got.(string); !ok || !strings.Contains(text, code) {
			return []difference{{Part: "result " + path, Want: "error " + code, Got: fmt.Sprint(got)}}
		}
		return nil
	case want["$bytes"] != nil:
		content, ok := got.([]byte)
		if !ok && isReadFrom(want["$bytes"], got) {
			return nil
		}
		if !ok {
			return []difference{{Part: "result " + path, Want: "bytes", Got: fmt.Sprintf("%T", got)}}
		}
		return compareContent(path, want["$bytes"].(map[string]any), content)
	case want["$writer"] != nil, want["file"] != nil:
		file, ok := got.(fileResult)
		if !ok {
			return []difference{{Part: "result " + path, Want: "a file", Got: fmt.Sprintf("%T", got)}}
		}
		if want["$writer"] != nil {
			return compareContent(path, want["$writer"].(map[string]any), file.Content)
		}
		found := compareContent(path, want["file"].(map[string]any), file.Content)
		name, _ := want["path"].(string)
		if name = strings.TrimPrefix(name, "{tmpdir}/"); name != file.Name && name != pythonFileName(file.Name) {
			found = append(found, difference{Part: "result " + path + " file name", Want: name, Got: file.Name})
		}
		return found
	}
	if dictionary, ok := got.(map[string]any); ok && len(want) != 1 {
		var found []difference
		for _, key := range sortedKeys(want, nil) {
			found = append(found, compareResult(path+"."+key, want[key], dictionary[key])...)
		}
		return found
	}
	if returned, ok := want["returned"]; ok { // beside what was read from the argument afterwards
		return compareResult(path, returned, got)
	}
	if len(want) == 1 {
		for key, value := range want {
			if strings.Contains(key, ".") { // workbook_item.views: read from the argument
				return compareResult(path, value, got)
			}
		}
	}
	if value := follow(reflect.ValueOf(got)); value.IsValid() && value.Kind() == reflect.Struct {
		return compareItem(path, "", want, value)
	}
	return []difference{{Part: "result " + path, Want: plainText(want), Got: fmt.Sprintf("%T", got)}}
}

// pythonFileName is what Python makes of a server's file name: it drops all but
// letters, digits and a few signs. How a local file is called is not on the wire.
func pythonFileName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" ._-", r) {
			return r
		}
		return -1
	}, name)
}

// isReadFrom tells whether an item was read from an answer that Python returns
// as it came.
func isReadFrom(raw, got any) bool {
	answer, _ := raw.(map[string]any)
	item := follow(reflect.ValueOf(got))
	if !item.IsValid() || item.Kind() != reflect.Struct {
		return false
	}
	id := item.FieldByName("ID")
	return id.IsValid() && id.String() != "" && strings.Contains(plainText(answer["text"]), ` id="`+id.String()+`"`)
}

// compareContent compares size and hash.
func compareContent(path string, want map[string]any, content []byte) []difference {
	w := fmt.Sprintf("%v bytes, %v", want["size"], want["sha256"])
	g := fmt.Sprintf("%d bytes, %x", len(content), sha256.Sum256(content))
	if w == g {
		return nil
	}
	return []difference{{Part: "result " + path + " content", Want: w, Got: g}}
}

// comparePage compares [items, pagination].
func comparePage(path string, want []any, page pageResult) []difference {
	items, rest := want, map[string]any(nil)
	if len(want) == 2 {
		if second, ok := want[1].(map[string]any); ok && second["$type"] == "PaginationItem" {
			items, _ = want[0].([]any)
			rest = second
		}
	}
	found := compareList(path, items, follow(reflect.ValueOf(page.Items)))
	for name, value := range map[string]int{"page_number": page.Number, "page_size": page.Size, "total_available": page.Total} {
		if want, ok := rest[name].(json.Number); ok && want.String() != fmt.Sprint(value) {
			found = append(found, difference{Part: "result " + path + "." + name, Want: want.String(), Got: fmt.Sprint(value)})
		}
	}
	return found
}

// compareList compares element by element; texts count as a set.
func compareList(path string, want []any, got reflect.Value) []difference {
	length := 0
	if got.IsValid() {
		length = got.Len()
	}
	if len(want) != length {
		return []difference{{Part: "result " + path + " length", Want: fmt.Sprint(len(want)), Got: fmt.Sprint(length)}}
	}
	if length > 0 && isText(want[0]) {
		var w, g []string
		for i := range length {
			w, g = append(w, plainText(want[i])), append(g, goText(labelOf(got.Index(i))))
		}
		slices.Sort(w)
		slices.Sort(g)
		if !slices.Equal(w, g) {
			return []difference{{Part: "result " + path, Want: fmt.Sprint(w), Got: fmt.Sprint(g)}}
		}
		return nil
	}
	var found []difference
	for i := range length {
		element := follow(got.Index(i))
		if !element.IsValid() {
			found = append(found, difference{Part: fmt.Sprintf("result %s[%d]", path, i), Want: plainText(want[i]), Got: "nil"})
			continue
		}
		found = append(found, compareResult(fmt.Sprintf("%s[%d]", path, i), want[i], element.Interface())...)
	}
	return found
}

// isText tells a text.
func isText(value any) bool {
	_, ok := value.(string)
	return ok
}

// labelOf takes the label of a tag; other values stand for themselves.
func labelOf(value reflect.Value) reflect.Value {
	value = follow(value)
	if value.IsValid() && value.Kind() == reflect.Struct {
		if label := value.FieldByName("Label"); label.IsValid() {
			return label
		}
	}
	return value
}

// compareItem compares the attributes of one Python item with the fields of
// our struct: by the same name, or where the aliases say.
func compareItem(path, kind string, want map[string]any, got reflect.Value) []difference {
	if got.IsValid() && got.Kind() == reflect.Map {
		return compareMap(path, want, got)
	}
	if got.IsValid() && got.Kind() != reflect.Struct {
		return compareScalar(path, want["name"], got)
	}
	var found []difference
	for _, attribute := range sortedKeys(want, nil) {
		value := want[attribute]
		if attribute == "$type" || nothing(value) && !got.IsValid() {
			continue
		}
		if _, ok := notCarried[kind+"."+attribute]; ok || isHidden(kind, attribute, want) {
			continue
		}
		at := path + "." + attribute
		field, ok := fieldFor(kind, attribute, got)
		if !ok && got.IsValid() {
			field, ok = extraFor(kind, attribute, got)
		}
		switch {
		case !ok && nothing(value):
		case !ok:
			found = append(found, difference{Part: "result " + at, Want: plainText(value), Got: "no such field"})
		case nothing(value):
			if field = follow(field); field.IsValid() && !blank(field) && goText(field) != plainText(value) {
				found = append(found, difference{Part: "result " + at, Want: plainText(value), Got: goText(field)})
			}
		default:
			field = follow(field)
			if inner, ok := value.(map[string]any); ok {
				kind, isItem := inner["$type"].(string)
				if !isItem {
					kind = attribute // a dictionary is named by where it stands
				}
				found = append(found, compareItem(at, kind, inner, field)...)
			} else if list, ok := value.([]any); ok {
				found = append(found, compareList(at, list, field)...)
			} else {
				found = append(found, compareScalar(at, value, field)...)
			}
		}
	}
	return slices.DeleteFunc(found, func(d difference) bool { return madeUp(kind, d) })
}

// isHidden tells an attribute that Python shows as null although the answer may
// hold it: the user quota of a site that counts its users by role.
func isHidden(kind, attribute string, item map[string]any) bool {
	return kind == "SiteItem" && attribute == "user_quota" && item[attribute] == nil &&
		(item["tier_creator_capacity"] != nil || item["tier_explorer_capacity"] != nil || item["tier_viewer_capacity"] != nil)
}

// madeUp tells a value that Python makes up where the answer holds none.
func madeUp(kind string, d difference) bool {
	attribute := d.Part[strings.LastIndex(d.Part, ".")+1:]
	value, ok := pythonDefaults[kind+"."+attribute]
	return ok && d.Want == value && (d.Got == "" || d.Got == "0")
}

// compareMap compares a dictionary with a map whose keys are texts.
func compareMap(path string, want map[string]any, got reflect.Value) []difference {
	theirs, ours := map[string]string{}, map[string]string{}
	for key, value := range want {
		theirs[key] = plainText(value)
	}
	for _, key := range got.MapKeys() {
		ours[goText(key)] = goText(got.MapIndex(key))
	}
	var found []difference
	for _, key := range sortedKeys(theirs, ours) {
		if theirs[key] != ours[key] {
			found = append(found, difference{Part: "result " + path + "." + key, Want: theirs[key], Got: ours[key]})
		}
	}
	return found
}

// compareScalar compares texts, numbers, booleans and times by their text.
func compareScalar(path string, want any, got reflect.Value) []difference {
	w, g := plainText(want), goText(got)
	if w == g || nothing(want) && (!got.IsValid() || blank(got)) {
		return nil
	}
	return []difference{{Part: "result " + path, Want: w, Got: g}}
}

// fieldFor finds the field that carries an attribute.
func fieldFor(kind, attribute string, item reflect.Value) (reflect.Value, bool) {
	if !item.IsValid() {
		return reflect.Value{}, false
	}
	names, ok := aliases[kind+"."+attribute]
	if !ok {
		names = strings.ReplaceAll(attribute, "_", "")
	}
	// Of several places the first that holds something counts.
	var found reflect.Value
	isThere := false
	for name := range strings.SplitSeq(names, "|") {
		field, ok := fieldAt(item, name)
		if !ok {
			continue
		}
		found, isThere = field, true
		if value := follow(field); value.IsValid() && !blank(value) {
			break
		}
	}
	return found, isThere
}

// fieldAt walks to a field, "Owner.ID", or a method without arguments, "Notes()".
func fieldAt(item reflect.Value, path string) (reflect.Value, bool) {
	value := item
	for step := range strings.SplitSeq(path, ".") {
		value = follow(value)
		if !value.IsValid() { // a nil pointer on the way: the field is there, and empty
			return reflect.Value{}, true
		}
		if value.Kind() != reflect.Struct {
			return reflect.Value{}, false
		}
		if method, ok := strings.CutSuffix(step, "()"); ok {
			pointer := reflect.New(value.Type())
			pointer.Elem().Set(value)
			call := pointer.MethodByName(method)
			if !call.IsValid() {
				return reflect.Value{}, false
			}
			value = call.Call(nil)[0]
			continue
		}
		value = value.FieldByNameFunc(func(field string) bool { return strings.EqualFold(field, step) })
		if !value.IsValid() {
			return reflect.Value{}, false
		}
	}
	return value, true
}

// extraFor finds an attribute that came along unnamed: by Python's name, or the
// one that the field of other items has.
func extraFor(kind, attribute string, item reflect.Value) (reflect.Value, bool) {
	field := item.FieldByName("Extra")
	if !field.IsValid() {
		return reflect.Value{}, false
	}
	extra, ok := field.Interface().(interface{ Get(string) string })
	if !ok {
		return reflect.Value{}, false
	}
	names := []string{camel(attribute)}
	if alias := aliases[kind+"."+attribute]; alias != "" {
		names = append(names, strings.ToLower(alias[:1])+alias[1:])
	}
	for _, name := range names {
		if value := extra.Get(name); value != "" {
			return reflect.ValueOf(value), true
		}
	}
	return reflect.Value{}, false
}

// follow goes through pointers and interfaces; a nil one gives no value.
func follow(value reflect.Value) reflect.Value {
	for value.IsValid() && (value.Kind() == reflect.Pointer || value.Kind() == reflect.Interface) {
		value = value.Elem()
	}
	return value
}

// nothing tells null, false, empty text, zero, and objects of nothing else.
func nothing(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case bool:
		return !value
	case string:
		return value == "" || value == "{random-uuid}"
	case json.Number:
		return value.String() == "0"
	case []any:
		return len(value) == 0
	case map[string]any:
		for key, inner := range value {
			if key != "$type" && !nothing(inner) {
				return false
			}
		}
		return true
	}
	return false
}

// blank tells a zero value, also of a struct with pointers and lists.
func blank(value reflect.Value) bool {
	if value.Kind() == reflect.Slice || value.Kind() == reflect.Map {
		return value.Len() == 0
	}
	return value.IsZero()
}

// plainText writes a recorded value as text.
func plainText(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case string:
		return value
	case bool, json.Number:
		return fmt.Sprint(value)
	}
	text, _ := json.Marshal(value)
	return string(text)
}

// goText writes one of our values as Python shows it.
func goText(value reflect.Value) string {
	value = follow(value)
	if !value.IsValid() {
		return ""
	}
	if at, ok := value.Interface().(time.Time); ok {
		if at.IsZero() {
			return ""
		}
		return at.UTC().Format(time.RFC3339)
	}
	return fmt.Sprint(value.Interface())
}
