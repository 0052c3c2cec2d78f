package shell

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Nowhere is a folder that the script alone does not tell.
const Nowhere = "~"

// place follows the folder that a shell stands in through a script, from where
// the script starts.
type place struct {
	at, before string
	pushed     []string
	entered    []string // the folders that the last statement went into
	made       []string // those that it made itself
}

func newPlace() *place { return &place{at: ".", before: Nowhere} }

// step goes on by one statement of the script.
func (p *place) step(stmt *syntax.Stmt) {
	p.entered, p.made = nil, nil
	p.follow(stmt)
}

func (p *place) follow(stmt *syntax.Stmt) {
	switch cmd := stmt.Cmd.(type) {
	case *syntax.CallExpr:
		p.call(argv(cmd))
	case *syntax.BinaryCmd:
		switch cmd.Op {
		case syntax.AndStmt:
			p.follow(cmd.X)
			p.follow(cmd.Y)
		case syntax.OrStmt: // what follows is for when the first fails
			p.follow(cmd.X)
		default:
		}
	case *syntax.Subshell:
		// The shell comes back from it by itself.
		inner := *p
		for _, s := range cmd.Stmts {
			inner.follow(s)
		}
		p.entered, p.made = inner.entered, inner.made
	default:
		if stmt.Cmd != nil && changes(stmt) {
			p.enter(Nowhere)
		}
	}
}

// changes reports whether a loop or a condition has the shell go elsewhere.
func changes(stmt *syntax.Stmt) bool {
	found := false
	syntax.Walk(stmt, func(n syntax.Node) bool {
		if call, ok := n.(*syntax.CallExpr); ok {
			w := argv(call)
			found = found || len(w) > 0 && slices.Contains([]string{"cd", "pushd"}, w[0])
		}
		return !found
	})
	return found
}

// call goes where a command leads.
func (p *place) call(words []string) {
	if len(words) == 0 {
		return
	}
	to := ""
	if plain := plainArgs(words[1:]); len(plain) > 0 {
		to = plain[0]
	}
	switch words[0] {
	case "cd":
		if slices.Contains(words[1:], "-") {
			p.at, p.before = p.before, p.at
			return
		}
		p.enter(to)
	case "pushd":
		p.pushed = append(p.pushed, p.at)
		p.enter(to)
	case "popd":
		if n := len(p.pushed); n > 0 {
			p.at, p.pushed = p.pushed[n-1], p.pushed[:n-1]
		}
	case "mkdir":
		for _, made := range plainArgs(words[1:]) {
			p.made = append(p.made, join(p.at, made))
		}
	}
}

func (p *place) enter(to string) {
	p.before, p.at = p.at, join(p.at, to)
	p.entered = append(p.entered, p.at)
}

// foreign are the folders that the last statement went into and did not make.
func (p *place) foreign() []string {
	var out []string
	for _, dir := range p.entered {
		made := func(m string) bool { return dir == m || strings.HasPrefix(m, dir+"/") }
		if !slices.ContainsFunc(p.made, made) {
			out = append(out, dir)
		}
	}
	return out
}

// join resolves a folder against another one, Nowhere for what is not known.
func join(at, to string) string {
	if at == Nowhere || to == "" || path.IsAbs(to) || strings.ContainsAny(to, "$~`*?{\\") {
		return Nowhere
	}
	return path.Join(at, to)
}

// argv are the words of a command. One that is not written out is "$".
func argv(call *syntax.CallExpr) []string {
	out := make([]string, 0, len(call.Args))
	for _, w := range call.Args {
		out = append(out, literal(w))
	}
	return out
}

func literal(word *syntax.Word) string {
	var b strings.Builder
	for _, part := range word.Parts {
		switch part := part.(type) {
		case *syntax.Lit:
			b.WriteString(part.Value)
		case *syntax.SglQuoted:
			b.WriteString(part.Value)
		case *syntax.DblQuoted:
			for _, inner := range part.Parts {
				lit, ok := inner.(*syntax.Lit)
				if !ok {
					return "$"
				}
				b.WriteString(lit.Value)
			}
		default:
			return "$"
		}
	}
	return b.String()
}
