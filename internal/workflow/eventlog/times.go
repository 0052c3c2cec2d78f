package eventlog

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// parseISO reads a time as ISO 8601 and XML Schema write it: a date, then T or
// a blank and the time of day, with any number of digits behind the second,
// then Z or an offset. What is missing of a time of day is 0; without an offset
// the time is in zone.
func parseISO(s string, zone *time.Location) (time.Time, bool) {
	if len(s) < len("2006-01-02") || s[4] != '-' || s[7] != '-' {
		return time.Time{}, false
	}
	year, month, day := number(s[:4]), number(s[5:7]), number(s[8:10])
	if year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return time.Time{}, false
	}
	hour, minute, second, micro := 0, 0, 0, 0
	rest := s[10:]
	if rest != "" && (rest[0] == 'T' || rest[0] == 't' || rest[0] == ' ') {
		if len(rest) < len("T15:04") || rest[3] != ':' {
			return time.Time{}, false
		}
		hour, minute, rest = number(rest[1:3]), number(rest[4:6]), rest[6:]
		if len(rest) >= 3 && rest[0] == ':' {
			second, rest = number(rest[1:3]), rest[3:]
			micro, rest = fraction(rest)
		}
		// A leap second is the last of its minute here, as in Go and in databases.
		if second == 60 {
			second = 59
		}
		if hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || micro < 0 {
			return time.Time{}, false
		}
	}
	offset, given, ok := offsetOf(strings.TrimPrefix(rest, " "))
	if !ok {
		return time.Time{}, false
	}
	if !given && zone != time.UTC {
		return checked(time.Date(year, time.Month(month), day, hour, minute, second, micro*1000, zone).UTC())
	}
	seconds := (daysSince1970(year, month, day)*24+hour)*3600 + minute*60 + second - offset
	return checked(time.Unix(int64(seconds), int64(micro)*1000).UTC())
}

// inYears reports whether RFC 3339 can say a time, which has to be in UTC.
func inYears(t time.Time) bool { return t.Year() >= 1 && t.Year() <= 9999 }

// takenYears is what a message says of a time that is none of them.
const takenYears = "the years 1 to 9999 are taken, in UTC"

// checked returns a time and whether it is one that is taken.
func checked(t time.Time) (time.Time, bool) { return t, inYears(t) }

// number returns the number that only digits make, -1 for anything else.
func number(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return -1
		}
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// fraction reads what stands behind a second, to the microsecond; the rest is
// cut off.
func fraction(s string) (micro int, rest string) {
	if s == "" || s[0] != '.' && s[0] != ',' {
		return 0, s
	}
	i, scale := 1, 100_000
	for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		micro += int(s[i]-'0') * scale
		scale /= 10
	}
	if i == 1 {
		return -1, s
	}
	return micro, s[i:]
}

// offsetOf reads Z, +02:00, +0200 or +02, in seconds east of UTC.
func offsetOf(s string) (seconds int, given, ok bool) {
	if s == "" {
		return 0, false, true
	}
	if s == "Z" || s == "z" || s == "UTC" || s == "GMT" {
		return 0, true, true
	}
	if s[0] != '+' && s[0] != '-' {
		return 0, false, false
	}
	digits := s[1:]
	if len(digits) == len("02:00") && digits[2] == ':' {
		digits = digits[:2] + digits[3:]
	}
	hours, minutes := -1, 0
	switch len(digits) {
	case 2:
		hours = number(digits)
	case 4:
		hours, minutes = number(digits[:2]), number(digits[2:])
	}
	if hours < 0 || hours > 18 || minutes < 0 || minutes > 59 {
		return 0, false, false
	}
	seconds = hours*3600 + minutes*60
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, true, true
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// daysSince1970 counts days of the Gregorian calendar, by the algorithm
// days_from_civil of Howard Hinnant's paper on dates.
func daysSince1970(year, month, day int) int {
	if month <= 2 {
		year--
	}
	era := year / 400
	yearOfEra := year - era*400
	dayOfYear := (153*((month+9)%12)+2)/5 + day - 1
	return era*146_097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - 719_468
}

// Times that are stated by a word.
const (
	FormatISO    = "iso"
	FormatUnix   = "unix"
	FormatUnixMS = "unix_ms"
)

// reading reads a time in one of the ways in which files write it.
type reading struct {
	name  string // as timestamp_format says it
	parse func(s string, zone *time.Location) (time.Time, bool)
}

// checkFormat returns how a timestamp_format reads times: iso, unix, unix_ms, or
// a pattern of strptime(3) such as %d/%m/%Y %H:%M.
func checkFormat(format string) (reading, error) {
	for _, r := range []reading{isoReading, unixReading(FormatUnix, time.Second), unixReading(FormatUnixMS, time.Millisecond)} {
		if r.name == format {
			return r, nil
		}
	}
	layout, err := layoutOf(format)
	if err != nil {
		return reading{}, err
	}
	return reading{format, func(s string, zone *time.Location) (time.Time, bool) {
		t, err := time.ParseInLocation(layout, s, zone)
		if err != nil { // an offset may be written without a colon
			t, err = time.ParseInLocation(strings.ReplaceAll(layout, "Z07:00", "Z0700"), s, zone)
		}
		if err != nil {
			return t, false
		}
		return checked(t.UTC().Truncate(time.Microsecond))
	}}, nil
}

// CheckFormat fails when a timestamp_format is none.
func CheckFormat(format string) error {
	_, err := checkFormat(format)
	return err
}

// directives are those of strptime(3) as Go's layouts have them. The forms
// without a leading zero read both.
var directives = map[byte]string{
	'Y': "2006", 'y': "06", 'm': "1", 'd': "2", 'e': "2", 'H': "15", 'I': "3", 'M': "4", 'S': "5", 'p': "PM",
	'b': "Jan", 'h': "Jan", 'B': "January", 'a': "Mon", 'A': "Monday", 'z': "Z07:00", 'Z': "MST", 'j': "002",
	'F': "2006-1-2", 'T': "15:4:5", 'R': "15:4", 'D': "1/2/06", 'n': " ", 't': " ", '%': "%",
}

func layoutOf(format string) (string, error) {
	// What stands for itself must not be what Go's layouts take for something.
	if literal := directive.ReplaceAllString(format, ""); literal == format || meaningful.MatchString(literal) {
		return "", fmt.Errorf("%s is not written as strptime has it, as %%d/%%m/%%Y %%H:%%M is; iso, unix and unix_ms are taken, too", quoted(format))
	}
	var layout strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			layout.WriteByte(format[i])
			continue
		}
		i++
		if i < len(format) && format[i] == 'f' {
			// Go reads a fraction behind the second by itself.
			kept := strings.TrimSuffix(strings.TrimSuffix(layout.String(), "."), ",")
			if kept == layout.String() || !strings.HasSuffix(kept, "5") {
				return "", fmt.Errorf("%s has %%f elsewhere than behind %%S", quoted(format))
			}
			layout.Reset()
			layout.WriteString(kept)
			continue
		}
		if i >= len(format) || directives[format[i]] == "" {
			return "", fmt.Errorf("%s holds a directive that is not known: use %%Y %%m %%d %%H %%M %%S %%f %%p %%I %%b %%B %%z and the like", quoted(format))
		}
		layout.WriteString(directives[format[i]])
	}
	text := layout.String()
	if !strings.Contains(text, "06") && !strings.Contains(text, "2006") {
		return "", fmt.Errorf("%s has no year: write iso, unix, unix_ms, or a pattern of strptime such as %%d/%%m/%%Y %%H:%%M", quoted(format))
	}
	return text, nil
}

var (
	directive  = regexp.MustCompile(`%.`)
	meaningful = regexp.MustCompile(`[0-9]|Jan|Mon|MST|PM|pm`)
)

var isoReading = reading{FormatISO, parseISO}

// unixReading reads seconds or milliseconds since 1970.
func unixReading(name string, unit time.Duration) reading {
	return reading{name, func(s string, _ *time.Location) (time.Time, bool) {
		n, err := strconv.ParseFloat(s, 64)
		if err != nil || !(n >= 0 && n*unit.Seconds() < 253_402_300_800) { // nor NaN
			return time.Time{}, false
		}
		whole := int64(n)
		if unit == time.Millisecond {
			return time.UnixMicro(int64(n * 1000)).UTC(), true
		}
		return time.Unix(whole, int64((n-float64(whole))*1e6)*1000).UTC(), true
	}}
}

// dates are the ways to write a date that are looked for when nobody says which
// it is, besides those of parseISO. A dot stands between days, months and years
// where the day comes first.
var dates = []struct{ name, layout string }{
	{"%d/%m/%Y", "2/1/2006"}, {"%m/%d/%Y", "1/2/2006"}, {"%d-%m-%Y", "2-1-2006"}, {"%m-%d-%Y", "1-2-2006"},
	{"%d.%m.%Y", "2.1.2006"}, {"%Y/%m/%d", "2006/1/2"}, {"%Y.%m.%d", "2006.1.2"}, {"%Y-%m-%d", "2006-1-2"},
	{"%d/%m/%y", "2/1/06"}, {"%m/%d/%y", "1/2/06"}, {"%d.%m.%y", "2.1.06"},
	{"%d-%b-%Y", "2-Jan-2006"}, {"%d %b %Y", "2 Jan 2006"}, {"%b %d, %Y", "Jan 2, 2006"}, {"%d/%b/%Y", "2/Jan/2006"}, {"%d/%b/%y", "2/Jan/06"},
	{"%B %d, %Y", "January 2, 2006"}, {"%d %B %Y", "2 January 2006"},
}

// clocks are the times of day that may stand behind a date.
var clocks = []string{"15:4:5", "15:4", "3:4:5 PM", "3:4 PM", ""}

// dateReading reads one way to write a date with any time of day behind it.
func dateReading(name, layout string) reading {
	return reading{name, func(s string, zone *time.Location) (time.Time, bool) {
		for _, clock := range clocks {
			for _, between := range []string{" ", "T", ", "} {
				whole := layout
				if clock != "" {
					whole += between + clock
				}
				for _, behind := range []string{"", "Z07:00", " Z07:00", " -0700", "-0700"} {
					if t, err := time.ParseInLocation(whole+behind, s, zone); err == nil {
						return checked(t.UTC().Truncate(time.Microsecond))
					}
				}
				if clock == "" {
					break
				}
			}
		}
		return time.Time{}, false
	}}
}

// sample is of some times of a file how they stand there, and in which lines.
type sample struct {
	texts []string
	lines []int
}

// detect returns how the times of a sample are written. It fails when no way
// fits them, and when several do that read another time out of them.
func (s *sample) detect(zone *time.Location) (reading, *Fault) {
	all := []reading{isoReading}
	for _, d := range dates {
		all = append(all, dateReading(d.name, d.layout))
	}
	all = append(all, unixReading(FormatUnixMS, time.Millisecond), unixReading(FormatUnix, time.Second))
	// One that reads the most is right, even when some rows are faulty.
	best, most, differ := []reading{}, 0, 0
	var first []time.Time
	for _, r := range all {
		times, n := readAll(r, s.texts, zone)
		if n > most {
			best, most, first = []reading{r}, n, times
		} else if at := differing(times, first); n == most && n > 0 && at >= 0 {
			if len(best) == 1 {
				differ = at
			}
			best = append(best, r)
		}
	}
	if numeric(best) { // seconds of today are milliseconds of January 1970
		return byMagnitude(s.texts, best), nil
	}
	switch len(best) {
	case 0:
		return reading{}, s.fault(0, "%s, which is written in a way that is not known: say which by timestamp_format, such as %%d/%%m/%%Y %%H:%%M")
	case 1:
		return best[0], nil
	}
	return reading{}, s.fault(differ, "%s, which can be read as %s and as %s: say which by timestamp_format, such as %s", best[0].name, best[1].name, best[0].example())
}

func (s *sample) fault(at int, format string, args ...any) *Fault {
	return &Fault{Line: s.lines[at], Issue: fmt.Sprintf(format, append([]any{quoted(s.texts[at])}, args...)...)}
}

// example is what a timestamp_format may be that reads such times.
func (r reading) example() string {
	if strings.HasPrefix(r.name, "%") {
		return r.name + " %H:%M"
	}
	return r.name
}

// differing returns the first place where two ways read another time; -1 is none.
func differing(times, others []time.Time) int {
	for i := range others {
		if !times[i].Equal(others[i]) {
			return i
		}
	}
	return -1
}

// readAll reads the times of a sample; what cannot be read is zero.
func readAll(r reading, sample []string, zone *time.Location) (times []time.Time, n int) {
	for _, s := range sample {
		t, ok := r.parse(s, zone)
		if ok {
			n++
		} else {
			t = time.Time{}
		}
		times = append(times, t)
	}
	return times, n
}

func numeric(best []reading) bool {
	return len(best) == 2 && best[0].name == FormatUnixMS && best[1].name == FormatUnix
}

// byMagnitude tells milliseconds from seconds: ten digits are seconds until the
// year 2286.
func byMagnitude(sample []string, best []reading) reading {
	if n, err := strconv.ParseFloat(sample[0], 64); err == nil && n < 1e11 {
		return best[1]
	}
	return best[0]
}
