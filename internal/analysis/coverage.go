package analysis

import (
	"bytes"
	"encoding/xml"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
)

// isCoverage reports whether a path is where test tools write their coverage.
func isCoverage(filePath string) bool {
	switch name := path.Base(filePath); name {
	case "lcov.info", "cobertura.xml", "cobertura-coverage.xml", "coverage.xml", "cover.out", "coverage.out", "coverage.txt":
		return true
	default:
		return strings.HasSuffix(name, ".coverprofile") || strings.HasSuffix(name, ".lcov")
	}
}

// fewestCovered is the share of the code's lines that a coverage report must
// speak of to speak for the tree. Between a quarter and a half of the lines of
// most code can run at all.
const fewestCovered = 0.1

// coverage returns the share of lines or statements that tests ran, 0–1, from
// the coverage report nearest to the root that is of more than a small part of
// the code; nil when the tree holds none that can be read.
func coverage(kept map[string][]byte, code int64) *float64 {
	paths := []string{}
	for p := range kept {
		if isCoverage(p) {
			paths = append(paths, p)
		}
	}
	slices.SortFunc(paths, func(a, b string) int {
		if depth := strings.Count(a, "/") - strings.Count(b, "/"); depth != 0 {
			return depth
		}
		return strings.Compare(a, b)
	})
	for _, p := range paths {
		for _, read := range []func([]byte) (*float64, int){lcov, goCover, cobertura} {
			if share, found := read(kept[p]); share != nil && float64(found) >= fewestCovered*float64(code) {
				return share
			}
		}
	}
	return nil
}

// lcov sums the LF (lines found) and LH (lines hit) records. It returns the
// share, nil for none, and the lines found, as the others do.
func lcov(content []byte) (share *float64, of int) {
	var found, hit int
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSpace(line)
		if n, ok := strings.CutPrefix(line, "LF:"); ok {
			found += number(n)
		} else if n, ok := strings.CutPrefix(line, "LH:"); ok {
			hit += number(n)
		}
	}
	return ratio(hit, found), found
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

func ratio(hit, found int) *float64 {
	if found == 0 || hit > found {
		return nil
	}
	return new(float64(hit) / float64(found))
}

// goCover reads a profile of go test: "file.go:1.2,3.4 statements count". A
// block that several packages' tests list counts once.
func goCover(content []byte) (share *float64, of int) {
	if !bytes.HasPrefix(content, []byte("mode: ")) {
		return nil, 0
	}
	type block struct {
		statements int
		ran        bool
	}
	blocks := map[string]block{}
	for line := range strings.Lines(string(content)) {
		fields := strings.Fields(line)
		if len(fields) != 3 || !strings.Contains(fields[0], ":") {
			continue
		}
		b := blocks[fields[0]]
		blocks[fields[0]] = block{number(fields[1]), b.ran || number(fields[2]) > 0}
	}
	var found, hit int
	for _, b := range blocks {
		found += b.statements
		if b.ran {
			hit += b.statements
		}
	}
	return ratio(hit, found), found
}

// cobertura reads the line-rate of the root element. One that does not say of
// how many lines may be of all.
func cobertura(content []byte) (share *float64, of int) {
	d := xml.NewDecoder(bytes.NewReader(content))
	for {
		token, err := d.Token()
		if err != nil {
			return nil, 0
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if element.Name.Local != "coverage" {
			return nil, 0
		}
		of = math.MaxInt32
		for _, a := range element.Attr {
			rate, err := strconv.ParseFloat(a.Value, 64)
			switch {
			case err != nil || rate < 0:
			case a.Name.Local == "line-rate" && rate <= 1:
				share = &rate
			case a.Name.Local == "lines-valid":
				of = int(min(rate, math.MaxInt32))
			}
		}
		return share, of
	}
}
