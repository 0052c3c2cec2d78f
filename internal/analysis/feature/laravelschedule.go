package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Laravel's scheduler: the facade Schedule in routes/console.php, and what has
// the type Schedule in the console's kernel, in bootstrap/app.php and in
// providers. A closure that Artisan::command makes may have a schedule too.

const (
	scheduleFacade = `Illuminate\Support\Facades\Schedule`
	scheduleType   = `Illuminate\Console\Scheduling\Schedule`
)

// speaksSchedule reports whether a file can schedule anything.
func speaksSchedule(f *file) bool {
	return inRoutes(f.Path) || importing(scheduleFacade, scheduleType, artisanClosures)(f)
}

func readLaravelSchedule(s *scan) {
	facade := s.speaksFacade("Schedule", scheduleFacade)
	typed := importing(scheduleType)(s.file)
	closures := s.speaksFacade("Artisan", artisanClosures)
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		if inv.On >= 0 || len(inv.Args) == 0 {
			continue
		}
		if name, ok := s.commandClosure(i); ok && closures {
			if when := s.laravelFrequency(i); when != "" {
				s.job(report.Job{Name: name, Kind: kindScheduled, Schedule: &when}, int(inv.Line))
			}
			continue
		}
		if facade && lastName(inv.Receiver) == "Schedule" || typed && s.isSchedule(i) {
			s.laravelJob(i, inv)
		}
	}
}

// isSchedule reports whether what an invocation is called on is a parameter of
// the type Schedule, of a block around it or of its function.
func (s *scan) isSchedule(i int32) bool {
	inv := &s.Facts.Invocations[i]
	is := func(p parameter) bool { return p.name == inv.Receiver && lastPHP(p.typ) == "Schedule" }
	if inv.Receiver == "" || slices.ContainsFunc(s.parameters(inv.Function), is) {
		return inv.Receiver != ""
	}
	for range maxDepth {
		within, argument := s.Facts.Invocations[i].Within, s.Facts.Invocations[i].Argument
		if within < 0 {
			break
		}
		if args := s.Facts.Invocations[within].Args; int(argument) < len(args) && args[argument].Kind == language.ArgFunction &&
			slices.ContainsFunc(takenParameters(args[argument].Text), is) {
			return true
		}
		i = within
	}
	return false
}

func (s *scan) laravelJob(i int32, inv *language.Invocation) {
	j := report.Job{Kind: kindScheduled}
	target := &inv.Args[0]
	switch inv.Name {
	case "command", "exec":
		j.Name = strings.Join(strings.Fields(target.Text), " ")
		if class, ok := strings.CutSuffix(target.Text, "::class"); ok && target.Kind == language.ArgName {
			j.Name = s.classAround(i, lastPHP(class))
			j.Handler = &j.Name
		} else if target.Kind != language.ArgString {
			return
		}
	case "job", "call":
		if h := s.scheduled(target); h != "" {
			j.Name, j.Handler = h+s.givenText(target), &h
		} else if target.Kind == language.ArgFunction {
			j.Name = s.scheduleName(i)
		}
	default:
		return
	}
	if j.Name == "" || len(j.Name) > maxPathBytes {
		return
	}
	if when := s.laravelFrequency(i); when != "" {
		j.Schedule = &when
	}
	s.job(j, int(inv.Line))
}

// givenText is the text that an object is made with, behind a space: one class may
// run many commands.
func (s *scan) givenText(target *language.Argument) string {
	if target.Kind != language.ArgCall || target.Call < 0 {
		return ""
	}
	made := &s.Facts.Invocations[target.Call]
	if !made.New || len(made.Args) == 0 || made.Args[0].Kind != language.ArgString || made.Args[0].Text == "" {
		return ""
	}
	return " " + made.Args[0].Text
}

// classAround is the class that a command schedules itself by: static, self.
func (s *scan) classAround(i int32, class string) string {
	if class != "static" && class != "self" {
		return class
	}
	if fn := s.Facts.Invocations[i].Function; fn >= 0 {
		return ownerName(s.Facts.Functions[fn].Name)
	}
	return ""
}

// scheduled is what is run: an object, a class with a method, or one that is
// called itself; "" for a function that is written there.
func (s *scan) scheduled(a *language.Argument) string {
	if a.Kind == language.ArgCall {
		if a.Call >= 0 && s.Facts.Invocations[a.Call].New {
			return s.Facts.Invocations[a.Call].Name
		}
		return ""
	}
	pair := *a
	if pair.Kind == language.ArgMap { // [Cleaner::class, 'sweep'] has no keys
		pair.Kind = language.ArgList
	}
	return s.phpHandler(&pair, "").name
}

// scheduleName is what a closure is called by name() or description().
func (s *scan) scheduleName(i int32) string {
	for _, option := range s.following(i) {
		if called := &s.Facts.Invocations[option]; called.Name == "name" || called.Name == "description" {
			if text, ok := s.text(option, 0); ok {
				return text
			}
		}
	}
	return "closure"
}

// laravelFrequency is when something runs, in the words of the calls that say
// it: those on the call itself, and those of the groups around it before them.
func (s *scan) laravelFrequency(i int32) string {
	parts := s.frequencyWords(s.following(i))
	for range maxDepth {
		if i = s.Facts.Invocations[i].Within; i < 0 {
			break
		}
		var above []int32
		for on := s.Facts.Invocations[i].On; on >= 0 && s.Facts.Invocations[i].Name == "group"; on = s.Facts.Invocations[on].On {
			above = append([]int32{on}, above...)
		}
		parts = append(s.frequencyWords(above), parts...)
	}
	return strings.Join(parts, " ")
}

func (s *scan) frequencyWords(calls []int32) []string {
	var parts []string
	for _, at := range calls {
		inv := &s.Facts.Invocations[at]
		if !isFrequency(inv.Name) {
			continue
		}
		if inv.Name != "cron" {
			parts = append(parts, inv.Name)
		}
		for k := range inv.Args {
			if a := &inv.Args[k]; a.Kind == language.ArgString || a.Kind == language.ArgLiteral {
				parts = append(parts, a.Text)
			}
		}
	}
	return parts
}

// frequencies are the calls that say when something runs, but for those that
// begin with every.
var frequencies = map[string]bool{
	"cron": true, "hourly": true, "hourlyAt": true, "daily": true, "dailyAt": true, "at": true, "twiceDaily": true, "twiceDailyAt": true, "weekly": true, "weeklyOn": true,
	"monthly": true, "monthlyOn": true, "twiceMonthly": true, "lastDayOfMonth": true, "quarterly": true, "quarterlyOn": true, "yearly": true, "yearlyOn": true,
	"weekdays": true, "weekends": true, "mondays": true, "tuesdays": true, "wednesdays": true, "thursdays": true, "fridays": true, "saturdays": true, "sundays": true,
	"days": true, "between": true, "unlessBetween": true,
}

func isFrequency(name string) bool { return strings.HasPrefix(name, "every") || frequencies[name] }
