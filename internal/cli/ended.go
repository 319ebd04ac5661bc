package cli

import "context"

// unlessEnded waits for work that nothing can interrupt, until the user interrupts the program or the time for it is over:
// then the error is context.Canceled, and the work is left to itself.
func unlessEnded[T any](ended <-chan struct{}, work func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		value, err := work()
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
