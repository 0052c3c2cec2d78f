// Package mask takes secrets out of text before it is sent to a model. It knows
// the forms that well-known services give their tokens, private keys,
// credentials in addresses, and values that look random and are assigned to
// names such as password or api_key. It is pure.
//
// A secret is replaced by a marker on the same line, so that lines keep their
// numbers; text that was masked stays as it is when it is masked again.
package mask

import (
	"math"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// rule finds one form of secret. What is masked is the group "s", or all where
// there is none.
type rule struct {
	kind string
	// hints are what one of stands in every text that the rule can match: looking
	// for them is much cheaper than matching.
	hints  []string
	form   *lazyregexp.Regexp
	secret func(value string) bool // nil: every match is one
}

// word is what may not stand right before a token.
const word = `(?:^|[^0-9A-Za-z_])`

func token(kind, hints, form string) rule {
	return rule{kind: kind, hints: strings.Fields(hints), form: lazyregexp.New(word + `(?P<s>` + form + `)`), secret: varied}
}

var rules = []rule{
	{kind: "private key", hints: []string{"PRIVATE KEY"}, form: lazyregexp.New(`-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?P<s>(?s:.*?))(?:-----END|$)`), secret: filled},
	token("AWS key", "AKIA ASIA ABIA ACCA", `(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b`),
	token("GitHub token", "gho_ ghp_ ghs_ ghu_ ghr_", `gh[opsur]_[0-9A-Za-z]{36,}`),
	token("GitHub token", "github_pat_", `github_pat_[0-9A-Za-z_]{60,}`),
	token("GitLab token", "glpat- gldt- glrt- glcbt- glptt- glft- glimt- glagent- glsoat- gloas-", `gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|oas)-[0-9A-Za-z_-]{20,}`),
	token("Slack token", "xox", `xox[abeoprs](?:\.xox[bp])?-[0-9A-Za-z-]{10,}`),
	token("Slack webhook", "hooks.slack.com", `hooks\.slack\.com/services/T[0-9A-Z]+/B[0-9A-Z]+/[0-9A-Za-z]{16,}`),
	token("Google key", "AIza", `AIza[0-9A-Za-z_-]{35}`),
	token("Google token", "ya29", `ya29\.[0-9A-Za-z_-]{20,}`),
	token("Stripe key", "sk_ rk_ whsec_", `(?:sk|rk|whsec)_(?:live_|test_)?[0-9A-Za-z]{24,}`),
	token("API key", "sk-", `sk-[0-9A-Za-z_-]{20,}`), // OpenAI and others after it
	token("RampForge token", "rf_ rfr_", `rfr?_[0-9A-Za-z_-]{32,}`),
	token("npm token", "npm_", `npm_[0-9A-Za-z]{36}`),
	token("PyPI token", "pypi-", `pypi-[0-9A-Za-z_-]{50,}`),
	token("SendGrid key", "SG.", `SG\.[0-9A-Za-z_-]{20,24}\.[0-9A-Za-z_-]{39,50}`),
	token("Twilio key", "SK", `SK[0-9a-f]{32}\b`),
	token("Atlassian token", "ATATT ATCTT ATBB", `AT(?:ATT|CTT|BB)[0-9A-Za-z_=-]{20,}`),
	token("Hugging Face token", "hf_", `hf_[0-9A-Za-z]{34}`),
	token("DigitalOcean token", "dop_v1_ doo_v1_ dor_v1_", `do[opr]_v1_[0-9a-f]{64}`),
	token("Shopify token", "shpat_ shpca_ shppa_ shpss_", `shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}`),
	token("Databricks token", "dapi", `dapi[0-9a-f]{32}`),
	token("Vault token", "hvb. hvs.", `hv[bs]\.[0-9A-Za-z_-]{24,}`),
	token("Telegram token", ":AA", `[0-9]{8,10}:AA[0-9A-Za-z_-]{32,33}`),
	token("Linear key", "lin_", `lin_(?:api|oauth)_[0-9A-Za-z]{32,}`),
	token("JSON web token", "eyJ", `eyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,}`),
	{kind: "storage key", hints: []string{"Key=", "key=", "KEY="}, form: lazyregexp.New(`(?i)(?:account|shared ?access) ?key=(?P<s>[0-9a-z+/]{40,}={0,2})`), secret: varied},
	{kind: "password", hints: []string{"://"}, form: lazyregexp.New(`[A-Za-z][0-9A-Za-z+.-]*://[^\s/:@"'<>\x60]*:(?P<s>[^\s/@"'<>\x60]{3,})@[0-9A-Za-z\[]`), secret: chosen},
	{kind: "credentials", hints: []string{"uthorization", "UTHORIZATION"}, form: lazyregexp.New(`(?i)authorization["']?\s*[:=,]\s*["'\x60]?(?:bearer|basic|token)\s+(?P<s>[0-9a-z+/_.~=:-]{16,})`), secret: random},
}

// The names whose values are secrets, with what may follow the word in a name.
const (
	names  = `(?i)(?:pass(?:word|wd|phrase)|pwd|secret|token|credential|(?:api|access|private|signing|encryption|master|auth|account)[_.-]?key)(?:[_.-]?(?:key|id|value|hash|base64|b64|[0-9]))?`
	quoted = names + `["'\x60]?\s*(?::=|=>|[:=,])\s*(?:[A-Za-z.]+\()?(?:[bru]|@)?["'\x60](?P<s>[^"'\x60\s]{8,})["'\x60]`
	bare   = `(?m)^[ \t]*(?:export |set |ENV |- )?["']?[\w.-]*` + names + `["']?[ \t]*[:=][ \t]*(?P<s>[0-9A-Za-z+/_=.~!@#$%^&*-]{12,})[ \t]*$`
)

var assignments = []rule{
	{kind: "secret", form: lazyregexp.New(quoted), secret: random},
	{kind: "secret", form: lazyregexp.New(bare), secret: random},
}

// hints are in every line that an assignment can match, in lower case.
var hints = []string{"pass", "pwd", "secret", "token", "credential", "key"}

// Text returns a text without the secrets that are found in it, and how many
// they are.
func Text(text string) (string, int) {
	found := 0
	for _, r := range rules {
		if holds(text, r.hints) {
			text = r.apply(text, &found)
		}
	}
	var out strings.Builder
	out.Grow(len(text))
	for line := range strings.Lines(text) {
		if holds(strings.ToLower(line), hints) {
			for _, r := range assignments {
				line = r.apply(line, &found)
			}
		}
		out.WriteString(line)
	}
	return out.String(), found
}

func holds(text string, hints []string) bool {
	return slices.ContainsFunc(hints, func(hint string) bool { return strings.Contains(text, hint) })
}

func (r rule) apply(text string, found *int) string {
	group := 2 * r.form.SubexpIndex("s")
	var out strings.Builder
	done := 0
	for _, at := range r.form.FindAllStringSubmatchIndex(text, -1) {
		from, to := at[group], at[group+1]
		if value := text[from:to]; !masked(value) && r.secret(value) {
			out.WriteString(text[done:from])
			out.WriteString(marker(r.kind, value))
			done = to
			*found++
		}
	}
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

const begin = "[masked "

// marker stands for a value, with as many ends of lines as that has.
func marker(kind, value string) string {
	return begin + kind + "]" + strings.Repeat("\n", strings.Count(value, "\n"))
}

func masked(value string) bool { return strings.Contains(value, begin) }

// filled tells a private key from one that was left out.
func filled(value string) bool { return len(strings.TrimSpace(value)) >= 40 }

// varied tells a token from an example such as ghp_xxxxxxxx.
func varied(value string) bool { return entropy(value) >= 2.5 && !placeholder(value) }

// chosen tells a password in an address from a placeholder.
func chosen(value string) bool { return !placeholder(value) && !plain(value) }

// random tells what a machine made, or somebody who knows how, from names,
// paths and sentences.
func random(value string) bool {
	if placeholder(value) || plain(value) {
		return false
	}
	classes := classesOf(value)
	if len(value) < 16 { // chosen by a person
		return classes >= 3 && entropy(value) >= 2.75
	}
	turns := changes(value)
	return classes >= 2 && entropy(value) >= 3 && turns >= 2 && turns+caseChanges(value) >= len(value)/5
}

// placeholders stand in what is to be filled in, or is filled in by a program.
var placeholders = lazyregexp.New(`(?i)\$\{|\$\(|\{\{|\{[a-z0-9_.]*\}|%[a-z(]|^\$|^<|>$|^\*+$|^x+$|\.\.\.|…|example|sample|your|change.?me|change.?it|place.?holder|dummy|redacted|foobar|test|mock|fake|secret|passw|abcdef|012345|123456|xxxx|process\.env|os\.environ|getenv|::|\(|\)|\[|\]`)

func placeholder(value string) bool { return placeholders.MatchString(value) }

// words are names as programs write them: parts of letters with few digits at
// their ends, separated by what separates names.
var words = lazyregexp.New(`^[@#./\\:_$-]*(?:[A-Za-z]{1,2}|[A-Za-z]?[a-z]{2,}|[A-Z]{2,})(?:[A-Z]?[a-z]+|[A-Z]+)*[0-9]{0,4}(?:[./\\:_,;$@+=!?&%#*~-]+(?:[A-Za-z]+[0-9]{0,4}|[0-9]{1,6})?)*$`)

// plain reports whether a value is made of words. Long runs of letters whose
// case changes all the time are none.
func plain(value string) bool {
	if !words.MatchString(value) {
		return false
	}
	longest := 0
	for _, part := range strings.FieldsFunc(value, func(r rune) bool { return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z') }) {
		longest = max(longest, caseChanges(part)*4-len(part))
	}
	return longest <= 8
}

// caseChanges counts where a small letter follows a big one or the other way.
func caseChanges(s string) int {
	n := 0
	for i := 1; i < len(s); i++ {
		if (s[i] >= 'a') != (s[i-1] >= 'a') {
			n++
		}
	}
	return n
}

func classesOf(value string) int {
	n := 0
	for _, class := range []string{"0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"} {
		if strings.ContainsAny(value, class) {
			n++
		}
	}
	if strings.ContainsAny(value, "!#$%^&*+/=~?@") {
		n++
	}
	return n
}

// changes counts where a digit and something else meet.
func changes(value string) int {
	n := 0
	for i := 1; i < len(value); i++ {
		if digit(value[i]) != digit(value[i-1]) {
			n++
		}
	}
	return n
}

func digit(b byte) bool { return '0' <= b && b <= '9' }

// entropy is Shannon's, in bits for a byte.
func entropy(value string) float64 {
	var counts [256]int
	for i := range len(value) {
		counts[value[i]]++
	}
	sum := 0.0
	for _, n := range counts {
		if n > 0 {
			p := float64(n) / float64(len(value))
			sum -= p * math.Log2(p)
		}
	}
	return sum
}
