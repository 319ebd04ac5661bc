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

// askSecret asks without showing what is typed.
func (a *app) askSecret(what string) (string, error) {
	fmt.Fprintf(a.err, "Enter the %s: ", what)
	terminal := int(os.Stdin.Fd())
	before, err := term.GetState(terminal)
	if err != nil {
		return "", fmt.Errorf("read the %s: %w", what, err)
	}
	content, err := unlessEnded(a.ended, func() ([]byte, error) { return term.ReadPassword(terminal) })
	if errors.Is(err, context.Canceled) {
		err = errors.Join(err, term.Restore(terminal, before)) // it would go on hiding what is typed
	}
	fmt.Fprintln(a.err)
	if err != nil {
		return "", fmt.Errorf("read the %s: %w", what, err)
	}
	if len(content) == 0 {
		return "", &signInError{"the " + what + " is empty"}
	}
	return string(content), nil
}

// confirm asks whether to do what cannot be undone. Without a terminal it takes --yes.
func (a *app) confirm(yes bool, question string) error {
	if yes {
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

// unlessEnded reads, which nothing can interrupt, until the user interrupts the program.
func unlessEnded[T any](ended <-chan struct{}, read func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		value, err := read()
		done <- answer{value, err}
	}()
	select {
	case got := <-done:
		return got.value, got.err
	case <-ended:
		var none T
		return none, context.Canceled
	}
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
