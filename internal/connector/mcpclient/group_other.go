//go:build !unix

package mcpclient

import "os/exec"

func ownGroup(*exec.Cmd) {}

// killGroup ends a program; what it has started is beyond reach here.
func killGroup(cmd *exec.Cmd) error {
	if cmd.Process == nil {
		return nil
	}
	return cmd.Process.Kill()
}
