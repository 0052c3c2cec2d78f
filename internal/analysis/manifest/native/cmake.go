package native

import (
	"regexp"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
)

// command is a command of CMake's: a name and words up to the closing bracket.
var command = regexp.MustCompile(`(?i)\b(set|project|add_executable|set_target_properties)\s*\(([^()]*)\)`)

// comment is the rest of a line after a hash.
var comment = regexp.MustCompile(`(?m)#.*$`)

// readCMake reads add_executable, with the variables that set gives values and
// the names that OUTPUT_NAME gives.
func readCMake(s *script, content string) []evidence.Program {
	commands := command.FindAllStringSubmatch(comment.ReplaceAllString(content, ""), maxWords)
	renamed := setVariables(s, commands)
	var out []evidence.Program
	for _, m := range commands {
		if words := strings.Fields(m[2]); strings.EqualFold(m[1], "add_executable") && len(words) > 1 {
			name := s.name(words[0])
			list := strings.FieldsFunc(s.expand(strings.Join(words[1:], " ")), func(c rune) bool { return c == ' ' || c == ';' || c == '\t' || c == '\n' })
			if p, ok := s.program(name, list); ok {
				if other := renamed[name]; programName.MatchString(other) {
					p.Name = other
				}
				out = append(out, p)
			}
		}
	}
	return out
}

// setVariables gives variables their values, and returns the names that programs
// are given beside those of their targets.
func setVariables(s *script, commands [][]string) map[string]string {
	renamed := map[string]string{}
	for _, m := range commands {
		words := strings.Fields(m[2])
		if len(words) < 2 && !strings.EqualFold(m[1], "project") || len(words) == 0 {
			continue
		}
		switch strings.ToLower(m[1]) {
		case "set":
			s.values[words[0]] = append(s.values[words[0]], strings.Join(words[1:], " "))
		case "project":
			s.values["PROJECT_NAME"] = append(s.values["PROJECT_NAME"], words[0])
		case "set_target_properties":
			for i, w := range words[:len(words)-1] {
				if w == "OUTPUT_NAME" {
					renamed[s.name(words[0])] = s.name(strings.Trim(words[i+1], `"`))
				}
			}
		}
	}
	return renamed
}

var (
	mesonList       = regexp.MustCompile(`(\w+)\s*\+?=\s*(?:files\s*\(\s*)?\[?((?:\s*'[^'\n]*'\s*,?)+)`)
	mesonExecutable = regexp.MustCompile(`\bexecutable\s*\(\s*'([^'\n]+)'\s*,((?:[^()]|\([^()]*\))*)\)`)
	mesonText       = regexp.MustCompile(`'([^'\n]*)'`)
	mesonName       = regexp.MustCompile(`\b[A-Za-z_]\w*\b`)
)

// readMeson reads executable('name', sources …), with lists that have a name.
func readMeson(s *script, content string) []evidence.Program {
	content = comment.ReplaceAllString(content, "")
	for _, m := range mesonList.FindAllStringSubmatch(content, maxWords) {
		s.values[m[1]] = append(s.values[m[1]], mesonTexts(m[2])...)
	}
	var out []evidence.Program
	for _, m := range mesonExecutable.FindAllStringSubmatch(content, maxPrograms) {
		words := mesonTexts(m[2])
		for _, name := range mesonName.FindAllString(mesonText.ReplaceAllString(m[2], ""), maxWords) {
			words = append(words, s.values[name]...)
		}
		if p, ok := s.program(m[1], words); ok {
			out = append(out, p)
		}
	}
	return out
}

func mesonTexts(list string) []string {
	var out []string
	for _, m := range mesonText.FindAllStringSubmatch(list, maxWords) {
		out = append(out, m[1])
	}
	return out
}
