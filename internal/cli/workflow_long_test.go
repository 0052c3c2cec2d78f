//go:build long

package cli_test

import "testing"

func TestLongWorkflow(t *testing.T) {
	t.Parallel()
	countWorkflows(t, true)
}
