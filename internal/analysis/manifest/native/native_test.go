package native_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/native"
)

func read(archive string) []string {
	var paths []string
	var files []evidence.File
	for _, f := range txtar.Parse([]byte(archive)).Files {
		paths = append(paths, f.Name)
		files = append(files, evidence.File{Path: f.Name, Content: f.Data})
	}
	found := evidence.NewFindings()
	native.Read(evidence.NewTree(paths, files), found)
	out := []string{}
	for _, p := range found.Programs {
		line := p.Name + " = " + strings.Join(p.Sources, " ")
		if p.Internal {
			line += " (internal)"
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

const sources = `
-- src/main.c --
-- src/a.c --
-- src/b.cc --
-- src/tool.c --
`

func TestPrograms(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		archive string
		want    []string
	}{
		"make": {`
-- src/Makefile --
SUFFIX =
NAME = shop$(SUFFIX)
OBJ = main.o a.o \
  missing.o
include more.mk
ifdef WIDE
OBJ += b.o
endif
all: $(NAME) tool
$(NAME): $(OBJ) lib/lib.a
	$(CC) -o $@ $^
tool.exe: $(patsubst %.c,obj/%.o,tool.c)
clean:
	rm -f main.o
%.o: %.c
lib.a: a.o
test: main.o | $(NAME)
	true
-- src/more.mk --
OTHER = x
`, []string{"shop = src/main.c src/a.c src/b.cc", "test = src/main.c", "tool = src/tool.c"}},
		"automake": {`
-- Makefile.am --
bin_PROGRAMS = shop src/tool
noinst_PROGRAMS = my-tool
check_PROGRAMS = checker
shop_SOURCES = $(LIST) src/a.c
my_tool_SOURCES = src/tool.c
checker_SOURCES = src/a.c
include Makefile.inc
-- Makefile.inc --
LIST = src/main.c
`, []string{"my-tool = src/tool.c (internal)", "shop = src/main.c src/a.c", "tool = src/tool.c"}},
		"cmake": {`
-- CMakeLists.txt --
project(store C)
set(LIST src/main.c # add_executable(no src/a.c)
  src/a.c)
add_executable(${PROJECT_NAME} WIN32 ${LIST} "src/b.cc" $<TARGET_OBJECTS:x>)
add_executable(tool src/tool.c)
set_target_properties(tool PROPERTIES OUTPUT_NAME shop-tool)
add_executable(alias ALIAS tool)
`, []string{"shop-tool = src/tool.c", "store = src/main.c src/a.c src/b.cc"}},
		"meson": {`
-- src/meson.build --
list = files('main.c', 'a.c')
list += ['b.cc']
executable('shop', list, dependencies: [dependency('m')], install: true)
executable('tool',
  'tool.c')
`, []string{"shop = src/main.c src/a.c src/b.cc", "tool = src/tool.c"}},
		"in a circle": {`
-- src/Makefile --
A = $(B) $(B)
B = $(A) $(A)
include Makefile
shop: $(A) main.c
`, []string{"shop = src/main.c"}},
	} {
		if diff := cmp.Diff(tt.want, read(sources+tt.archive)); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}
