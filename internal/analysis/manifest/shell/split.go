package shell

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

// The bounds of what is read and given out. The parser recurses with the
// nesting of a script, so a script is cut well before that could hurt.
const (
	maxScript  = 16 << 10
	maxCommand = 200
	maxLines   = 400
)

// Line is one command of a script.
type Line struct {
	Text    string
	Line    int      // of the script, from 1
	At      string   // the folder that it starts in, from where the script starts; Nowhere when that is not known
	Through []string // the folders that it goes into itself and does not make
}

// expression is what a CI system fills in: ${{ … }}, $(( … )) of a template,
// <% … %>, {{ … }}.
var expression = regexp.MustCompile(`\$\{\{|\{\{|<%|\$\[\[|\$\(\(`)

// secret is a word that a command should not show with its value.
var secret = regexp.MustCompile(`(?i)(pass(word|wd)?|secret|token|api_?key|credential|private_?key)[a-z_]*['"]?\s*[=:]`)

// placeholder is a word that stands for what the reader is to fill in.
var placeholder = regexp.MustCompile(`<[a-zA-Z][\w .-]*>|(?:^| )\.\.\.$|\bYOUR_|/path/to/|\[[A-Z]{3,}\]`)

// overwrites is what writes the settings of whoever runs it anew.
var overwrites = regexp.MustCompile(`(?:(?:^|[^>])>\|?|\btee) ?["']?(?:[^\s"']*/)?\.env(?:\.[\w.]+)?(?:$|[\s"';&|])`)

// quiet are commands that do nothing a newcomer would want to repeat.
var quiet = []string{
	"echo", "printf", "set", "export", "cd", "cat", "pushd", "popd", "exit", "true", "false", "sleep", "test", "[", "[[", "source", ".", "mkdir", "rm", "cp", "mv", "ls", "pwd",
	"touch", "chmod", "chown", "git", "curl", "wget", "grep", "sed", "awk", "tee", "kill", "if", "for", "local", "return", "unset", "trap", "shopt", "umask", "tar", "unzip", "gh", "aws", "gcloud", "which", "read", "date", "find", "head", "tail", "du", "df",
}

// Split cuts a script into the commands that stand for themselves: one line
// each, lines that go on after a backslash joined. Loops, conditions, function
// definitions, here-documents and what a template fills in are left out.
func Split(script string) []Line {
	if len(script) > maxScript {
		script = script[:maxScript]
		script = script[:strings.LastIndexByte(script, '\n')+1]
	}
	script = strings.ReplaceAll(script, "\r\n", "\n")
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(blankExpressions(script)), "")
	if err != nil {
		return splitPlain(script)
	}
	var out []Line
	stands := newPlace()
	for _, stmt := range file.Stmts {
		if len(out) >= maxLines {
			break
		}
		at := stands.at
		stands.step(stmt)
		if text, ok := one(stmt); ok {
			out = append(out, Line{Text: text, Line: int(stmt.Pos().Line()), At: at, Through: stands.foreign()})
		}
	}
	return out
}

// blankExpressions keeps the parser from stumbling over ${{ … }}, and keeps
// the mark by which Clean refuses the command.
func blankExpressions(script string) string {
	return strings.ReplaceAll(script, "${{", "'${{'")
}

// one prints a statement on one line.
func one(stmt *syntax.Stmt) (string, bool) {
	switch stmt.Cmd.(type) {
	case *syntax.CallExpr, *syntax.BinaryCmd, *syntax.TimeClause, *syntax.Subshell:
	default:
		return "", false
	}
	if stmt.Background || stmt.Negated || hasHeredoc(stmt) {
		return "", false
	}
	var buf bytes.Buffer
	if err := syntax.NewPrinter(syntax.SingleLine(true)).Print(&buf, stmt); err != nil {
		return "", false
	}
	return Clean(buf.String())
}

// hasHeredoc reports whether a statement reads text of the script itself, or
// holds more than simple commands.
func hasHeredoc(stmt *syntax.Stmt) bool {
	found := false
	syntax.Walk(stmt, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Redirect:
			found = found || n.Hdoc != nil
		case *syntax.IfClause, *syntax.ForClause, *syntax.WhileClause, *syntax.CaseClause, *syntax.FuncDecl, *syntax.Block:
			found = true
		}
		return !found
	})
	return found
}

// splitPlain reads a script that is no valid shell line by line.
func splitPlain(script string) []Line {
	var out []Line
	stands := newPlace()
	for i, text := range strings.Split(script, "\n") {
		if len(out) >= maxLines {
			break
		}
		if strings.HasSuffix(strings.TrimSpace(text), "\\") {
			continue
		}
		if words := fields(text); len(words) > 0 && words[0] == "cd" {
			stands.call(words[:min(len(words), 2)])
		}
		if text, ok := Clean(text); ok {
			out = append(out, Line{Text: text, Line: i + 1, At: stands.at})
		}
	}
	return out
}

// Clean makes a command fit to be shown as one line, or refuses it: too long,
// several lines, not text, filled in by a template or by the reader, with a
// secret, over somebody's settings, or of no use to repeat.
func Clean(command string) (string, bool) {
	command = strings.TrimSpace(command)
	if command == "" || len(command) > maxCommand || !utf8.ValidString(command) || strings.HasPrefix(command, "#") {
		return "", false
	}
	if strings.IndexFunc(command, func(r rune) bool { return r != '\t' && !unicode.IsPrint(r) }) >= 0 {
		return "", false
	}
	if expression.MatchString(command) || secret.MatchString(command) || placeholder.MatchString(command) || overwrites.MatchString(command) {
		return "", false
	}
	if !strings.ContainsAny(command, `"'`) {
		command = strings.Join(strings.Fields(command), " ")
	}
	return command, useful(command)
}

func useful(command string) bool {
	for _, part := range chain(command) {
		words := program(fields(part))
		if len(words) > 0 && !slices.Contains(quiet, words[0]) {
			return true
		}
	}
	return false
}
