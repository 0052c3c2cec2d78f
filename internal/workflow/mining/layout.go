package mining

import "strconv"

// The elements of a process, by their names in BPMN.
const (
	startEvent       = "startEvent"
	endEvent         = "endEvent"
	task             = "task"
	exclusiveGateway = "exclusiveGateway"
	parallelGateway  = "parallelGateway"
)

// Sizes in pixels, those that BPMN's tools draw with.
const (
	eventSize   = 36
	gatewaySize = 50
	taskWidth   = 100
	taskHeight  = 80
	lineHeight  = 20 // of a way without a task
	gap         = 50 // between what is beside each other
	rowGap      = 30 // between what is above each other
	margin      = 50
)

// shape is an element with its place in the diagram.
type shape struct {
	kind, id, name      string
	x, y, width, height int
}

func (s *shape) middle() int { return s.y + s.height/2 }
func (s *shape) center() int { return s.x + s.width/2 }

// flow is an arrow between two shapes.
type flow struct {
	from, to int
	points   []point
}

// drawing is a process tree as shapes and arrows. Every node of the tree has a
// box; boxes are nested as the nodes are, so nothing overlaps.
type drawing struct {
	shapes []shape
	flows  []flow
	counts map[string]int
}

// box is the room that a node takes: axis is how far below its top the arrows
// enter and leave it.
type box struct{ width, height, axis int }

func draw(t *Tree) *drawing {
	d := &drawing{counts: map[string]int{}}
	b := measure(t)
	axis := margin + max(b.axis, eventSize/2)
	start := d.add(startEvent, "Start", "", margin, axis)
	x := margin + eventSize + gap
	run := d.place(t, x, axis, false)
	if b.width > 0 {
		x += b.width + gap
	}
	end := d.add(endEvent, "End", "", x, axis)
	d.chain(start, run)
	d.chain(run.last(start), span{end, end})
	return d
}

// span is the first and the last shape of a node; -1 of one that has none,
// because nothing happens in it.
type span struct{ from, to int }

var nothing = span{-1, -1}

// last returns the shape that arrows leave from: that of before where there is
// none.
func (s span) last(before int) int {
	if s == nothing {
		return before
	}
	return s.to
}

// measure returns the room that a node takes.
func measure(t *Tree) box {
	switch t.Kind {
	case ActivityNode:
		return box{taskWidth, taskHeight, taskHeight / 2}
	case SilentNode:
		return box{0, lineHeight, lineHeight / 2}
	case SequenceNode:
		b := box{width: gap * (len(t.Children) - 1)}
		below := 0
		for _, c := range t.Children {
			inner := measure(c)
			b.width += inner.width
			b.axis = max(b.axis, inner.axis)
			below = max(below, inner.height-inner.axis)
		}
		b.height = b.axis + below
		return b
	default:
		return measureBranches(t)
	}
}

// measureBranches is for nodes with gateways.
func measureBranches(t *Tree) box {
	b := box{height: rowGap * (len(t.Children) - 1)}
	for _, c := range t.Children {
		inner := measure(c)
		b.width = max(b.width, inner.width)
		b.height += inner.height
	}
	b.width += 2 * (gatewaySize + gap)
	b.axis = b.height / 2
	if t.Kind == LoopNode {
		b.axis = max(measure(t.Children[0]).axis, gatewaySize/2)
		b.height += b.axis - measure(t.Children[0]).axis
	}
	return b
}

// add adds a shape whose left side is at x and whose middle is at axis.
func (d *drawing) add(kind, prefix, name string, x, axis int) int {
	s := shape{kind: kind, name: name, x: x, width: gatewaySize, height: gatewaySize}
	switch kind {
	case task:
		s.width, s.height = taskWidth, taskHeight
	case startEvent, endEvent:
		s.width, s.height = eventSize, eventSize
	}
	s.y = axis - s.height/2
	d.counts[prefix]++
	s.id = prefix + "_" + strconv.Itoa(d.counts[prefix])
	d.shapes = append(d.shapes, s)
	return len(d.shapes) - 1
}

// place draws a node whose box begins at x and whose arrows are at axis. What
// goes back in a loop is mirrored: its arrows go from right to left.
func (d *drawing) place(t *Tree, x, axis int, mirrored bool) span {
	switch t.Kind {
	case SilentNode:
		return nothing
	case ActivityNode:
		i := d.add(task, "Task", t.Name, x, axis)
		return span{i, i}
	case SequenceNode:
		return d.placeSequence(t, x, axis, mirrored)
	case LoopNode:
		return d.placeLoop(t, x, axis, mirrored)
	case ParallelNode:
		return d.placeBranches(t, parallelGateway, x, axis, mirrored)
	default: // a choice
		return d.placeBranches(t, exclusiveGateway, x, axis, mirrored)
	}
}

func (d *drawing) placeSequence(t *Tree, x, axis int, mirrored bool) span {
	whole := nothing
	right := x + measure(t).width
	for _, c := range t.Children {
		width := measure(c).width
		at := x
		if mirrored {
			at = right - width
		}
		run := d.place(c, at, axis, mirrored)
		x, right = x+width+gap, right-width-gap
		if whole == nothing {
			whole = run
			continue
		}
		d.chain(whole.to, run)
		whole.to = run.last(whole.to)
	}
	return whole
}

// gateways adds the two gateways of a node: where its arrows enter and leave.
func (d *drawing) gateways(kind string, x, axis, width int, mirrored bool) (first, last int) {
	left, right := x, x+width-gatewaySize
	if mirrored {
		left, right = right, left
	}
	return d.add(kind, "Gateway", "", left, axis), d.add(kind, "Gateway", "", right, axis)
}

func (d *drawing) placeBranches(t *Tree, kind string, x, axis int, mirrored bool) span {
	b := measure(t)
	split, join := d.gateways(kind, x, axis, b.width, mirrored)
	top := axis - b.axis
	for _, c := range t.Children {
		inner := measure(c)
		row := top + inner.axis
		d.branch(split, join, d.place(c, d.inside(x, b, inner, mirrored), row, mirrored), row)
		top += inner.height + rowGap
	}
	return span{split, join}
}

// inside returns where a branch begins: beside the gateway that leads to it.
func (d *drawing) inside(x int, outer, inner box, mirrored bool) int {
	if mirrored {
		return x + outer.width - gatewaySize - gap - inner.width
	}
	return x + gatewaySize + gap
}

func (d *drawing) placeLoop(t *Tree, x, axis int, mirrored bool) span {
	b := measure(t)
	join, split := d.gateways(exclusiveGateway, x, axis, b.width, mirrored)
	body := measure(t.Children[0])
	d.branch(join, split, d.place(t.Children[0], d.inside(x, b, body, mirrored), axis, mirrored), axis)
	top := axis - body.axis + body.height + rowGap
	for _, c := range t.Children[1:] {
		inner := measure(c)
		row := top + inner.axis
		d.branch(split, join, d.place(c, d.inside(x, b, inner, !mirrored), row, !mirrored), row)
		top += inner.height + rowGap
	}
	return span{join, split}
}

// chain draws a straight arrow from a shape to the first of a run.
func (d *drawing) chain(from int, run span) {
	if run == nothing {
		return
	}
	a, b := &d.shapes[from], &d.shapes[run.from]
	d.flows = append(d.flows, flow{from, run.from, []point{a.side(b.center()), b.side(a.center())}})
}

// branch draws the arrows from a gateway to what is in a row, and from there to
// the other gateway.
func (d *drawing) branch(from, to int, run span, row int) {
	a, b := &d.shapes[from], &d.shapes[to]
	if run == nothing {
		points := append(a.toRow(row, b.center()), reversed(b.toRow(row, a.center()))...)
		d.flows = append(d.flows, flow{from, to, points})
		return
	}
	first, last := &d.shapes[run.from], &d.shapes[run.to]
	d.flows = append(d.flows,
		flow{from, run.from, append(a.toRow(row, first.center()), first.side(a.center()))},
		flow{run.to, to, append([]point{last.side(b.center())}, reversed(b.toRow(row, last.center()))...)})
}

// side returns the middle of the side that looks towards x.
func (s *shape) side(x int) point {
	if x < s.center() {
		return point{s.x, s.middle()}
	}
	return point{s.x + s.width, s.middle()}
}

// toRow returns the way from a gateway to a row: straight, or down or up and
// then along it.
func (s *shape) toRow(row, x int) []point {
	switch {
	case row < s.middle():
		return []point{{s.center(), s.y}, {s.center(), row}}
	case row > s.middle():
		return []point{{s.center(), s.y + s.height}, {s.center(), row}}
	}
	return []point{s.side(x)}
}

func reversed(points []point) []point {
	if len(points) == 2 {
		points[0], points[1] = points[1], points[0]
	}
	return points
}
