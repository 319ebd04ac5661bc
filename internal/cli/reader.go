package cli

import (
	"errors"
	"fmt"
	"io"
)

// errReaderGone says that nobody reads any more what is written, as when head has seen enough.
var errReaderGone = errors.New("nobody reads the output any more")

// watchedWriter is standard output. It remembers what went wrong with it, for not all who write can tell.
type watchedWriter struct {
	io.Writer
	err error
}

func (w *watchedWriter) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.Writer.Write(p)
	switch {
	case isReaderGone(err):
		w.err = errReaderGone
	case err != nil:
		w.err = fmt.Errorf("the output is not whole: %w", err)
	}
	return n, w.err
}

// watchOutput begins to remember what goes wrong with standard output.
func (a *app) watchOutput() {
	if _, watched := a.out.(*watchedWriter); !watched {
		a.out = &watchedWriter{Writer: a.out}
	}
}

// settled is what remains of the error of a command: with what went wrong with its output, and without that nobody reads.
func (a *app) settled(err error) error {
	if out, ok := a.out.(*watchedWriter); ok && out.err != nil {
		a.running = true // it is not about the command line
		if err == nil {
			err = out.err
		}
	}
	return withoutReaderGone(err)
}

// withoutReaderGone keeps of joined errors those that are about something else.
func withoutReaderGone(err error) error {
	if !errors.Is(err, errReaderGone) {
		return err
	}
	var others []error
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			others = append(others, withoutReaderGone(one))
		}
	}
	return errors.Join(others...)
}
