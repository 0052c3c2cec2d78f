package history

import (
	"strings"

	"github.com/rampforgeai/rampforge"
)

// mailmap is a parsed .mailmap, with the semantics of gitmailmap(5): addresses
// and names are compared without regard to the case of ASCII letters, a later
// line completes or replaces an earlier one, and a line for one name of an
// address wins over a line for the whole address.
type mailmap map[string]*mapping // by the address in commits

type mapping struct {
	proper rampforge.Signature
	named  map[string]rampforge.Signature // by the name in commits
}

func parseMailmap(content []byte) mailmap {
	m := mailmap{}
	for line := range strings.Lines(string(content)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		name1, email1, rest, ok := cutPerson(line)
		if !ok || email1 == "" {
			continue
		}
		name2, email2, _, ok := cutPerson(rest)
		if ok {
			m.add(rampforge.Signature{Name: name1, Email: email1}, rampforge.Signature{Name: name2, Email: email2})
		} else {
			m.add(rampforge.Signature{Name: name1}, rampforge.Signature{Email: email1})
		}
	}
	return m
}

// cutPerson splits "Name <address> rest".
func cutPerson(s string) (name, email, rest string, ok bool) {
	name, s, ok = strings.Cut(s, "<")
	if !ok {
		return "", "", "", false
	}
	email, rest, ok = strings.Cut(s, ">")
	return strings.TrimSpace(name), email, rest, ok
}

func (m mailmap) add(proper, committed rampforge.Signature) {
	key := lowerASCII(committed.Email)
	e := m[key]
	if e == nil {
		e = &mapping{}
		m[key] = e
	}
	if committed.Name != "" {
		if e.named == nil {
			e.named = map[string]rampforge.Signature{}
		}
		e.named[lowerASCII(committed.Name)] = proper
		return
	}
	if proper.Name != "" {
		e.proper.Name = proper.Name
	}
	if proper.Email != "" {
		e.proper.Email = proper.Email
	}
}

// resolve returns the proper name and address of a person as a commit has it.
func (m mailmap) resolve(p rampforge.Signature) rampforge.Signature {
	e := m[lowerASCII(p.Email)]
	if e == nil {
		return p
	}
	proper, ok := e.named[lowerASCII(p.Name)]
	if !ok {
		proper = e.proper
	}
	if proper.Name != "" {
		p.Name = proper.Name
	}
	if proper.Email != "" {
		p.Email = proper.Email
	}
	return p
}

// lowerASCII leaves all other bytes alone, also those of names that are not
// valid UTF-8.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
