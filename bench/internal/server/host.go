package server

import (
	"errors"
	"fmt"
	"testing"
)

// host stands in for the test that the servers of the tests are started for:
// what they would fail the test with becomes an error, and what they would have
// done at its end is done by close.
type host struct {
	testing.TB // for what is not defined here, which they do not call
	cleanups   []func()
	errs       []error
}

// failure is what a panic carries from Fatal to try.
type failure struct{ error }

// try calls f and returns what it fails the test with.
func (h *host) try(f func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case failure:
			err = r.error
		default:
			panic(r)
		}
	}()
	f()
	return nil
}

func (h *host) close() error {
	for i := len(h.cleanups) - 1; i >= 0; i-- {
		h.cleanups[i]()
	}
	h.cleanups = nil
	return errors.Join(h.errs...)
}

// Helper does nothing.
func (h *host) Helper() {}

// Cleanup notes what is to be done at the end.
func (h *host) Cleanup(f func()) { h.cleanups = append(h.cleanups, f) }

// Error notes what went wrong at the end.
func (h *host) Error(args ...any) { h.errs = append(h.errs, errors.New(fmt.Sprint(args...))) }

// Fatal leaves the function that try called.
func (h *host) Fatal(args ...any) { panic(failure{errors.New(fmt.Sprint(args...))}) }

// Fatalf leaves the function that try called.
func (h *host) Fatalf(format string, args ...any) { panic(failure{fmt.Errorf(format, args...)}) }
