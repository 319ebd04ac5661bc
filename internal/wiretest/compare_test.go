package wiretest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
)

// serverDefaults are parameters that mean the same when they are absent.
var serverDefaults = map[string]string{
	"publishSamples":         "false",
	"pageNumber":             "1",
	"pageSize":               "100",
	"includeUsageStatistics": "false",
	"includeExtract":         "true",
	"overwrite":              "false",
	"append":                 "false",
	"asJob":                  "false",
	"skipConnectionCheck":    "false",
}

// free headers mean nothing for the request or are compared on their own.
var freeHeaders = map[string]bool{
	"user-agent": true, "accept": true, "accept-encoding": true,
	"content-type": true, "content-length": true, "x-tableau-auth": true,
}

// compareRequests lists how the requests of our client differ from the
// recorded ones. whole is the SHA-256 of the file that the call uploads, "" if
// unknown: chunks may be cut elsewhere, their concatenation may not differ.
func compareRequests(s *cannedServer, whole string) []difference {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []difference
	chunks, chunkBytes := 0, int64(0)
	for _, e := range s.exchanges {
		if isAppend(e.recorded.Method, e.recorded.Path) {
			chunks++
			for _, p := range e.recorded.BodyParts {
				chunkBytes += p.Size
			}
		}
	}
	for i, e := range s.exchanges {
		if e.sent == nil {
			if isAppend(e.recorded.Method, e.recorded.Path) && s.size > 0 {
				continue // larger chunks
			}
			found = append(found, difference{Request: i + 1, Part: "missing request", Want: e.recorded.Method + " " + e.recorded.Path, Got: absent})
			continue
		}
		for _, d := range compareRequest(&e.recorded, e.sent, chunks > 1) {
			d.Request = i + 1
			found = append(found, d)
		}
	}
	for _, sent := range s.extra {
		if chunks > 0 && isAppend(sent.Method, sent.Path) {
			continue // smaller chunks
		}
		found = append(found, difference{Part: "extra request", Want: absent, Got: sent.Method + " " + sent.Path + query(sent.Query)})
	}
	if chunks > 1 {
		if s.size != chunkBytes {
			found = append(found, difference{Part: "upload size", Want: fmt.Sprint(chunkBytes), Got: fmt.Sprint(s.size)})
		}
		if sum := fmt.Sprintf("%x", s.uploaded.Sum(nil)); whole != "" && sum != whole {
			found = append(found, difference{Part: "upload content", Want: whole, Got: sum})
		}
	}
	return found
}

// query writes a query as it stands in an address.
func query(values url.Values) string {
	if len(values) == 0 {
		return ""
	}
	return "?" + values.Encode()
}

// looksAlike tells whether a sent request is meant as the recorded one.
func looksAlike(recorded *recordedRequest, sent *sentRequest) bool {
	return recorded.Method == sent.Method && decodedPath(recorded.Path) == sent.Path &&
		len(compareQuery(recorded.Query, sent.Query)) == 0
}

// compareRequest compares one request by what it means.
func compareRequest(want *recordedRequest, got *sentRequest, anyChunk bool) []difference {
	var found []difference
	differ := func(part, want, got string) {
		if want != got {
			found = append(found, difference{Part: part, Want: want, Got: got})
		}
	}
	differ("method", want.Method, got.Method)
	differ("path", decodedPath(want.Path), got.Path)
	differ("body that could be read", "", got.Problem)
	found = append(found, compareQuery(want.Query, got.Query)...)

	headers := map[string]string{}
	for name, value := range want.Headers {
		headers[strings.ToLower(name)] = value
	}
	differ("token", headers["x-tableau-auth"], got.Header.Get("X-Tableau-Auth"))
	for name, value := range headers {
		if !freeHeaders[name] {
			differ("header "+name, value, got.Header.Get(name))
		}
	}
	return append(found, compareBody(want, got, anyChunk)...)
}

// decodedPath decodes a recorded path.
func decodedPath(path string) string {
	if decoded, err := url.PathUnescape(path); err == nil {
		return decoded
	}
	return path
}

// compareQuery compares names and values; a value at the server's default may
// be absent.
func compareQuery(want map[string]any, got url.Values) []difference {
	wantValues, gotValues := map[string]string{}, map[string]string{}
	for name, value := range want {
		var values []string
		switch value := value.(type) {
		case []any:
			for _, v := range value {
				values = append(values, fmt.Sprint(v))
			}
		default:
			values = []string{fmt.Sprint(value)}
		}
		wantValues[name] = queryValue(name, values)
	}
	for name, values := range got {
		gotValues[name] = queryValue(name, values)
	}
	var found []difference
	for _, name := range sortedKeys(wantValues, gotValues) {
		w, inWant := wantValues[name]
		g, inGot := gotValues[name]
		byDefault, hasDefault := serverDefaults[name]
		if !inWant {
			w = absent
			if hasDefault && g == byDefault {
				continue
			}
		}
		if !inGot {
			g = absent
			if hasDefault && w == byDefault {
				continue
			}
		}
		if w != g {
			found = append(found, difference{Part: "query " + name, Want: w, Got: g})
		}
	}
	return found
}

// expressionStart finds where one filter expression of a list begins.
var expressionStart = regexp.MustCompile(`,[A-Za-z][A-Za-z0-9_.]*:[a-z]+:`)

// queryValue writes the values of one parameter in a form that can be compared.
func queryValue(name string, values []string) string {
	joined := strings.Join(values, " & ")
	var set []string
	switch name {
	case "filter":
		rest := joined
		for {
			at := expressionStart.FindStringIndex(rest)
			if at == nil {
				break
			}
			set = append(set, rest[:at[0]])
			rest = rest[at[0]+1:]
		}
		set = append(set, rest)
		for i, expression := range set {
			parts := strings.SplitN(expression, ":", 3)
			if len(parts) == 3 {
				set[i] = parts[0] + ":" + parts[1] + ":" + filterValue(parts[1], parts[2])
			}
		}
	case "sort", "fields":
		set = strings.Split(joined, ",")
	default:
		return lowerBoolean(joined)
	}
	sort.Strings(set)
	return strings.Join(set, ",")
}

// filterValue writes the value of a filter in a form that can be compared: the
// members of in are a set, with or without brackets when it is one.
func filterValue(operator, value string) string {
	if operator != "in" || strings.HasPrefix(value, "(") { // Python text of a tuple, which no server reads as a list
		return plainValue(value)
	}
	inner, hasStart := strings.CutPrefix(value, "[")
	inner, hasEnd := strings.CutSuffix(inner, "]")
	if hasStart != hasEnd {
		return value
	}
	members := strings.Split(inner, ",")
	for i, member := range members {
		// Python writes a blank before each number of a list.
		if number := strings.TrimPrefix(member, " "); i > 0 {
			if _, err := strconv.ParseFloat(number, 64); err == nil {
				member = number
			}
		}
		members[i] = plainValue(member)
	}
	sort.Strings(members)
	return "[" + strings.Join(members, ",") + "]"
}

// plainValue writes booleans in lower case, and a time as the server reads it
// where Python writes it with str().
func plainValue(text string) string {
	if at, err := time.Parse("2006-01-02 15:04:05-07:00", text); err == nil {
		return at.UTC().Format(time.RFC3339)
	}
	return lowerBoolean(text)
}

// compareBody compares what was sent as XML, JSON, parts, or nothing.
func compareBody(want *recordedRequest, got *sentRequest, anyChunk bool) []difference {
	switch {
	case want.BodyParts != nil:
		return compareParts(want, got, anyChunk)
	case want.BodyXML != "":
		found := append(compareXML("body", want.BodyXML, string(got.Body)), compareOrder("body", string(got.Body))...)
		if want.ContentType != "" && !isXML(got.ContentType) {
			found = append(found, difference{Part: "content type", Want: want.ContentType, Got: got.ContentType})
		}
		return found
	case want.BodyJSON != nil:
		var gotValue any
		if err := json.Unmarshal(got.Body, &gotValue); err == nil {
			var wantValue any
			if err := json.Unmarshal([]byte(want.BodyText), &wantValue); err == nil && reflect.DeepEqual(wantValue, gotValue) {
				return nil
			}
		}
		return []difference{{Part: "body", Want: want.BodyText, Got: string(got.Body)}}
	}
	if want.BodyText != string(got.Body) || got.Parts != nil {
		text := string(got.Body)
		if got.Parts != nil {
			text = fmt.Sprintf("%d parts", len(got.Parts))
		}
		return []difference{{Part: "body", Want: want.BodyText, Got: text}}
	}
	return nil
}

// isXML takes text/xml and application/xml as one.
func isXML(contentType string) bool {
	mediaType, _, _ := strings.Cut(contentType, ";")
	mediaType = strings.TrimSpace(mediaType)
	return strings.EqualFold(mediaType, "text/xml") || strings.EqualFold(mediaType, "application/xml")
}

// compareParts compares multipart bodies part by part, in their order.
func compareParts(want *recordedRequest, got *sentRequest, anyChunk bool) []difference {
	var names, gotNames []string
	for _, p := range want.BodyParts {
		names = append(names, p.Name)
	}
	for _, p := range got.Parts {
		gotNames = append(gotNames, p.Name)
	}
	if w, g := strings.Join(names, ","), strings.Join(gotNames, ","); w != g {
		return []difference{{Part: "parts", Want: w, Got: g}}
	}
	var found []difference
	kind, _, _ := strings.Cut(want.ContentType, ";")
	if gotKind, _, _ := strings.Cut(got.ContentType, ";"); kind != gotKind {
		found = append(found, difference{Part: "content type", Want: kind, Got: gotKind})
	}
	for i := range want.BodyParts {
		w, g := want.BodyParts[i], got.Parts[i]
		part := "part " + w.Name
		if x, y := plainFileName(w.FileName), plainFileName(g.FileName); x != y {
			found = append(found, difference{Part: part + " file name", Want: x, Got: y})
		}
		if w.ContentType != g.ContentType && (!isXML(w.ContentType) || !isXML(g.ContentType)) {
			found = append(found, difference{Part: part + " content type", Want: w.ContentType, Got: g.ContentType})
		}
		switch {
		case w.SHA256 == "":
			found = append(found, compareXML(part, w.Text, g.Text)...)
			found = append(found, compareOrder(part, g.Text)...)
		case isAppend(want.Method, want.Path) && anyChunk:
			// the concatenation counts
		case w.SHA256 != g.SHA256 || w.Size != g.Size:
			found = append(found, difference{Part: part + " content",
				Want: fmt.Sprintf("%d bytes, %s", w.Size, w.SHA256), Got: fmt.Sprintf("%d bytes, %s", g.Size, g.SHA256)})
		}
	}
	return found
}

var fileNameEscapes = strings.NewReplacer("%22", `"`, "%0D", "\r", "%0A", "\n", `\"`, `"`, `\\`, `\`)

// plainFileName undoes the two ways of writing a quote in a file name.
func plainFileName(name string) string { return fileNameEscapes.Replace(name) }
