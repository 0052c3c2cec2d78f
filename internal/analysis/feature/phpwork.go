package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// What PHP programs keep and do besides answering: models of Eloquent and
// entities of Doctrine, queued jobs, commands of the console.

var queueBases = map[string]bool{"ShouldQueue": true}

func readEloquent(s *scan) {
	for k := range s.Facts.Declares {
		d := &s.Facts.Declares[k]
		if d.Kind == language.KindType && d.Owner == "" && extends(d, "Model", "Authenticatable", "Pivot", "MorphPivot") {
			s.model(report.Model{Name: d.Name, Kind: kindModel}, d.Line)
		}
	}
}

// readQueued reads what waits in a queue: jobs, and listeners of events. Mails and
// notifications that are sent from there do nothing of their own.
func readQueued(s *scan) {
	for k := range s.Facts.Declares {
		d := &s.Facts.Declares[k]
		c := jvmClass{s.file, int32(k)}
		if d.Kind != language.KindType || d.Owner != "" || !s.m.isWork(c, queueBases, importing(`Illuminate\Contracts\Queue`)) {
			continue
		}
		family := s.m.family(c)
		if slices.ContainsFunc(family, isMessage) {
			continue
		}
		handles := handling(family)
		switch {
		case strings.Contains(s.Facts.Package, "Listeners"):
			j := report.Job{Name: d.Name, Kind: jobListener}
			if handles != nil {
				if event := parseParameters(handles.Signature, s.Language); len(event) > 0 && event[0].typ != "" {
					name := lastPHP(event[0].typ)
					j.Queue = &name
				}
			}
			s.job(j, d.Line)
		case handles != nil || strings.Contains(s.Facts.Package, "Jobs"):
			j := report.Job{Name: d.Name, Kind: "queue"}
			if queue, ok := c.fieldText("queue"); ok {
				j.Queue = &queue
			}
			s.job(j, d.Line)
		}
	}
}

// isMessage reports whether a class is a mail or a notification.
func isMessage(c jvmClass) bool {
	return slices.ContainsFunc(c.declaration().Bases, func(base string) bool {
		base = lastPHP(base)
		return base == "Mailable" || base == "Notification"
	})
}

// handling is the method that does the work of a job, nil for none.
func handling(family []jvmClass) *language.Declaration {
	for _, of := range family {
		for _, member := range of.members() {
			if d := &of.file.Facts.Declares[member]; d.Kind == language.KindMethod && (d.Name == "handle" || d.Name == "__invoke") {
				return d
			}
		}
	}
	return nil
}

// attributed reports whether a file has an annotation of one of some names.
func attributed(names ...string) func(*file) bool {
	return func(f *file) bool {
		return slices.ContainsFunc(f.Facts.Annotations, func(a language.Annotation) bool { return slices.Contains(names, a.Name) })
	}
}

func readDoctrine(s *scan) {
	table := map[int32]string{}
	seen := map[int32]bool{}
	for k := range s.Facts.Annotations {
		a := &s.Facts.Annotations[k]
		if name := keyword(a.Args, "name"); lastName(a.Name) == "Table" && name != nil && name.Kind == language.ArgString {
			table[a.Declaration] = strings.Trim(name.Text, "`")
		}
	}
	for k := range s.Facts.Annotations {
		a := &s.Facts.Annotations[k]
		if a.Declaration < 0 || seen[a.Declaration] || a.Name != "ORM.Entity" && a.Name != "Entity" || s.Facts.Declares[a.Declaration].Kind != language.KindType {
			continue
		}
		seen[a.Declaration] = true
		d := &s.Facts.Declares[a.Declaration]
		m := report.Model{Name: d.Name, Kind: kindModel}
		if name := table[a.Declaration]; name != "" {
			m.Table = &name
		}
		s.model(m, d.Line)
	}
}

// readConsole reads commands and message handlers that attributes declare.
func readConsole(s *scan) {
	for k := range s.Facts.Annotations {
		a := &s.Facts.Annotations[k]
		if a.Declaration < 0 {
			continue
		}
		d := &s.Facts.Declares[a.Declaration]
		switch a.Name {
		case "AsCommand":
			if slices.ContainsFunc(s.m.family(jvmClass{s.file, a.Declaration}), isArtisan) {
				continue // one of Laravel's
			}
			c := report.CLICommand{}
			if name := keywordOrFirst(a.Args, "name"); name != nil && name.Kind == language.ArgString {
				c.Name, _, _ = strings.Cut(name.Text, "|")
			}
			if text := keyword(a.Args, "description"); text != nil && text.Kind == language.ArgString {
				c.Description = &text.Text
			}
			if c.Name != "" {
				handler := d.Name
				c.Handler = &handler
				s.command(c, d.Line)
			}
		case "AsMessageHandler":
			s.job(report.Job{Name: d.Name, Kind: "queue"}, d.Line)
		}
	}
}

// keywordOrFirst is the argument of a name, or the first without one.
func keywordOrFirst(args []language.Argument, name string) *language.Argument {
	if a := keyword(args, name); a != nil {
		return a
	}
	if len(args) > 0 && args[0].Name == "" {
		return &args[0]
	}
	return nil
}
