package cli

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/robustio"
)

// input opens the named file, or standard input when it is "-".
func (a *app) input(path string) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(a.in), nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, usage("%w", err)
	}
	return file, nil
}

// writeTo writes to the named file, or to standard output when it is "-".
func (a *app) writeTo(path string, write func(w io.Writer) error) error {
	switch {
	case path == "-":
		return write(a.out)
	case isSpecial(path):
		return writeSpecial(path, write)
	}
	size, err := writeFile(path, write)
	if err != nil {
		return err
	}
	a.say("Wrote %s (%s)", path, byteSize(size))
	return nil
}

// isSpecial reports whether there is something at the path that a file may not replace, such as /dev/null or NUL.
func isSpecial(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir() && !info.Mode().IsRegular()
}

// writeSpecial writes into what is no regular file, such as a device or a pipe.
func writeSpecial(path string, write func(w io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return usage("cannot write %s: %w", path, err)
	}
	if err := write(file); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}

// writeFile writes a file that appears only when it is whole, replacing one of that name, and returns its size.
func writeFile(path string, write func(w io.Writer) error) (int64, error) {
	temporary := filepath.Join(filepath.Dir(path), ".tabctl-"+rand.Text()[:10])
	file, err := os.OpenFile(temporary, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return 0, usage("cannot write %s: %w", path, err)
	}
	defer os.Remove(temporary) // gone by then when all went well
	defer file.Close()
	if err := write(file); err != nil {
		return 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	if err := file.Close(); err != nil {
		return 0, err
	}
	return info.Size(), rename(temporary, path)
}

// rename gives a file that is whole its name. On Windows a virus scanner may hold it for a moment, and a program that has
// the one before open lets nobody replace it.
func rename(temporary, path string) error {
	err := robustio.Rename(temporary, path)
	if errors.Is(err, fs.ErrPermission) {
		err = withHint(fmt.Errorf("cannot replace %s: %w", path, err), "close the program that has the file open, or write another one")
	}
	return err
}

// fileStem makes an item's name the beginning of a file name that every system takes: no path, no control or reserved
// characters, not too long.
func fileStem(name string) string {
	stem := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError || strings.ContainsRune(`<>:"/\|?*`, r) {
			return '_'
		}
		return r
	}, name)
	for len(stem) > 120 {
		_, size := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-size]
	}
	stem = strings.Trim(stem, " .")
	if stem == "" || reservedName(stem) {
		stem = "_" + stem
	}
	return stem
}

// reservedName reports whether Windows takes the name for a device.
func reservedName(stem string) bool {
	name, _, _ := strings.Cut(strings.ToUpper(stem), ".")
	switch name = strings.TrimSpace(name); name {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	number, ok := strings.CutPrefix(name, "COM")
	if !ok {
		number, ok = strings.CutPrefix(name, "LPT")
	}
	return ok && utf8.RuneCountInString(number) == 1 && strings.Contains("0123456789¹²³", number)
}

// fileStems gives each name a stem of its own, also where file names do not know upper from lower case.
type fileStems map[string]bool

func (taken fileStems) unique(name string) string {
	return taken.uniquePath(strings.ReplaceAll(name, "/", "_"))
}

// uniquePath does so for a name with folders: a/b/name.
func (taken fileStems) uniquePath(path string) string {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for i, part := range parts {
		parts[i] = fileStem(part)
	}
	stem := strings.Join(parts, "/")
	unique := stem
	for n := 2; taken[strings.ToLower(unique)]; n++ {
		unique = fmt.Sprintf("%s (%d)", stem, n)
	}
	taken[strings.ToLower(unique)] = true
	return unique
}
