package git

import (
	"os/exec"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// setGroup gives git a group of its own, so that all it starts can be killed,
// and lets it end when we are killed: nobody else would end it.
func setGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// threads holds a channel for each running process. Closing it lets go of the
// thread that started it.
var threads sync.Map

// startProcess starts cmd on a thread that lives as long as cmd: the kernel
// takes the end of the starting thread for the end of the parent
// (https://go.dev/issue/27505).
func startProcess(cmd *exec.Cmd) error {
	started, ended := make(chan error), make(chan struct{})
	threads.Store(cmd, ended)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if err == nil {
			limit := unix.Rlimit{Cur: memoryLimit, Max: memoryLimit}
			// A machine that sets a lower limit keeps it; this is the second bound.
			_ = unix.Prlimit(cmd.Process.Pid, unix.RLIMIT_DATA, &limit, nil)
		}
		started <- err
		<-ended
	}()
	err := <-started
	if err != nil {
		processEnded(cmd)
	}
	return err
}

func processEnded(cmd *exec.Cmd) {
	if ended, ok := threads.LoadAndDelete(cmd); ok {
		if ended, ok := ended.(chan struct{}); ok {
			close(ended)
		}
	}
}

func killGroup(cmd *exec.Cmd) error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
