package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

var goJobRules = []rule{
	{framework: "cron", languages: []string{"Go"}, concerns: importing("github.com/robfig/cron"), read: readGoCron},
	{framework: "asynq", languages: []string{"Go"}, concerns: importing("github.com/hibiken/asynq"), read: readAsynq},
	{framework: "river", languages: []string{"Go"}, concerns: importing("github.com/riverqueue/river"), read: readRiver},
	{framework: "kafka-go", languages: []string{"Go"}, concerns: importing("github.com/segmentio/kafka-go"), read: readKafkaGo},
	{framework: "NATS", languages: []string{"Go"}, concerns: importing("github.com/nats-io/nats.go"), read: readNATS},
	{framework: "GORM", languages: []string{"Go"}, read: readGORM},
	{framework: "ent", languages: []string{"Go"}, concerns: importing("entgo.io/ent"), read: readEnt},
	{framework: "bun", languages: []string{"Go"}, concerns: importing("github.com/uptrace/bun"), read: readBun},
}

// Kinds of jobs.
const (
	jobScheduled = "scheduled"
	jobQueue     = "queue"
	jobListener  = "listener"
)

// nameOr is the name of a handler, or else another.
func (h handler) nameOr(other string) string {
	if h.name != "" {
		return h.name
	}
	return other
}

func (s *scan) jobOf(kind, name, schedule, queue string, h handler, line int) {
	j := report.Job{Kind: kind, Name: name}
	if schedule != "" {
		j.Schedule = &schedule
	}
	if queue != "" {
		j.Queue = &queue
	}
	if h.name != "" {
		j.Handler = &h.name
	}
	s.job(j, line)
}

// readGoCron reads c.AddFunc("@hourly", f) and c.AddJob(line, job).
func readGoCron(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		if inv.Name != "AddFunc" && inv.Name != "AddJob" || len(inv.Args) < 2 {
			continue
		}
		if line, ok := s.written(i, 0); ok {
			h := s.handler(&inv.Args[1], i)
			if h.name == "" {
				h.name = inv.Args[1].Text // a literal of a type
				if inv.Args[1].Kind == language.ArgFunction {
					h.name = ""
				}
			}
			s.jobOf(jobScheduled, h.nameOr(line), line, "", h, int(inv.Line))
		}
	}
}

// readAsynq reads what asynq's mux handles and what its scheduler registers.
func readAsynq(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		text, ok := s.written(i, 0)
		switch {
		case inv.Name == "NewServeMux" && s.fromModule(inv.Receiver, []string{"github.com/hibiken/asynq"}):
			s.define(s.result(i), "")
		case (inv.Name == "HandleFunc" || inv.Name == "Handle") && len(inv.Args) == 2 && ok && !strings.ContainsAny(text, "/ "):
			s.jobOf(jobQueue, text, "", text, s.handler(&inv.Args[1], i), int(inv.Line))
		case inv.Name == "Register" && len(inv.Args) >= 2 && ok && (strings.HasPrefix(text, "@") || strings.Count(text, " ") >= 4):
			s.jobOf(jobScheduled, text, text, "", handler{}, int(inv.Line))
		}
	}
}

// readRiver reads river.AddWorker(workers, &SendMail{}).
func readRiver(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		if !strings.HasPrefix(inv.Name, "AddWorker") || !s.fromModule(inv.Receiver, []string{"github.com/riverqueue/river"}) || len(inv.Args) < 2 {
			continue
		}
		a := &inv.Args[1]
		name := a.Text
		if a.Kind == language.ArgCall && a.Call >= 0 {
			name = strings.TrimPrefix(s.Facts.Invocations[a.Call].Name, "New")
		}
		if name != "" {
			s.jobOf(jobQueue, name, "", "", handler{}, int(inv.Line))
		}
	}
}

// readKafkaGo reads the topics of readers.
func readKafkaGo(s *scan) {
	for n := range s.Facts.Invocations {
		inv := &s.Facts.Invocations[n]
		if !inv.New || inv.Name != "ReaderConfig" {
			continue
		}
		if topic := keyword(inv.Args, "Topic"); topic != nil {
			if text, ok := s.m.textOf(s.file, topic, maxConstants); ok {
				s.jobOf(jobListener, text, "", text, handler{}, int(inv.Line))
			}
		}
	}
}

// readNATS reads subscriptions.
func readNATS(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		if inv.Name != "Subscribe" && inv.Name != "QueueSubscribe" || len(inv.Args) < 2 {
			continue
		}
		if text, ok := s.written(i, 0); ok {
			s.jobOf(jobListener, text, "", text, s.handler(&inv.Args[len(inv.Args)-1], i), int(inv.Line))
		}
	}
}

// readGORM reads the types that embed gorm.Model or have fields with its tags.
func readGORM(s *scan) {
	s.taggedModels("gorm", "gorm.Model")
}

// readBun reads the types that embed bun.BaseModel, whose tag names the table.
func readBun(s *scan) { s.taggedModels("", "bun.BaseModel") }

// readEnt reads schemas, each a type that embeds ent.Schema.
func readEnt(s *scan) { s.taggedModels("", "ent.Schema") }

func (s *scan) taggedModels(tag, base string) {
	tagged, table := map[string]bool{}, map[string]string{}
	for k := range s.Facts.Annotations {
		a := &s.Facts.Annotations[k]
		if a.Declaration < 0 {
			continue
		}
		d := &s.Facts.Declares[a.Declaration]
		if a.Name == tag && tag != "" && d.Kind == language.KindField {
			tagged[d.Owner] = true
		}
		if a.Name == "bun" && d.Kind == language.KindType && len(a.Args) > 0 {
			if _, name, ok := strings.Cut(a.Args[0].Text, "table:"); ok {
				table[d.Name], _, _ = strings.Cut(name, ",")
			}
		}
	}
	for k := range s.Facts.Declares {
		d := &s.Facts.Declares[k]
		if d.Kind != language.KindType || !tagged[d.Name] && !slices.Contains(d.Bases, base) {
			continue
		}
		model := report.Model{Name: d.Name, Kind: kindModel}
		if fields := s.fieldsOf(d.Name); fields > 0 {
			model.Fields = &fields
		}
		if name := table[d.Name]; name != "" {
			model.Table = &name
		}
		s.model(model, d.Line)
	}
}

// fieldsOf counts the fields of a type.
func (s *scan) fieldsOf(owner string) int {
	n := 0
	for k := range s.Facts.Declares {
		if d := &s.Facts.Declares[k]; d.Kind == language.KindField && d.Owner == owner {
			n++
		}
	}
	return n
}
