package cli

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// TestCommandAlone holds that a command that is made alone is the one among all.
func TestCommandAlone(t *testing.T) {
	t.Parallel()
	for _, want := range Commands().Commands() {
		if !want.HasAvailableFlags() && !want.HasSubCommands() { // a topic of help
			continue
		}
		root := (&app{getenv: func(string) string { return "" }}).rootCommand(want.Name())
		if want.Name() != "completion" && want.Name() != "help" && len(root.Commands()) != 1 {
			t.Errorf("%s: it is not alone: %d commands are made", want.Name(), len(root.Commands()))
		}
		got, _, err := root.Find([]string{want.Name()})
		if err != nil {
			t.Error(err)
			continue
		}
		if diff := cmp.Diff(help(t, want), help(t, got)); diff != "" {
			t.Errorf("%s (-among all +alone):\n%s", want.Name(), diff)
		}
	}
}

// help returns the help of the command and of all below it.
func help(t *testing.T, command *cobra.Command) map[string]string {
	t.Helper()
	var text bytes.Buffer
	command.SetOut(&text)
	if err := command.Help(); err != nil {
		t.Error(err)
	}
	all := map[string]string{command.CommandPath(): text.String()}
	for _, below := range command.Commands() {
		for path, text := range help(t, below) {
			all[path] = text
		}
	}
	return all
}
