//go:build !unix

package cli

// dumpNoCore has nothing to do where programs leave no cores behind.
func dumpNoCore() {}
