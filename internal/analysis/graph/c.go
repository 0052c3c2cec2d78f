package graph

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// C and C++: a quoted include is looked for beside the file that has it, then
// like every include in the folders that includes start from: include, inc, src
// and the like, those above the file first; last, the one file of the tree whose
// path ends as it is written. A system include that the tree does not answer
// comes from outside: from the language, or from a library.
//
// An include gives an edge to the header. Where the header only declares what a
// source file beside it defines, that is what the code uses: a source file that
// uses names which another defines, and includes a header that declares them,
// has an edge to the other too. So a header and its source are joined by the
// source's include, and its users reach both. Functions share one space of names
// when a program is linked: a plain call of a name that one source of the tree
// defines for others is a use of that source, whatever header declares it.

type cResolver struct {
	t        *tree
	b        *builder
	roots    []string           // folders that includes start from, shallow first
	bySuffix map[string][]int32 // base name → files
	sources  map[string][]int32 // header's stem → sources of that stem
	defines  map[int32]names    // source → functions and variables that others can use
	linked   names              // what all sources define
	included map[cInclude]int32
}

type cInclude struct{ dir, written string }

var (
	cHeaders = words(`.h .hh .hpp .hxx .h++ .inl .ipp .tpp .tcc .inc .def .ixx .cuh`)
	cSources = words(`.c .cc .cpp .cxx .c++ .cu .m .mm`)
	// cRoots are names of folders that includes start from.
	cRoots = words(`include includes inc src source lib`)
)

func resolveC(t *tree, b *builder) {
	files := t.spoken(language.CFamily...)
	if len(files) == 0 {
		return
	}
	r := &cResolver{t: t, b: b, bySuffix: map[string][]int32{}, sources: map[string][]int32{}, defines: map[int32]names{}, included: map[cInclude]int32{}}
	r.findRoots()
	for i := range t.files {
		p := t.files[i].Path
		extension := strings.ToLower(path.Ext(p))
		if cHeaders[extension] || cSources[extension] {
			r.bySuffix[path.Base(p)] = append(r.bySuffix[path.Base(p)], int32(i))
		}
	}
	for _, i := range files {
		if cSources[strings.ToLower(path.Ext(t.files[i].Path))] {
			r.sources[stem(t.files[i].Path)] = append(r.sources[stem(t.files[i].Path)], i)
			r.defines[i] = r.defined(i)
			for _, d := range r.defines[i] {
				if !d.member {
					r.linked = append(r.linked, d)
				}
			}
		}
	}
	r.linked = r.linked.sorted()
	for _, i := range files {
		b.file(i, func(f *language.Facts) { r.resolve(i, f) })
	}
}

// findRoots lists the folders that includes start from.
func (r *cResolver) findRoots() {
	for dir := range r.t.folders {
		if cRoots[strings.ToLower(path.Base(dir))] {
			r.roots = append(r.roots, dir)
		}
	}
	slices.SortFunc(r.roots, func(a, b string) int {
		if d := folderDepth(a) - folderDepth(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	r.roots = r.roots[:min(len(r.roots), maxCRoots)]
}

// maxCRoots bounds the folders in which every include is looked for.
const maxCRoots = 200

// defined lists the functions and variables of a source file that others can
// use.
func (r *cResolver) defined(i int32) names {
	var out names
	facts := r.t.files[i].Facts
	for k := range facts.Declares {
		d := &facts.Declares[k]
		if d.Exported && (d.Owner == "" && (d.Kind == language.KindFunction || d.Kind == language.KindVariable || d.Kind == language.KindConstant) || d.Kind == language.KindMethod) {
			out = append(out, declared{name: d.Name, file: i, exported: true, member: d.Kind == language.KindMethod})
		}
	}
	return out.sorted()
}

func (r *cResolver) resolve(from int32, f *language.Facts) {
	for k := range f.Imports {
		written := f.Imports[k].Path
		system := strings.HasPrefix(written, "<")
		written = strings.Trim(written, "<>")
		to, ok := r.find(from, written, system)
		switch {
		case ok:
			r.b.internal++
			r.link(from, to)
		case system:
			r.outside(written)
		default:
			r.b.missing++
		}
	}
	for k := range f.Calls {
		if c := &f.Calls[k]; c.Receiver == "" && !c.New {
			r.linkCall(from, c.Name, int(c.Count))
		}
	}
}

// linkCall joins the file at hand with the source that defines a function which
// it calls: the only one, or the only one in its folder. Several programs of a
// tree may have functions of one name. What the file defines itself is meant
// before all others.
func (r *cResolver) linkCall(from int32, name string, count int) {
	if _, used := r.b.uses[name]; !used {
		return // declared here
	}
	found := r.linked.of(name)
	if len(found) == 0 || len(found) > maxDeclarers {
		return
	}
	to, near := found[0].file, 0
	if len(found) > 1 {
		for _, d := range found {
			if path.Dir(r.t.files[d.file].Path) == path.Dir(r.t.files[from].Path) {
				to, near = d.file, near+1
			}
		}
		if near != 1 {
			return
		}
	}
	if to != from && (!r.t.files[to].Test || r.t.files[from].Test) {
		r.b.add(to, name, count, len(found))
	}
}

// find returns the file of an include, and whether there is one.
func (r *cResolver) find(from int32, written string, system bool) (int32, bool) {
	dir := path.Dir(r.t.files[from].Path)
	if !system {
		if to, ok := r.t.find(path.Join(dir, written)); ok {
			return to, true
		}
	}
	written = path.Clean(written)
	key := cInclude{dir, written}
	if to, ok := r.included[key]; ok {
		return to, to != missingInclude
	}
	to := r.search(dir, written, system)
	r.included[key] = to
	return to, to != missingInclude
}

// missingInclude stands for an include that is nowhere in the tree.
const missingInclude int32 = -2

func (r *cResolver) search(dir, written string, system bool) int32 {
	for _, above := range ancestors(dir) {
		for _, sub := range []string{"", "include", "inc", sourceFolder} {
			if at := path.Join(above, sub); sub == "" || r.t.hasFolder(at) {
				if sub == "" && above == dir && system {
					continue // <a.h> is not looked for beside the file
				}
				if to, ok := r.t.find(path.Join(at, written)); ok {
					return to
				}
			}
		}
	}
	if system && isCPlatform(written) {
		return missingInclude
	}
	if to := r.fromRoots(written); to != missingInclude {
		return to
	}
	return r.ending(dir, written, system)
}

// fromRoots looks for an include in every folder that includes start from.
func (r *cResolver) fromRoots(written string) int32 {
	key := cInclude{written: written}
	to, ok := r.included[key]
	if ok {
		return to
	}
	to = missingInclude
	for _, root := range r.roots {
		if at, found := r.t.find(path.Join(root, written)); found {
			to = at
			break
		}
	}
	r.included[key] = to
	return to
}

// ending returns the file whose path ends as an include is written, if only one
// does or one is nearest. A name of the system's alone is not looked for so: a
// file of the tree that is called <string.h> somewhere is hardly meant.
func (r *cResolver) ending(dir, written string, system bool) int32 {
	if system && !strings.Contains(written, "/") {
		return missingInclude
	}
	best, most, ties := missingInclude, -1, 0
	suffix := "/" + strings.TrimLeft(strings.ReplaceAll(written, "../", ""), "./")
	for _, i := range r.bySuffix[path.Base(written)] {
		if p := r.t.files[i].Path; strings.HasSuffix("/"+p, suffix) {
			switch shared := sharedFolders(dir+"/", p); {
			case shared > most:
				best, most, ties = i, shared, 1
			case shared == most:
				ties++
			}
		}
	}
	if ties > 1 && !strings.Contains(written, "/") {
		return missingInclude // several are as near: which one, only the build knows
	}
	return best
}

// link joins the file at hand with a header, and with the source of the header
// when the file uses what that defines.
func (r *cResolver) link(from, to int32) {
	if to < 0 {
		return
	}
	r.b.add(to, "", 1, 1)
	if facts := r.t.facts(to); facts != nil {
		for k := range facts.Declares {
			d := &facts.Declares[k]
			// Functions count for the source that defines them, see linkCall.
			if refs := r.b.uses[d.Name]; refs > 0 && d.Owner == "" && d.Kind != language.KindFunction {
				r.b.add(to, d.Name, refs, 1)
			}
		}
	}
	header := r.t.files[to].Path
	if !cHeaders[strings.ToLower(path.Ext(header))] {
		return
	}
	for _, source := range r.sources[stem(header)] {
		if source == from || !r.isPair(header, r.t.files[source].Path) {
			continue
		}
		for _, ref := range r.b.refs {
			if len(r.defines[source].of(ref.Name)) > 0 {
				r.b.add(source, ref.Name, ref.Count, 1)
			}
		}
	}
}

// isPair reports whether a header and a source of one stem belong together: in
// one folder, or in two of one project of which one is include or the like.
func (r *cResolver) isPair(header, source string) bool {
	a, b := path.Dir(header), path.Dir(source)
	if a == b {
		return true
	}
	return stripRoots(a) == stripRoots(b)
}

// stripRoots takes the folders that includes start from out of a path.
func stripRoots(dir string) string {
	parts := strings.Split(dir, "/")
	parts = slices.DeleteFunc(parts, func(p string) bool { return cRoots[strings.ToLower(p)] || p == "." })
	return strings.Join(parts, "/")
}

// outside counts a system include: of the language and its platforms, or of the
// library by the first folder of the path.
func (r *cResolver) outside(written string) {
	first, _, nested := strings.Cut(written, "/")
	switch {
	case isCPlatform(written):
		r.b.use(ecosystemC, "")
	case nested:
		r.b.use(ecosystemC, first)
	default:
		r.b.use(ecosystemC, strings.TrimSuffix(first, path.Ext(first)))
	}
}

const ecosystemC = "c"

// isCPlatform reports whether a header comes with the language or with the
// system it runs on.
func isCPlatform(written string) bool {
	first, _, nested := strings.Cut(written, "/")
	if nested {
		return cPlatformFolders[first]
	}
	return !strings.Contains(written, ".") || cPlatform[strings.TrimSuffix(written, ".h")]
}

var (
	cPlatformFolders = words(`sys arpa net netinet netpacket linux asm asm-generic bits mach mach-o machine gnu rpc scsi sound video drm xen uapi experimental ext architecture libkern IOKit CoreFoundation CoreServices Security SystemConfiguration os dispatch Availability TargetConditionals`)
	cPlatform        = words(`assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn
		string tgmath threads time uchar wchar wctype stdbit stdckdint
		unistd fcntl pthread poll dirent dlfcn execinfo fnmatch ftw getopt glob grp iconv ifaddrs langinfo libgen malloc memory mqueue netdb nl_types paths pwd regex resolv sched search
		semaphore shadow spawn strings stropts syslog sysexits tar termios termio ucontext ulimit utime utmp utmpx wait wordexp alloca argp byteswap crypt elf endian err error features link mntent obstack
		fts libintl monetary ndbm cpio aio epoll event kqueue port pty util stdio_ext ieeefp values varargs
		windows winsock winsock2 ws2tcpip windef winbase winnt winuser wincrypt winreg winerror winver shlobj shlwapi shellapi tchar io direct process conio crtdbg intrin psapi dbghelp iphlpapi mswsock objbase
		afunix stdafx winternl ntstatus bcrypt wincon commctrl commdlg mmsystem tlhelp32 versionhelpers sdkddkver
		x86intrin immintrin emmintrin xmmintrin smmintrin tmmintrin nmmintrin pmmintrin wmmintrin avxintrin arm_neon arm_acle arm_sve cpuid altivec xlocale copyfile libproc AvailabilityMacros Availability TargetConditionals
		new exception typeinfo iostream cxxabi unwind`)
)
