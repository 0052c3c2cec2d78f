package mining

// Workflow is the process as it is configured: its states in order. A case is
// meant to be in each of them once, from the first to the last.
type Workflow struct {
	States []State
	// StateOf is the place in States of each activity of the log; -1 is none.
	StateOf []int32
	// Done is the place of the first state in which a case is done: those after
	// it are too. -1 is none.
	Done int
}

// State is a state of a workflow.
type State struct {
	Name     string
	Optional bool // a case may leave it out
}
