package cite

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// Words that are each other's opposite turn a sentence as a "not" does: what is
// enabled is not disabled. A denial before one makes it the other.

// opposition is a pair of opposites. Where keyed it says something of the words
// behind it alone: any user, no user.
type opposition struct {
	taken, against *lazyregexp.Regexp
	keyed          bool
}

func words(list string) *lazyregexp.Regexp {
	return lazyregexp.New(`(?i)(?:^|[^\w-])(` + strings.ReplaceAll(list, " ", `\s+`) + `)(?:$|[^\w-])`)
}

var oppositions = []opposition{
	{words(`enabled?|enables|enabling|turned on|switched on|turns on|active|activated`), words(`disabled?|disables|disabling|turned off|switched off|turns off|inactive|deactivated`), false},
	{words(`required|requires?|mandatory|compulsory|needed|necessary`), words(`optional|optionally|unnecessary`), false},
	{words(`allowed|allows?|permitted|permits?`), words(`forbidden|forbids?|prohibited|prohibits?|disallowed|disallows?|denied|denies|deny`), false},
	{words(`can|could|able to`), words(`cannot|can not|can't|can’t|could not|couldn't|unable to`), false},
	{words(`accepted|accepts?`), words(`rejected|rejects?|refused|refuses?`), false},
	{words(`always`), words(`never`), false},
	{words(`valid`), words(`invalid`), false},
	{words(`any|every|each|all`), words(`no|none of the|not any`), true},
}

var (
	denier     = lazyregexp.New(`(?i)(?:\b(?:not|never|no longer|neither|nor|hardly|isn't|aren't|wasn't|weren't|doesn't|don't|didn't|won't|cannot|can't|mustn't|needn't|without being)|\bno)(?:\s+[\w']+){0,1}\s*$`)
	condition  = lazyregexp.New(`(?i)\b(only (?:if|when|where|while)|if|when|where|unless|except (?:if|when|where)|provided that|as long as)\b`)
	isUnless   = lazyregexp.New(`(?i)^(?:unless|except)`)
	mainDenial = lazyregexp.New(`(?i)\b(?:not|never|cannot|no|nobody|none)\b|n['’]t\b`)
)

// adverse is what a denial makes its opposite.
var adverse = lazyregexp.New(`(?i)^\s+(?:be\s+|been\s+)?(?:disabled?|inactive|deactivated|optional|unnecessary|forbidden|prohibited|disallowed|denied|rejected|refused|invalid)\b`)

// pole is on which side of a pair of opposites a text is, and of what.
type pole struct {
	side int // 1 or -1; 0 where it has both
	of   []string
}

// polesOf are the sides that a text takes, by the place of the pair; those of
// conditions behind them.
func (c *Checker) polesOf(text string) map[int]pole {
	out := map[int]pole{}
	put := func(at, side int, of []string) {
		if known, is := out[at]; is && known.side != side {
			side = 0
		}
		out[at] = pole{side, append(slices.Clone(out[at].of), of...)}
	}
	for i := range oppositions {
		o := &oppositions[i]
		for side, form := range map[int]*lazyregexp.Regexp{1: o.taken, -1: o.against} {
			for _, at := range form.FindAllStringSubmatchIndex(text, 4) {
				turned, before := side, text[:at[2]]
				if clause := clauseEnd.FindAllStringIndex(before, -1); len(clause) > 0 {
					before = before[clause[len(clause)-1][1]:]
				}
				if denier.MatchString(before) && !o.keyed {
					turned = -side
				}
				if partOfAName(text, at[2], at[3], "") {
					continue
				}
				put(i, turned, c.firstTerms(text[at[3]:], 1))
			}
		}
	}
	for _, at := range condition.FindAllStringIndex(text, 3) {
		side := 1
		if isUnless.MatchString(text[at[0]:at[1]]) {
			side = -1
		}
		main := text[:at[0]]
		if strings.TrimSpace(main) == "" { // Unless it is set, nothing is done.
			if _, behind, cut := strings.Cut(text[at[1]:], ","); cut {
				main = behind
			}
		}
		if len(mainDenial.FindAllString(main, -1))%2 == 1 {
			side = -side
		}
		put(len(oppositions), side, c.firstTerms(text[at[1]:], 3))
	}
	return out
}

// opposed reports whether the sentence that a claim is of takes the other side of
// a pair of opposites, and none that is as near to the claim takes its side.
func opposed(all []*unit, poles map[int]pole, own []string) bool {
	for at, p := range poles {
		if p.side == 0 {
			continue
		}
		with, against := 0.0, 0.0
		for _, u := range all {
			theirs, is := u.poles[at]
			if !is {
				continue
			}
			keyed := at == len(oppositions) || oppositions[at].keyed
			if keyed && overlaps(p.of, theirs.of) == 0 {
				continue
			}
			part := share(u.terms, own)
			switch theirs.side {
			case -p.side:
				against = max(against, part)
			default:
				with = max(with, part)
			}
		}
		if against >= ofOpposites && with < asWell*against {
			return true
		}
	}
	return false
}

// sided reports whether a sentence takes a side that a claim takes with a denial:
// what is optional is not required.
func sided(all []*unit, poles map[int]pole, own []string) bool {
	for at, p := range poles {
		if at == len(oppositions) || oppositions[at].keyed || p.side >= 0 {
			continue
		}
		for _, u := range all {
			if theirs, is := u.poles[at]; is && theirs.side == p.side && share(u.terms, own) >= ofOpposites {
				return true
			}
		}
	}
	return false
}

// ofOpposites is which part of a claim a sentence must have: less than elsewhere,
// since the opposites themselves are not shared.
const ofOpposites = 0.5
