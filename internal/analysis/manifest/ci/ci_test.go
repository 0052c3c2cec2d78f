package ci

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
)

func TestKind(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		".github/workflows/ci.yml": "GitHub Actions", ".github/workflows/x.yaml": "GitHub Actions", ".github/workflows/sub/x.yml": "", ".github/dependabot.yml": "", ".github/workflows/README.md": "",
		".gitlab-ci.yml": "GitLab CI", "sub/.gitlab-ci.yml": "", ".circleci/config.yml": "CircleCI", "azure-pipelines-pr.yml": "Azure Pipelines", ".azure-pipelines/a.yml": "Azure Pipelines",
		".travis.yml": "Travis CI", "ci/Jenkinsfile": "Jenkins", "appveyor.yml": "AppVeyor", "ci.yml": "",
		".drone.yml": "Drone", ".woodpecker.yml": "Woodpecker", ".woodpecker.yaml": "Woodpecker", ".woodpecker/test.yaml": "Woodpecker", ".woodpecker/a.yml": "Woodpecker", ".woodpecker/run.sh": "", "web/.woodpecker.yml": "",
	} {
		if got := Kind(file); got != want {
			t.Errorf("%s is %q, want %q", file, got, want)
		}
	}
}

// ran is what one definition runs, as "purpose line command".
func ran(file, content string) (commands, jobs []string, f *evidence.Findings) {
	f = evidence.NewFindings()
	Read(evidence.NewTree([]string{"web/x"}, []evidence.File{{Path: file, Content: []byte(content)}}), f)
	for _, c := range f.Commands {
		commands = append(commands, fmt.Sprintf("%d %d %s", c.Purpose, c.Line, c.Command.Command))
	}
	for _, e := range f.EntryPoints {
		jobs = append(jobs, fmt.Sprintf("%s:%d", e.Name, e.Line))
	}
	return commands, jobs, f
}

func TestSystems(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, file, content string
		commands, jobs      []string
	}{
		{
			"GitHub: folders of steps and jobs", ".github/workflows/ci.yml",
			"jobs:\n  a:\n    defaults:\n      run: {working-directory: ./web/}\n    steps:\n    - run: npm ci\n    - run: npm test\n      working-directory: .\n    - {run: 'make lint', working-directory: '${{ x }}'}\n",
			[]string{"1 6 cd web && npm ci", "4 7 npm test", "5 9 make lint"}, []string{"a:2"},
		},
		{"GitHub: folded text", ".github/workflows/ci.yml", "jobs:\n  a:\n    steps:\n    - run: >\n        go test\n        ./...\n", []string{"4 5 go test ./..."}, []string{"a:2"}},
		{"GitHub: other shells", ".github/workflows/ci.yml", "jobs:\n  a:\n    steps:\n    - {run: make test, shell: cmd}\n    - {run: make test, shell: bash}\n", []string{"4 5 make test"}, []string{"a:2"}},
		{"GitHub: actions that are commands", ".github/workflows/ci.yml", "jobs:\n  a:\n    steps:\n    - uses: pre-commit/action@v3\n    - uses: x/y@v1\n", []string{"5 4 pre-commit run --all-files"}, []string{"a:2"}},
		{
			"GitHub: what another repository holds is not here", ".github/workflows/bot.yml",
			"jobs:\n  a:\n    steps:\n    - run: make lint\n    - uses: actions/checkout@v4\n      with: {repository: shop/bot}\n    - run: make run\n  b:\n    steps:\n    - uses: actions/checkout@v4\n      with: {repository: shop/site, path: site}\n    - {run: make build, working-directory: site/web}\n    - {run: make test, working-directory: web}\n    - uses: actions/checkout@v4\n      with: {repository: '${{ github.repository }}'}\n    - run: make test\n",
			[]string{"5 4 make lint", "4 13 cd web && make test", "4 16 make test"}, []string{"a:2", "b:8"},
		},
		{
			"GitHub: what only its machine has", ".github/workflows/ci.yml",
			"jobs:\n  a:\n    steps:\n    - run: python -m venv \"$RUNNER_TEMP/x\"\n    - run: cmake --build ../out\n    - run: make test DIR=$GITHUB_WORKSPACE\n    - run: make test DIR=$HOME\n",
			[]string{"4 7 make test DIR=$HOME"}, []string{"a:2"},
		},
		{
			"GitHub: what a machine fetches is not here", ".github/workflows/ci.yml",
			"jobs:\n  a:\n    steps:\n    - run: |\n        make build\n        git clone https://example.org/lib\n        cd lib\n        make lint\n        cd ../web\n        make test\n    - run: git clone https://example.org/x && cd x && make run\n    - {run: make run, working-directory: lib}\n    - run: (cd web && make lint)\n    - run: mkdir out && cd out && cmake -S .. -B .\n",
			[]string{"2 5 make build", "4 10 cd web && make test", "5 13 (cd web && make lint)", "2 14 mkdir out && cd out && cmake -S .. -B ."}, []string{"a:2"},
		},
		{"GitHub: into the machine", ".github/workflows/ci.yml", "jobs:\n  a:\n    steps:\n    - run: sudo make -j1 install_sw\n    - run: make install-check && make\n", []string{"2 5 make install-check && make"}, []string{"a:2"}},
		{"GitHub: nothing", ".github/workflows/ci.yml", "on: push\n", nil, nil},
		{"GitHub: broken", ".github/workflows/ci.yml", "jobs: [\n", nil, nil},
		{"GitLab: lists in lists and templates", ".gitlab-ci.yml", "before_script: [pip install -r x.txt]\n.base:\n  script: &s\n  - make lint\na:\n  script:\n  - *s\n  - - make test\n", []string{"1 1 pip install -r x.txt", "5 4 make lint", "5 4 make lint", "4 8 make test"}, []string{"a:5"}},
		{"CircleCI: both spellings", ".circleci/config.yml", "jobs:\n  a:\n    steps:\n    - checkout\n    - run: make test\n    - run:\n        command: |\n          make lint\n        working_directory: web\ncommands:\n  b:\n    steps:\n    - run: make build\n", []string{"4 5 make test", "5 8 cd web && make lint", "2 13 make build"}, []string{"a:2"}},
		{"Azure: steps, jobs and stages", "azure-pipelines.yml", "steps:\n- script: make test\n  displayName: x\njobs:\n- job: b\n  steps:\n  - bash: make lint\n    workingDirectory: web\n", []string{"4 2 make test", "5 7 cd web && make lint"}, []string{"b:5"}},
		{"Travis: phases", ".travis.yml", "python: [\"3.12\"]\nbefore_install: pip install tox\ninstall: ./get.sh\nscript: ./thing.sh\njobs:\n  include:\n  - script: make lint\n", []string{"1 2 pip install tox", "1 3 ./get.sh", "4 4 ./thing.sh", "5 7 make lint"}, []string{"script:4"}},
		{"Bitbucket", "bitbucket-pipelines.yml", "pipelines:\n  default:\n  - step:\n      name: t\n      script:\n      - make test\n", []string{"4 6 make test"}, nil},
		{"Drone", ".drone.yml", "steps:\n- name: t\n  commands:\n  - make test\n", []string{"4 4 make test"}, nil},
		{
			"Woodpecker: steps by name", ".woodpecker.yml", "variables:\n- &rust rust:1.80\nsteps:\n  unit:\n    image: *rust\n    commands:\n    - make test\n  style:\n    directory: web\n    commands: make lint\nservices:\n  database:\n    commands: [make run]\n",
			[]string{"4 7 make test", "5 10 cd web && make lint"}, nil,
		},
		{"Woodpecker: a list of steps", ".woodpecker/unit.yaml", "steps:\n- name: unit\n  commands:\n  - make test\n- name: image\n  image: plugin\n  settings: {commands: make build}\n", []string{"4 4 make test"}, nil},
		{"Woodpecker: the old pipeline", ".woodpecker/unit.yml", "pipeline:\n  unit:\n    commands:\n    - make test\n", []string{"4 4 make test"}, nil},
		{"a list is one shell", ".drone.yml", "steps:\n- commands:\n  - cd web/\n  - make test\n  - cd ..\n  - make lint\n  - cd $HOME\n  - make build\n- commands:\n  - make run\n  - cd /\n  - make test\n", []string{"4 4 cd web && make test", "5 6 make lint", "3 10 make run"}, nil},
		{"Jenkins: quotes", "Jenkinsfile", "stage('A') { steps { sh 'make test'\n sh(\"make lint\")\n sh script: '''\n  make build\n '''\n sh \"make ${X}\" } }", []string{"4 1 make test", "5 2 make lint", "2 4 make build"}, []string{"A:1"}},
		{"AppVeyor is only named", "appveyor.yml", "test_script: make test\n", nil, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			commands, jobs, f := ran(tc.file, tc.content)
			if diff := cmp.Diff(tc.commands, commands); diff != "" {
				t.Errorf("commands (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.jobs, jobs); diff != "" {
				t.Errorf("jobs (-want +got):\n%s", diff)
			}
			if !slices.Equal(f.CI, []string{tc.file}) {
				t.Errorf("definitions %v", f.CI)
			}
		})
	}
}

// TestConfidence puts what a person would repeat before what only serves CI.
func TestConfidence(t *testing.T) {
	t.Parallel()
	_, _, f := ran(".github/workflows/ci.yml", `jobs:
  test:
    steps:
    - run: go test ./...
    - run: go test -v -race -timeout 30m -coverprofile=coverage.out ./...
    - run: go test -run $PATTERN ./...
    - run: pip install tox
    - run: pip install -r .github/requirements.txt
  release:
    steps:
    - run: make build
`)
	sure := map[string]float64{}
	for _, c := range f.Commands {
		sure[c.Command.Command] = c.Confidence
	}
	plain := sure["go test ./..."]
	if plain != evidence.SureCI {
		t.Errorf("a plain command is sure to %v", plain)
	}
	for command, confidence := range sure {
		if command != "go test ./..." && confidence >= plain {
			t.Errorf("%s is sure to %v", command, confidence)
		}
	}
	if len(sure) != 6 {
		t.Errorf("%d commands", len(sure))
	}
}

func TestTools(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		file, content string
		want          string
	}{
		{".github/workflows/ci.yml", "jobs:\n  a:\n    steps:\n    - uses: actions/setup-go@v5\n      with: {go-version: '1.26'}\n", "go 1.26 5"},
		{".github/workflows/ci.yml", "jobs:\n  a:\n    steps:\n    - uses: actions/setup-go@v5\n      with: {go-version: [a, b]}\n", ""},
		{".github/workflows/ci.yml", "jobs:\n  a:\n    steps:\n    - uses: actions/setup-go@v5\n      with: {go-version: '${{ matrix.go }}'}\n", ""},
		{".github/workflows/release.yml", "jobs:\n  a:\n    steps:\n    - uses: actions/setup-go@v5\n      with: {go-version: '1.26'}\n", ""},
		{".gitlab-ci.yml", "image: {name: 'registry.example.org/node:22'}\n", "node 22 1"},
		{".gitlab-ci.yml", "image: $IMAGE\n", ""},
		{".travis.yml", "node_js: 22\n", "node 22 1"},
		{".travis.yml", "python: ['3.11', '3.12']\n", ""},
	} {
		_, _, f := ran(tc.file, tc.content)
		got := ""
		for _, r := range f.Requirements {
			got += fmt.Sprintf("%s %s %d", r.Tool, r.Version, r.Line)
		}
		if got != tc.want {
			t.Errorf("%s %q asks for %q, want %q", tc.file, tc.content, got, tc.want)
		}
	}
}
