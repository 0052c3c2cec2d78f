package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// pythonThings are the rules for what is no endpoint.
var pythonThings = []rule{
	{framework: "Celery", languages: python, concerns: importing("celery"), read: readCelery},
	{framework: "APScheduler", languages: python, concerns: importing("apscheduler", "flask_apscheduler"), read: readAPScheduler},
	{framework: "Click", languages: python, concerns: importing("click", "rich_click", "asyncclick"), read: readClick},
	{framework: "Typer", languages: python, concerns: importing("typer"), read: readClick},
	{framework: "argparse", languages: python, concerns: importing("argparse"), read: readArgparse},
	{framework: "Django", languages: python, concerns: importing("django"), read: readDjangoModels},
	{framework: "Django", languages: python, concerns: isManagementCommand, read: readManagementCommand},
	{framework: "SQLAlchemy", languages: python, read: readSQLAlchemy},
}

// readCelery reads tasks by their decorators, and the schedule of beat.
func readCelery(s *scan) {
	for n := range s.Facts.Annotations {
		a := &s.Facts.Annotations[n]
		if name := lastName(a.Name); (name == "task" || name == "shared_task" || name == "periodic_task") && a.Function >= 0 {
			h := s.decorated(a)
			s.job(report.Job{Name: h.name, Kind: "queue", Queue: textOf(keyword(a.Args, "queue")), Handler: &h.name}, int(a.Line))
		}
	}
	for n := range s.Facts.Invocations {
		inv := &s.Facts.Invocations[n]
		if name := strings.ToLower(lastName(inv.Result)); inv.Name != "=" || name != "beat_schedule" && name != "celery_beat_schedule" && name != "celerybeat_schedule" {
			continue
		}
		for k := range inv.Args[0].List {
			entry := &inv.Args[0].List[k]
			s.job(report.Job{Name: entry.Name, Kind: "scheduled", Handler: textOf(keyword(entry.List, "task")), Schedule: literalOf(keyword(entry.List, "schedule"))}, int(inv.Line))
		}
	}
}

// textOf is the literal text of an argument, nil for none.
func textOf(a *language.Argument) *string {
	if a == nil || a.Kind != language.ArgString {
		return nil
	}
	return &a.Text
}

// literalOf is the text or number of an argument, nil for none.
func literalOf(a *language.Argument) *string {
	if a == nil || a.Kind != language.ArgString && a.Kind != language.ArgLiteral {
		return nil
	}
	return &a.Text
}

// readAPScheduler reads add_job(f, "interval", minutes=5) and its decorator.
func readAPScheduler(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		if target := positional(inv.Args, 0, "func"); inv.Name == "add_job" && target != nil && target.Kind == language.ArgName {
			s.job(report.Job{Name: lastName(target.Text), Kind: "scheduled", Schedule: schedule(inv.Args, 1), Handler: &target.Text}, int(inv.Line))
		}
	}
	for n := range s.Facts.Annotations {
		a := &s.Facts.Annotations[n]
		if name := lastName(a.Name); (name == "scheduled_job" || name == "task" && importing("flask_apscheduler")(s.file)) && a.Function >= 0 {
			h := s.decorated(a)
			s.job(report.Job{Name: h.name, Kind: "scheduled", Schedule: schedule(a.Args, 0), Handler: &h.name}, int(a.Line))
		}
	}
}

// schedule writes a trigger and its numbers as they stand there: interval
// minutes=5.
func schedule(args []language.Argument, at int) *string {
	var parts []string
	if trigger := positional(args, at, "trigger"); trigger != nil && trigger.Kind == language.ArgString {
		parts = append(parts, trigger.Text)
	}
	for k := range args {
		if a := &args[k]; a.Name != "" && a.Name != "id" && a.Name != "name" && a.Name != "trigger" && (a.Kind == language.ArgLiteral || a.Kind == language.ArgString) && a.Text != "True" {
			parts = append(parts, a.Name+"="+a.Text)
		}
	}
	if len(parts) == 0 {
		return nil
	}
	text := strings.Join(parts, " ")
	return &text
}

// readClick reads commands and groups of click, and those of typer. A command
// of a group that stands in the file has the group's name before its own.
func readClick(s *scan) {
	groups := map[string]string{} // names by the functions or variables that hold them
	for n := range s.Facts.Annotations {
		a := &s.Facts.Annotations[n]
		name, above := lastName(a.Name), ownerName(a.Name)
		if name != "command" && name != "group" || a.Function < 0 {
			continue
		}
		h := s.decorated(a)
		title := strings.ReplaceAll(lastName(h.name), "_", "-")
		if text := textOf(positional(a.Args, 0, "name")); text != nil {
			title = *text
		}
		if name == "group" && len(groups[above]) == 0 && above == "click" {
			groups[h.name] = "" // the program itself
			continue
		}
		if prefix := groups[above]; prefix != "" {
			title = prefix + " " + title
		}
		if name == "group" {
			groups[h.name] = title
			continue
		}
		c := report.CLICommand{Name: title, Handler: &h.name}
		if h.doc != "" {
			c.Description = &h.doc
		}
		s.command(c, int(a.Line))
	}
}

// readArgparse reads the parsers that add_parser makes.
func readArgparse(s *scan) {
	for n := range s.Facts.Invocations {
		inv := &s.Facts.Invocations[n]
		if name := textOf(positional(inv.Args, 0, "name")); inv.Name == "add_parser" && name != nil {
			s.command(report.CLICommand{Name: *name, Description: textOf(keyword(inv.Args, "help"))}, int(inv.Line))
		}
	}
}

// readDjangoModels reads the classes that lead to models.Model.
func readDjangoModels(s *scan) {
	if strings.Contains("/"+s.Path, "/migrations/") {
		return
	}
	s.mappers(func(c class, d *language.Declaration) bool {
		return slices.Contains(d.Bases, "models.Model") || slices.Contains(s.m.fullBases(c, maxBases), "models.Model")
	})
}

// readSQLAlchemy reads the classes that name their table, or extend db.Model.
func readSQLAlchemy(s *scan) {
	if !s.near([]string{"django"}, "sqlalchemy", "flask_sqlalchemy", "sqlmodel") {
		return
	}
	s.mappers(func(c class, d *language.Declaration) bool {
		return slices.Contains(d.Bases, "db.Model") || s.m.classField(c, "__tablename__", 0) != ""
	})
}

// mappers lists the classes of a file that are kept in a database.
func (s *scan) mappers(is func(class, *language.Declaration) bool) {
	for k := range s.Facts.Declares {
		d := &s.Facts.Declares[k]
		c := class{s.at, int32(k)}
		if d.Kind != language.KindType || !is(c, d) {
			continue
		}
		m := report.Model{Name: d.Name, Kind: kindModel}
		if table := s.m.classField(c, "__tablename__", 0); table != "" {
			m.Table = &table
		}
		fields := 0
		for e := range s.Facts.Declares {
			if f := &s.Facts.Declares[e]; f.Kind == language.KindField && f.Owner == language.Qualify(d.Owner, d.Name) && !strings.HasPrefix(f.Name, "_") && f.Name != "objects" {
				fields++
			}
		}
		m.Fields = &fields
		s.model(m, d.Line)
	}
}

// fullBases lists what a class extends, as it is written, as far up as it is in
// the tree.
func (m *model) fullBases(c class, depth int) []string {
	f := &m.files[c.file]
	out := slices.Clone(f.Facts.Declares[c.at].Bases)
	if depth == 0 {
		return out
	}
	for _, base := range f.Facts.Declares[c.at].Bases {
		if above := m.classesOf(f, base); len(above) > 0 && above[0] != c && len(out) < maxCandidate {
			out = append(out, m.fullBases(above[0], depth-1)...)
		}
	}
	return out
}
