package assistant

import (
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
)

// TestConflict: two sources that give different values to what is asked about.
func TestConflict(t *testing.T) {
	t.Parallel()
	of := func(kind rampforge.PassageKind, key, text string) *source {
		return &source{Passage: rampforge.Passage{Kind: kind, Key: key, Text: text}}
	}
	code := rampforge.PassageCode
	for name, c := range map[string]struct {
		question string
		sources  []*source
		want     string // a part; "" is no conflict
	}{
		"two values":              {"what is the retry limit", []*source{of(code, "a.go", "retryLimit = 5"), of(rampforge.PassageDocument, "README.md", "The `retry_limit` is 10.")}, "`retryLimit` is `5` in one [1] and `10` in another [2]"},
		"defaults":                {"how many workers are there", []*source{of(code, "a.go", "--workers defaults to 4"), of(rampforge.PassagePage, "p", "workers: 8 (default)")}, "`workers` is `4`"},
		"units count":             {"what is the timeout", []*source{of(code, "a.go", "timeout: 30s"), of(code, "b.go", "timeout: 30m")}, "`30s`"},
		"line by line":            {"what is the retry limit", []*source{of(code, "a.go", "port = 80\nretryLimit = 5\nx = 1"), of(code, "b.go", "retry-limit: 10 attempts")}, "`5` in one [1] and `10`"},
		"an example":              {"how many workers are there", []*source{of(code, "a.go", "workers = 4"), of(rampforge.PassagePage, "p", "    pool(workers=8)\nworkers: 8")}, ""},
		"as it runs":              {"what is the timeout", []*source{of(code, "a.c", "timeout = 0"), of(code, "b.c", "\tif (timeout <= 0)\n\t\ttimeout = 1000;\n// timeout = 20")}, ""},
		"the same value":          {"what is the retry limit", []*source{of(code, "a.go", "retryLimit = 5"), of(code, "b.go", "retry-limit: 5")}, ""},
		"one file":                {"what is the retry limit", []*source{of(code, "a.go", "retryLimit = 5"), of(code, "a.go", "retryLimit = 10")}, ""},
		"both say both":           {"what is the retry limit", []*source{of(code, "a.go", "retryLimit = 5\nretryLimit = 10"), of(code, "b.go", "retryLimit = 10")}, ""},
		"of another time":         {"what is the retry limit", []*source{of(code, "a.go", "retryLimit = 5"), of(rampforge.PassageCommit, "c", "retryLimit = 10")}, ""},
		"what nobody asks about":  {"who pays", []*source{of(code, "a.go", "retryLimit = 5"), of(code, "b.go", "retryLimit = 10")}, ""},
		"a name with a word more": {"what is the limit", []*source{of(code, "a.go", "retryLimit = 5"), of(code, "b.go", "retryLimit = 10")}, ""},
		"nothing":                 {"what is the retry limit", nil, ""},
	} {
		d := &dossier{asked: understand(c.question)}
		for i, s := range c.sources {
			s.n = i + 1
			d.sources = append(d.sources, s)
		}
		got := d.conflict()
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
