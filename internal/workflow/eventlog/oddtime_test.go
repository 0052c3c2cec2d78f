package eventlog_test

import (
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/workflow/eventlog"
)

// TestOddTime has one time that is none among others: the message names its row
// and not a format that there is not.
func TestOddTime(t *testing.T) {
	t.Parallel()
	for odd, want := range map[string]string{
		"9999-12-31T23:59:59-23:00": `line 4: the column "time" has "9999-12-31T23:59:59-23:00", expected a time as iso`,
		"0000-06-01":                `line 4: the column "time" has "0000-06-01", expected a time as iso`,
		"NaN":                       `line 4: the column "time" has "NaN", expected a time as iso`,
	} {
		_, faults, err := readCSV("case,activity,time\n1,A,\n1,A,2024-01-01T00:00:00Z\n1,B,"+odd+"\n1,C,2024-01-02T00:00:00Z\n", eventlog.Options{})
		if err != nil || len(faults) != 2 || faults[1] != want {
			t.Errorf("%q, %v, want %q", faults, err, want)
		}
	}
	_, _, err := readCSV("case,activity,time\n1,A,31/12/2024\n1,A,13/13/2024\n1,B,01/02/2024\n1,B,02/31/2024\n", eventlog.Options{})
	if want := `line 2: the column "time" has "31/12/2024", which can be read as`; err != nil && !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
}
