//go:build unix

package cli

import (
	"os"
	"strconv"
	"syscall"
)

// dumpNoCore keeps this program, and whatever it starts, from leaving its memory
// on a disk when it crashes: that holds the key and credentials in clear. Those
// that take cores from the kernel, as systemd-coredump, see the limit too and
// keep to it. It may be lifted in the environment alone, as it counts before
// anything is read.
func dumpNoCore() {
	if allowed, err := strconv.ParseBool(os.Getenv("CORE_DUMPS")); err == nil && allowed {
		return
	}
	// A smaller limit is always granted; a system without it dumps nothing.
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
}
