// Man writes tabctl's manual pages into a directory: go run ./internal/tools/man DIR. They are dated by SOURCE_DATE_EPOCH
// when it is set. It is a program of its own so that tabctl carries no page writer.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/tabctl/tableau-go/internal/cli"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: man DIRECTORY")
		os.Exit(2)
	}
	root := cli.Commands()
	root.DisableAutoGenTag = true
	if err := os.MkdirAll(os.Args[1], 0o755); err != nil {
		fail(err)
	}
	if err := writeAll(root, os.Args[1]); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "man:", err)
	os.Exit(1)
}

// writeAll writes the page of a command and those of the commands below it. Topics are in section 7.
func writeAll(command *cobra.Command, dir string) error {
	section := "1"
	if command.IsAdditionalHelpTopicCommand() {
		section = "7"
	}
	name := strings.ReplaceAll(command.CommandPath(), " ", "-")
	file, err := os.Create(filepath.Join(dir, name+"."+section))
	if err != nil {
		return err
	}
	header := &doc.GenManHeader{Title: strings.ToUpper(name), Section: section, Source: "tabctl", Manual: "tabctl"}
	if err := doc.GenMan(command, header, file); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := file.Close(); err != nil {
		return err
	}
	for _, child := range command.Commands() {
		if child.Name() == "help" || child.Hidden {
			continue
		}
		if err := writeAll(child, dir); err != nil {
			return err
		}
	}
	return nil
}
