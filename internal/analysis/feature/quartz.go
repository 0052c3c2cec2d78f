package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Quartz of Java and of .NET: classes that are jobs. The schedule is that of the
// only trigger in a file that makes only this job.

var quartzRules = []rule{
	{framework: "Quartz", languages: []string{"Java", "Kotlin", "C#"}, read: readQuartz},
}

var quartzBases = map[string]bool{"Job": true, "InterruptableJob": true, "StatefulJob": true, "QuartzJobBean": true, "IJob": true, "IInterruptableJob": true}

func readQuartz(s *scan) {
	for k := range s.Facts.Declares {
		d := &s.Facts.Declares[k]
		c := jvmClass{s.file, int32(k)}
		if d.Kind == language.KindType && s.m.isWork(c, quartzBases, importing("org.quartz", "org.springframework.scheduling.quartz", "Quartz")) {
			handler := d.Name
			s.job(report.Job{Name: d.Name, Kind: kindScheduled, Handler: &handler, Schedule: s.m.quartzSchedules()[d.Name]}, d.Line)
		}
	}
}

// isWork reports whether a class is one of some bases, by itself or by what it
// extends in the tree, and no base of others: what these have in common is no
// job of its own. The file that names the base has to be of the library.
func (m *model) isWork(c jvmClass, bases map[string]bool, library func(*file) bool) bool {
	if d := c.declaration(); len(d.Bases) == 0 || strings.HasPrefix(d.Name, "Abstract") {
		return false
	}
	for _, of := range m.family(c) {
		for _, base := range of.declaration().Bases {
			if bases[lastPHP(base)] && library(of.file) {
				return !m.isExtended(c)
			}
		}
	}
	return false
}

// isExtended reports whether a class of the tree extends a class.
func (m *model) isExtended(c jvmClass) bool {
	if m.bases == nil {
		m.bases = map[string][]jvmClass{}
		for n := range m.files {
			f := &m.files[n]
			if f.Facts == nil || f.Test || f.Aside {
				continue
			}
			for k := range f.Facts.Declares {
				for _, base := range f.Facts.Declares[k].Bases {
					name := lastPHP(base)
					m.bases[name] = append(m.bases[name], jvmClass{f, int32(k)})
				}
			}
		}
	}
	// A class may have the name of the one that it extends.
	return slices.ContainsFunc(m.bases[c.declaration().Name], func(by jvmClass) bool {
		of, ok := m.typeNamed(by.file, c.declaration().Name)
		return by != c && (!ok || of == c)
	})
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
