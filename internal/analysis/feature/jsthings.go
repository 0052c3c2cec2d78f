package feature

import (
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// javascriptThings are the rules for what is no endpoint.
var javascriptThings = []rule{
	{framework: "Mongoose", languages: javascript, concerns: importing("mongoose"), read: readMongoose},
	{framework: "Sequelize", languages: javascript, concerns: importing("sequelize"), read: readSequelize},
	{framework: "TypeORM", languages: javascript, concerns: importing("typeorm"), read: readTypeORM},
	{framework: "BullMQ", languages: javascript, concerns: importing("bullmq", "bull"), read: readBull},
	{framework: "cron", languages: javascript, concerns: importing("node-cron", "cron"), read: readCron},
	{framework: "NestJS", languages: javascript, concerns: importing("@nestjs/schedule", "@nestjs/bull", "@nestjs/bullmq"), read: readNestJobs},
	{framework: "commander", languages: javascript, concerns: importing("commander", "yargs"), read: readCommander},
}

// readMongoose reads mongoose.model("User", schema).
func readMongoose(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		name, literal := s.text(i, 0)
		if _, ok := s.from(i, "mongoose"); ok && inv.Name == "model" && literal && len(inv.Args) > 1 {
			s.model(report.Model{Name: name, Kind: kindModel}, int(inv.Line))
		}
	}
}

// readSequelize reads sequelize.define("User", { … }).
func readSequelize(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		if name, ok := s.text(i, 0); ok && inv.Name == "define" && len(inv.Args) > 1 && inv.Args[1].Kind == language.ArgMap {
			fields := len(inv.Args[1].List)
			s.model(report.Model{Name: name, Kind: kindModel, Fields: &fields}, int(inv.Line))
		}
	}
}

// readTypeORM reads classes that are entities.
func readTypeORM(s *scan) {
	for n := range s.Facts.Annotations {
		a := &s.Facts.Annotations[n]
		if a.Name != "Entity" || a.Declaration < 0 {
			continue
		}
		d := &s.Facts.Declares[a.Declaration]
		fields := 0
		for k := range s.Facts.Declares {
			if f := &s.Facts.Declares[k]; f.Kind == language.KindField && f.Owner == language.Qualify(d.Owner, d.Name) {
				fields++
			}
		}
		m := report.Model{Name: d.Name, Kind: kindModel, Fields: &fields}
		if len(a.Args) > 0 {
			m.Table = textOf(&a.Args[0])
		}
		s.model(m, d.Line)
	}
}

// readBull reads the workers of queues.
func readBull(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		name, ok := s.from(i, "bullmq", "bull")
		queue, literal := s.text(i, 0)
		switch {
		case ok && name == "Worker" && inv.New && literal:
			s.job(report.Job{Name: queue, Kind: "queue", Queue: &queue, Handler: s.nameOfHandler(i, 1)}, int(inv.Line))
		case inv.Name == "process" && inv.Receiver != "":
			for _, b := range s.bindings[inv.Receiver] {
				if queue, ok := s.text(b, 0); ok && s.Facts.Invocations[b].New {
					s.job(report.Job{Name: queue, Kind: "queue", Queue: &queue, Handler: s.nameOfHandler(i, len(inv.Args)-1)}, int(inv.Line))
				}
			}
		}
	}
}

// nameOfHandler is the name of argument n, nil when it has none.
func (s *scan) nameOfHandler(i int32, n int) *string {
	args := s.Facts.Invocations[i].Args
	if n < 0 || n >= len(args) || args[n].Kind != language.ArgName {
		return nil
	}
	return &args[n].Text
}

// readCron reads cron.schedule("* * * * *", f) and new CronJob("…", f).
func readCron(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		name, ok := s.from(i, "node-cron", "cron")
		line, literal := s.text(i, 0)
		if !ok || !literal || name != "schedule" && name != "CronJob" || strings.Count(line, " ") < 4 {
			continue
		}
		j := report.Job{Name: line, Kind: "scheduled", Schedule: &line, Handler: s.nameOfHandler(i, 1)}
		if j.Handler != nil {
			j.Name = lastName(*j.Handler)
		}
		s.job(j, int(inv.Line))
	}
}

// readNestJobs reads the decorators of schedules and queues.
func readNestJobs(s *scan) {
	for n := range s.Facts.Annotations {
		a := &s.Facts.Annotations[n]
		if a.Declaration < 0 {
			continue
		}
		h := s.decorated(a)
		j := report.Job{Name: h.name, Handler: &h.name}
		switch a.Name {
		case "Cron", "Interval", "Timeout":
			if j.Kind = "scheduled"; len(a.Args) > 0 {
				j.Schedule = &a.Args[0].Text
			}
		case "Processor", "Process":
			if j.Kind = "queue"; len(a.Args) > 0 {
				j.Queue = textOf(&a.Args[0])
			}
		default:
			continue
		}
		s.job(j, int(a.Line))
	}
}

// readCommander reads program.command("build <dir>"), and that of yargs.
func readCommander(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		text, ok := s.text(i, 0)
		if !ok || inv.Name != "command" || inv.Receiver == "" && inv.On < 0 {
			continue
		}
		if name := strings.Fields(text); len(name) > 0 && name[0] != "*" && name[0] != "$0" && !strings.ContainsAny(name[0][:1], "<[/.") {
			c := report.CLICommand{Name: name[0]}
			if len(inv.Args) > 1 {
				c.Description = textOf(&inv.Args[1])
			}
			s.command(c, int(inv.Line))
		}
	}
}
