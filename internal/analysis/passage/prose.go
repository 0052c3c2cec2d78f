package passage

import (
	"path"
	"strings"

	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

var (
	roffBreak = lazyregexp.New(`^[.'](?:\s*(?:PP|P|LP|Pp|TP|IP|HP|sp|br|RS|RE|nf|fi|in|It|Bl|El|Bd|Ed|TQ)\b.*)?$`)
	roffDrop  = lazyregexp.New(`^[.'](?:\\"|\s*(?:TH|SH|SS|Sh|Ss|Dt|Dd|Os|de|ds|nr|if|ie|el|so|ad|hy|nh|na|ne|ll|ft)\b)`)
	roffMacro = lazyregexp.New(`^[.']\s*[A-Za-z]{1,3}\s+`)
	adocDrop  = lazyregexp.New(`^(?:={1,6}[ \t]+\S|:[\w-]+!?:|\[[^\]]*\]\s*$|(?:ifdef|ifndef|endif|include|toc)::|//)`)
	podDrop   = lazyregexp.New(`^=\w+`)
	podSpan   = lazyregexp.New(`[A-Z]<+\s?([^<>]*?)\s?>+`)
	orgDrop   = lazyregexp.New(`^(?:\*+[ \t]|[ \t]*#\+|[ \t]*:[A-Z_]+:)`)
)

// Prose is a part of a document, of a format whose marks stand in lines of their
// own, without these and without its headings. Of Markdown, reStructuredText and
// plain text it is the text as it is.
func Prose(file, text string) string {
	var drop *lazyregexp.Regexp
	switch ext := strings.ToLower(path.Ext(file)); {
	case ext == ".adoc" || ext == ".asciidoc":
		drop = adocDrop
	case ext == ".org":
		drop = orgDrop
	case ext == ".pod":
		drop = podDrop
	case IsManual(file):
		return roffProse(text)
	default:
		return text
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if drop.MatchString(line) {
			lines[i] = ""
		}
	}
	text = strings.Join(lines, "\n")
	if drop == podDrop {
		text = podSpan.ReplaceAllString(text, "$1")
	}
	return text
}

func roffProse(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		switch {
		case roffDrop.MatchString(line) || roffBreak.MatchString(line):
			line = ""
		default:
			line = roffMacro.ReplaceAllString(line, "")
		}
		lines[i] = roffQuote.Replace(roffFont.ReplaceAllString(line, ""))
	}
	return strings.Join(lines, "\n")
}
