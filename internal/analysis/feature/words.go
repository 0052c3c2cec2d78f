package feature

import (
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/rampforgeai/rampforge/internal/analysis/inflect"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// wordsOf splits a name at hyphens, underscores, dots and humps, in lower case.
func wordsOf(name string) []string {
	var out []string
	start := 0
	runes := []rune(name)
	flush := func(end int) {
		if end > start {
			out = append(out, strings.ToLower(string(runes[start:end])))
		}
	}
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush(i)
			start = i + 1
		case i > start && unicode.IsUpper(r) && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])):
			flush(i)
			start = i
		}
	}
	flush(len(runes))
	return out
}

// fold makes one key of singular and plural and of every way to join words.
func fold(name string) string {
	words := wordsOf(name)
	if len(words) == 0 {
		return ""
	}
	last := len(words) - 1
	words[last] = inflect.Singular(words[last])
	return strings.Join(words, " ")
}

// topics join words that are about the same thing whatever they are called.
var topics = map[string]string{
	"login": keyAuth, "logout": keyAuth, "signin": keyAuth, "sign in": keyAuth, "signup": keyAuth, "sign up": keyAuth, "sign out": keyAuth, "signout": keyAuth, "register": keyAuth, "auth": keyAuth, "oauth": keyAuth,
	"oauth2": keyAuth, "sso": keyAuth, "password": keyAuth, "forgot password": keyAuth, "reset password": keyAuth, "verify email": keyAuth, "session": keyAuth, "authenticate": keyAuth, "authentication": keyAuth, "saml": keyAuth,
	"health": keyHealth, "healthz": keyHealth, "healthcheck": keyHealth, "health check": keyHealth, "livez": keyHealth, "readyz": keyHealth, "ready": keyHealth, "live": keyHealth, "liveness": keyHealth, "readiness": keyHealth,
	"ping": keyHealth, "version": keyHealth, "status": keyHealth, "metric": keyHealth, "actuator": keyHealth, "heartbeat": keyHealth,
	"swagger": keyDocs, "openapi": keyDocs, "redoc": keyDocs, "swagger ui": keyDocs, "openapi json": keyDocs, "openapi yaml": keyDocs,
}

// topic is the key of a folded word.
func topic(word string) string {
	if t := topics[word]; t != "" {
		return t
	}
	return word
}

// actionWords begin the names of procedures, jobs and commands.
var actionWords = map[string]bool{
	"get": true, "list": true, "create": true, "update": true, "delete": true, "remove": true, "add": true, "set": true, "find": true, "search": true, "fetch": true, "send": true, "process": true, "handle": true, "on": true,
	"sync": true, "run": true, "all": true, "my": true, "upsert": true, "edit": true, "new": true, "batch": true, "bulk": true, "by": true, "count": true, "cancel": true, "start": true, "stop": true, "enable": true, "disable": true,
	"cleanup": true, "clean": true, "generate": true, "make": true, "put": true, "show": true, "save": true, "load": true, "check": true, "refresh": true, "watch": true, "stream": true, "query": true,
}

// empty are words at the end of names that say what a thing is, not what it is
// about.
var empty = map[string]bool{
	"job": true, "task": true, "worker": true, "handler": true, "listener": true, "consumer": true, "model": true, "entity": true, "service": true, "controller": true, "event": true, "schema": true, "table": true, "row": true,
	"record": true, "type": true, "input": true, "id": true, "index": true, "main": true, "route": true, "page": true, "src": true, "lib": true, "db": true, "data": true, "base": true,
}

// nouns are the keys that a name may belong to: all of it, then ever fewer of its
// first words, then each word.
func nouns(name string) []string {
	words := wordsOf(name)
	for len(words) > 1 && actionWords[words[0]] {
		words = words[1:]
	}
	for len(words) > 1 && empty[words[len(words)-1]] {
		words = words[:len(words)-1]
	}
	var out []string
	add := func(w string) {
		if w = topic(w); w != "" && !slices.Contains(out, w) && (len(words) == 1 || !actionWords[w] && !empty[w]) {
			out = append(out, w)
		}
	}
	for n := len(words); n > 0; n-- {
		add(fold(strings.Join(words[:n], "-")))
	}
	for _, w := range words {
		add(fold(w))
	}
	return out
}

// commandWords are the keys of a command, by its first word, and that word as it
// is written: ls and stats are no plurals to those who type them.
func commandWords(name string) (label string, words []string) {
	parts := strings.Fields(name)
	if len(parts) == 0 || fold(parts[0]) == "" {
		return "", nil
	}
	return parts[0], []string{topic(fold(parts[0]))}
}

// rpcWords are the keys of a procedure: what its service is about; of a field of
// GraphQL its own noun.
func rpcWords(p *report.RPC) []string {
	if p.Protocol == protocolGraphQL {
		words := wordsOf(p.Method)
		for len(words) > 1 && actionWords[words[0]] {
			words = words[1:]
		}
		if len(words) == 0 {
			return nil
		}
		return []string{topic(fold(words[0]))}
	}
	words := wordsOf(p.Service)
	for len(words) > 1 && (empty[words[len(words)-1]] || words[len(words)-1] == "api") {
		words = words[:len(words)-1]
	}
	return []string{topic(fold(strings.Join(words, "-")))}
}

// lastFolder is the name of the folder that a file is in, without those that
// say nothing.
func lastFolder(p string) string {
	for dir := folderOf(p); dir != "."; dir = folderOf(dir) {
		if name := path.Base(dir); !plainFolders[strings.ToLower(name)] {
			return name
		}
	}
	return ""
}

var plainFolders = map[string]bool{
	"src": true, "lib": true, "app": true, "main": true, "internal": true, "pkg": true, "models": true, "model": true, "entities": true, "entity": true, "db": true, "database": true, "schema": true, "schemas": true, "java": true,
	"kotlin": true, "controllers": true, "handlers": true, "routes": true, "api": true, "server": true, "jobs": true, "tasks": true, "workers": true, "prisma": true, "migrations": true, "core": true, "common": true,
}
