package feature

import (
	"path"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// What Ruby programs keep and do besides answering: models and jobs of Rails,
// workers of Sidekiq, tasks of Rake.

func keepsRecords(f *file) bool {
	return extending("ApplicationRecord", "ActiveRecord::Base")(f)
}

func readRecords(s *scan) {
	for k := range s.Facts.Declares {
		d := &s.Facts.Declares[k]
		if d.Kind != language.KindType || !extends(d, "ApplicationRecord", "ActiveRecord::Base") || d.Name == "ApplicationRecord" {
			continue
		}
		s.model(report.Model{Name: rubyName(d), Kind: kindModel}, d.Line)
	}
}

// rubyName is a class with the modules around it, as Ruby writes it.
func rubyName(d *language.Declaration) string {
	return strings.ReplaceAll(language.Qualify(d.Owner, d.Name), ".", "::")
}

var workerBases = []string{"ApplicationJob", "ActiveJob::Base", "Sidekiq::Job", "Sidekiq::Worker"}

func readWorkers(s *scan) {
	for k := range s.Facts.Declares {
		d := &s.Facts.Declares[k]
		if d.Kind != language.KindType || !extends(d, workerBases...) || d.Name == "ApplicationJob" {
			continue
		}
		j := report.Job{Name: rubyName(d), Kind: "queue"}
		for i := range s.Facts.Invocations {
			inv := &s.Facts.Invocations[i]
			if int(inv.Line) < d.Line || int(inv.Line) > d.EndLine || inv.Function >= 0 || inv.Receiver != "" {
				continue
			}
			if queue, ok := rubyWord(firstArgument(inv)); ok && inv.Name == "queue_as" {
				j.Queue = &queue
			}
			if queue, ok := rubyWord(keyword(inv.Args, "queue")); ok && inv.Name == "sidekiq_options" {
				j.Queue = &queue
			}
		}
		s.job(j, d.Line)
	}
}

func holdsTasks(f *file) bool {
	return path.Ext(f.Path) == ".rake" || path.Base(f.Path) == "Rakefile"
}

// readTasks reads the tasks of Rake that have a block: others only gather.
func readTasks(s *scan) {
	for i := range s.Facts.Invocations {
		inv := &s.Facts.Invocations[i]
		if inv.Name != "task" || inv.Receiver != "" || inv.Function >= 0 || !hasBlock(inv) || len(inv.Args) < 2 {
			continue
		}
		name, ok := rubyWord(&inv.Args[0])
		if inv.Args[0].Name != "" {
			name, ok = inv.Args[0].Name, true
		}
		if !ok {
			continue
		}
		for within, depth := inv.Within, 0; within >= 0 && depth < maxDepth; within, depth = s.Facts.Invocations[within].Within, depth+1 {
			if space, ok := rubyWord(firstArgument(&s.Facts.Invocations[within])); ok && s.Facts.Invocations[within].Name == "namespace" {
				name = space + ":" + name
			}
		}
		c := report.CLICommand{Name: "rake " + name}
		if before := i - 1; before >= 0 && s.Facts.Invocations[before].Name == "desc" {
			if text, ok := rubyWord(firstArgument(&s.Facts.Invocations[before])); ok {
				c.Description = &text
			}
		}
		s.command(c, int(inv.Line))
	}
}
