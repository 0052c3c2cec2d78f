package auth

import "syscall"

// lowerPriority makes the calling thread give way to the others of the
// machine. Linux counts priorities by thread, and 0 names the calling one. A
// failure costs responsiveness under load and nothing else.
func lowerPriority() { _ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, 15) }
