package narrative_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// inScript is a harbour whose documents, comments and names are in another script.
type inScript struct {
	title, about, pkg, fn, doc, handler, handled, path string
}

// repository writes it out as a program with a package beside it.
func (v inScript) repository() string {
	return fmt.Sprintf(`-- go.mod --
module example.com/harbour

go 1.24
-- README.md --
# %[1]s

%[2]s

## %[1]s

1.
-- berth/berth.go --
// %[3]s
package berth

// %[5]s
func %[4]s(length int) int {
	if length > 90 {
		return 2
	}
	return 1
}
-- main.go --
package main

import (
	"net/http"

	"example.com/harbour/berth"
)

func main() {
	http.HandleFunc("GET /%[8]s", %[6]s)
	_ = http.ListenAndServe(":8000", nil)
}

// %[7]s
func %[6]s(w http.ResponseWriter, r *http.Request) {
	_ = berth.%[4]s(80)
}
-- commit: A harbour --
`, v.title, v.about, v.pkg, v.fn, v.doc, v.handler, v.handled, v.path)
}

var scripts = map[string]inScript{
	"Russian":  {"Гавань", "Гавань распределяет причалы между судами. Маленькие лодки проходят без очереди.", "Package berth выделяет причал по длине судна.", "Найти", "Найти возвращает самый маленький свободный причал.", "принять", "принять встречает судно и выделяет ему причал.", "причалы"},
	"Chinese":  {"港口", "港口为到达的船舶分配泊位。小船可以直接通过，无需等待。", "Package berth 按照船舶长度分配泊位。", "X查找泊位", "X查找泊位 返回能够容纳船舶的最小空闲泊位。", "接收船舶", "接收船舶 登记到达的船舶，并为它分配泊位。", "泊位"},
	"Japanese": {"港", "港は到着した船にバースを割り当てます。小さな船は待たずに通れます。", "Package berth は船の長さでバースを割り当てます。", "X空きを探す", "X空きを探す は船が入る最小の空きバースを返します。", "船を受け入れる", "船を受け入れる は到着した船を登録してバースを割り当てます。", "バース"},
}

// TestOtherScripts describes repositories whose documents, comments and names are
// in scripts that have other full stops, and no spaces or no capitals.
func TestOtherScripts(t *testing.T) {
	t.Parallel()
	for name, v := range scripts {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store, _ *database.DB) {
				b := newTold(t, s, v.repository())
				b.analyse()
				b.describe()
				var all strings.Builder
				for subject, n := range b.rows() {
					all.WriteString(subject + ": " + n.Text + "\n")
				}
				has(t, all.String(), sentenceOf(v.about)+" [1]", v.fn, sentenceOf(v.doc), "`"+v.handler+"`", sentenceOf(strings.TrimPrefix(v.handled, v.handler)), sentenceOf(v.pkg), "/"+v.path)
			})
		})
	}
}

// sentenceOf is the first sentence of a text, without its full stop.
func sentenceOf(text string) string { return text[:strings.IndexAny(text, ".。")] }
