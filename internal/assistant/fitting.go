package assistant

import (
	"context"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant/search"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
	"github.com/rampforgeai/rampforge/internal/terms"
)

// fitting is a definition with how well it fits.
type fitting struct {
	definition

	score, covers float64
	extra         int  // terms of its name that are not asked for
	whole         bool // its name says nothing but what is asked for
}

// valuePassages are those in which definitions are looked for.
func (d *dossier) valuePassages(ctx context.Context, m *measure, topic []string) ([]rampforge.Passage, error) {
	seen := map[int64]bool{}
	var out []rampforge.Passage
	add := func(hits []search.Hit) {
		for i := range hits[:min(len(hits), valuePassages)] {
			if !seen[hits[i].ID] {
				seen[hits[i].ID] = true
				out = append(out, hits[i].Passage)
			}
		}
	}
	add(d.hits)
	kinds := []rampforge.PassageKind{rampforge.PassageCode, rampforge.PassageFile, rampforge.PassageDocument, rampforge.PassagePage, rampforge.PassageKnowledge}
	words := strings.Join(topic, " ")
	more := strings.Fields(m.words)
	for _, text := range []string{words + " default config", words + " " + strings.Join(more[:min(len(more), 5)], " "), "const max default " + words} {
		found, err := search.Ask(ctx, d.Store, d.question.Viewer, d.question.Project.ID, search.Question{Text: text, Kinds: kinds})
		if err != nil {
			return nil, err
		}
		for _, t := range found.Terms {
			if _, known := d.rarity[t.Term]; !known {
				d.rarity[t.Term] = t.Rarity
			}
		}
		add(found.Hits)
	}
	return out, nil
}

// fits weighs a definition: whether its name, its line, the comment above and what
// it stands in speak of what is asked for.
func (d *dossier) fits(v definition, m *measure, topic []string) (fitting, bool) {
	f := fitting{definition: v, whole: true}
	_, kind, isNumber := amount(v.value)
	if m.words == ofPorts && !listening(&v, d.asked.text) || v.prose && m.kind != "any" && !strings.ContainsAny(v.value, "0123456789") {
		return f, false
	}
	if v.prose && !v.told && (m.kind == "time" || m.kind == "size") && kind != m.kind {
		return f, false
	}
	if m.kind != "any" && !isNumber || m.kind != "" && m.kind != "any" && kind != "" && kind != m.kind {
		return f, false
	}
	if truth := strings.ToLower(v.value); m.kind == "any" && !v.surely && (nothing[v.value] || truth == "true") && !configFile.MatchString(v.passage.Path) {
		return f, false // a variable that code sets as it runs
	}
	if says := strings.Join(append(append([]string{v.name, v.above, v.beside, v.passage.Symbol}, v.keys...), v.text), " "); wrongBound(d.asked.text, v.name, says) {
		return f, false
	}
	if m.kind == "any" && v.prose && !v.told {
		return f, false
	}
	if m.kind == "any" && !isNumber && counted.MatchString(d.asked.text) {
		return f, false
	}
	measured := map[string]bool{}
	d.splitter.Scan(m.words+" default", func(t terms.Term) bool { measured[t.Text] = true; return true })
	name, above, context := d.set(v.name), d.set(v.above+" "+v.beside), d.set(v.passage.Symbol+" "+v.passage.Title+" "+v.passage.Path)
	if v.prose {
		name = d.set(v.text)
	}
	keys := d.set(strings.Join(append(v.keys, v.within...), " ") + " " + v.passage.Symbol)
	switch {
	case isDocument(&f):
		keys = d.set(v.passage.Title + " " + v.text)
	case configFile.MatchString(v.passage.Path) || inConfig.MatchString(v.passage.Path):
		maps.Copy(keys, d.set(strings.TrimSuffix(path.Base(v.passage.Path), path.Ext(v.passage.Path))))
	}
	for t := range name {
		if !v.prose && !hasAny(topic, t) && !measured[t] && !besides[t] {
			f.whole = false
			f.extra++
		}
	}
	if f.extra > 1 && countOf.MatchString(d.asked.text) {
		return f, false // it counts something else
	}
	sum, all := 0.0, 0.0
	rarest, inName := "", false
	of := 0.0 // the rarity of what the measure is of
	for _, t := range topic {
		if !ofAnything[t] {
			of = max(of, d.rarity[t], 0.1)
		}
	}
	for _, t := range topic {
		if !ofAnything[t] && !hasShort(name, t) && !hasShort(above, t) && !hasShort(keys, t) {
			return f, false // it is of something else
		}
		weight := max(d.rarity[t], 0.1)
		if ofAnything[t] && of > 0 {
			weight = ofMeasure * of
		}
		all += weight
		if rarest == "" || d.rarity[t] > d.rarity[rarest] && (!ofAnything[t] || len(topic) == 1) || ofAnything[rarest] {
			rarest = t
		}
		switch {
		case hasShort(name, t):
			sum += weight
			inName = true
		case hasShort(above, t):
			sum += 0.85 * weight
			inName = true
		case hasShort(keys, t):
			sum += 0.8 * weight
		case f.whole && hasShort(context, t): // what a name is of that says nothing else
			sum += 0.75 * weight
		}
	}
	if !v.prose && len(v.keys) > 0 && !slices.ContainsFunc(topic, func(t string) bool { return !ofAnything[t] && !ofMuch[t] }) && slices.ContainsFunc(v.keys, func(key string) bool {
		return !ofAll.MatchString(key) && !slices.ContainsFunc(topic, func(t string) bool { return hasShort(d.set(key), t) })
	}) {
		return f, false // the host of what, is not said: not that of this
	}
	if of == 0 && !f.whole && !v.prose {
		return f, false // which timeout is asked for, if any, is not said: it is no other one
	}
	if of > 0 && !v.prose && v.beside == "" && !slices.ContainsFunc(topic, func(t string) bool { return !ofAnything[t] && (hasShort(name, t) || hasShort(keys, t)) }) {
		return f, false // a comment tells of much
	}
	f.covers = sum / all
	f.score = f.covers
	isMeasured := func(in map[string]bool) bool {
		for t := range in {
			if measured[t] && t != "default" {
				return true
			}
		}
		return kind != "" && kind == m.kind
	}
	least := leastValue
	switch {
	case m.words == "":
		if !inName {
			return f, false
		}
	case isMeasured(name):
		f.score += 0.3
		if !v.prose && hasShort(name, rarest) {
			least = leastNamed
		}
	case isMeasured(above) && inName:
		f.score += 0.15
	case m.kind == "" && f.whole && inName && f.covers > 0.99: // it is called as what is counted
	default:
		return f, false
	}
	if f.covers < least {
		return f, false
	}
	if !f.whole {
		f.score -= 0.05 * float64(min(len(name), 4))
	}
	switch {
	case v.surely:
		f.score += 0.15
	case v.prose:
		f.score += 0.05
	case v.above != "" || strings.ToUpper(v.name) == v.name || configFile.MatchString(v.passage.Path):
		f.score += 0.1
	}
	if v.weakly {
		f.score -= 0.1
	}
	if nothing[strings.Trim(v.value, "\"'`")] {
		f.score -= 0.2 // it is set later
	}
	return f, true
}

// inConfig is a folder of settings that are written as code.
var inConfig = lazyregexp.New(`(?i)(?:^|/)(?:config|conf|settings)/[^/]+$`)

// listening reports whether a value is a port on which something listens: not one
// that it connects to, unless that is asked for.
func listening(v *definition, question string) bool {
	m := portOf.FindStringSubmatch(strings.Trim(v.value, "\"'`"))
	if m == nil {
		return false
	}
	if port, err := strconv.Atoi(m[1]); err != nil || port < 1 || port > 65535 {
		return false
	}
	if v.prose {
		return v.told && listens.MatchString(v.text) || listensOn.MatchString(v.text)
	}
	where := strings.Join(append([]string{v.name}, v.keys...), " ")
	for _, other := range connects.FindAllString(where, -1) {
		if !strings.Contains(strings.ToLower(question), strings.ToLower(other)) {
			return false
		}
	}
	where += " " + v.above + " " + v.beside + " " + v.passage.Path
	return v.surely && strings.EqualFold(v.name, "port") || container.MatchString(v.passage.Path) || listens.MatchString(strings.Join(strings.FieldsFunc(where, func(r rune) bool { return strings.ContainsRune("_-./", r) }), " "))
}

var (
	portOf    = lazyregexp.New(`^(?:[\w.*\[\]-]*:)?(\d{2,5})$`)
	listens   = lazyregexp.New(`(?i)\b(?:listen\w*|serve[rs]?|bind\w*|compose|dev ?server|runs? (?:on|at)|(?:web|http|app|api|vite|nuxt|puma|gunicorn|uvicorn|redis|nginx)|(?:conf|config|application)(?: ya?ml| toml| conf| properties)?$)\b|\blisten|Server\b`)
	listensOn = lazyregexp.New(`(?i)\b(?:listens?|listening|served?|runs?|running|available) (?:by default )?(?:on|at) (?:port )?\W?(?:[\w.*-]*:)?\d{2,5}\b`)
	connects  = lazyregexp.New(`(?i)ftp|smtp|mail|imap|pop3|database|mysql|mariadb|postgres\w*|pgsql|sqlsrv|mongo\w*|redis|memcached?|ldap|proxy|client|sftp|ssh|remote|mqtt|amqp|rabbit\w*|kafka|elastic\w*|meili\w*|typesense|upstream|peer|sentinel|pusher|debug\w*`)
)

var (
	asksMost  = lazyregexp.New(`(?i)\b(?:max(?:imum)?|upper bound|at most|largest|biggest)\b`)
	asksLeast = lazyregexp.New(`(?i)\b(?:min(?:imum)?|lower bound|at least|smallest)\b`)
	saysMost  = lazyregexp.New(`(?i)max|limit|most|quota|bound|\bcap\b|capacity|upper|up to|exceed|larg|more than`)
	saysLeast = lazyregexp.New(`(?i)(?:^|[^a-z])min(?:imum|[^a-z]|$)|min[A-Z]|least|lower|small|(?:^|[a-z_])Min`)
)

// wrongBound reports whether a question asks for the most, or the least, and a
// definition does not say that it is that.
func wrongBound(question, name, says string) bool {
	most, least := asksMost.MatchString(question), asksLeast.MatchString(question)
	if most == least {
		return false
	}
	if most {
		return !saysMost.MatchString(says) || saysLeast.MatchString(name) && !saysMost.MatchString(name)
	}
	return !saysLeast.MatchString(says) || saysMost.MatchString(name) && !saysLeast.MatchString(name)
}

// nothing are values that say only that there is none yet.
var nothing = map[string]bool{"0": true, "false": true, "nil": true, "null": true, "None": true, "False": true, "-1": true}

// ofAnything are terms that say what is measured and not of what.
var ofAnything = func() map[string]bool {
	out := map[string]bool{}
	for _, t := range terms.NewSplitter().Terms("period interval size timeout duration length count number time limit rate seconds") {
		out[t.Text] = true
	}
	return out
}()

// ofMuch are terms of settings that many things have, and ofAll what holds those of
// the whole.
var ofMuch = func() map[string]bool {
	out := map[string]bool{}
	for _, t := range terms.NewSplitter().Terms("host hostname port url uri address name path user username password key token type mode driver prefix level") {
		out[t.Text] = true
	}
	return out
}()

// countOf asks how many of something there may be.
var countOf = lazyregexp.New(`(?i)\b(?:number|count) of\b|\bhow many\b`)

var ofAll = lazyregexp.New(`(?i)server|app\b|application|main|config|default|setting|option|args|flags|common|global|http|listen|return|services|environment|env\b`)

// counted asks for a number.
var counted = lazyregexp.New(`(?i)\b(number|count|amount|size)\b`)

// besides are terms of names that say nothing of which value it is.
var besides = func() map[string]bool {
	out := map[string]bool{}
	for _, t := range terms.NewSplitter().Terms("default config cfg option opt flag env setting server app value const the") {
		out[t.Text] = true
	}
	return out
}()

// set are the terms of a text.
func (d *dossier) set(text string) map[string]bool {
	out := map[string]bool{}
	d.splitter.Scan(text, func(t terms.Term) bool {
		if !t.Whole {
			out[t.Text] = true
		}
		return true
	})
	return out
}

// hasAny reports whether some terms have one, or what stands for it.
func hasAny(list []string, term string) bool {
	return slices.ContainsFunc(list, func(t string) bool {
		return t == term || slices.Contains(terms.Same(t), term) || len(term) >= 4 && strings.HasPrefix(t, term)
	})
}

// hasShort is has where names write a term in short: pass for password.
func hasShort(in map[string]bool, term string) bool {
	if has(in, term) {
		return true
	}
	for t := range in {
		if len(t) >= 4 && strings.HasPrefix(term, t) {
			return true
		}
	}
	return false
}

// has reports whether a set has a term, or what stands for the same.
func has(in map[string]bool, term string) bool {
	if in[term] {
		return true
	}
	return slices.ContainsFunc(terms.Same(term), func(other string) bool { return in[other] })
}
