package shell

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestForName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Purpose{
		"": Other, "test": Test, "tests": Test, "unit-test": Test, "test:watch": Test, "runTests": Test, "build-and-test": Test, "check": Test, "e2e": Test,
		"lint": Lint, "test-lint": Lint, "check-format": Lint, "spelling-check": Lint, "fmt": Lint, "typecheck": Lint, "pre_commit": Other,
		"build": Build, "build:app": Build, "all": Build, "docker-image": Build, "allDeps": Setup,
		"run": Run, "dev": Run, "start": Run, "run-build": Build, "dev:setup": Setup, "serve": Run,
		"setup": Setup, "install-lint": Setup, "test-deps": Setup, "gen-test-certs": Setup, "create_test_db": Setup, "bootstrap": Setup,
		"verify_dependencies": Lint, "verify-wheel": Lint, "check_unit_tests": Test,
		"release": Other, "publish-test": Other, "clean": Other, "docs-build": Other, "db:reset": Other, "with:env": Other, "колбаса": Other, "colours": Other, "---": Other,
	} {
		got, sure := ForName(name)
		if got != want {
			t.Errorf("ForName(%q) = %v, want %v", name, got, want)
		}
		if (sure > 0) != (got != Other) || sure > 1 {
			t.Errorf("ForName(%q) is %v sure of %v", name, sure, got)
		}
	}
}

// TestForNameIsLessSureOfLongNames keeps "test" before "test-slow-integration".
func TestForNameIsLessSureOfLongNames(t *testing.T) {
	t.Parallel()
	_, exact := ForName("test")
	_, two := ForName("test-slow")
	_, four := ForName("slow-remote-big-test")
	if !(exact > two && two > four && four > 0) {
		t.Errorf("test %v, test-slow %v, slow-remote-big-test %v", exact, two, four)
	}
}

func TestFor(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]Purpose{
		"go test ./...":                      Test,
		"python -u runtests.py --parallel=2": Test,
		"./tools/run-spellcheck":             Lint,
		"./tools/run-isort-check":            Lint,
		"./manage.py createsuperuser":        Setup,
		"cmake --install build":              Other,
		"go test -race ./... | tee out":      Test,
		"CGO_ENABLED=0 go build -o x .":      Build,
		"go mod download":                    Setup,
		"go mod tidy":                        Other,
		"go run .":                           Run,
		"go run build.go":                    Build,
		"go run ./build":                     Run,
		"go run ./cmd/shop":                  Run,
		"node build.mjs --watch":             Build,
		"go env":                             Other,
		"cd web && npm ci && npm run build":  Build,
		"npm ci":                             Setup,
		"npm install express":                Other,
		"npm run lint -- --fix":              Lint,
		"npm run":                            Other,
		"yarn":                               Setup,
		"yarn test":                          Test,
		"pnpm exec vitest run":               Test,
		"npx tsc --noEmit":                   Lint,
		"tsc -p .":                           Build,
		"npx --yes playwright test":          Test,
		"npx prisma migrate deploy":          Setup,
		"npx prisma db seed":                 Setup,
		"npx prisma generate":                Setup,
		"npx prisma studio":                  Other,
		"poetry run alembic upgrade head":    Setup,
		"bin/rails db:seed":                  Setup,
		"uv run pytest -q":                   Test,
		"uv sync":                            Setup,
		"uv pip install -e .":                Setup,
		"uv pip uninstall x":                 Other,
		"poetry run python manage.py test":   Test,
		"python manage.py runserver 8000":    Run,
		"python3 -m pytest":                  Test,
		"python -m pip install -r x.txt":     Setup,
		"python -m build":                    Build,
		"python -m unittest discover":        Test,
		"python setup.py develop":            Setup,
		"python app.py":                      Run,
		"python scripts/lint.py":             Lint,
		"python -c 'print(1)'":               Other,
		"coverage run -m pytest":             Test,
		"tox":                                Test,
		"tox -e lint":                        Lint,
		"nox -s docs":                        Test,
		"./mvnw -B clean verify":             Test,
		"mvn clean package -DskipTests":      Build,
		"mvn spring-boot:run":                Run,
		"./gradlew :app:test --info":         Test,
		"./gradlew allDeps":                  Other,
		"gradle clean assemble":              Build,
		"make":                               Build,
		"make test VERBOSE=1":                Test,
		"make -C sub lint":                   Lint,
		"make -C tests/modules 32bit":        Other,
		"make -f tests.mk -C sub build":      Build,
		"make -C tests":                      Test,
		"./gradlew build -x check":           Build,
		"gradle --exclude-task test jar":     Build,
		"gradle -p tests assemble":           Build,
		"mvn -pl test package":               Build,
		"npm --prefix web run build":         Build,
		"pnpm -C server test":                Test,
		"pnpm --filter web lint":             Lint,
		"go -C server test ./...":            Test,
		"go -C sub run ./tools/lint":         Lint,
		"docker compose -f dev.yml up":       Run,
		"docker buildx build -t x .":         Build,
		"docker buildx bake":                 Build,
		"docker buildx imagetools inspect":   Other,
		"docker -H x buildx create":          Other,
		"bin/console lint:yaml config":       Lint,
		"php bin/console lint:twig":          Lint,
		"bin/console app:list-users":         Other,
		"bin/console cache:clear":            Other,
		"./run.sh test":                      Test,
		"./run.sh production":                Run,
		"./start.sh":                         Run,
		"tox -c build.ini -e lint":           Lint,
		"docker compose up -d":               Run,
		"docker build -t x .":                Build,
		"docker ps":                          Other,
		"cargo clippy --all":                 Lint,
		"bundle exec rspec":                  Test,
		"bundle install":                     Setup,
		"./scripts/run_tests.sh":             Test,
		"bash ci/lint.sh":                    Lint,
		"golang.org/x/image=\"v0.43.0\"":     Other,
		"sudo apt-get install -y x":          Other,
		"echo 'go test' ; true":              Other,
		"env":                                Other,
		"":                                   Other,
		"''":                                 Other,
		"dotnet test && echo done":           Test,
		"pre-commit install":                 Setup,
		"python .github/scripts/rat.py":      Other,
		"node --version":                     Other, "go version": Other, "go run ./cmd/server -port 1": Run, "go run ./tools/protobuf-compile .": Build,
		"node scripts/lint.mjs": Lint, "node bin/sponsors.js": Other, "node server.js": Run,
		"uvicorn app:app --reload": Run,
	} {
		if got := For(command); got != want {
			t.Errorf("For(%q) = %v, want %v", command, got, want)
		}
	}
}

func TestInstallsPublished(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]bool{
		"pip install flask": true, "pip install -U 'flask[async]'": true, "python -m pip install a b": true, "uv pip install orjson ujson": true,
		"go install example.org/x@latest": true, "CGO_ENABLED=1 go install -tags extended example.org/x@latest": true, "npm i -g x": true, "brew install x": true,
		"pip install -r requirements.txt": false, "pip install -e .": false, "pip install .": false, `pip install -e ".[dev]"`: false, "go install": false, "go install ./...": false, "npm ci": false,
	} {
		if got := InstallsPublished(command); got != want {
			t.Errorf("InstallsPublished(%q) = %v, want %v", command, got, want)
		}
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		script string
		want   []Line
	}{
		"comments and blank lines": {"# no\n\nmake a\n  make b\n", []Line{{Text: "make a", Line: 3, At: "."}, {Text: "make b", Line: 4, At: "."}}},
		"a line that goes on":      {"go test \\\n  ./... \\\n  -race\nmake x", []Line{{Text: "go test ./... -race", Line: 1, At: "."}, {Text: "make x", Line: 4, At: "."}}},
		"a chain":                  {"cd web && npm ci", []Line{{Text: "cd web && npm ci", Line: 1, At: ".", Through: []string{"web"}}}},
		"conditions and loops":     {"if true; then\n  make a\nfi\nfor x in y; do make b; done\nmake c", []Line{{Text: "make c", Line: 5, At: "."}}},
		"a here-document":          {"cat <<EOF\nmake a\nEOF\nmake b", []Line{{Text: "make b", Line: 4, At: "."}}},
		"functions and background": {"f() { make a; }\nmake b &\n! make c\nmake d", []Line{{Text: "make d", Line: 4, At: "."}}},
		"expressions":              {"make ${{ matrix.x }}\nmake {{ x }}\nmake <% y %>\nmake z", []Line{{Text: "make z", Line: 4, At: "."}}},
		"secrets":                  {"API_KEY=x make a\nmake b --password=c\nmake d", []Line{{Text: "make d", Line: 3, At: "."}}},
		"placeholders":             {"make <target>\nmake a ...\nmake YOUR_NAME\ngo test ./...", []Line{{Text: "go test ./...", Line: 4, At: "."}}},
		"what nobody repeats":      {"echo a\nexport A=1\nmkdir b\ngit clone x\nmake c", []Line{{Text: "make c", Line: 5, At: "."}}},
		"no valid shell":           {"make a\nmake (b\nmake c", []Line{{Text: "make a", Line: 1, At: "."}, {Text: "make (b", Line: 2, At: "."}, {Text: "make c", Line: 3, At: "."}}},
		"carriage returns":         {"make a\r\nmake b\r\n", []Line{{Text: "make a", Line: 1, At: "."}, {Text: "make b", Line: 2, At: "."}}},
		"too long":                 {"make " + strings.Repeat("a", 300) + "\nmake b", []Line{{Text: "make b", Line: 2, At: "."}}},
		"nothing":                  {"", nil},
	} {
		if diff := cmp.Diff(tc.want, Split(tc.script)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestSplitFollowsFolders knows where each command runs, and when it does not.
func TestSplitFollowsFolders(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ script, want string }{
		"into a clone":              {"make a\ngit clone https://example.org/lib\ncd lib\nmake b\ncd ..\nmake c", "make a in .; make b in lib; make c in ."},
		"a chain goes on":           {"cd web && npm ci\nnpm test", "cd web && npm ci in . through web; npm test in web"},
		"home and variables":        {"cd ~\nmake a\ncd x\nmake b", "make a in ~; make b in ~"},
		"and back":                  {"cd $WORK\nmake a\ncd -\nmake b", "make a in ~; make b in ."},
		"a stack":                   {"pushd web >/dev/null\nmake a\npopd\nmake b", "make a in web; make b in ."},
		"a folder that it makes":    {"mkdir -p out/x && cd out/x && cmake ../..", "mkdir -p out/x && cd out/x && cmake ../.. in ."},
		"one that it fetches":       {"git clone https://example.org/lib && cd lib && make", "git clone https://example.org/lib && cd lib && make in . through lib"},
		"a shell of its own":        {"(cd web && make a)\nmake b", "(cd web && make a) in . through web; make b in ."},
		"a condition that moves":    {"if x; then cd lib; fi\nmake a", "make a in ~"},
		"only if that fails":        {"cd web || cd site\nmake a", "make a in web"},
		"no valid shell":            {"cd lib\nmake (b\nmake c", "make (b in lib; make c in lib"},
		"a word of several parts":   {"cd \"web\"/'app'\nmake a", "make a in web/app"},
		"a word of the environment": {"cd \"$HOME/lib\"\nmake a", "make a in ~"},
	} {
		var got []string
		for _, l := range Split(tc.script) {
			text := l.Text + " in " + l.At
			if len(l.Through) > 0 {
				text += " through " + strings.Join(l.Through, ", ")
			}
			got = append(got, text)
		}
		if diff := cmp.Diff(tc.want, strings.Join(got, "; ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]string{
		"  make   test ": "make test", "make 'a  b'": "make 'a  b'", "make\ttest": "make test",
		"make\x1b[31m": "", "make \xff": "", "a\nb": "", "# make": "", "cd web": "", "echo x && cd y": "", "sudo": "sudo",
		"echo '' > .env && npm run migrate": "", "env | sort >web/.env.local && make": "", "make | tee .env": "", "cat x >> .env && make": "cat x >> .env && make",
		"make 2>.environment": "make 2>.environment", "make >build.log": "make >build.log", "cp .env.example .env && make": "cp .env.example .env && make",
	} {
		got, ok := Clean(command)
		if !ok {
			got = ""
		}
		if got != want {
			t.Errorf("Clean(%q) = %q, want %q", command, got, want)
		}
	}
}

// TestSplitIsBounded reads no more of a script than a person would write.
func TestSplitIsBounded(t *testing.T) {
	t.Parallel()
	if got := Split(strings.Repeat("make test\n", 100_000)); len(got) > maxLines {
		t.Errorf("%d commands", len(got))
	}
	if got := Split("make a\nmake " + strings.Repeat("$(", 200_000)); len(got) > 2 {
		t.Errorf("%v", got)
	}
}

func FuzzSplit(f *testing.F) {
	for _, seed := range []string{"make a && b", "if x; then y; fi", "cat <<E\nE", "a \\\nb", "${{ x }}", "f() {", "$((1+2))", "a | b; c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, script string) {
		if len(script) > 2000 {
			t.Skip()
		}
		for _, l := range Split(script) {
			if strings.ContainsAny(l.Text, "\n\r\x00") || len(l.Text) > maxCommand || l.Line < 1 || l.Line > 1+strings.Count(script, "\n") {
				t.Errorf("%+v", l)
			}
			For(l.Text)
			InstallsPublished(l.Text)
		}
	})
}

// TestStartsAbsent tells what a command calls that only its machine has.
func TestStartsAbsent(t *testing.T) {
	t.Parallel()
	there := func(p string) bool { return slices.Contains([]string{"./run.sh", "tools/test.py", "sub"}, p) }
	for command, want := range map[string]bool{
		"./run.sh": false, "./setup.sh": true, "bash setup.sh -x": true, "python tools/test.py": false, "sudo python3 get-pip.py": true, "FOO=1 ./gone.py": true,
		"make -C sub all": false, "make -C out install": true, "make out": false, "./program": false, "./$X.sh": false, "/opt/x.sh": false, "~/x.sh": false,
		"cd lib && ./setup.sh": false, "curl -O x.sh && sh x.sh": false, "make && ./setup.sh": true, "pytest gone.py": false, "": false,
	} {
		if got := StartsAbsent(command, there); got != want {
			t.Errorf("StartsAbsent(%q) = %v", command, got)
		}
	}
}
