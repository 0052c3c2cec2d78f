package feature

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// kindScheduled is the kind of jobs that a clock starts.
const kindScheduled = "scheduled"

// readSchedules reads crontabs and the schedules of Vercel. What CI does by the
// clock, it does for those who write the software, and not for those who use it.
func readSchedules(m *model, r *rule) bool {
	found := false
	for i := range m.files {
		f := &m.files[i]
		if f.Content == nil || f.Test {
			continue
		}
		s := m.at(f, r)
		switch name := path.Base(f.Path); {
		case name == "crontab" || strings.HasSuffix(name, ".cron"):
			s.crontab(string(f.Content))
		case name == "vercel.json" && !f.Aside:
			s.vercel()
		default:
			continue
		}
		found = true
	}
	return found
}

// crontab reads lines of five fields, or a name such as @daily, and a command.
func (s *scan) crontab(src string) {
	line := 0
	for text := range strings.Lines(src) {
		line++
		fields := strings.Fields(text)
		n := 5
		if strings.HasPrefix(strings.TrimSpace(text), "@") {
			n = 1
		}
		if len(fields) <= n || strings.HasPrefix(fields[0], "#") || n == 5 && strings.Contains(fields[0], "=") {
			continue
		}
		schedule := strings.Join(fields[:n], " ")
		name := strings.Join(fields[n:], " ")
		if len(name) > maxPathBytes {
			continue
		}
		s.job(report.Job{Name: name, Kind: kindScheduled, Schedule: &schedule}, line)
	}
}

// vercel reads the crons of Vercel: a path that is called.
func (s *scan) vercel() {
	crons := yamlAt(yamlRoot(s.Content), "crons")
	if crons == nil || crons.Kind != yaml.SequenceNode {
		return
	}
	for _, entry := range crons.Content {
		if at, cron := yamlAt(entry, "path"), yamlAt(entry, "schedule"); at != nil && cron != nil {
			s.job(report.Job{Name: "GET " + at.Value, Kind: kindScheduled, Schedule: &cron.Value}, at.Line)
		}
	}
}

// yamlRoot reads a document of YAML or JSON, nil when it is none. Aliases are
// not followed, so that a small document stays small.
func yamlRoot(content []byte) *yaml.Node {
	var doc yaml.Node
	if yaml.Unmarshal(content, &doc) != nil || len(doc.Content) == 0 {
		return nil
	}
	return doc.Content[0]
}

// yamlAt walks down the keys of mappings, nil when one is missing.
func yamlAt(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		if n == nil || n.Kind != yaml.MappingNode {
			return nil
		}
		var next *yaml.Node
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				next = n.Content[i+1]
				break
			}
		}
		n = next
	}
	return n
}

// yamlText is the text of a key, "" for none.
func yamlText(n *yaml.Node, keys ...string) string {
	if n = yamlAt(n, keys...); n != nil && n.Kind == yaml.ScalarNode {
		return n.Value
	}
	return ""
}

// readPrograms makes commands of the programs that packages install: bin of
// package.json, scripts of pyproject.toml.
func readPrograms(m *model, r *rule) bool {
	for _, e := range m.in.EntryPoints {
		at, ok := m.byPath[e.Path]
		if !ok || e.Kind != "program" || strings.Contains(e.Name, " ") || e.Name == path.Base(e.Path) {
			continue
		}
		f := &m.files[at]
		switch f.Language {
		case "Python", "JavaScript", "TypeScript":
			if !f.Test && !f.Aside {
				m.at(f, r).command(report.CLICommand{Name: e.Name}, e.Line)
			}
		}
	}
	return false
}
