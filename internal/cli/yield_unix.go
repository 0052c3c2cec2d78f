//go:build unix

package cli

import (
	"os"
	"os/exec"
	"syscall"
)

// niceness of an analysis: next to it a request gets about thirty parts of a
// processor's time and the analysis one. Alone it has all.
const niceness = 15

// ownGroup gives a child a group of processes of its own.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// yieldProcessors lets everything else go first. On Linux a niceness is of one
// thread, but that of a group is of all threads in it, and what they start
// inherits it.
func yieldProcessors() {
	if syscall.Getpgrp() != os.Getpid() {
		return // a group of others, who want no change
	}
	_ = syscall.Setpriority(syscall.PRIO_PGRP, 0, niceness) // a system that refuses is slower to answer, no more
}
