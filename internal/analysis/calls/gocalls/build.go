package gocalls

import (
	"bufio"
	"bytes"
	"go/build/constraint"
	"path"
	"strings"
)

// What the call graph is of: the build of the most common machine.
const (
	goos   = "linux"
	goarch = "amd64"
)

var otherSystems = words("aix android darwin dragonfly freebsd hurd illumos ios js nacl netbsd openbsd plan9 solaris wasip1 windows zos")
var otherMachines = words("386 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x wasm sparc64")

func words(s string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		out[w] = true
	}
	return out
}

// built reports whether a file is part of the build, by its name and its
// constraint.
func built(p string, content []byte) bool {
	name := path.Base(p)
	if strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".") {
		return false
	}
	parts := strings.Split(strings.TrimSuffix(strings.TrimSuffix(name, ".go"), "_test"), "_")
	for _, part := range parts[max(1, len(parts)-2):] {
		if otherSystems[part] || otherMachines[part] {
			return false
		}
	}
	lines := bufio.NewScanner(bytes.NewReader(content))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if constraint.IsGoBuild(line) {
			expr, err := constraint.Parse(line)
			return err != nil || expr.Eval(satisfied)
		}
		if line != "" && !strings.HasPrefix(line, "//") {
			break
		}
	}
	return true
}

// satisfied reports whether a build tag is on. Every release is old enough.
func satisfied(tag string) bool {
	return tag == goos || tag == goarch || tag == "unix" || tag == "gc" || tag == "cgo" || strings.HasPrefix(tag, "go1.")
}
