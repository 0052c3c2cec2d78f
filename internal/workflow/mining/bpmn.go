package mining

import (
	"encoding/xml"
	"fmt"
	"strconv"
)

// BPMN writes the tree as a process of BPMN 2.0 (ISO/IEC 19510) with a diagram,
// so that any tool of BPMN opens it. An activity is a task, a choice and a loop
// have exclusive gateways, and what happens in any order has parallel ones. The
// same tree and name give the same bytes.
func (t *Tree) BPMN(name string) ([]byte, error) {
	d := draw(t)
	document := definitions{
		BPMN: "http://www.omg.org/spec/BPMN/20100524/MODEL", BPMNDI: "http://www.omg.org/spec/BPMN/20100524/DI",
		DC: "http://www.omg.org/spec/DD/20100524/DC", DI: "http://www.omg.org/spec/DD/20100524/DI",
		ID: "Definitions_1", Target: "https://github.com/rampforgeai/rampforge/bpmn", Exporter: "RampForge",
		Process: process{ID: "Process_1", Name: name, Executable: "false"},
		Diagram: diagram{ID: "Diagram_1", Name: name, Plane: plane{ID: "Plane_1", Element: "Process_1"}},
	}
	for i := range d.shapes {
		document.Process.Elements = append(document.Process.Elements, d.element(i))
		document.Diagram.Plane.Shapes = append(document.Diagram.Plane.Shapes, d.shapes[i].bounds())
	}
	for i, f := range d.flows {
		id := flowID(i)
		document.Process.Flows = append(document.Process.Flows, sequenceFlow{ID: id, Source: d.shapes[f.from].id, Target: d.shapes[f.to].id})
		document.Diagram.Plane.Edges = append(document.Diagram.Plane.Edges, edgeShape{ID: id + "_di", Element: id, Points: f.points})
	}
	text, err := xml.MarshalIndent(document, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write BPMN: %w", err)
	}
	return append([]byte(xml.Header), append(text, '\n')...), nil
}

type definitions struct {
	XMLName  xml.Name `xml:"bpmn:definitions"`
	BPMN     string   `xml:"xmlns:bpmn,attr"`
	BPMNDI   string   `xml:"xmlns:bpmndi,attr"`
	DC       string   `xml:"xmlns:dc,attr"`
	DI       string   `xml:"xmlns:di,attr"`
	ID       string   `xml:"id,attr"`
	Target   string   `xml:"targetNamespace,attr"`
	Exporter string   `xml:"exporter,attr"`
	Process  process  `xml:"bpmn:process"`
	Diagram  diagram  `xml:"bpmndi:BPMNDiagram"`
}

type process struct {
	ID         string         `xml:"id,attr"`
	Name       string         `xml:"name,attr"`
	Executable string         `xml:"isExecutable,attr"`
	Elements   []flowNode     // each of its own name
	Flows      []sequenceFlow `xml:"bpmn:sequenceFlow"`
}

type flowNode struct {
	XMLName   xml.Name
	ID        string   `xml:"id,attr"`
	Name      string   `xml:"name,attr,omitempty"`
	Direction string   `xml:"gatewayDirection,attr,omitempty"`
	Incoming  []string `xml:"bpmn:incoming"`
	Outgoing  []string `xml:"bpmn:outgoing"`
}

type sequenceFlow struct {
	ID     string `xml:"id,attr"`
	Source string `xml:"sourceRef,attr"`
	Target string `xml:"targetRef,attr"`
}

type diagram struct {
	ID    string `xml:"id,attr"`
	Name  string `xml:"name,attr"`
	Plane plane  `xml:"bpmndi:BPMNPlane"`
}

type plane struct {
	ID      string      `xml:"id,attr"`
	Element string      `xml:"bpmnElement,attr"`
	Shapes  []nodeShape `xml:"bpmndi:BPMNShape"`
	Edges   []edgeShape `xml:"bpmndi:BPMNEdge"`
}

type nodeShape struct {
	ID      string `xml:"id,attr"`
	Element string `xml:"bpmnElement,attr"`
	Marker  string `xml:"isMarkerVisible,attr,omitempty"`
	Bounds  bounds `xml:"dc:Bounds"`
}

type bounds struct {
	X      int `xml:"x,attr"`
	Y      int `xml:"y,attr"`
	Width  int `xml:"width,attr"`
	Height int `xml:"height,attr"`
}

type edgeShape struct {
	ID      string  `xml:"id,attr"`
	Element string  `xml:"bpmnElement,attr"`
	Points  []point `xml:"di:waypoint"`
}

type point struct {
	X int `xml:"x,attr"`
	Y int `xml:"y,attr"`
}

func flowID(i int) string { return "Flow_" + strconv.Itoa(i+1) }

// element is the i-th shape as a part of the process.
func (d *drawing) element(i int) flowNode {
	s := &d.shapes[i]
	n := flowNode{XMLName: xml.Name{Local: "bpmn:" + s.kind}, ID: s.id, Name: s.name}
	for k, f := range d.flows {
		if f.to == i {
			n.Incoming = append(n.Incoming, flowID(k))
		}
		if f.from == i {
			n.Outgoing = append(n.Outgoing, flowID(k))
		}
	}
	if s.kind == exclusiveGateway || s.kind == parallelGateway {
		n.Direction = "Diverging"
		if len(n.Incoming) > 1 {
			n.Direction = "Converging"
		}
	}
	return n
}

func (s *shape) bounds() nodeShape {
	n := nodeShape{ID: s.id + "_di", Element: s.id, Bounds: bounds{s.x, s.y, s.width, s.height}}
	if s.kind == exclusiveGateway {
		n.Marker = "true"
	}
	return n
}
