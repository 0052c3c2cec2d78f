//go:build !unix

package cli

import "os/exec"

func ownGroup(*exec.Cmd) {}

// yieldProcessors has nothing to do where there is no niceness.
func yieldProcessors() {}
