package knowledge

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// linesIn are the lines of a file. One that ends with a line break has no empty
// line after it.
func linesIn(content []byte) []string {
	text := strings.ReplaceAll(strings.ToValidUTF8(string(content), "\uFFFD"), "\r\n", "\n")
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// bare are lines without what their place in a file gives them: spaces at their
// ends, and the indentation that all of them share. Lines that move into another
// block are the same; lines whose order or nesting changes are not.
func bare(lines []string) []string {
	out := make([]string, len(lines))
	shared, first := "", true
	for i, line := range lines {
		out[i] = strings.TrimRight(line, " \t\r")
		if out[i] == "" {
			continue
		}
		indent := out[i][:len(out[i])-len(strings.TrimLeft(out[i], " \t"))]
		if first {
			shared, first = indent, false
		}
		for !strings.HasPrefix(indent, shared) {
			shared = shared[:len(shared)-1]
		}
	}
	for i := range out {
		out[i] = strings.TrimPrefix(out[i], shared)
	}
	return out
}

func hashOf(lines []string) string {
	sum := sha256.Sum256([]byte(strings.Join(bare(lines), "\n")))
	return hex.EncodeToString(sum[:16])
}

// findLines is the first line, from 1, where lines of a hash stand that is the
// nearest to where they stood; 0 where they stand nowhere.
func findLines(all []string, n int, hash string, near int) int {
	best := 0
	for at := 0; at+n <= len(all); at++ {
		if best > 0 && distance(at+1, near) >= distance(best, near) {
			continue
		}
		if hashOf(all[at:at+n]) == hash {
			best = at + 1
		}
	}
	return best
}

func distance(a, b int) int {
	if a > b {
		return a - b
	}
	return b - a
}

// maxHashed bounds the lines that findLines hashes for one link: a longer search
// looks near where they stood alone.
const maxHashed = 4_000_000

// around are the lines of a file that are looked through for n of them, and how
// many lie before them.
func around(all []string, n, near int) (window []string, before int) {
	most := maxHashed / max(n, 1)
	if len(all) <= most {
		return all, 0
	}
	from := min(max(near-most/2, 0), len(all)-most)
	return all[from : from+most], from
}

// kept counts the lines of some that still stand in a file, each as often as it
// stands there. Lines without a letter or a digit do not tell.
func kept(was, all []string) (stand, of int) {
	counts := map[string]int{}
	for _, line := range all {
		counts[strings.TrimSpace(line)]++
	}
	for _, line := range was {
		line = strings.TrimSpace(line)
		if !strings.ContainsFunc(line, isWord) {
			continue
		}
		of++
		if counts[line] > 0 {
			counts[line]--
			stand++
		}
	}
	return stand, of
}

func isWord(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r > 127
}

// between is where some lines of a file are in a later version of it: between
// the nearest lines above and below them that stand once in both.
func between(was, now []string, first, last int) (from, until int, ok bool) {
	once := onceIn(was)
	there := onceIn(now)
	from, until = 0, len(now)+1
	for at := first - 1; at >= 1; at-- {
		line := strings.TrimSpace(was[at-1])
		if place, stands := there[line]; stands && once[line] > 0 {
			from = place
			break
		}
	}
	for at := last + 1; at <= len(was); at++ {
		line := strings.TrimSpace(was[at-1])
		if place, stands := there[line]; stands && once[line] > 0 {
			until = place
			break
		}
	}
	from, until = from+1, until-1
	// Between two anchors that are far apart anything may lie.
	return from, until, from <= until && until-from <= 3*(last-first+1)+10
}

// onceIn are the lines that stand once in a file, with their place from 1.
func onceIn(lines []string) map[string]int {
	out := map[string]int{}
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if len(line) < 4 {
			continue
		}
		if _, twice := out[line]; twice {
			out[line] = -1
			continue
		}
		out[line] = i + 1
	}
	for line, at := range out {
		if at < 0 {
			delete(out, line)
		}
	}
	return out
}
