package java

import (
	"bytes"
	"regexp"
)

// variableArity is an annotation between a type and the dots of a parameter
// with a variable number of arguments: Object @Nullable ... args.
var variableArity = regexp.MustCompile(`@[\pL_$][\pL\pN_$]*(?:\.[\pL_$][\pL\pN_$]*)*(\s*\.\.\.)`)

// readable returns source with those annotations taken out, since the grammar
// does not know them and would lose the method. They stay on their lines.
func readable(src []byte) []byte {
	if !bytes.Contains(src, []byte("...")) {
		return src
	}
	return variableArity.ReplaceAll(src, []byte("$1"))
}
