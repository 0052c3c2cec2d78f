package feature

import (
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Quartz of Java and of .NET: classes that are jobs. The schedule is that of the
// only trigger in a file that makes only this job.

var quartzRules = []rule{
	{framework: "Quartz", languages: []string{"Java", "Kotlin", "C#"}, concerns: importing("org.quartz", "org.springframework.scheduling.quartz", "Quartz"), read: readQuartz},
}

var quartzBases = map[string]bool{"Job": true, "InterruptableJob": true, "StatefulJob": true, "QuartzJobBean": true, "IJob": true, "IInterruptableJob": true}

func readQuartz(s *scan) {
	for k := range s.Facts.Declares {
		d := &s.Facts.Declares[k]
		if d.Kind != language.KindType {
			continue
		}
		for _, base := range d.Bases {
			if quartzBases[lastName(base)] {
				handler := d.Name
				s.job(report.Job{Name: d.Name, Kind: kindScheduled, Handler: &handler, Schedule: s.m.quartzSchedules()[d.Name]}, d.Line)
				break
			}
		}
	}
}

// quartzSchedules are the schedules by the class of a job, read once.
func (m *model) quartzSchedules() map[string]*string {
	if m.quartz != nil {
		return m.quartz
	}
	m.quartz = map[string]*string{}
	for k := range m.files {
		f := &m.files[k]
		if f.Facts == nil || f.Test || f.Aside || !importing("org.quartz", "Quartz")(f) {
			continue
		}
		var jobs, schedules []string
		for n := range f.Facts.Invocations {
			inv := &f.Facts.Invocations[n]
			if len(inv.Args) == 0 {
				continue
			}
			switch name := strings.ToLower(inv.Name); {
			case name == "newjob" && inv.Args[0].Kind == language.ArgName:
				jobs = append(jobs, lastName(strings.TrimSuffix(strings.TrimSuffix(inv.Args[0].Text, ".class"), "::class")))
			case (name == "cronschedule" || name == "withcronschedule") && inv.Args[0].Kind == language.ArgString:
				schedules = append(schedules, inv.Args[0].Text)
			}
		}
		if len(jobs) == 1 && len(schedules) == 1 {
			m.quartz[jobs[0]] = &schedules[0]
		}
	}
	return m.quartz
}
