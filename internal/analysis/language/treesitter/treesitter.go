// Package treesitter reads a source file with one of tree-sitter's grammars and
// gives its syntax tree as a flat list of Go values. The packages of languages
// stand on it. It may import the package language beside it and go-tree-sitter.
//
// How a language uses it:
//
//	const (                                     // kinds of nodes, own constants
//		kindOther treesitter.Kind = iota        // 0: named, but not listed
//		kindModule
//		kindIf
//		kindAnd
//	)
//	var kinds = []string{                       // the grammar's names, by constant
//		kindModule: "module", kindIf: "if_statement", kindAnd: `"and"`,
//	}
//	const (                                     // fields of nodes, own constants
//		fieldNone treesitter.Field = iota
//		fieldName
//	)
//	var fields = []string{fieldName: "name"}
//
//	grammar := treesitter.MustGrammar(tree_sitter_python.Language(), kinds, fields)
//
//	return grammar.Read(ctx, src, func(tree *treesitter.Tree) *language.Facts {
//		for i := range tree.Nodes {
//			switch tree.Nodes[i].Kind {
//			case kindIf: …
//
// Names in double quotes are anonymous nodes: keywords, operators, punctuation.
// Anonymous nodes that are not listed are left out of the tree.
//
// The nodes stand in source order, each before what is below it. Node i holds
// the nodes i+1 up to, not including, Nodes[i].Next; so a walk is a loop over
// a slice, skipping a subtree is an assignment, and depth costs no stack. Keep
// per-scope state in a slice that grows and shrinks on the way, or with [Walk];
// going up by Parent at every node is quadratic for deeply nested input.
//
// The whole tree crosses from C in one call, which is why this package calls
// the C library itself: the Go API costs several calls a node, and it keeps
// the options of every parse that can be cancelled for ever.
package treesitter

/*
#cgo CFLAGS: -std=c11 -O2
#include "reader.h"
*/
import "C"

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	tree_sitter "github.com/tree-sitter/go-tree-sitter"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// MaxBytes is the longest source that is read. The analysis skips files long
// before; this keeps memory bounded for every other caller. The syntax tree of
// a byte can take a hundred bytes.
const MaxBytes = 16 << 20

// ErrTooLong says that the source is longer than MaxBytes.
var ErrTooLong = fmt.Errorf("source is longer than %d MiB", MaxBytes>>20)

// ErrTooHard says that the parser gave up: the text needs far more work than
// source code of its length does.
var ErrTooHard = errors.New("source takes too long to parse")

// budget is how much one parse may use. A bound in work, not in seconds, ends a
// parse at the same point on every machine.
type budget struct {
	steps  uint64 // hundreds of parse steps
	chunks uint64 // pieces of C.RF_CHUNK bytes that the lexer reads
	memory uint64 // bytes held at one time
	copies uint64 // bytes asked for, all in all
}

// budgetFor allows several times what real source of that length uses: see
// TestBudgetLeavesRoom.
func budgetFor(length int) budget {
	n := uint64(length)
	return budget{steps: 10_000 + n/4, chunks: 20_000 + n/C.RF_CHUNK*64, memory: 64<<20 + n*400, copies: 128<<20 + n*1500}
}

var ownMemory = sync.OnceFunc(func() { C.rf_own_memory() })

// Grammar reads one language. It is safe for concurrent use and holds nothing
// that would have to be closed: every parse makes a parser of the C library,
// which is not safe for concurrent use, and frees it. That costs no time that
// could be measured, and it makes what a parse may use the same whatever was
// parsed before.
type Grammar struct {
	language *tree_sitter.Language
	kinds    []Kind
	fields   []Field
}

// NewGrammar prepares the grammar that a binding's Language function returns,
// with the names of the kinds and fields that the caller reads, each at the
// index of the caller's constant. Kind and field 0 stay unnamed. A name that
// the grammar does not have is an error.
func NewGrammar(binding unsafe.Pointer, kinds, fields []string) (*Grammar, error) {
	ownMemory()
	g := &Grammar{language: tree_sitter.NewLanguage(binding)}
	var errs []error
	g.kinds, errs = translateKinds(g.language, kinds)
	var more []error
	g.fields, more = translateFields(g.language, fields)
	if errs = append(errs, more...); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return g, nil
}

// MustGrammar is NewGrammar for names that are constants: it panics where one is
// wrong. Only a change of the program can lead there, and the first test of the
// language finds it.
func MustGrammar(binding unsafe.Pointer, kinds, fields []string) *Grammar {
	g, err := NewGrammar(binding, kinds, fields)
	if err != nil {
		panic(fmt.Sprintf("treesitter: %v", err))
	}
	return g
}

func translateKinds(lang *tree_sitter.Language, names []string) ([]Kind, []error) {
	own := make(map[string]Kind, len(names))
	for kind, name := range names {
		if name != "" {
			own[name] = Kind(kind)
		}
	}
	table := make([]Kind, lang.NodeKindCount())
	seen := map[string]bool{}
	for id := range table {
		name, named := lang.NodeKindForId(uint16(id)), lang.NodeKindIsNamed(uint16(id))
		if !named {
			name, table[id] = `"`+name+`"`, dropped
		}
		if kind, ok := own[name]; ok {
			table[id], seen[name] = kind, true
		}
	}
	var errs []error
	for _, name := range names {
		if name != "" && !seen[name] {
			errs = append(errs, fmt.Errorf("the grammar has no node %s", name))
		}
	}
	return table, errs
}

func translateFields(lang *tree_sitter.Language, names []string) ([]Field, []error) {
	table := make([]Field, lang.FieldCount()+1)
	var errs []error
	for field, name := range names {
		if name == "" {
			continue
		}
		id := lang.FieldIdForName(name)
		if id == 0 {
			errs = append(errs, fmt.Errorf("the grammar has no field %s", name))
			continue
		}
		table[id] = Field(field)
	}
	return table, errs
}

// Read parses src and returns the facts that read takes from its tree, with
// Broken set when the file has syntax errors. The tree is valid during read
// only. Strings of the facts must be copies, never parts of tree.Source: see
// [Tree.Text]. A panic in read comes back as an error.
func (g *Grammar) Read(ctx context.Context, src []byte, read func(*Tree) *language.Facts) (facts *language.Facts, err error) {
	tree, err := g.Parse(ctx, src)
	if err != nil {
		return nil, err
	}
	defer tree.Close()
	defer func() {
		// The last resort: one odd file must not end an analysis of thousands.
		if r := recover(); r != nil {
			facts, err = nil, fmt.Errorf("reading the syntax tree: %v", r)
		}
	}()
	facts = read(tree)
	facts.Broken = facts.Broken || tree.Broken
	return facts, nil
}

// Parse parses src; the caller closes the tree. It fails with ErrTooLong,
// ErrTooHard or ctx's error.
func (g *Grammar) Parse(ctx context.Context, src []byte) (*Tree, error) {
	if len(src) > MaxBytes {
		return nil, ErrTooLong
	}
	text := Normalise(src)
	return g.parse(ctx, text, budgetFor(len(text)))
}

func (g *Grammar) parse(ctx context.Context, text []byte, allowed budget) (*Tree, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	parser := C.rf_new((*C.TSLanguage)(unsafe.Pointer(g.language.Inner)))
	if parser == nil {
		return nil, fmt.Errorf("the grammar's ABI version %d is not supported", g.language.AbiVersion())
	}
	defer C.rf_delete(parser)
	cancel := new(uint32)
	if ctx.Done() != nil {
		stop := context.AfterFunc(ctx, func() { atomic.StoreUint32(cancel, 1) })
		defer stop()
	}
	parsed := C.rf_parse(parser, (*C.char)(unsafe.Pointer(unsafe.SliceData(text))), C.uint32_t(len(text)), //nolint:gosec // at most 3·MaxBytes
		C.rf_budget{C.uint64_t(allowed.steps), C.uint64_t(allowed.chunks), C.uint64_t(allowed.memory), C.uint64_t(allowed.copies)}, (*C.uint32_t)(unsafe.Pointer(cancel)))
	if parsed.tree == nil {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return nil, ErrTooHard
	}
	tree := &Tree{Source: text, Broken: bool(parsed.has_error), Nodes: takeNodes(int(parsed.descendants))}
	g.flatten(parsed.tree, tree)
	return tree, nil
}

func (g *Grammar) flatten(from *C.TSTree, tree *Tree) {
	nodes := tree.Nodes[:cap(tree.Nodes)]
	n := C.rf_flatten(from,
		(*C.uint16_t)(unsafe.Pointer(unsafe.SliceData(g.kinds))), C.uint32_t(len(g.kinds)), //nolint:gosec // fewer than 65,536
		(*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(g.fields))), C.uint32_t(len(g.fields)), //nolint:gosec // fewer than 65,536
		(*C.rf_node)(unsafe.Pointer(unsafe.SliceData(nodes))), C.uint32_t(len(nodes)))
	tree.Nodes = nodes[:n]
}

// Describe returns the tree as an S-expression, for tests and for finding out
// what a grammar makes of a piece of source: every named node, after the field
// that it is in its parent.
func (g *Grammar) Describe(src []byte) string {
	parser := tree_sitter.NewParser()
	defer parser.Close()
	if err := parser.SetLanguage(g.language); err != nil {
		return err.Error()
	}
	tree := parser.Parse(Normalise(src), nil)
	defer tree.Close()
	cursor := tree.Walk()
	defer cursor.Close()
	var b strings.Builder
	describe(&b, cursor)
	return b.String()
}

func describe(b *strings.Builder, cursor *tree_sitter.TreeCursor) {
	named := cursor.Node().IsNamed()
	if named {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		if field := cursor.FieldName(); field != "" {
			b.WriteString(field + ": ")
		}
		b.WriteString("(" + cursor.Node().Kind())
	}
	if cursor.GotoFirstChild() {
		for more := true; more; more = cursor.GotoNextSibling() {
			describe(b, cursor)
		}
		cursor.GotoParent()
	}
	if named {
		b.WriteByte(')')
	}
}
