package cite

import "github.com/rampforgeai/rampforge/internal/terms"

// light are words with which people speak of any code and ask for it. They say
// nothing of what is spoken about: a passage need not have them.
var light = func() map[string]bool {
	known := map[string]bool{}
	splitter := terms.NewSplitter()
	for _, t := range splitter.Terms(`where what which who whom why how when does code codebase source file files folder function functions method methods class classes
		type types struct module modules package packages component components place part parts line lines repository repo project program app application software
		system find found finds locate located live lives defined define definition declared implement implemented implementation implements handle handled handles handling happen happens
		happening work works working use used uses using do done make made makes show tell explain describe described description decide decided decides exactly actually really
		look looks go goes come comes get got need needed want can could should would must know knows knowledge expert experts ask owner owners own owns maintain maintains maintainer
		maintained write written wrote author break breaks broken change changes changed changing affect affected impact impacts depend depends dependents rely remove removed delete rename move
		safe run runs running execute executed start started test tests build builds reason rationale behind so way mean means meaning purpose for thing things somebody someone
		people person team talk contact about i we you our my its currently today now exist exists there any called call calls name named contain contains containing kept keep responsible
		perform performed take takes place put set best right main first logic last added add adding introduced introduce commit version release since new another own custom many often
		endpoint endpoints handler handlers ensure ensured ensures guarantee guaranteed make sure whether`) {
		known[t.Text] = true
	}
	return known
}()

// Light reports whether a term says nothing by itself.
func Light(term string) bool { return light[term] }

// Telling are the terms that say what a text is about, in its order.
func Telling(all []terms.Term) []string {
	var out []string
	for _, t := range all {
		if !t.Whole && !light[t.Text] {
			out = append(out, t.Text)
		}
	}
	return out
}
