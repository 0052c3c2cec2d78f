//go:build unix

package mcpclient

import (
	"errors"
	"os/exec"
	"syscall"
)

// ownGroup puts a program and all that it starts into a group of processes, so
// that they end together and get no signal that is meant for this one.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup ends a program and all that it has started.
func killGroup(cmd *exec.Cmd) error {
	if cmd.Process == nil {
		return nil
	}
	err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}
