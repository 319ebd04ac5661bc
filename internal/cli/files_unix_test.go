//go:build unix

package cli

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/internal/sample"
)

// What is no regular file, such as a pipe or /dev/null, is written into and stays what it is.
func TestSpecialFilesStay(t *testing.T) {
	t.Parallel()
	env := onEmulator(t, emulator.Start(t))
	dir := t.TempDir()
	workbook := filepath.Join(dir, "Bakery.twbx")
	if err := os.WriteFile(workbook, sample.Workbook(), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := runApp(t, env, "", "workbooks", "publish", workbook, "--project", "Default"); code != exitDone {
		t.Fatal(stderr)
	}
	for _, args := range [][]string{{"workbooks", "download", "Bakery"}, {"workbooks", "download", "Bakery", "--revision", "1"}, {"views", "image", "Bakery/Overview"}} {
		pipe := filepath.Join(dir, "pipe")
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Fatal(err)
		}
		read := make(chan int)
		go func() {
			file, err := os.Open(pipe)
			if err != nil {
				close(read)
				return
			}
			defer file.Close()
			n, _ := io.Copy(io.Discard, file) // too few bytes are a failure, too
			read <- int(n)
		}()
		code, _, stderr := runApp(t, env, "", append(args, "-f", pipe)...)
		info, err := os.Lstat(pipe)
		if code != exitDone || err != nil || info.Mode().IsRegular() {
			t.Fatalf("%v: exit code %d, %v, %v; standard error: %s", args, code, info, err, stderr)
		}
		if n := <-read; n < 100 {
			t.Errorf("%v: %d bytes have come through", args, n)
		}
		if err := os.Remove(pipe); err != nil {
			t.Fatal(err)
		}
	}
}
