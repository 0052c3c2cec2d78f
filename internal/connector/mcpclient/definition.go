package mcpclient

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Kind says whether a tool reads or writes.
type Kind string

// The kinds. What cannot be told is a write.
const (
	KindRead  Kind = "read"
	KindWrite Kind = "write"
)

// Tool is a tool as a server defines it.
type Tool struct {
	Name        string
	Title       string
	Description string // as people may read it: without invisible characters
	Kind        Kind
	Used        bool // by a profile of ours
	Hash        string
	Definition  json.RawMessage // canonical: what the hash is of

	input, output schema
}

// schema is what matters of a JSON schema here.
type schema struct {
	Properties map[string]property `json:"properties"`
	Required   []string            `json:"required"`
	raw        json.RawMessage
}

type property struct {
	Type  any   `json:"type"`
	Enum  []any `json:"enum"`
	Const any   `json:"const"`
}

const (
	maxTools       = 2000
	maxToolName    = 128
	maxDefinition  = 256 << 10 // bytes of one definition
	maxDefinitions = 16 << 20  // bytes of all
)

// defined is what of a tool is hashed: all that a model or a client goes by.
// encoding/json writes the keys of maps in order, so that equal definitions
// have equal bytes whatever order a server sends.
type defined struct {
	Name         string               `json:"name"`
	Title        string               `json:"title,omitempty"`
	Description  string               `json:"description,omitempty"`
	Annotations  *mcp.ToolAnnotations `json:"annotations,omitempty"`
	InputSchema  any                  `json:"inputSchema,omitempty"`
	OutputSchema any                  `json:"outputSchema,omitempty"`
}

// newTool takes a definition apart. Its error is a sentence about the tool
// that holds nothing of it.
func newTool(t *mcp.Tool, profile []Signature) (Tool, error) {
	if t.Name == "" || len(t.Name) > maxToolName || strings.ContainsFunc(t.Name, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return Tool{}, fmt.Errorf("a tool's name is not one to %d visible ASCII characters", maxToolName)
	}
	text, err := json.Marshal(defined{t.Name, t.Title, t.Description, t.Annotations, t.InputSchema, t.OutputSchema})
	if err != nil || len(text) > maxDefinition {
		return Tool{}, fmt.Errorf("a tool's definition is no JSON or longer than %d bytes", maxDefinition)
	}
	sum := sha256.Sum256(text)
	tool := Tool{
		Name: t.Name, Title: Visible(t.Title), Description: Visible(t.Description), Kind: kindOf(t),
		Hash: hex.EncodeToString(sum[:]), Definition: text, input: schemaOf(t.InputSchema), output: schemaOf(t.OutputSchema),
	}
	for _, s := range profile {
		if s.fits(tool) {
			tool.Used, tool.Kind = true, KindRead
		}
	}
	return tool, nil
}

func schemaOf(v any) (s schema) {
	if v == nil {
		return s
	}
	text, err := json.Marshal(v)
	if err != nil || json.Unmarshal(text, &s) != nil {
		return schema{} // it knows no arguments: no signature fits it
	}
	s.raw = text
	return s
}

// Verbs that tell a tool's kind by its name. A tool that says of itself that
// it only reads is not believed when its name says otherwise.
var (
	writing = []string{
		"accept", "add", "approve", "archive", "assign", "attach", "cancel", "clear", "close", "comment", "commit", "copy", "create", "delete", "deploy", "disable",
		"dismiss", "edit", "enable", "execute", "fork", "import", "invite", "link", "lock", "mark", "merge", "move", "notify", "patch", "play", "post", "publish", "push",
		"put", "rebase", "remove", "rename", "reopen", "reply", "request", "rerun", "reset", "resolve", "restore", "retry", "revert", "run", "save", "send", "set", "star",
		"start", "stop", "submit", "subscribe", "toggle", "transition", "trigger", "unassign", "unlink", "unlock", "unsubscribe", "update", "upload", "watch", "write",
	}
	reading = []string{"count", "describe", "discover", "download", "export", "fetch", "find", "get", "list", "lookup", "query", "read", "search", "show", "verify", "view", "whoami"}
)

func kindOf(t *mcp.Tool) Kind {
	words := strings.FieldsFunc(spaced(t.Name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	has := func(verbs []string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(verbs, w) })
	}
	switch {
	case t.Annotations != nil && t.Annotations.DestructiveHint != nil && *t.Annotations.DestructiveHint && !t.Annotations.ReadOnlyHint,
		has(writing):
		return KindWrite
	case t.Annotations != nil && t.Annotations.ReadOnlyHint, has(reading):
		return KindRead
	}
	return KindWrite
}

// spaced parts the words of camelCase and makes them small.
func spaced(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// Visible returns a text without what a reader cannot see: control characters
// except line breaks, and characters of no width or that turn the direction,
// with which a definition can say one thing to people and another to a model.
func Visible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), r == unicode.ReplacementChar,
			r >= 0xFE00 && r <= 0xFE0F, r >= 0xE0100 && r <= 0xE01EF, r == 0x034F, r == 0x115F, r == 0x1160, r == 0x3164:
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
}

// Signature is a call that a vendor's folder knows how to make: a tool by its
// name, and the arguments that its definition has to have.
type Signature struct {
	Name string
	Args []string          // that are sent
	With map[string]string // arguments that are always sent, with their value: method=get_reviews
}

// fits reports whether a tool is the one that a signature means: it takes all
// the arguments, allows the values, and asks for none that is not known.
func (s Signature) fits(t Tool) bool {
	if t.Name != s.Name {
		return false
	}
	for _, arg := range s.Args {
		if _, known := t.input.Properties[arg]; !known {
			return false
		}
	}
	for arg, value := range s.With {
		p, known := t.input.Properties[arg]
		if !known || len(p.Enum) > 0 && !slices.Contains(p.Enum, any(value)) || p.Const != nil && p.Const != any(value) {
			return false
		}
	}
	return !slices.ContainsFunc(t.input.Required, func(arg string) bool {
		_, fixed := s.With[arg]
		return !fixed && !slices.Contains(s.Args, arg)
	})
}

// arguments joins what is always sent with what is sent this time.
func (s Signature) arguments(args map[string]any) map[string]any {
	all := make(map[string]any, len(args)+len(s.With))
	for name, v := range s.With {
		all[name] = v
	}
	for name, v := range args {
		if slices.Contains(s.Args, name) {
			all[name] = v
		}
	}
	return all
}
