package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
)

// choice is a flag that takes one of a few words, in any case.
type choice struct {
	value   string
	allowed []string
}

func (c *choice) String() string { return c.value }

func (c *choice) Type() string { return strings.Join(c.allowed, "|") }

func (c *choice) Set(text string) error {
	word, ok := choose(c.allowed, text)
	if !ok {
		return errors.New("it is none of " + strings.Join(c.allowed, ", "))
	}
	c.value = word
	return nil
}

// choose returns the word as it is written among the choices, whose case does not matter.
func choose(choices []string, text string) (string, bool) {
	for _, word := range choices {
		if strings.EqualFold(word, text) {
			return word, true
		}
	}
	return "", false
}

// complete offers the words to the shell.
func (c *choice) complete(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return c.allowed, cobra.ShellCompDirectiveNoFileComp
}

// longestValueName is how much room help has for the words that a flag takes. Where they are more, the usage tells them.
const longestValueName = 45

// choiceFlag adds a flag that takes one of the words of c.
func choiceFlag(command *cobra.Command, c *choice, name, usage string) {
	if len(c.Type()) > longestValueName {
		usage += ": " + strings.Join(c.allowed, ", ")
	}
	command.Flags().Var(c, name, usage)
	mustAdd(command.RegisterFlagCompletionFunc(name, c.complete))
}
