package services

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// period is that of a limit, in microseconds: short, so that who has used up its
// part waits for milliseconds.
const period = 10_000

// ErrNoLimit is that this system or user cannot limit processors.
var ErrNoLimit = errors.New("processors cannot be limited here: it takes Linux, control groups and root")

// Limit gives a process, and what it starts from now on, so much of a processor
// and no more (0.2 is a fifth), which makes of one machine several small ones. The
// returned function takes the control group away; the process must have ended.
func Limit(pid int, processors float64) (func(), error) {
	quota := strconv.Itoa(int(processors * period))
	root, settings := "/sys/fs/cgroup/cpu", map[string]string{"cpu.cfs_period_us": strconv.Itoa(period), "cpu.cfs_quota_us": quota}
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err == nil {
		root, settings = "/sys/fs/cgroup", map[string]string{"cpu.max": quota + " " + strconv.Itoa(period)}
	}
	group := filepath.Join(root, fmt.Sprintf("rampforge-bench-%d", pid))
	if err := os.Mkdir(group, 0o755); err != nil {
		return nil, errors.Join(ErrNoLimit, err)
	}
	end := func() { _ = os.Remove(group) }
	settings["cgroup.procs"] = strconv.Itoa(pid)
	for name, value := range settings {
		if err := os.WriteFile(filepath.Join(group, name), []byte(value), 0o600); err != nil {
			end()
			return nil, errors.Join(ErrNoLimit, err)
		}
	}
	return end, nil
}
