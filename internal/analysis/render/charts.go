package render

import (
	"math"
	"path"
	"slices"
	"strconv"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// The measures of the hotspots' drawing.
const (
	chartWidth  = 760.0
	chartHeight = 400.0
	chartLeft   = 64.0
	chartRight  = 24.0
	chartTop    = 18.0
	chartBottom = 52.0
	chartPoints = 60
	chartLabels = 8
)

// scatter is the drawing of change against complexity, both on logarithmic
// scales, since a few files have most of either.
type scatter struct {
	Points         []scatterPoint
	XTicks, YTicks []tick
	Labels         []scatterLabel
}

type scatterPoint struct {
	X, Y, R, Title string
	Hot            bool // among the first of the list
}

type scatterLabel struct{ X, Y, Anchor, Text string }

type tick struct{ At, Text string }

func newScatter(hotspots []report.Hotspot) *scatter {
	hotspots, _ = head(hotspots, chartPoints)
	if len(hotspots) < 3 {
		return nil // two points are no picture
	}
	least, most := hotspots[0], report.Hotspot{Revisions: 1, Complexity: 1, Lines: 1}
	for _, h := range hotspots {
		least.Revisions = min(least.Revisions, h.Revisions)
		least.Complexity = min(least.Complexity, h.Complexity)
		most.Revisions = max(most.Revisions, h.Revisions)
		most.Complexity = max(most.Complexity, h.Complexity)
		most.Lines = max(most.Lines, h.Lines)
	}
	x := logScale(least.Revisions, most.Revisions, chartLeft, chartWidth-chartRight)
	y := logScale(least.Complexity, most.Complexity, chartHeight-chartBottom, chartTop)
	s := &scatter{XTicks: ticks(least.Revisions, most.Revisions, x), YTicks: ticks(least.Complexity, most.Complexity, y)}
	placer := labelPlacer{}
	radii := make([]float64, len(hotspots))
	for i, h := range hotspots {
		radii[i] = 4 + 10*math.Sqrt(float64(max(h.Lines, 0))/float64(most.Lines))
		placer.block(x(h.Revisions), y(h.Complexity), 4)
		s.Points = append(s.Points, scatterPoint{
			X: num(x(h.Revisions)), Y: num(y(h.Complexity)), R: num(radii[i]), Hot: i < chartLabels,
			Title: h.Path + "\n" + plural(h.Revisions, "change", "changes") + ", complexity " + count(h.Complexity) + ", " +
				plural(h.Lines, "line", "lines") + " of code",
		})
	}
	for i, h := range hotspots[:min(chartLabels, len(hotspots))] {
		if label, ok := placer.put(x(h.Revisions), y(h.Complexity), radii[i], fitLabel(path.Base(h.Path), 190)); ok {
			s.Labels = append(s.Labels, label)
		}
	}
	return s
}

// logScale maps least…most to from…to by the logarithm of 1 + value, with some
// room at both ends.
func logScale(least, most int, from, to float64) func(int) float64 {
	bottom := math.Log1p(0.7 * float64(max(least, 0)))
	top := math.Log1p(1.2 * float64(max(most, 1)))
	return func(v int) float64 {
		return from + (to-from)*(math.Log1p(float64(max(v, 0)))-bottom)/(top-bottom)
	}
}

// ticks are round numbers of the kind 1, 2, 5, 10 that stand far enough apart.
func ticks(least, most int, scale func(int) float64) []tick {
	const apart = 44
	var out []tick
	last := math.Inf(-1)
	add := func(v int) {
		at := scale(v)
		if float64(v) >= 0.7*float64(least) && math.Abs(at-last) >= apart {
			last = at
			out = append(out, tick{num(at), short(int64(v))})
		}
	}
	add(0)
	for decade := 1; decade <= most; decade *= 10 {
		for _, digit := range []int{1, 2, 5} {
			if v := decade * digit; v <= most {
				add(v)
			}
		}
		if decade > math.MaxInt/100 {
			break
		}
	}
	return out
}

type rectangle struct{ left, top, right, bottom float64 }

func (a rectangle) overlaps(b rectangle) bool {
	return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

// labelPlacer puts labels beside their points where nothing is in the way. A
// label without a place is left out: the tooltip and the table have it.
type labelPlacer struct{ taken []rectangle }

func (p *labelPlacer) block(x, y, r float64) {
	p.taken = append(p.taken, rectangle{x - r, y - r, x + r, y + r})
}

func (p *labelPlacer) put(x, y, r float64, text string) (scatterLabel, bool) {
	width, gap := labelWidth(text), r+5
	for _, c := range []struct {
		anchor   string
		left, at float64 // of the rectangle; of the anchor
		base     float64
	}{
		{"start", x + gap, x + gap, y + 4},
		{"end", x - gap - width, x - gap, y + 4},
		{"middle", x - width/2, x, y - gap - 2},
		{"middle", x - width/2, x, y + gap + 11},
	} {
		box := rectangle{c.left, c.base - 12, c.left + width, c.base + 4}
		inside := box.left >= chartLeft && box.right <= chartWidth-2 && box.top >= 2 && box.bottom <= chartHeight-chartBottom
		if inside && !p.hits(box) {
			p.taken = append(p.taken, box)
			return scatterLabel{X: num(c.at), Y: num(c.base), Anchor: c.anchor, Text: text}, true
		}
	}
	return scatterLabel{}, false
}

func (p *labelPlacer) hits(box rectangle) bool {
	return slices.ContainsFunc(p.taken, box.overlaps)
}

// languageBar is the bar of languages: parts of 1,000 units that are wide
// enough to see, the rest together.
type languagePart struct {
	X, Width, Name, Share string
	Class                 int // 1–8; 0 is the rest
}

func languageBar(languages []report.Language) []languagePart {
	const most = 7
	var parts []languagePart
	x, shown := 0.0, 0.0
	for _, l := range languages {
		if len(parts) == most || l.Share < 0.01 {
			continue
		}
		parts = append(parts, languagePart{
			X: num(x * 1000), Width: num(max(l.Share*1000-3, 1)), Name: l.Name, Share: percent(l.Share), Class: len(parts) + 1,
		})
		x += l.Share
		shown += l.Share
	}
	if rest := 1 - shown; len(parts) > 0 && rest > 0.004 {
		parts = append(parts, languagePart{X: num(x * 1000), Width: num(rest * 1000), Name: "Other", Share: percent(rest)})
	}
	return parts
}

// monthBar is one month's commits in a drawing of 100 units of height.
type monthBar struct{ X, Y, Height, Title, Label string }

// monthWidth is the room of one month, its bar and a gap.
const monthWidth = 30

func monthBars(months []report.Month) []monthBar {
	const most = 24
	months = months[max(0, len(months)-most):]
	highest := 1
	for _, m := range months {
		highest = max(highest, m.Commits)
	}
	bars := make([]monthBar, len(months))
	for i, m := range months {
		height := 100 * float64(m.Commits) / float64(highest)
		if m.Commits > 0 {
			height = max(height, 2)
		}
		bars[i] = monthBar{
			X: strconv.Itoa(i*monthWidth + 3), Y: num(112 - height), Height: num(height),
			Title: m.Month + ": " + plural(m.Commits, "commit", "commits") + " by " + plural(m.Contributors, "contributor", "contributors"),
		}
		if i%3 == 0 {
			bars[i].Label = m.Month
		}
	}
	return bars
}

// measured are the hotspots whose complexity is that of their functions: lines
// are another scale.
func measured(hotspots []report.Hotspot) []report.Hotspot {
	return slices.DeleteFunc(slices.Clone(hotspots), func(h report.Hotspot) bool { return h.Measure == report.MeasureLines })
}
