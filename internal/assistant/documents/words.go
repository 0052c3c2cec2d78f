package documents

import (
	"maps"
	"strings"
	"unicode"
)

// keyOf is a term as it is compared: its words, in the singular.
func keyOf(term string) string {
	words := wordsOf(strings.Join(parts(term), " "))
	for i, w := range words {
		words[i] = singular(w)
	}
	return strings.Join(words, "")
}

func singular(w string) string {
	switch {
	case len(w) < 4 || strings.HasSuffix(w, "ss") || strings.HasSuffix(w, "us") || strings.HasSuffix(w, "is"):
		return w
	case strings.HasSuffix(w, "ies"):
		return strings.TrimSuffix(w, "ies") + "y"
	case strings.HasSuffix(w, "ses") || strings.HasSuffix(w, "xes") || strings.HasSuffix(w, "ches"):
		return strings.TrimSuffix(w, "es")
	}
	return strings.TrimSuffix(w, "s")
}

// parts are the words of a name in code: PluginConf is plugin and conf.
func parts(name string) []string {
	var out []string
	var word []rune
	runes := []rune(name)
	flush := func() {
		if len(word) > 0 {
			out = append(out, string(word))
		}
		word = nil
	}
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
			continue
		case unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]) && unicode.IsUpper(runes[i-1])):
			flush()
		}
		word = append(word, r)
	}
	flush()
	return out
}

// words is a name as a person says it: PluginConf is plugin conf.
func words(name string) string {
	out := parts(name[strings.LastIndexByte(name, '.')+1:])
	for i, w := range out {
		if strings.ToUpper(w) != w || len(w) == 1 {
			out[i] = strings.ToLower(w)
		}
	}
	s := strings.Join(out, " ")
	if s == "" {
		return name
	}
	first := []rune(s)
	return strings.ToUpper(string(first[:1])) + string(first[1:])
}

// roleWords end names of what programs are built of, whatever they are about.
var roleWords = wordSet(`controller handler service manager helper util utils factory builder provider config configuration options option opts params param args arg props state context ctx
	error errors err exception request response req res test tests mock stub fixture base abstract impl interface wrapper adapter middleware router route routes server client store repository
	module component view page layout dialog button form input field list item table row column icon menu tab modal panel card hook reducer action actions selector serializer deserializer
	validator parser formatter logger log logging migration schema seed spec suite runner main app application program command cmd cli flags flag version build info data type types kind enum constants
	const value values key keys map set array string number int bool func function callback event listener result results output input reader writer buffer stream loader iterator visitor node
	mixin trait concern decorator filter mapper job worker task queue cache session mailer api http url path file dir folder index db database sql query tx conn connection pool lock mutex`)

// genericWords are no terms by themselves.
var genericWords = func() map[string]bool {
	out := wordSet(`get set new add remove delete update create make find list load save read write open close start stop run init setup handle process parse format render show hide on off is has can should to from with without by for of in at
		and or not all any each first last next prev previous current default custom common shared internal external public private local global static dynamic simple basic
		name id uid uuid title description text label content body header footer time date timestamp created updated deleted at status count total size length width height max min limit offset
		sort string object entity record model self this that it async await sync ok fail success true false nil null none empty
		test spec check assert expect before after each json xml yaml html css js ts md csv toml env log debug print util src lib pkg cmd bin web ui core extra misc
		up down left right top bottom start end begin finish use using used change apply execute call invoke send receive fetch put post patch head copy move merge split join convert transform encode decode
		validate valid invalid verify require required ensure exist exists match compare equal diff hash raw temp tmp old original source target destination input output result attribute attributes property
		method class struct param params parent child children root leaf node level depth element row col cell line char word byte bit
		generate generated build builder calculate compute register unregister enable disable enabled disabled allow deny show display print visit walk scan search index number integer float double bool boolean array slice vector list map dict tuple
		error errors warning info code prefix suffix begin ctx err fn cb args kwargs options config settings setting helper helpers migration migrations render component components`)
	maps.Copy(out, roleWords)
	return out
}()

func wordSet(list string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		out[singular(w)] = true
	}
	return out
}

// generic reports whether a name is of programs and not of a domain: all of its
// words are, or the last one is a role and one other at most is none.
func generic(name string) bool {
	list := parts(name[strings.LastIndexByte(name, '.')+1:])
	if len(list) == 0 || len([]rune(name)) < 3 {
		return true
	}
	own := 0
	for _, w := range list {
		if w = singular(strings.ToLower(w)); !genericWords[w] && len(w) > 2 && !isDigits(w) {
			own++
		}
	}
	last := singular(strings.ToLower(list[len(list)-1]))
	return own == 0 || len(list) > 1 && roleWords[last] || len(list) > 4
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// plainWords are of everyday language and of programs; they mean nothing special.
var plainWords = wordSet(`when then else more less many much some such only also just very well good best most over under into onto upon than them they there their these those what which while whose about above again because both down during few further here once other same very
	able back base been being come does done each even give goes have help high keep kind know like line long look made main make mark more move much need once open part play same seem side sign site stay step such sure take tell than that then them they this time turn type upon used very view want well went were what when with work year
	action active add address after amount apply attach available avoid base batch before between bind block bottom break bulk button callback cancel change choose clean clear click clone collect color command compact complete condition connect constant consume contain context control
	count cycle data decide deep deploy detail detect direct directory disable display document down draw drop dump duplicate edit empty enter escape exact exclude expand expect expire export extend extract factor final finally fix flag flush focus follow force forward full
	guard handle hidden hint hook host ignore image import include increment initial inject inline inner insert inspect install instance iterate join label large launch lazy leave link listen live load lock loop lower main manual mark mask match measure medium member memory mode monitor mount
	multi multiple native normal normalize notify observe once only operation order outer override pack pad pair parallel partial pass path pause pick pipe plain platform point poll pop port position possible prepare present primary priority proc profile progress prompt proxy pull push
	quick quote random range rate reach ready real reason recent record recover redirect reduce reference refresh reject relative release reload remain rename repeat replace reply report reset resize resolve resource restore resume retry return reverse revert rotate round rule
	safe sample scale schedule script second section secure select separate sequence serial serialize share short signal single skip sleep slot small snapshot sort special stack stage standard static store strict strip style submit subset sum supported swap switch symbol system tail take target template
	term initialize perform assign constructor support throw timeout timer toggle token tool track trigger trim truncate unique unit unknown unlock until upload upper valid variant verbose version wait warn watch weak weight width window wrap wrapper write yield zero zone`)
