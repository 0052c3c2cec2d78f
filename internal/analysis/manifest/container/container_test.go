package container

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
)

func TestInstructions(t *testing.T) {
	t.Parallel()
	got := instructions("# syntax=x\nFROM a AS b\n\nRUN x \\\n  # a comment between\n  && y \\\n\n  && z\nentrypoint [\"a\"]\nCMD")
	want := []instruction{{"FROM", "a AS b", 2}, {"RUN", "x && y && z", 4}, {"ENTRYPOINT", `["a"]`, 9}, {"CMD", "", 10}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(instruction{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestVersionOf keeps the system of an image from being a version of the tool.
func TestVersionOf(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		"1.26": "1.26", "alpine": "", "alpine3.23": "", "1.26-alpine3.23": "1.26", "24.14.1-alpine": "24.14.1", "3.14.7-slim-trixie": "3.14.7", "bookworm": "", "latest": "", "": "",
		"nightly-2026-05-04": "nightly-2026-05-04", "v8": "v8", "21-jdk": "21-jdk",
	} {
		if got := versionOf(tag); got != want {
			t.Errorf("versionOf(%q) = %q, want %q", tag, got, want)
		}
	}
}

func TestExpand(t *testing.T) {
	t.Parallel()
	arguments := map[string]string{"V": "1.2", "NAME": "golang", "LOOP": "$LOOP", "EMPTY": ""}
	for text, want := range map[string]string{
		"a:1": "a:1", "$NAME:$V": "golang:1.2", "${NAME}:${V}-x": "golang:1.2-x", "a:${V:-3}": "a:1.2", "a:${W:-3}-y": "a:3-y", "a:$W": "a:$W", "a:${EMPTY}": "a:${EMPTY}",
		"$": "$", "${": "${", "x$LOOP": "x$LOOP",
	} {
		if got := expand(text, arguments); got != want {
			t.Errorf("expand(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		`["a", "b c"]`: "a b c", `a b`: "a b", `["sh", "-c", "a && b"]`: "a && b", `["a"`: "", `[]`: "", ``: "",
	} {
		if got := commandLine(args); got != want {
			t.Errorf("commandLine(%q) = %q, want %q", args, got, want)
		}
	}
}

func TestStartedFile(t *testing.T) {
	t.Parallel()
	tree := evidence.NewTree([]string{"serve.py", "api/app/main.py", "src/web.py", "pkg/__init__.py", "bin/run.sh"}, nil)
	for _, tc := range []struct {
		dir   string
		words []string
		want  string
	}{
		{".", []string{"python", "serve.py"}, "serve.py"},
		{".", []string{"python", "/usr/src/app/serve.py"}, "serve.py"},
		{".", []string{"/app/bin/run.sh", "--x"}, "bin/run.sh"},
		{"api", []string{"uvicorn", "app.main:app"}, "api/app/main.py"},
		{".", []string{"gunicorn", "web:app"}, "src/web.py"},
		{".", []string{"gunicorn", "pkg:create"}, "pkg/__init__.py"},
		{".", []string{"./serve.py"}, "serve.py"},
		{".", []string{"node", "gone.js"}, ""},
		{".", []string{"/bin/sh"}, ""},
		{".", []string{"--config=serve.py"}, ""},
		{".", []string{"http://x:80"}, ""},
		{".", nil, ""},
	} {
		if got := startedFile(tree, tc.dir, tc.words); got != tc.want {
			t.Errorf("%v in %s starts %q, want %q", tc.words, tc.dir, got, tc.want)
		}
	}
}

// found is what one file says.
func found(file, content string, paths ...string) (commands, tools, entries []string) {
	f := evidence.NewFindings()
	Read(evidence.NewTree(paths, []evidence.File{{Path: file, Content: []byte(content)}}), f)
	for _, c := range f.Commands {
		commands = append(commands, fmt.Sprintf("%v %s", c.Purpose, c.Command.Command))
	}
	for _, r := range f.Requirements {
		tools = append(tools, fmt.Sprintf("%s %s:%d", r.Tool, r.Version, r.Line))
	}
	for _, e := range f.EntryPoints {
		entries = append(entries, fmt.Sprintf("%s:%d %s %s", e.Path, e.Line, e.Kind, e.Name))
	}
	return commands, tools, entries
}

func TestRead(t *testing.T) {
	t.Parallel()
	const setup, run = "1 ", "3 "
	for _, tc := range []struct {
		name, file, content      string
		paths                    []string
		commands, tools, entries []string
	}{
		{
			"a program built in the image", "Dockerfile", "FROM golang:1.26 AS b\nFROM gcr.io/distroless/static-debian12:nonroot\nCOPY --from=b /x /x\nENTRYPOINT [\"/x\"]\n", nil,
			nil, []string{"go 1.26:1"}, []string{"Dockerfile:4 container Dockerfile: /x"},
		},
		{
			"an inherited stage starts nothing", "Dockerfile", "FROM node:22 AS a\nCMD [\"node\", \"x.js\"]\nFROM a\n", nil,
			nil, []string{"node 22:1"}, nil,
		},
		{
			"a shell form", "build.Dockerfile", "FROM --platform=$P python:3\nCMD python -m shop serve\n", []string{"shop/__main__.py"},
			[]string{run + "python -m shop serve"}, []string{"python 3:1"}, []string{"shop/__main__.py:1 container build.Dockerfile: python -m shop serve"},
		},
		{"an unknown image", "Dockerfile", "FROM $UNKNOWN\nFROM scratch\nFROM\n", nil, nil, nil, nil},
		{
			"services only", "compose.yaml", "services:\n  db:\n    image: docker.io/library/postgres:16@sha256:a\n  os:\n    image: ubuntu:24.04\n", nil,
			[]string{setup + "docker compose up"}, []string{"postgres 16:3"}, nil,
		},
		{
			"software and services", "docker-compose.dev.yml", "services:\n  web:\n    build: {context: .}\n    command: python serve.py\n    image: mine:1\n", []string{"serve.py"},
			[]string{run + "docker compose -f docker-compose.dev.yml up"}, nil, []string{"serve.py:1 container web"},
		},
		{"of a profile, for clients and for tests", "compose.yaml", "services:\n  app:\n    build: .\n    depends_on: [db]\n  db:\n    image: postgres:${PG:-16}\n  mail:\n    image: axllent/mailpit:v1\n    profiles: [mail]\n  e2e:\n    image: cypress/included:13.6\n    depends_on: [app]\n  admin:\n    image: adminer:4\n    depends_on: [db]\n", nil,
			[]string{run + "docker compose up"}, []string{"postgres 16:6"}, []string{"compose.yaml:2 container app"}},
		{"of a profile that is needed", "compose.yaml", "services:\n  app:\n    build: .\n    depends_on: [db]\n  db:\n    image: postgres:16\n    profiles: [dev]\n", nil,
			[]string{run + "docker compose up"}, []string{"postgres 16:6"}, []string{"compose.yaml:2 container app"}},
		{"the software's own image", "compose.yaml", "services:\n  app:\n    build: .\n    image: acme/shop:2\n  worker:\n    image: acme/shop:2\n", nil,
			[]string{run + "docker compose up"}, nil, []string{"compose.yaml:2 container app"}},
		{"for tests alone", "docker-compose.test.yml", "services:\n  db:\n    image: postgres:16\n", nil,
			[]string{setup + "docker compose -f docker-compose.test.yml up"}, nil, nil},
		{"a variable", "compose.yaml", "services:\n  db:\n    image: postgres:$VERSION\n", nil, []string{setup + "docker compose up"}, nil, nil},
		{"a development container", ".devcontainer/Dockerfile", "ARG VARIANT=17-bullseye\nFROM mcr.microsoft.com/vscode/devcontainers/java:0-${VARIANT}\n", nil, nil, []string{"java 17:2"}, nil},
		{"the image of one", ".devcontainer/devcontainer.json", "{\"image\": \"mcr.microsoft.com/devcontainers/typescript-node:1-22-bookworm\"}", nil, nil, []string{"node 22:1"}, nil},
		{"for production", "docker-compose.prod.yml", "services:\n  web:\n    build: .\n", nil, nil, nil, []string{"docker-compose.prod.yml:2 container web"}},
		{"no services", "compose.yml", "x: 1\n", nil, nil, nil, nil},
		{"an example's", "examples/a/docker-compose.yml", "services:\n  db: {image: \"redis:7\"}\n", nil, nil, nil, nil},
		{"a Procfile", "Procfile", "# web: no\nweb: python serve.py\nbad line\nclock: ./clock\n", []string{"serve.py"}, []string{run + "python serve.py", run + "./clock"}, nil, []string{"serve.py:1 program web", "Procfile:4 program clock"}},
		{"one that empties the settings", "Procfile", "release: echo '' > .env && npm run migrate\nweb: npm start\n", nil, []string{run + "npm start"}, nil, []string{"Procfile:1 program release", "Procfile:2 program web"}},
		{"settings are no program", "Procfile", "web: serve -C site.conf public/\n", []string{"site.conf"}, []string{run + "serve -C site.conf public/"}, nil, []string{"Procfile:1 program web"}},
		{"a development container", ".devcontainer.json", `{"image": "node:22", "postCreateCommand": "npm ci && npm run build\necho done"}`, nil, []string{setup + "npm ci && npm run build"}, []string{"node 22:1"}, nil},
		{"a broken one", ".devcontainer/devcontainer.json", `{"image"`, nil, nil, nil, nil},
		{"a function without a file", "serverless.yml", "functions:\n  a: {handler: gone.run}\n  b: {handler: x}\n  c:\n", nil, []string{run + "serverless offline"}, nil, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			commands, tools, entries := found(tc.file, tc.content, tc.paths...)
			for _, part := range []struct {
				name      string
				want, got []string
			}{{"commands", tc.commands, commands}, {"tools", tc.tools, tools}, {"entry points", tc.entries, entries}} {
				if diff := cmp.Diff(part.want, part.got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", part.name, diff)
				}
			}
		})
	}
}
