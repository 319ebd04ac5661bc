package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// tabctl builds the command line once and returns where it is.
func (b *bench) tabctl() (string, error) {
	path := filepath.Join(b.dir, "tabctl")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	build := exec.Command("go", "build", "-o", path, "github.com/tabctl/tableau-go/cmd/tabctl")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build tabctl: %w: %s", err, out)
	}
	return path, nil
}

// program runs tabctl.
func (b *bench) program(arguments ...string) (result, error) {
	path, err := b.tabctl()
	if err != nil {
		return result{}, err
	}
	return command(path, arguments...)
}

// programList runs "tabctl workbooks list" against the emulator, with a session
// that an earlier command has saved. The emulator is a process, too: as a part of
// this program it would add to the memory of our tasks.
func (b *bench) programList() (result, error) {
	path, err := b.tabctl()
	if err != nil {
		return result{}, err
	}
	emulator := exec.Command(path, "emulator", "--addr", "127.0.0.1:0", "--password", "secret", "--pat", "bench:secret")
	out, err := emulator.StdoutPipe()
	if err != nil {
		return result{}, err
	}
	if err := emulator.Start(); err != nil {
		return result{}, err
	}
	defer func() {
		_ = emulator.Process.Kill() // it keeps nothing
		_ = emulator.Wait()
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return result{}, fmt.Errorf("start the emulator: %w", err)
	}
	address := strings.TrimSpace(strings.TrimPrefix(line, "listening on "))
	for name, value := range map[string]string{"TABCTL_CONFIG_DIR": filepath.Join(b.dir, "config"), "TABLEAU_TOKEN_VALUE": "secret"} {
		if err := os.Setenv(name, value); err != nil {
			return result{}, err
		}
	}
	if _, err := b.program("login", "--server", address, "--token-name", "bench"); err != nil {
		return result{}, err
	}
	if err := os.Unsetenv("TABLEAU_TOKEN_VALUE"); err != nil {
		return result{}, err
	}
	return b.program("workbooks", "list")
}
