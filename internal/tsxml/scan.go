package tsxml

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"fmt"
	"io"
	"math/bits"
	"strings"
	"unicode/utf8"
)

// Bounds that hold for every document, whatever its size.
const (
	maxDepth      = 64   // open elements, or nested JSON objects
	maxNamespaces = 256  // namespace declarations in scope
	maxAttributes = 1000 // attributes of one Element of a parsed tree
)

// syntaxError is a document that is no XML we read. One that ends too early matches io.ErrUnexpectedEOF.
type syntaxError struct {
	line    int
	problem string
	early   bool
}

func (e *syntaxError) Is(target error) bool { return e.early && target == io.ErrUnexpectedEOF }

func (e *syntaxError) Error() string {
	return fmt.Sprintf("XML line %d: %s", e.line, e.problem)
}

// token is what scanner.next found.
type token int

const (
	startElement token = iota + 1 // name holds its name; attributes wait to be read by attribute
	endElement                    // the innermost open element ended
	characters                    // text holds character data
	endOfInput                    // only outside of all elements
)

// name is a name in the document, by offsets. The prefix ends before the colon; without prefix, from == local.
type name struct{ from, local, to int }

// value is the content of an attribute or a piece of character data: bytes of the document,
// or of the scanner's scratch space where references and line ends had to be replaced.
type value struct {
	from, to  int
	rewritten bool
}

// scanner reads tokens from a document that is wholly in memory. It accepts what encoding/xml's strict decoder
// accepts, save that it refuses document type declarations and what exceeds the bounds above.
type scanner struct {
	data []byte
	doc  string // the same bytes: strings are cut from it without copying
	pos  int

	open     [maxDepth]name
	depth    int
	inTag    bool // a start tag was begun and its attributes are not all read
	emptyTag bool // the tag just read was <name/>: its end comes next

	name      name  // of the last start element or attribute
	value     value // of the last attribute, or the last character data
	scratch   []byte
	namespace []binding
}

// binding is one namespace declaration in scope.
type binding struct {
	prefix, url string
	depth       int
}

func newScanner(data []byte) *scanner {
	return &scanner{data: data, doc: shared(data)}
}

// fail returns an error at the current position.
func (s *scanner) fail(format string, args ...any) error {
	return &syntaxError{line: 1 + bytes.Count(s.data[:min(s.pos, len(s.data))], []byte{'\n'}), problem: fmt.Sprintf(format, args...)}
}

func (s *scanner) failEnd() error {
	line := 1 + bytes.Count(s.data, []byte{'\n'})
	s.pos = len(s.data)
	return &syntaxError{line, "the document ends too early", true}
}

// local returns the part of a name that counts here.
func (s *scanner) local(n name) []byte { return s.data[n.local:n.to] }

// localString is local as a string that shares the document's memory.
func (s *scanner) localString(n name) string { return s.doc[n.local:n.to] }

func (s *scanner) prefix(n name) string {
	if n.local == n.from {
		return ""
	}
	return s.doc[n.from : n.local-1]
}

// show returns a name for an error message, where it must not be of any length.
func (s *scanner) show(n name) string { return s.doc[n.from:min(n.to, n.from+100)] }

// bytes returns a value's bytes, valid until the next token or attribute is read.
func (s *scanner) bytes(v value) []byte {
	if v.rewritten {
		return s.scratch
	}
	return s.data[v.from:v.to]
}

// string returns a value; it shares the document's memory where nothing had to be replaced.
func (s *scanner) string(v value) string {
	if v.rewritten {
		return string(s.scratch)
	}
	return s.doc[v.from:v.to]
}

// next returns the next token, passing over attributes nobody read, comments and processing instructions.
func (s *scanner) next() (token, error) {
	for s.inTag {
		if _, err := s.attribute(); err != nil {
			return 0, err
		}
	}
	if s.emptyTag {
		s.emptyTag = false
		s.close()
		return endElement, nil
	}
	for {
		if s.pos == len(s.data) {
			if s.depth > 0 {
				return 0, s.failEnd()
			}
			return endOfInput, nil
		}
		if s.data[s.pos] != '<' {
			v, err := s.text('<')
			s.value = v
			return characters, err
		}
		if s.pos+1 == len(s.data) {
			return 0, s.failEnd()
		}
		s.pos++
		switch s.data[s.pos] {
		case '/':
			s.pos++
			return endElement, s.endTag()
		case '?':
			s.pos++
			if err := s.instruction(); err != nil {
				return 0, err
			}
		case '!':
			s.pos++
			rest := s.data[s.pos:]
			switch {
			case bytes.HasPrefix(rest, []byte("--")):
				s.pos += 2
				if err := s.comment(); err != nil {
					return 0, err
				}
			case bytes.HasPrefix(rest, []byte("[CDATA[")):
				s.pos += 7
				v, err := s.cdata()
				s.value = v
				return characters, err
			default:
				return 0, s.fail("document type declarations are refused")
			}
		default:
			if s.depth == maxDepth {
				return 0, s.fail("elements are nested deeper than %d levels", maxDepth)
			}
			n, err := s.readName()
			if err != nil {
				return 0, err
			}
			s.name = n
			s.open[s.depth] = n
			s.depth++
			s.inTag = true
			return startElement, nil
		}
	}
}

// close leaves the innermost element and forgets the namespaces it declared.
func (s *scanner) close() {
	for n := len(s.namespace); n > 0 && s.namespace[n-1].depth == s.depth; n-- {
		s.namespace = s.namespace[:n-1]
	}
	s.depth--
}

// skip passes over the rest of the element whose start was the last token.
func (s *scanner) skip() error {
	for depth := s.depth - 1; s.depth > depth; {
		if _, err := s.next(); err != nil {
			return err
		}
	}
	return nil
}

// attribute reads one attribute of the current start tag into name and value. It returns false at the tag's end.
func (s *scanner) attribute() (bool, error) {
	if !s.inTag {
		return false, nil
	}
	if s.space(); s.pos == len(s.data) {
		return false, s.failEnd()
	}
	switch s.data[s.pos] {
	case '>':
		s.pos++
		s.inTag = false
		return false, nil
	case '/':
		s.pos++
		if s.pos >= len(s.data) {
			return false, s.failEnd()
		}
		if s.data[s.pos] != '>' {
			return false, s.fail("expected /> at the end of a tag")
		}
		s.pos++
		s.inTag, s.emptyTag = false, true
		return false, nil
	}
	n, err := s.readName()
	if err != nil {
		return false, err
	}
	s.space()
	if s.pos >= len(s.data) {
		return false, s.failEnd()
	}
	if s.data[s.pos] != '=' {
		return false, s.fail("attribute %s has no value", s.show(n))
	}
	s.pos++
	s.space()
	if s.pos >= len(s.data) {
		return false, s.failEnd()
	}
	quote := s.data[s.pos]
	if quote != '"' && quote != '\'' {
		return false, s.fail("the value of attribute %s is not in quotes", s.show(n))
	}
	s.pos++
	if err := s.attributeValue(quote); err != nil {
		return false, err
	}
	s.name = n
	if s.data[n.from] == 'x' {
		return true, s.declare(n, s.value)
	}
	return true, nil
}

// opens passes over the opening of an attribute, its quote included, if that is what comes next.
func (s *scanner) opens(opening string) bool {
	if opening == "" || !strings.HasPrefix(s.doc[s.pos:], opening) {
		return false
	}
	s.pos += len(opening)
	return true
}

// attributeValue reads into value up to the quote, and the quote.
func (s *scanner) attributeValue(quote byte) error {
	v, err := s.text(quote)
	if err != nil {
		return err
	}
	s.pos++
	s.value = v
	return nil
}

// declare notes the namespace if the attribute declares one.
func (s *scanner) declare(n name, v value) error {
	var prefix string
	switch {
	case s.prefix(n) == "xmlns":
		prefix = s.localString(n)
	case s.doc[n.from:n.to] == "xmlns":
	default:
		return nil
	}
	if len(s.namespace) == maxNamespaces {
		return s.fail("more than %d namespaces are declared", maxNamespaces)
	}
	s.namespace = append(s.namespace, binding{prefix, s.string(v), s.depth})
	return nil
}

// resolve returns the namespace of an attribute with this prefix, the way encoding/xml reports it:
// none without prefix, and the prefix itself where it was not declared.
func (s *scanner) resolve(prefix string) string {
	switch prefix {
	case "", "xmlns":
		return prefix
	case "xml":
		return "http://www.w3.org/XML/1998/namespace"
	}
	for i := len(s.namespace) - 1; i >= 0; i-- {
		if s.namespace[i].prefix == prefix {
			return s.namespace[i].url
		}
	}
	return prefix
}

func (s *scanner) space() {
	for s.pos < len(s.data) {
		switch s.data[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return
		}
	}
}

// Classes of bytes in names.
const (
	otherByte = iota
	nameByte
	colonByte
	highByte // part of a character that is not ASCII
)

var nameClass = func() (class [256]byte) {
	for c := range class {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-', c == '.':
			class[c] = nameByte
		case c == ':':
			class[c] = colonByte
		case c >= utf8.RuneSelf:
			class[c] = highByte
		}
	}
	return class
}()

// readName reads the name of an element or attribute.
func (s *scanner) readName() (name, error) {
	data, i := s.data, s.pos
	n := name{from: i, local: i}
	colons := 0
	high := false
	for ; i < len(data); i++ {
		switch nameClass[data[i]] {
		case nameByte:
			continue
		case colonByte:
			if colons++; colons == 1 {
				n.local = i + 1
			}
			continue
		case highByte:
			high = true
			continue
		}
		break
	}
	if i == len(data) {
		return name{}, s.failEnd()
	}
	n.to = i
	if i == n.from {
		return name{}, s.fail("expected a name but found %q", data[i])
	}
	first := data[n.from]
	if colons > 1 || first == '-' || first == '.' || '0' <= first && first <= '9' || high && !isName(data[n.from:i]) {
		return name{}, s.fail("%q is not a name", s.show(n))
	}
	if n.local == n.to || n.local == n.from+1 { // a colon at either end is part of the name
		n.local = n.from
	}
	s.pos = i
	return n, nil
}

// isName reports whether bytes that all belong to one of the classes of bytes in names make up a name.
func isName(raw []byte) bool {
	if len(raw) == 0 || raw[0] == '-' || raw[0] == '.' || '0' <= raw[0] && raw[0] <= '9' {
		return false
	}
	for _, c := range raw {
		if c >= utf8.RuneSelf {
			// encoding/xml has the tables of letters; a processing instruction is the shortest way to ask it.
			_, err := xml.NewDecoder(bytes.NewReader(append(append([]byte("<?"), raw...), "?>"...))).RawToken()
			return err == nil
		}
	}
	return true
}

// endTag reads what follows "</" and closes the innermost element.
func (s *scanner) endTag() error {
	if s.depth > 0 {
		started := s.open[s.depth-1]
		end := s.pos + started.to - started.from
		if end < len(s.data) && s.data[end] == '>' && s.doc[s.pos:end] == s.doc[started.from:started.to] {
			s.pos = end + 1
			s.close()
			return nil
		}
	}
	n, err := s.readName()
	if err != nil {
		return err
	}
	if s.depth == 0 {
		return s.fail("unexpected </%s>", s.show(n))
	}
	started := s.open[s.depth-1]
	if s.doc[n.from:n.to] != s.doc[started.from:started.to] {
		return s.fail("<%s> is closed by </%s>", s.show(started), s.show(n))
	}
	s.space()
	if s.pos >= len(s.data) {
		return s.failEnd()
	}
	if s.data[s.pos] != '>' {
		return s.fail("unexpected characters in </%s>", s.show(n))
	}
	s.pos++
	s.close()
	return nil
}

// instruction passes over what follows "<?". An XML declaration must be of version 1.0 and UTF-8.
func (s *scanner) instruction() error {
	from := s.pos
	for s.pos < len(s.data) && nameClass[s.data[s.pos]] != otherByte {
		s.pos++
	}
	target := s.data[from:s.pos]
	length := bytes.Index(s.data[s.pos:], []byte("?>"))
	if length < 0 {
		return s.failEnd()
	}
	end := s.pos + length + 2
	if string(target) == "xml" {
		// encoding/xml judges the declaration, so that both agree.
		if _, err := xml.NewDecoder(bytes.NewReader(s.data[from-2 : end])).RawToken(); err != nil {
			return s.fail("the XML declaration asks for something other than XML 1.0 in UTF-8")
		}
	} else if !isName(target) {
		return s.fail("<? is not followed by a name")
	}
	s.pos = end
	return nil
}

// comment passes over what follows "<!--".
func (s *scanner) comment() error {
	dashes := bytes.Index(s.data[s.pos:], []byte("--"))
	if dashes < 0 || s.pos+dashes+2 >= len(s.data) {
		return s.failEnd()
	}
	s.pos += dashes + 2
	if s.data[s.pos] != '>' {
		return s.fail("-- inside a comment")
	}
	s.pos++
	return nil
}

// cdata reads what follows "<![CDATA[".
func (s *scanner) cdata() (value, error) {
	length := bytes.Index(s.data[s.pos:], []byte("]]>"))
	if length < 0 {
		return value{}, s.failEnd()
	}
	v := value{from: s.pos, to: s.pos + length}
	for s.pos < v.to {
		c := s.data[s.pos]
		switch {
		case c == '\r':
			v.rewritten = true
			s.pos++
		case c >= 0x20 && c < utf8.RuneSelf:
			s.pos++
		default:
			size, err := s.character(s.data[s.pos:v.to])
			if err != nil {
				return value{}, err
			}
			s.pos += size
		}
	}
	s.pos = v.to + 3
	if v.rewritten {
		s.scratch = append(s.scratch[:0], lineEnds.Replace(s.doc[v.from:v.to])...)
	}
	return v, nil
}

// lineEnds makes every line end a plain line feed.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// character returns the size of the first character, if XML allows it.
func (s *scanner) character(rest []byte) (int, error) {
	r, size := utf8.DecodeRune(rest)
	if r == utf8.RuneError && size == 1 {
		return 0, s.fail("the document is not valid UTF-8")
	}
	if !isCharacter(r) {
		return 0, s.fail("character %U is not allowed in XML", r)
	}
	return size, nil
}

// plain holds the bytes that need no thought in text, whatever ends it.
var plain = func() (plain [256]bool) {
	for c := range plain {
		plain[c] = c >= 0x20 && c < utf8.RuneSelf || c == '\t' || c == '\n'
	}
	for _, c := range `<>&"'` {
		plain[c] = false
	}
	return plain
}()

// specialBytes looks at eight bytes at once. The lowest bit set in its result is the top bit of the first byte
// that is a control character, not ASCII, or one of " & ' < >. Higher bits say nothing.
func specialBytes(w uint64) uint64 {
	const ones = 0x0101010101010101
	quote := w ^ ones*'"'
	apostrophe := (w | ones) ^ ones*'\'' // & and ' differ in one bit
	angle := (w | 2*ones) ^ ones*'>'     // so do < and >
	control := (w - 0x20*ones) &^ w
	return ((quote-ones)&^quote | (apostrophe-ones)&^apostrophe | (angle-ones)&^angle | control | w) & (0x80 * ones)
}

// text reads character data up to the byte stop: a quote, or < for an element's content. It leaves the position there.
func (s *scanner) text(stop byte) (value, error) {
	v := value{from: s.pos}
	data, i := s.data, s.pos
	copied := i // where the part not yet in scratch begins
	for {
		for i+8 <= len(data) {
			special := specialBytes(binary.LittleEndian.Uint64(data[i:]))
			if special != 0 {
				i += bits.TrailingZeros64(special) / 8
				break
			}
			i += 8
		}
		for i < len(data) && plain[data[i]] {
			i++
		}
		if i == len(data) {
			if stop != '<' || s.depth > 0 {
				return value{}, s.failEnd()
			}
			break
		}
		c := data[i]
		if c == stop {
			break
		}
		switch c {
		case '"', '\'':
			i++
		case '>':
			if stop == '<' && i-v.from >= 2 && data[i-1] == ']' && data[i-2] == ']' {
				s.pos = i
				return value{}, s.fail("]]> outside of a CDATA section")
			}
			i++
		case '\r', '&':
			if !v.rewritten {
				v.rewritten = true
				s.scratch = s.scratch[:0]
			}
			s.scratch = append(s.scratch, data[copied:i]...)
			if c == '\r' {
				s.scratch = append(s.scratch, '\n')
				if i++; i < len(data) && data[i] == '\n' {
					i++
				}
			} else {
				s.pos = i
				r, size := reference(data[i:])
				if size == 0 || !isCharacter(r) {
					return value{}, s.fail("a & that begins none of the known references, such as &amp;") // the text may be a secret
				}
				s.scratch = utf8.AppendRune(s.scratch, r)
				i += size
			}
			copied = i
		default:
			s.pos = i
			if c == '<' {
				return value{}, s.fail("< inside a value in quotes")
			}
			size, err := s.character(data[i:])
			if err != nil {
				return value{}, err
			}
			i += size
		}
	}
	if v.rewritten {
		s.scratch = append(s.scratch, data[copied:i]...)
	}
	v.to = i
	s.pos = i
	return v, nil
}

// reference reads a reference such as &amp; or &#x41; at the start of rest. The size is 0 when it is none.
func reference(rest []byte) (r rune, size int) {
	end := bytes.IndexByte(rest, ';')
	if end < 0 {
		return 0, 0
	}
	body := rest[1:end]
	switch string(body) {
	case "amp":
		return '&', end + 1
	case "lt":
		return '<', end + 1
	case "gt":
		return '>', end + 1
	case "quot":
		return '"', end + 1
	case "apos":
		return '\'', end + 1
	}
	if len(body) < 2 || body[0] != '#' {
		return 0, 0
	}
	digits, base := body[1:], rune(10)
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	if len(digits) == 0 {
		return 0, 0
	}
	for _, c := range digits {
		var digit rune
		switch {
		case '0' <= c && c <= '9':
			digit = rune(c - '0')
		case base == 16 && 'a' <= c && c <= 'f':
			digit = rune(c-'a') + 10
		case base == 16 && 'A' <= c && c <= 'F':
			digit = rune(c-'A') + 10
		default:
			return 0, 0
		}
		if r = r*base + digit; r > utf8.MaxRune {
			return 0, 0
		}
	}
	if !utf8.ValidRune(r) { // half a surrogate pair reads as the replacement character, as in encoding/xml
		r = utf8.RuneError
	}
	return r, end + 1
}
