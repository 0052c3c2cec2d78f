// Command compare prints how far what the product reads of functions agrees with
// another tool, for the scripts beside it.
//
//	compare pmccabe OURS THEIRS   functions with equal traditional McCabe, of all that pmccabe names
//	compare ctags OURS THEIRS     names that both find within a line, of all that each finds
//
// OURS is what facts prints; THEIRS what pmccabe prints, or ctags with
// --output-format=xref --_xformat='%F\t%n\t%N'.
package main

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// shown is how many disagreements are listed.
const shown = 20

func main() {
	if len(os.Args) != 4 || os.Args[1] != "pmccabe" && os.Args[1] != "ctags" {
		fmt.Fprintln(os.Stderr, "usage: compare pmccabe|ctags OURS THEIRS")
		os.Exit(2)
	}
	ours, err := lines(os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	theirs, err := lines(os.Args[3])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if os.Args[1] == "pmccabe" {
		complexity(functions(ours), theirs)
	} else {
		names(ours, theirs)
	}
}

func lines(name string) ([]string, error) {
	file, err := os.Open(name) //nolint:gosec // whoever runs it names the folder
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var all []string
	in := bufio.NewScanner(file)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		all = append(all, in.Text())
	}
	return all, in.Err()
}

// function is one that the product reads.
type function struct {
	line, end, cyclomatic int
	name                  string // without what qualifies it
}

func functions(lines []string) map[string][]function {
	all := map[string][]function{}
	for _, l := range lines {
		f := strings.Split(l, "\t")
		if len(f) < 6 {
			continue
		}
		all[f[0]] = append(all[f[0]], function{number(f[1]), number(f[2]), number(f[4]), lastName(f[3])})
	}
	return all
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// lastName returns a name without its qualification and without what a macro
// is called with.
func lastName(name string) string {
	if strings.Contains(name, "operator") {
		return "operator" // each tool has its own way to write which
	}
	if at := strings.IndexByte(name, '('); at > 0 && !strings.Contains(name[at:], ".") {
		name = name[:at]
	}
	name = strings.ReplaceAll(name, "::", ".")
	return strings.ReplaceAll(name[strings.LastIndexByte(name, '.')+1:], " ", "_")
}

// reported is a line of pmccabe: modified and traditional McCabe, statements,
// first line, lines, file(line): function.
var reported = regexp.MustCompile(`^\d+\t(\d+)\t\d+\t\d+\t\d+\t(.+)\((\d+)\): (.+)$`)

// late is how many lines after the one that pmccabe names a function may begin:
// where a prototype with a macro behind it comes first, pmccabe names that.
const late = 10

// keywords are statements that pmccabe takes for functions where it has lost its
// way in C++.
var keywords = map[string]bool{"if": true, "for": true, "while": true, "switch": true, "catch": true, "return": true, "sizeof": true}

func complexity(ours map[string][]function, theirs []string) {
	equal, different, missing, statements := 0, 0, 0, 0
	for _, l := range theirs {
		m := reported.FindStringSubmatch(l)
		if m == nil {
			continue
		}
		want, line := number(m[1]), number(m[3])
		if keywords[lastName(m[4])] {
			statements++
			continue
		}
		best := find(ours[m[2]], line, lastName(m[4]))
		switch {
		case best == nil:
			missing++
			reportf(missing+different, "not read: %s:%d %s", m[2], line, m[4])
		case best.cyclomatic != want:
			different++
			reportf(missing+different, "different: %s:%d %s, %d and not %d", m[2], line, m[4], best.cyclomatic, want)
		default:
			equal++
		}
	}
	total := equal + different + missing
	fmt.Printf("cyclomatic: %d of %d functions equal (%.2f %%), %d different, %d not read; %d statements that pmccabe takes for functions are left out\n", equal, total, percent(equal, total), different, missing, statements)
}

// find returns the function that is meant: the nearest of that name, or one that
// begins on that line. The latter is for what pmccabe calls by the macro or
// attribute before it.
func find(all []function, line int, name string) *function {
	best := (*function)(nil)
	for i := range all {
		f := &all[i]
		if f.line <= line+late && f.end >= line && f.name == name && (best == nil || distance(f.line, line) < distance(best.line, line)) {
			best = f
		}
	}
	for i := range all {
		if best == nil && distance(all[i].line, line) <= 1 {
			best = &all[i]
		}
	}
	return best
}

func distance(a, b int) int { return max(a-b, b-a) }

func percent(part, whole int) float64 { return 100 * float64(part) / float64(max(whole, 1)) }

func reportf(n int, format string, args ...any) {
	if n <= shown {
		fmt.Printf("  "+format+"\n", args...)
	}
}

// names compares the functions of two lists: file, line, …, name.
func names(ours, theirs []string) {
	type place struct{ file, name string }
	index := func(all []string, column int) map[place][]int {
		out := map[place][]int{}
		for _, l := range all {
			f := strings.Split(l, "\t")
			if len(f) > column {
				p := place{f[0], lastName(f[column])}
				out[p] = append(out[p], number(f[1]))
			}
		}
		return out
	}
	a, b := index(ours, 3), index(theirs, 2)
	found := func(in map[place][]int, p place, line int) bool {
		for _, other := range in[p] {
			if distance(other, line) <= 2 {
				return true
			}
		}
		return false
	}
	count := func(what string, of, in map[place][]int) {
		same, total := 0, 0
		for p, at := range of {
			for _, line := range at {
				total++
				if found(in, p, line) {
					same++
				} else {
					reportf(total-same, "%s: %s:%d %s", what, p.file, line, p.name)
				}
			}
		}
		fmt.Printf("%s: %d of %d (%.2f %%) found by the other\n", what, same, total, percent(same, total))
	}
	count("ours", a, b)
	count("theirs", b, a)
}
