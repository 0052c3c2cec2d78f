package shell

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// runners start another program with the words after them.
var runners = map[string][]string{
	"sudo": nil, "time": nil, "env": nil, "exec": nil, "xvfb-run": nil, "command": nil, "nice": nil, "retry": nil,
	"npx": nil, "bunx": nil, "pnpx": nil, "uvx": nil, "dotenv": nil, "cross-env": nil, "nohup": nil,
	"uv": {"run"}, "poetry": {"run"}, "pipenv": {"run"}, "hatch": {"run"}, "pdm": {"run"}, "rye": {"run"}, "pixi": {"run"},
	"bundle": {"exec"}, "pnpm": {"exec", "dlx"}, "yarn": {"exec", "dlx"}, "npm": {"exec"}, "coverage": {"run"},
	"python": {"-m"}, "python3": {"-m"}, "py": {"-m"}, "pipx": {"run"}, "mise": {"exec"}, "bun": {"x"},
}

// programs says what a program is for whatever its arguments.
var programs = map[string]Purpose{
	"pytest": Test, "py.test": Test, "unittest": Test, "trial": Test, "nosetests": Test, "behave": Test, "jest": Test, "vitest": Test, "mocha": Test,
	"ava": Test, "tap": Test, "nyc": Test, "c8": Test, "karma": Test, "rspec": Test, "phpunit": Test, "ctest": Test, "gotestsum": Test, "ginkgo": Test, "pest": Test,
	"golangci-lint": Lint, "gofmt": Lint, "goimports": Lint, "staticcheck": Lint, "govulncheck": Lint, "gofumpt": Lint, "eslint": Lint, "prettier": Lint, "biome": Lint,
	"stylelint": Lint, "standard": Lint, "xo": Lint, "oxlint": Lint, "dprint": Lint, "ruff": Lint, "flake8": Lint, "black": Lint, "mypy": Lint, "pylint": Lint, "isort": Lint, "pyright": Lint,
	"bandit": Lint, "pyflakes": Lint, "codespell": Lint, "yamllint": Lint, "shellcheck": Lint, "rubocop": Lint, "hadolint": Lint, "markdownlint": Lint, "markdownlint-cli2": Lint,
	"vue-tsc": Lint, "ty": Lint, "zizmor": Lint, "actionlint": Lint,
	"uvicorn": Run, "gunicorn": Run, "hypercorn": Run, "daphne": Run, "nodemon": Run, "ts-node": Run, "tsx": Run, "pm2": Run, "puma": Run, "foreman": Run, "honcho": Run, "air": Run, "node": Run,
	"webpack": Build, "rollup": Build, "esbuild": Build, "tsup": Build, "tsdown": Build, "babel": Build, "goreleaser": Build, "cmake": Build, "ninja": Build, "meson": Build, "build": Build, "tsc": Build,
	"ansible-galaxy": Setup, "virtualenv": Setup, "venv": Setup, "asdf": Setup, "corepack": Setup, "husky": Setup,
}

// verbs says what a program is for by the first argument that is no flag.
var verbs = map[string]map[string]Purpose{
	"go":             {"test": Test, "build": Build, "run": Run, "vet": Lint, "fmt": Lint, "mod": Setup, "get": Setup, "install": Setup, "generate": Build},
	"cargo":          {"test": Test, "nextest": Test, "build": Build, "check": Build, "run": Run, "clippy": Lint, "fmt": Lint, "fetch": Setup},
	"pip":            {"install": Setup},
	"pip3":           {"install": Setup},
	"pipx":           {"install": Setup},
	"uv":             {"sync": Setup, "pip": Setup, "venv": Setup, "build": Build},
	"poetry":         {"install": Setup, "build": Build, "check": Lint},
	"pipenv":         {"install": Setup, "sync": Setup},
	"pdm":            {"install": Setup, "sync": Setup, "build": Build, "test": Test, "lint": Lint},
	"rye":            {"sync": Setup, "test": Test, "lint": Lint, "fmt": Lint, "build": Build},
	"conda":          {"env": Setup, "create": Setup, "install": Setup},
	"mamba":          {"env": Setup, "create": Setup, "install": Setup},
	"hatch":          {"test": Test, "fmt": Lint, "build": Build, "env": Setup},
	"flask":          {"run": Run, "db": Setup},
	"fastapi":        {"run": Run, "dev": Run},
	"streamlit":      {"run": Run},
	"celery":         {"worker": Run, "beat": Run},
	"django-admin":   {"test": Test, "runserver": Run, "migrate": Setup},
	"pre-commit":     {"run": Lint, "install": Setup},
	"prek":           {"run": Lint, "install": Setup},
	"playwright":     {"test": Test, "install": Setup},
	"cypress":        {"run": Test},
	"vite":           {"build": Build, "": Run, "dev": Run, "preview": Run},
	"next":           {"build": Build, "dev": Run, "start": Run, "lint": Lint},
	"nuxt":           {"build": Build, "dev": Run},
	"ng":             {"build": Build, "serve": Run, "test": Test, "lint": Lint},
	"deno":           {"test": Test, "lint": Lint, "fmt": Lint, "run": Run, "install": Setup},
	"dotnet":         {"restore": Setup, "build": Build, "test": Test, "run": Run, "format": Lint},
	"bundle":         {"install": Setup},
	"bundler":        {"install": Setup},
	"rails":          {"server": Run, "s": Run, "test": Test, "db:setup": Setup, "db:migrate": Setup, "db:create": Setup, "db:prepare": Setup, "db:seed": Setup},
	"prisma":         {"generate": Setup, "migrate": Setup, "db": Setup},
	"knex":           {"migrate:latest": Setup, "seed:run": Setup},
	"sequelize":      {"db:create": Setup, "db:migrate": Setup, "db:seed:all": Setup},
	"sequelize-cli":  {"db:create": Setup, "db:migrate": Setup, "db:seed:all": Setup},
	"drizzle-kit":    {"push": Setup, "migrate": Setup},
	"alembic":        {"upgrade": Setup},
	"diesel":         {"setup": Setup, "migration": Setup},
	"sqlx":           {"database": Setup, "migrate": Setup},
	"goose":          {"up": Setup},
	"composer":       {"install": Setup, "test": Test},
	"mix":            {"deps.get": Setup, "test": Test, "compile": Build, "phx.server": Run, "format": Lint, "credo": Lint},
	"bazel":          {"build": Build, "test": Test, "run": Run},
	"bazelisk":       {"build": Build, "test": Test, "run": Run},
	"swift":          {"build": Build, "test": Test, "run": Run},
	"docker":         {"build": Build, "run": Run},
	"docker-buildx":  {"build": Build, "bake": Build},
	"lerna":          {"bootstrap": Setup},
	"mise":           {"install": Setup},
	"serverless":     {"offline": Run},
	"buf":            {"lint": Lint, "generate": Build},
	"nx":             {"test": Test, "lint": Lint, "build": Build, "serve": Run},
	"turbo":          {"test": Test, "lint": Lint, "build": Build, "dev": Run},
	"docker-compose": {"up": Run, "build": Build},
}

// named are programs whose arguments name targets of the project.
var named = []string{"make", "gmake", "just", "task", "rake", "invoke", "inv", "mage", "grunt", "gulp", "tox", "nox", "poe"}

// nodeManagers install packages and run the scripts of package.json.
var nodeManagers = []string{"npm", "pnpm", "yarn", "bun"}

// For says what one command is for. The command is one line as Split gives it;
// with several programs in a chain, the last one whose purpose is known
// decides, so that "cd web && npm test" is a test.
func For(command string) Purpose {
	result := Other
	for _, part := range chain(command) {
		if p := forWords(fields(part)); p != Other {
			result = p
		}
	}
	return result
}

// chain cuts a line at the operators between commands, outside quotes.
func chain(command string) []string {
	var parts []string
	var quote byte
	start := 0
	for i := 0; i < len(command); i++ {
		c := command[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '|' && (i+1 >= len(command) || command[i+1] != '|'):
			// What follows a pipe only looks at the output.
			return append(parts, command[start:i])
		case c == ';' || (c == '&' || c == '|') && i+1 < len(command) && command[i+1] == c:
			parts = append(parts, command[start:i])
			start = i + 1
			if c != ';' {
				i++
				start = i + 1
			}
		}
	}
	return append(parts, command[start:])
}

// published is an installation of packages by name.
var published = regexp.MustCompile(`^(?:\w+=\S+ )*(?:sudo )?(?:(?:python3? -m )?(?:pip3?|pipx|uv pip|uv tool) install (?:(?:-U|-q|--upgrade|--user|--pre|--quiet|--no-cache-dir) )*["']?[A-Za-z][\w.+-]*(?:\[[^\]]*\])?["']?(?:[=<>~@ ][^/]*)?$|(?:pip3?|uv pip) install ["']?git\+|go (?:get|install) (?:-\S+ (?:\w+ )?)*[^ .]+\.|uv add |poetry add |npm (?:install|i) -g|yarn (?:global )?add |pnpm add |bun add |cargo install |cargo add |brew |gem install |docker run |conda install |npm create |npm init )`)

// InstallsPublished reports whether a command installs packages by name: it
// does not set up a clone, though it may be a part of that.
func InstallsPublished(command string) bool { return published.MatchString(command) }

// fields are the words of one command, with quotes taken off their ends.
func fields(command string) []string {
	words := strings.Fields(command)
	for i, w := range words {
		words[i] = strings.Trim(w, `"'`)
	}
	return words
}

// program drops what stands before the program's name: assignments and
// runners with their flags.
func program(words []string) []string {
	for range 8 {
		for len(words) > 0 && isAssignment(words[0]) {
			words = words[1:]
		}
		if len(words) < 2 {
			return words
		}
		subs, ok := runners[path.Base(words[0])]
		if !ok {
			return words
		}
		rest := words[1:]
		if subs != nil {
			if !slices.Contains(subs, rest[0]) {
				return words
			}
			rest = rest[1:]
		}
		for len(rest) > 0 && strings.HasPrefix(rest[0], "-") {
			// A flag of the runner; one that takes a value apart is rare enough.
			if rest[0] == "-m" {
				rest = rest[1:]
				break
			}
			rest = rest[1:]
		}
		if len(rest) == 0 {
			return words
		}
		words = rest
	}
	return words
}

func isAssignment(word string) bool {
	name, _, ok := strings.Cut(word, "=")
	return ok && name != "" && !strings.ContainsAny(name, "-/.:")
}

func forWords(words []string) Purpose {
	words = program(words)
	if len(words) == 0 {
		return Other
	}
	name := path.Base(words[0])
	all := words[1:]
	args := withoutValues(name, all)
	switch {
	case asksOnly(args):
		return Other
	case slices.Contains(nodeManagers, name):
		return forNode(args)
	case name == "cmake" && slices.Contains(args, "--install"):
		return Other // it puts what was built into the system
	case name == "mvn" || name == "mvnw" || name == "mvnd":
		return forGoals(args, mavenGoal)
	case name == "gradle" || name == "gradlew":
		return forGoals(args, gradleTask)
	case slices.Contains(named, name):
		return forTargets(name, args, all)
	case strings.HasPrefix(name, "python") || name == "py":
		return forPython(args)
	case name == "manage.py" || name == "runtests.py":
		return forPython(words)
	}
	if name == "uv" && first(args) == "pip" && nextAfter(args, "pip") != "install" {
		return Other
	}
	if sub := first(args); name == "docker" && (sub == "compose" || sub == "buildx") {
		name += "-" + sub
		args = withoutValues(name, args[slices.Index(args, sub)+1:])
	}
	if name == "tsc" && slices.Contains(args, "--noEmit") {
		return Lint
	}
	p, ok := programs[name]
	if byVerb, has := verbs[name]; has {
		p, ok = byVerb[first(args)], true
	}
	switch {
	case p == Run && (name == "node" || name == "tsx" || name == "ts-node"):
		return forRun(args)
	case name == "go" && first(args) == "mod" && nextAfter(args, "mod") == "tidy":
		return Other // it changes go.mod: nothing is set up by it
	case p == Run && name == "go":
		return forRun(args[slices.Index(args, "run")+1:])
	case ok:
		return p
	}
	if isScript(words[0]) {
		return forScript(words[0], args)
	}
	if name == "php" && isScript(first(args)) {
		script := first(args)
		return forScript(script, args[slices.Index(args, script)+1:])
	}
	if (name == "bash" || name == "sh") && len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		base := path.Base(args[0])
		p, _ := ForName(strings.TrimSuffix(base, path.Ext(base)))
		return p
	}
	return Other
}

// asksOnly reports whether a program is only asked about itself.
func asksOnly(args []string) bool {
	return len(args) == 1 && slices.Contains([]string{"--version", "-v", "-V", "version", "--help", "-h", "help"}, args[0])
}

// verb is an argument that may say what a script is to do.
var verb = regexp.MustCompile(`^[a-z][a-z:-]*$`)

// forScript says what a script of the tree is for. One that is named for
// running something runs what its first argument names: "bin/console lint:yaml"
// looks at the source.
func forScript(script string, args []string) Purpose {
	base := path.Base(script)
	p, _ := ForName(strings.TrimSuffix(base, path.Ext(base)))
	if p != Run || len(args) == 0 || !verb.MatchString(args[0]) {
		return p
	}
	// A console is a list of commands, where "app" is the application's own.
	does, _ := ForName(strings.TrimPrefix(args[0], "app:"))
	if does != Other || base == "console" {
		return does
	}
	return p
}

// aid is a folder of programs that serve the developers of the tree: running
// one is not running the software.
var aid = regexp.MustCompile(`(?:^|/)(?:\.github|scripts?|tools?|hack|bin|ci|gen|generate|build|dev)(?:/|$)`)

// forRun says what running a program of the tree is for: a program among the
// tools is for what it is named for, and so is a file that is named for a build.
func forRun(args []string) Purpose {
	for _, a := range plainArgs(args) {
		if !strings.ContainsAny(a, "./") {
			continue
		}
		base := path.Base(a)
		p, _ := ForName(strings.TrimSuffix(base, path.Ext(base)))
		if aid.MatchString(path.Dir(strings.TrimPrefix(a, "./"))) || p == Build && path.Ext(base) != "" {
			return p
		}
		return Run
	}
	return Run
}

// script is a path that a project calls its own scripts by.
var script = regexp.MustCompile(`^(?:\./[\w./-]+|(?:scripts?|bin|tools|hack|dev|ci|\.ci|build)/[\w./-]+|[\w./-]+\.(?:sh|bash|py))$`)

func isScript(word string) bool { return script.MatchString(word) }

func forNode(args []string) Purpose {
	verb := first(args)
	switch verb {
	case "ci", "install", "i", "":
		// "npm install express" is advice for users of a package, not setup.
		if plain := plainArgs(args); len(plain) > 1 {
			return Other
		}
		return Setup
	case "test", "t":
		return Test
	case "start":
		return Run
	case "run", "run-script":
		rest := plainArgs(args)
		if len(rest) < 2 {
			return Other
		}
		verb = rest[1]
	}
	p, _ := ForName(verb)
	return p
}

func forGoals(args []string, goal func(string) Purpose) Purpose {
	result := Other
	for _, a := range plainArgs(args) {
		if p := goal(a); p != Other {
			result = p
		}
	}
	return result
}

func mavenGoal(goal string) Purpose {
	switch goal {
	case "test", "verify", "integration-test":
		return Test
	case "compile", "package", "install", "test-compile":
		return Build
	case "spring-boot:run", "exec:java", "quarkus:dev", "jetty:run", "tomcat7:run", "mn:run":
		return Run
	case "checkstyle:check", "spotless:check", "spotless:apply", "pmd:check", "spotbugs:check":
		return Lint
	case "dependency:go-offline", "dependency:resolve":
		return Setup
	}
	return Other
}

func gradleTask(task string) Purpose {
	task = task[strings.LastIndex(task, ":")+1:]
	switch task {
	case "check", "test", "integrationTest", "connectedCheck":
		return Test
	case "build", "assemble", "jar", "classes", "bootJar", "installDist", "distTar", "compileJava", "releaseTarGz":
		return Build
	case "run", "bootRun", "quarkusDev", "appRun":
		return Run
	}
	// Gradle's tasks that are named for dependencies list them.
	if p, _ := ForName(task); p != Setup {
		return p
	}
	return Other
}

// forTargets says what targets are for. Where none is named, the folder that an
// option leads to may tell: all are the arguments with the values of options.
func forTargets(name string, args, all []string) Purpose {
	result := Other
	targets := plainArgs(args)
	if len(targets) == 0 {
		targets = plainArgs(all)
	}
	for _, a := range targets {
		if isAssignment(a) {
			continue
		}
		if p, _ := ForName(a); p != Other {
			result = p
		}
	}
	switch {
	case result != Other:
		return result
	case name == "tox" || name == "nox":
		return Test
	case name == "make" && len(targets) == 0:
		return Build
	}
	return Other
}

func forPython(args []string) Purpose {
	script := first(args)
	switch path.Base(script) {
	case "manage.py":
		return map[string]Purpose{"test": Test, "runserver": Run, "migrate": Setup, "createsuperuser": Setup}[nextAfter(args, script)]
	case "setup.py":
		return map[string]Purpose{
			"test": Test, "build": Build, "install": Setup, "develop": Setup, "sdist": Build, "bdist_wheel": Build, "build_ext": Build,
		}[nextAfter(args, script)]
	case ".", "-":
		return Other
	}
	if !strings.HasSuffix(script, ".py") {
		return Other
	}
	if p, _ := ForName(strings.TrimSuffix(path.Base(script), ".py")); p != Other {
		return p
	}
	return forRun([]string{script})
}
