package cli

import (
	"os"
	"runtime"
)

// The processors that a server has for requests beside those of the machine: four
// more, where there are not eight anyway.
const (
	spareProcessors = 4
	manyProcessors  = 8
)

// spare lets more goroutines run at once than there are processors. Where other
// programs want these too, the system lets a thread that works for long, as a job's,
// wait for them, and a request that has come meanwhile waits with it when every
// thread that may run is one of those. With a thread to spare it has one that has
// done nothing yet, which the system lets go first. What is sized by the processors
// is sized before. GOMAXPROCS overrules it.
func spare() {
	if os.Getenv("GOMAXPROCS") != "" {
		return
	}
	n := runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(max(n, min(n+spareProcessors, manyProcessors)))
}
