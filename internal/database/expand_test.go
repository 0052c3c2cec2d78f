package database_test

import (
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// expandFrom is the first migration that runs while programs of the version
// before still work: those before it are of no release.
const expandFrom = 31

// What a program that does not know a migration may stumble over: what it reads
// is gone or of another form, or what it writes is refused.
var contracts = []struct {
	what  string
	found *regexp.Regexp
}{
	{"takes away a table, a column or an index that may be meant by ON CONFLICT", regexp.MustCompile(`(?i)\bDROP\s+(TABLE|COLUMN|INDEX|CONSTRAINT|VIEW)\b`)},
	{"renames", regexp.MustCompile(`(?i)\bRENAME\b`)},
	{"changes the type of a column", regexp.MustCompile(`(?i)\bALTER\s+(COLUMN\s+)?\w+\s+(SET\s+DATA\s+)?TYPE\b`)},
	{"asks for a value where none was asked for", regexp.MustCompile(`(?i)\bSET\s+NOT\s+NULL\b`)},
	{"takes a default away", regexp.MustCompile(`(?i)\bDROP\s+DEFAULT\b`)},
	{"refuses what was allowed", regexp.MustCompile(`(?i)\bADD\s+(CONSTRAINT|CHECK|UNIQUE|FOREIGN|PRIMARY)\b`)},
	{"removes rows", regexp.MustCompile(`(?i)^\s*(DELETE|TRUNCATE)\b`)},
}

var (
	newColumn   = regexp.MustCompile(`(?i)\bADD\s+(?:COLUMN\s+)?(\w+)\s+\w[^,;]*`)
	uniqueIndex = regexp.MustCompile(`(?i)\bCREATE\s+UNIQUE\s+INDEX\s+(?:IF\s+NOT\s+EXISTS\s+)?\w+\s+ON\s+(\w+)`)
	newTable    = regexp.MustCompile(`(?i)\bCREATE\s+(?:UNLOGGED\s+|VIRTUAL\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)`)
	// A migration may contract what no program has used since an earlier one.
	permitted = regexp.MustCompile(`(?m)^-- contracts: .+, unused since (\d{4})$`)
)

// breaks returns what a migration does that a program of the version before may
// stumble over.
func breaks(number int, text string) (found []string) {
	if m := permitted.FindStringSubmatch(text); m != nil {
		if since, _ := strconv.Atoi(m[1]); since < number {
			return nil
		}
	}
	var bare strings.Builder
	for line := range strings.Lines(text) {
		code, _, _ := strings.Cut(line, "--")
		bare.WriteString(strings.TrimRight(code, "\n") + "\n")
	}
	own := map[string]bool{}
	for _, m := range newTable.FindAllStringSubmatch(bare.String(), -1) {
		own[strings.ToLower(m[1])] = true
	}
	for statement := range strings.SplitSeq(bare.String(), ";") {
		for _, c := range contracts {
			if c.found.MatchString(statement) {
				found = append(found, c.what+": "+strings.TrimSpace(statement))
			}
		}
		if regexp.MustCompile(`(?i)^\s*ALTER\s+TABLE`).MatchString(statement) {
			for _, m := range newColumn.FindAllString(statement, -1) {
				if upper := strings.ToUpper(m); strings.Contains(upper, "NOT NULL") && !strings.Contains(upper, "DEFAULT") {
					found = append(found, "asks for a value of a new column without a default: "+strings.TrimSpace(statement))
				}
			}
		}
		if m := uniqueIndex.FindStringSubmatch(statement); m != nil && !own[strings.ToLower(m[1])] {
			found = append(found, "refuses what was allowed: "+strings.TrimSpace(statement))
		}
	}
	return found
}

// TestMigrationsExpand: what runs while replicas of the version before still
// work adds, and takes nothing away. docs/development.md says how the rest is done.
func TestMigrationsExpand(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, engine := range []string{"sqlite", "postgres"} {
		names, err := fs.Glob(os.DirFS("migrations/"+engine), "*.sql")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			number, err := strconv.Atoi(name[:4])
			if err != nil {
				t.Fatal(err)
			}
			if number < expandFrom {
				continue
			}
			seen++
			text, err := os.ReadFile("migrations/" + engine + "/" + name)
			if err != nil {
				t.Fatal(err)
			}
			for _, what := range breaks(number, string(text)) {
				t.Errorf("%s/%s %s", engine, name, what)
			}
		}
	}
	if seen == 0 {
		t.Error("no migration was looked at")
	}
}

func TestContractionsAreFound(t *testing.T) {
	t.Parallel()
	for text, bad := range map[string]bool{
		"ALTER TABLE users ADD COLUMN note TEXT;":                                                              false,
		"ALTER TABLE users ADD COLUMN note TEXT NOT NULL DEFAULT '';":                                          false,
		"ALTER TABLE users ADD COLUMN note TEXT NOT NULL;":                                                     true,
		"ALTER TABLE users DROP COLUMN name;":                                                                  true,
		"ALTER TABLE users RENAME TO people;":                                                                  true,
		"ALTER TABLE users ALTER COLUMN id TYPE BIGINT;":                                                       true,
		"ALTER TABLE users ALTER COLUMN id SET NOT NULL;":                                                      true,
		"DROP TABLE users;":                                                                                    true,
		"-- DROP TABLE users;\nCREATE TABLE x (id TEXT NOT NULL PRIMARY KEY);":                                 false,
		"CREATE UNIQUE INDEX one ON users (name);":                                                             true,
		"CREATE TABLE x (name TEXT); CREATE UNIQUE INDEX one ON x (name);":                                     false,
		"ALTER TABLE users ADD CONSTRAINT short CHECK (length(name) < 9);":                                     true,
		"DELETE FROM users;":                                                                                   true,
		"-- contracts: users.name, unused since 0035\nALTER TABLE users DROP COLUMN name;":                     false,
		"-- contracts: users.name, unused since 0040\nALTER TABLE users DROP COLUMN name;":                     true,
		"UPDATE users SET note = name WHERE note IS NULL;":                                                     false,
		"CREATE UNLOGGED TABLE x (key TEXT) WITH (fillfactor = 50);\nCREATE UNIQUE INDEX by_key ON x (key);\n": false,
	} {
		if got := breaks(40, text); (len(got) > 0) != bad {
			t.Errorf("%q: %v", text, got)
		}
	}
}
