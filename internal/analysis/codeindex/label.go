package codeindex

import "strings"

// label gives nodes labels that tell them apart: files the shortest endings of
// their paths that only one node has, symbols that share their name with another
// the ending of their file's path behind it. Components have names of their own.
func label(g *Graph) {
	same := map[string][]int{}
	for i := range g.Nodes {
		switch g.Level {
		case LevelFile:
			same[""] = append(same[""], i)
		case LevelSymbol:
			same[g.Nodes[i].Label] = append(same[g.Nodes[i].Label], i)
		}
	}
	for name, nodes := range same {
		paths := make(map[string]bool, len(nodes))
		for _, i := range nodes {
			paths[g.Nodes[i].Path] = true
		}
		short := endings(paths)
		for _, i := range nodes {
			switch end := short[g.Nodes[i].Path]; {
			case name == "":
				g.Nodes[i].Label = end
			case len(nodes) > 1:
				g.Nodes[i].Label = name + " (" + end + ")"
			}
		}
	}
}

// endings returns for each path its shortest ending of whole names that no other
// path has.
func endings(paths map[string]bool) map[string]string {
	out := make(map[string]string, len(paths))
	open := make([]string, 0, len(paths))
	for p := range paths {
		open = append(open, p)
	}
	for names := 1; len(open) > 0; names++ {
		by := map[string][]string{}
		for _, p := range open {
			by[ending(p, names)] = append(by[ending(p, names)], p)
		}
		open = open[:0]
		for end, same := range by {
			for _, p := range same {
				if len(same) == 1 || end == p {
					out[p] = end
				} else {
					open = append(open, p)
				}
			}
		}
	}
	return out
}

// ending is the last names of a path.
func ending(p string, names int) string {
	at := len(p)
	for range names {
		if at = strings.LastIndexByte(p[:at], '/'); at < 0 {
			return p
		}
	}
	return p[at+1:]
}
