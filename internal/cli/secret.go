package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// secret returns a secret: from the file that the flag names ("-" is standard input), else from the environment
// variable, else by asking for it at a terminal. Secrets are never flags: a process list shows those.
func (a *app) secret(what, flag, file, variable string) (string, error) {
	if file == "-" {
		return a.firstLine(what)
	}
	if file != "" {
		content, err := os.ReadFile(file)
		if err != nil {
			return "", usage("--%s: %w", flag, err)
		}
		text := strings.TrimRight(string(content), "\r\n")
		if text == "" {
			return "", usage("--%s: %s is empty", flag, file)
		}
		return text, nil
	}
	if value := a.getenv(variable); value != "" {
		return value, nil
	}
	if !a.canAsk {
		return "", withHint(&signInError{"the " + what + " is missing, and there is no terminal to ask for it"},
			fmt.Sprintf("set %s, or give --%s FILE (\"-\" reads standard input)", variable, flag))
	}
	return a.askSecret(what)
}

// ask asks a question at the terminal.
func (a *app) ask(question string) (string, error) {
	fmt.Fprint(a.err, question)
	return a.readLine()
}

// askSecret asks without showing what is typed, from before the question stands there.
func (a *app) askSecret(what string) (string, error) {
	terminal := int(os.Stdin.Fd())
	before, err := term.MakeRaw(terminal)
	if err != nil {
		return "", fmt.Errorf("read the %s: %w", what, err)
	}
	editor := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{a.in, a.err}, "")
	if a.errWidth > 0 {
		if err := editor.SetSize(a.errWidth, 24); err != nil {
			return "", errors.Join(err, term.Restore(terminal, before))
		}
	}
	text, err := unlessEnded(a.ended, func() (string, error) { return editor.ReadPassword("Enter the " + what + ": ") })
	if restoreErr := term.Restore(terminal, before); restoreErr != nil {
		err = errors.Join(err, restoreErr) // it goes on hiding what is typed
	}
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, context.Canceled): // Ctrl-C is no signal while the terminal is raw
		fmt.Fprintln(a.err)
		return "", context.Canceled
	case err != nil:
		return "", fmt.Errorf("read the %s: %w", what, err)
	case text == "":
		return "", &signInError{"the " + what + " is empty"}
	}
	return text, nil
}

// confirm asks whether to do what cannot be undone. Without a terminal it takes --yes.
func (a *app) confirm(question string) error {
	if a.yes {
		return nil
	}
	if !a.canAsk {
		return usage("%s There is no terminal to answer: give --yes", question)
	}
	answer, err := a.ask(question + " [y/N] ")
	if err != nil {
		return err
	}
	if answer = strings.ToLower(answer); answer != "y" && answer != "yes" {
		return errors.New("nothing was done")
	}
	return nil
}

func (a *app) firstLine(what string) (string, error) {
	text, err := a.readLine()
	if err != nil {
		return "", err
	}
	if text == "" {
		return "", &signInError{"the " + what + " on standard input is empty"}
	}
	return text, nil
}

func (a *app) readLine() (string, error) { return unlessEnded(a.ended, a.readBytes) }

// readBytes reads a line byte by byte, so that what follows stays for the next reader.
func (a *app) readBytes() (string, error) {
	var line []byte
	for one := make([]byte, 1); ; {
		n, err := a.in.Read(one)
		if n == 1 && one[0] != '\n' {
			line = append(line, one[0])
		}
		if err == io.EOF || n == 1 && one[0] == '\n' {
			return strings.TrimRight(string(line), "\r"), nil
		}
		if err != nil {
			return "", fmt.Errorf("read standard input: %w", err)
		}
	}
}
