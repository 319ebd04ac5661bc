package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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

// programList runs "tabctl workbooks list" against an emulator with one workbook,
// with a session that an earlier command has saved.
func (b *bench) programList() (result, error) {
	e, err := b.emulator()
	if err != nil {
		return result{}, err
	}
	defer e.stop()
	if err := e.publish(1); err != nil {
		return result{}, err
	}
	for name, value := range map[string]string{"TABCTL_CONFIG_DIR": filepath.Join(b.dir, "config"), "TABLEAU_TOKEN_VALUE": emulatorSecret} {
		if err := os.Setenv(name, value); err != nil {
			return result{}, err
		}
	}
	if _, err := b.program("login", "--server", e.client.URL(), "--token-name", emulatorToken); err != nil {
		return result{}, err
	}
	if err := os.Unsetenv("TABLEAU_TOKEN_VALUE"); err != nil {
		return result{}, err
	}
	return b.program("workbooks", "list")
}
