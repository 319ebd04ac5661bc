package tableau

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// FuzzFileName holds the name that a Content-Disposition header gives a file to what any system takes for a plain name.
func FuzzFileName(f *testing.F) {
	for _, header := range []string{
		`name="tableau_workbook"; filename="Sales.twbx"`,
		`attachment; filename*=UTF-8''Donn%C3%A9es%20%2B1.twbx`,
		`name="x"; filename*=UTF-8'en'"a%2fb.twb"`,
		`filename="../../etc/passwd"`, `filename="..\\..\\x"`, `filename="C:\\x"`, `filename="\\\\host\\share\\x"`,
		`filename="%2e%2e%2fx"`, `filename="%252e%252e%252fx"`, `filename="..%c0%af..%c0%afx"`,
		`filename="CON.twbx"`, `filename="com¹.twbx"`, `filename="conin$"`, `filename=" nul .x"`,
		"filename=\"a\x00b\"", `filename="` + strings.Repeat("é.", 200) + `"`, `filename="x` + strings.Repeat(" ", 300) + `y"`, "filename=\"\u202exbwt.exe\"",
	} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		name := safeFileName(dispositionFileName(header))
		if name == "" {
			return
		}
		bad := func(r rune) bool {
			return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || strings.ContainsRune(`<>:"/\|?*`, r)
		}
		stem, _, _ := strings.Cut(name, ".")
		switch {
		case !utf8.ValidString(name), strings.ContainsFunc(name, bad):
			t.Errorf("%q gives %q, which holds characters that some system reserves", header, name)
		case len(name) > 255:
			t.Errorf("%q gives a name of %d bytes", header, len(name))
		case strings.HasSuffix(name, "."), strings.HasSuffix(name, " "), strings.HasPrefix(name, " "):
			t.Errorf("%q gives %q, whose ends some system cuts off", header, name)
		case isDevice(strings.ToUpper(strings.TrimSpace(stem))):
			t.Errorf("%q gives %q, which is a device", header, name)
		case filepath.Base(name) != name, !filepath.IsLocal(name):
			t.Errorf("%q gives %q, which is a path", header, name)
		}
	})
}
