package render

import (
	"cmp"
	"slices"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// The measures of the map, in the units of its drawing: one unit is one pixel
// at full size.
const (
	boxWidth   = 200.0
	boxHeight  = 74.0
	rowGap     = 62.0
	columnGap  = 28.0
	laneWidth  = 10.0 // what an edge takes of a row that it passes through
	mapMargin  = 24.0
	rowMost    = 4  // boxes beside each other
	mapNodes   = 20 // boxes
	mapEdges   = 70 // arrows
	sweepCount = 12
)

// spot is a place in a row of the layered drawing: a component's box, or the
// lane of an edge that passes the row.
type spot struct {
	component int // index of the component, -1 for a lane
	row       int
	width     float64
	x         float64 // of the centre
	above     []int   // neighbouring spots in the row above
	below     []int
}

// layout is a layered drawing after Sugiyama: rows from the report's layers,
// lanes for edges longer than one row, order within a row by barycentres, and
// places by least squares.
type layout struct {
	spots []spot
	rows  [][]int
	paths []route
	width float64
}

// route is an edge and the spots that it passes, from the upper end to the
// lower.
type route struct {
	edge  report.Dependency
	spots []int
	up    bool // the arrow points upwards, against the order of the layers
	flat  bool // both ends are in one row
}

func newLayout(components []report.Component, layers [][]string, edges []report.Dependency) *layout {
	l := &layout{}
	index := make(map[string]int, len(components))
	for i, c := range components {
		index[c.Name] = i
	}
	for row, members := range rowsOf(components, layers, edges, index) {
		l.rows = append(l.rows, nil)
		for _, component := range members {
			l.add(spot{component: component, row: row, width: boxWidth})
		}
	}
	box := make([]int, len(components))
	for i, s := range l.spots {
		box[s.component] = i
	}
	for _, edge := range edges {
		l.connect(edge, box[index[edge.From]], box[index[edge.To]])
	}
	l.order()
	l.place()
	return l
}

// rowsOf cuts the layers into rows of a readable length. Components without
// any edge come last.
func rowsOf(components []report.Component, layers [][]string, edges []report.Dependency, index map[string]int) [][]int {
	joined := make([]bool, len(components))
	for _, e := range edges {
		joined[index[e.From]], joined[index[e.To]] = true, true
	}
	placed := make([]bool, len(components))
	var rows [][]int
	cut := func(members []int) {
		count := (len(members) + rowMost - 1) / rowMost
		for i := range count {
			rows = append(rows, members[i*len(members)/count:(i+1)*len(members)/count])
		}
	}
	for _, layer := range layers {
		var members []int
		for _, name := range layer {
			if i, ok := index[name]; ok && !placed[i] && joined[i] {
				placed[i] = true
				members = append(members, i)
			}
		}
		cut(members)
	}
	for _, wanted := range []bool{true, false} { // in no layer; then alone
		var members []int
		for i := range components {
			if !placed[i] && joined[i] == wanted {
				placed[i] = true
				members = append(members, i)
			}
		}
		cut(members)
	}
	return rows
}

func (l *layout) add(s spot) int {
	l.spots = append(l.spots, s)
	l.rows[s.row] = append(l.rows[s.row], len(l.spots)-1)
	return len(l.spots) - 1
}

// connect leads an edge through a lane of every row between its ends.
func (l *layout) connect(edge report.Dependency, from, to int) {
	p := route{edge: edge}
	upper, lower := from, to
	switch {
	case l.spots[from].row == l.spots[to].row:
		l.paths = append(l.paths, route{edge: edge, spots: []int{from, to}, flat: true})
		return
	case l.spots[from].row > l.spots[to].row:
		upper, lower, p.up = to, from, true
	}
	p.spots = []int{upper}
	for row := l.spots[upper].row + 1; row < l.spots[lower].row; row++ {
		p.spots = append(p.spots, l.add(spot{component: -1, row: row, width: laneWidth}))
	}
	p.spots = append(p.spots, lower)
	for i := 1; i < len(p.spots); i++ {
		a, b := p.spots[i-1], p.spots[i]
		l.spots[a].below = append(l.spots[a].below, b)
		l.spots[b].above = append(l.spots[b].above, a)
	}
	l.paths = append(l.paths, p)
}

// order sorts each row by the mean position of its neighbours, downwards and
// upwards in turn, and keeps the order with the fewest crossings.
func (l *layout) order() {
	best, fewest := cloneRows(l.rows), l.crossings()
	for sweep := range sweepCount {
		down := sweep%2 == 0
		for i := range l.rows {
			row := i
			if !down {
				row = len(l.rows) - 1 - i
			}
			l.sortRow(row, down)
		}
		if n := l.crossings(); n < fewest {
			best, fewest = cloneRows(l.rows), n
		}
	}
	l.rows = best
}

func cloneRows(rows [][]int) [][]int {
	out := make([][]int, len(rows))
	for i, row := range rows {
		out[i] = slices.Clone(row)
	}
	return out
}

func (l *layout) positions() []int {
	at := make([]int, len(l.spots))
	for _, row := range l.rows {
		for i, s := range row {
			at[s] = i
		}
	}
	return at
}

func (l *layout) sortRow(row int, down bool) {
	at := l.positions()
	centre := make(map[int]float64, len(l.rows[row]))
	for _, s := range l.rows[row] {
		neighbours := l.spots[s].below
		if down {
			neighbours = l.spots[s].above
		}
		centre[s] = float64(at[s])
		if len(neighbours) == 0 {
			continue
		}
		sum := 0.0
		for _, n := range neighbours {
			// Relative to the row's length, so that rows of different lengths compare.
			sum += (float64(at[n]) + 0.5) / float64(len(l.rows[l.spots[n].row]))
		}
		centre[s] = sum / float64(len(neighbours)) * float64(len(l.rows[row]))
	}
	slices.SortStableFunc(l.rows[row], func(a, b int) int { return cmp.Compare(centre[a], centre[b]) })
}

// crossings counts the pairs of edges that cross between neighbouring rows.
func (l *layout) crossings() int {
	at := l.positions()
	total := 0
	for _, row := range l.rows {
		var ends []int
		for _, s := range row {
			below := slices.Clone(l.spots[s].below)
			slices.SortFunc(below, func(a, b int) int { return at[a] - at[b] })
			for _, b := range below {
				for _, end := range ends {
					if end > at[b] {
						total++
					}
				}
			}
			for _, b := range below {
				ends = append(ends, at[b])
			}
		}
	}
	return total
}

// place gives every spot its x: each row moves as near to the means of its
// neighbours as its widths allow, downwards and upwards in turn.
func (l *layout) place() {
	for _, row := range l.rows {
		x := 0.0
		for _, s := range row {
			l.spots[s].x = x + l.spots[s].width/2
			x += l.spots[s].width + columnGap
		}
		for _, s := range row { // centred on 0
			l.spots[s].x -= (x - columnGap) / 2
		}
	}
	for sweep := range sweepCount {
		for i := range l.rows {
			row := i
			if sweep%2 == 1 {
				row = len(l.rows) - 1 - i
			}
			l.settle(l.rows[row])
		}
	}
	l.frame()
}

// settle solves one row exactly: the places closest to the wished ones, in the
// sense of least squares, among those that keep order and distance. Without
// the distances it is isotonic regression, by pooling adjacent violators.
func (l *layout) settle(row []int) {
	type pool struct {
		sum  float64
		size int
	}
	offsets := make([]float64, len(row))
	var pools []pool
	for i, s := range row {
		if i > 0 {
			offsets[i] = offsets[i-1] + (l.spots[row[i-1]].width+l.spots[s].width)/2 + columnGap
		}
		pools = append(pools, pool{l.wish(s) - offsets[i], 1})
		for n := len(pools); n > 1; n = len(pools) {
			a, b := pools[n-2], pools[n-1]
			if a.sum/float64(a.size) <= b.sum/float64(b.size) {
				break
			}
			pools = append(pools[:n-2], pool{a.sum + b.sum, a.size + b.size})
		}
	}
	i := 0
	for _, p := range pools {
		for range p.size {
			l.spots[row[i]].x = p.sum/float64(p.size) + offsets[i]
			i++
		}
	}
}

// wish is where a spot would stand if it were alone in its row: at the mean of
// its neighbours, drawn a little to the middle so that the map stays compact.
func (l *layout) wish(s int) float64 {
	sum, n := 0.0, 0.0
	for _, neighbours := range [][]int{l.spots[s].above, l.spots[s].below} {
		for _, other := range neighbours {
			sum += l.spots[other].x
			n++
		}
	}
	const pull = 0.3
	return sum / (n + pull)
}

// frame moves the drawing to the right of the margin and measures it.
func (l *layout) frame() {
	left, right := 0.0, 0.0
	for _, s := range l.spots {
		left = min(left, s.x-s.width/2)
		right = max(right, s.x+s.width/2)
	}
	for i := range l.spots {
		l.spots[i].x += mapMargin - left
	}
	l.width = right - left + 2*mapMargin
}
