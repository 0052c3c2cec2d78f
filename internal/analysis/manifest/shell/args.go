package shell

import (
	"path"
	"slices"
	"strings"
)

// valued are the options whose value is a word of its own, by program: the
// value is no target, goal or verb of the program.
var valued = map[string][]string{
	"make":           {"-C", "--directory", "-f", "--file", "--makefile", "-I", "--include-dir", "-o", "-W"},
	"just":           {"-f", "--justfile", "-d", "--working-directory"},
	"task":           {"-d", "--dir", "-t", "--taskfile"},
	"rake":           {"-f", "--rakefile", "-C", "--directory", "-I"},
	"mage":           {"-d", "-w"},
	"invoke":         {"-c", "--collection", "-r", "--search-root"},
	"gulp":           {"-f", "--gulpfile", "--cwd"},
	"grunt":          {"--gruntfile", "--base"},
	"tox":            {"-c", "--conf", "--root", "--workdir"},
	"nox":            {"-f", "--noxfile"},
	"mvn":            {"-f", "--file", "-pl", "--projects", "-P", "--activate-profiles", "-s", "--settings", "-T", "--threads", "-rf", "--resume-from", "-t", "--toolchains"},
	"gradle":         {"-x", "--exclude-task", "-p", "--project-dir", "-b", "--build-file", "-c", "--settings-file", "-I", "--init-script", "-g", "--gradle-user-home", "--include-build", "--console"},
	"npm":            {"--prefix", "-C", "-w", "--workspace"},
	"pnpm":           {"-C", "--dir", "-F", "--filter"},
	"yarn":           {"--cwd"},
	"bun":            {"--cwd", "--filter"},
	"go":             {"-C"},
	"uv":             {"--directory", "--project"},
	"docker":         {"-c", "--context", "-H", "--host"},
	"docker-compose": {"-f", "--file", "-p", "--project-name", "--profile", "--env-file", "--project-directory"},
}

// sameOptions are programs that take the options of another one.
var sameOptions = map[string]string{"gmake": "make", "inv": "invoke", "mvnw": "mvn", "mvnd": "mvn", "gradlew": "gradle"}

// withoutValues are the arguments of a program without the values of its
// options.
func withoutValues(name string, args []string) []string {
	if same, ok := sameOptions[name]; ok {
		name = same
	}
	options := valued[name]
	if len(options) == 0 {
		return args
	}
	var out []string
	for i := 0; i < len(args); i++ {
		out = append(out, args[i])
		if args[i] == "--" {
			return append(out, args[i+1:]...)
		}
		if slices.Contains(options, args[i]) {
			i++
		}
	}
	return out
}

// first is the first argument that is no flag, "" for none.
func first(args []string) string {
	if plain := plainArgs(args); len(plain) > 0 {
		return plain[0]
	}
	return ""
}

// plainArgs are the arguments that are no flags.
func plainArgs(args []string) []string {
	var out []string
	for _, a := range args {
		if !strings.HasPrefix(a, "-") {
			out = append(out, a)
		}
	}
	return out
}

// nextAfter is the word after another one.
func nextAfter(args []string, word string) string {
	i := slices.Index(args, word)
	if i < 0 || i+1 >= len(args) {
		return ""
	}
	return args[i+1]
}

// changesFolder are the programs whose -C is the folder that they work in.
var changesFolder = []string{"make", "gmake", "ninja", "go", "npm", "pnpm"}

// StartsAbsent reports whether a command starts a script, or works in a folder,
// that is not there: something else of its machine is meant. Paths that the
// command does not write out, and commands that change the folder first, are not
// told.
func StartsAbsent(command string, there func(path string) bool) bool {
	parts := chain(command)
	for _, part := range parts {
		words := program(fields(strings.Trim(part, "() ")))
		if len(words) == 0 {
			continue
		}
		if slices.Contains(quiet, words[0]) && (words[0] == "cd" || words[0] == "mkdir" || words[0] == "curl" || words[0] == "wget") {
			return false
		}
		called := words[0]
		if name := path.Base(called); slices.Contains(interpreters, name) {
			called = first(words[1:])
		} else if i := slices.Index(words, "-C"); slices.Contains(changesFolder, name) && i > 0 && i+1 < len(words) {
			if dir := words[i+1]; written(dir) && !there(dir) {
				return true
			}
		}
		if slices.Contains(scriptEndings, path.Ext(called)) && written(called) && !there(called) {
			return true
		}
	}
	return false
}

var (
	interpreters  = []string{"bash", "sh", "python", "python3", "ruby", "perl", "node"}
	scriptEndings = []string{".sh", ".bash", ".py", ".rb", ".pl"}
)

// written reports whether a path is told by the command alone.
func written(p string) bool { return !strings.ContainsAny(p, "$~`*?{<>") && !path.IsAbs(p) }
