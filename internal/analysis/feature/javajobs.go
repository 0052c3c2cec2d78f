package feature

import (
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// listeners are the annotations of methods that wait for messages, with the
// arguments that name what they wait for.
var listeners = map[string][]string{
	"KafkaListener": {"topics", "topicPattern", "", "value"}, "RabbitListener": {"queues", "", "value"}, "JmsListener": {"destination"}, "SqsListener": {"", "value", "queueNames"},
	"Incoming": {"", "value"}, "KafkaTopic": {"", "value"}, "Topic": {"", "value"}, "StreamListener": {"", "value"}, "MessageMapping": {"", "value"}, "PulsarListener": {"topics"},
}

// springJobs reads @Scheduled and listeners, which frameworks of Java share.
func (s *scan) springJobs() {
	for k := range s.Facts.Annotations {
		a := &s.Facts.Annotations[k]
		if a.Declaration < 0 || a.Parameter != "" {
			continue
		}
		name := lastName(a.Name)
		d := &s.Facts.Declares[a.Declaration]
		h := handler{name: lastName(d.Owner) + "." + d.Name}
		if name == "Scheduled" {
			if schedule := s.schedule(a); schedule != "" {
				s.jobOf(jobScheduled, h.name, schedule, "", h, int(a.Line))
			}
			continue
		}
		for _, queue := range s.m.annotationTexts(s.file, a, listeners[name]...) {
			s.jobOf(jobListener, h.name, "", s.m.placeholders(s.file, queue), h, int(a.Line))
		}
	}
}

// schedule is when a method runs, as it is written.
func (s *scan) schedule(a *language.Annotation) string {
	if cron := s.m.annotationTexts(s.file, a, "cron"); len(cron) > 0 {
		return s.m.placeholders(s.file, cron[0])
	}
	for k := range a.Args {
		switch arg := &a.Args[k]; arg.Name {
		case "every", "fixedRate", "fixedDelay", "fixedRateString", "fixedDelayString":
			text := arg.Text
			if arg.Kind == language.ArgOther {
				text = "computed"
			}
			return arg.Name + " " + s.m.placeholders(s.file, text)
		}
	}
	return ""
}

// readPicocli reads @Command(name = "add", subcommands = {…}) on classes and on
// methods, each of which is a command of its class.
func readPicocli(s *scan) {
	for k := range s.Facts.Annotations {
		a := &s.Facts.Annotations[k]
		if lastName(a.Name) != "Command" || a.Declaration < 0 || a.Parameter != "" {
			continue
		}
		d := &s.Facts.Declares[a.Declaration]
		word := first(s.m.annotationTexts(s.file, a, "name"))
		n := s.class(a.Declaration)
		c := command{node: n, word: word, file: s.file, line: int(a.Line)}
		c.found = report.CLICommand{Framework: s.rule.framework, Location: s.location(int(a.Line))}
		if text := strings.Join(s.m.annotationTexts(s.file, a, "description"), " "); text != "" {
			c.found.Description = &text
		}
		handler := d.Name
		if d.Kind == language.KindMethod || d.Kind == language.KindFunction {
			handler, c.runs = lastName(d.Owner)+"."+d.Name, true
			if c.word == "" {
				c.word = d.Name
			}
			if owner, ok := s.m.typeNamed(s.file, d.Owner); ok {
				s.addCommand(s.m.node(key{kind: byClass, file: owner.file.at, at: owner.decl}), n)
			}
		} else {
			c.runs = runsItself(d.Bases)
		}
		c.found.Handler = &handler
		if sub := keyword(a.Args, "subcommands"); sub != nil {
			s.subcommands(n, sub)
		}
		if c.word != "" && len(s.m.found) < maxListed*2 {
			s.m.foundAt[n] = len(s.m.found)
			s.m.found = append(s.m.found, c)
		}
	}
}

// runsItself reports whether a class is one that does something when called.
func runsItself(bases []string) bool {
	for _, b := range bases {
		if name := lastName(b); name == "Runnable" || name == "Callable" {
			return true
		}
	}
	return false
}

func (s *scan) subcommands(parent node, a *language.Argument) {
	list := []language.Argument{*a}
	if a.Kind == language.ArgList {
		list = a.List
	}
	for k := range list {
		if sub, ok := s.m.typeNamed(s.file, strings.TrimSuffix(strings.TrimSuffix(list[k].Text, ".class"), "::class")); ok {
			s.addCommand(parent, s.m.node(key{kind: byClass, file: sub.file.at, at: sub.decl}))
		}
	}
}

// readJPA reads entities with their tables.
func readJPA(s *scan) { s.annotatedModels("Entity", "Table", "name") }

// readDocuments reads documents with their collections.
func readDocuments(s *scan) { s.annotatedModels("Document", "Document", "", "value", "collection") }

func (s *scan) annotatedModels(model, table string, names ...string) {
	for _, c := range s.jvmClasses() {
		a := s.annotation(c.decl, model)
		if a == nil {
			continue
		}
		d := c.declaration()
		out := report.Model{Name: d.Name, Kind: kindModel}
		if fields := s.fieldsOf(c.qualified()); fields > 0 {
			out.Fields = &fields
		}
		if name := first(s.m.annotationTexts(s.file, s.annotation(c.decl, table), names...)); name != "" {
			out.Table = &name
		}
		s.model(out, d.Line)
	}
}
