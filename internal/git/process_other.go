//go:build unix && !linux

package git

import (
	"os/exec"
	"syscall"
)

// setGroup gives git a group of its own, so that all it starts can be killed.
func setGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func startProcess(cmd *exec.Cmd) error { return cmd.Start() }

func processEnded(*exec.Cmd) {}

func killGroup(cmd *exec.Cmd) error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
