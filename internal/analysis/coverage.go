package analysis

import (
	"bytes"
	"encoding/xml"
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

// coverage returns the share of lines or statements that tests ran, 0–1, from
// the coverage report nearest to the root; nil when the tree holds none that
// can be read.
func coverage(kept map[string][]byte) *float64 {
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
		for _, read := range []func([]byte) *float64{lcov, goCover, cobertura} {
			if share := read(kept[p]); share != nil {
				return share
			}
		}
	}
	return nil
}

// lcov sums the LF (lines found) and LH (lines hit) records.
func lcov(content []byte) *float64 {
	var found, hit int
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSpace(line)
		if n, ok := strings.CutPrefix(line, "LF:"); ok {
			found += number(n)
		} else if n, ok := strings.CutPrefix(line, "LH:"); ok {
			hit += number(n)
		}
	}
	return ratio(hit, found)
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
func goCover(content []byte) *float64 {
	if !bytes.HasPrefix(content, []byte("mode: ")) {
		return nil
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
	return ratio(hit, found)
}

// cobertura reads the line-rate of the root element.
func cobertura(content []byte) *float64 {
	d := xml.NewDecoder(bytes.NewReader(content))
	for {
		token, err := d.Token()
		if err != nil {
			return nil
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if element.Name.Local != "coverage" {
			return nil
		}
		for _, a := range element.Attr {
			if rate, err := strconv.ParseFloat(a.Value, 64); a.Name.Local == "line-rate" && err == nil && rate >= 0 && rate <= 1 {
				return &rate
			}
		}
		return nil
	}
}
