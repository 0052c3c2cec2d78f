package assistant_test

import (
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// settings is a repository in several languages that define values in many ways.
const settings = `
-- go.mod --
module example.com/quay

go 1.24
-- README.md --
# Quay

Quay takes files in.

## Limits

An upload may be at most 10 MB. Sessions are kept for two hours.

| Setting | Description | Default |
|---|---|---|
| ` + "`--workers`" + ` | How many workers unload at once | 4 |

The retry interval defaults to 30 seconds.
-- server/server.go --
// Package server takes files in.
package server

import "time"

// maxUpload is how large an upload may be.
const maxUpload = 32 << 20

// EnvLogLevel names how much is logged.
const EnvLogLevel = "QUAY_LOG_LEVEL"

// Config is how it is set up.
type Config struct {
	Port        int           ` + "`env:\"PORT\" envDefault:\"8443\"`" + `
	Grace       time.Duration
}

// Defaults is what nobody set.
func Defaults() Config {
	return Config{Grace: 15 * time.Second}
}

// retryInterval is how often a delivery is tried again.
const retryInterval = 30 * time.Second
-- server/server_test.go --
package server

const envOfTests = "QUAY_OF_TESTS"

const maxUploadOfTests = 5

const queueLength = 7
-- tools/report.py --
"""Reports what was taken in."""
import argparse

HEARTBEAT_SECONDS = 20


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--retention-days", type=int, default=90, help="how long reports are kept")
    return parser.parse_args()
-- web/client.ts --
// How long a request may take.
const requestTimeoutMs: number = 5000;

export const theme = process.env.THEME ?? "dark";
-- src/Pool.java --
class Pool {
    private static final int MAX_CONNECTIONS = 64;
}
-- config/app.yaml --
cache:
  ttl: 10m
-- lib/ring.h --
#define RING_SLOTS 1024
-- commit: Take files in --
author: Ada Stone <ada@example.com>
date: 2025-06-10T09:00:00Z
`

// TestValues tells defaults and limits by the lines that define them.
func TestValues(t *testing.T) {
	t.Parallel()
	a := over(t, store.New(storetest.SQLite(t)), gittest.Build(t, settings))
	for _, c := range []struct {
		question, place string
		line            int
		says            []string
	}{
		{"How large may an upload be?", "server/server.go", 7, []string{"`maxUpload` is `32 << 20`", "maxUpload is how large an upload may be", "README.md", "at most 10 MB", "The sources disagree: it is"}},
		{"Which port does it listen on?", "server/server.go", 14, []string{"`Port`", "is by default `8443`"}},
		{"What is the default grace period?", "server/server.go", 20, []string{"`Grace` is", "`15 * time.Second`"}},
		{"How often is a delivery retried?", "server/server.go", 24, []string{"`30 * time.Second`"}},
		{"What is the retry interval?", "server/server.go", 24, []string{"`retryInterval` is `30 * time.Second`", "defaults to 30 seconds"}},
		{"What is the default number of workers?", "README.md", 11, []string{"`--workers` is by default `4`"}},
		{"How long are reports kept?", "tools/report.py", 9, []string{"`retention-days` is by default `90`"}},
		{"What is the heartbeat interval?", "tools/report.py", 4, []string{"`HEARTBEAT_SECONDS` is `20`"}},
		{"What is the timeout of a request?", "web/client.ts", 2, []string{"`requestTimeoutMs` is `5000`"}},
		{"What is the default theme?", "web/client.ts", 4, []string{"is by default `\"dark\"`"}},
		{"What is the maximum number of connections of the pool?", "src/Pool.java", 2, []string{"`MAX_CONNECTIONS` is `64`"}},
		{"What is the TTL of the cache?", "config/app.yaml", 2, []string{"`ttl` of `cache` is `10m`"}},
		{"How many ring slots may there be?", "lib/ring.h", 1, []string{"`RING_SLOTS` is `1024`"}},
	} {
		answer := a.ask(c.question)
		says(t, answer, c.says...)
		cites(t, answer, c.place, c.line)
		if answer.Abstained || answer.Confidence != rampforge.ConfidenceHigh || strings.Contains(answer.Text, "OfTests") {
			t.Errorf("%q: %+v", c.question, answer)
		}
		if said := strings.Contains(answer.Text, "disagree"); said != strings.Contains(c.question, "upload") {
			t.Errorf("%q: a contradiction is said: %t\n%s", c.question, said, answer.Text)
		}
	}
	variables := a.ask("Which environment variables are there?")
	says(t, variables, "It reads these environment variables:", "- `PORT`, read in `server/server.go`, line 14 [", "- `QUAY_LOG_LEVEL`, read in `server/server.go`, line 10 [", "- `THEME`, read in `web/client.ts`, line 4 [")
	cites(t, variables, "web/client.ts", 4)
	says(t, a.ask("Which environment variables configure the logging?"), "It reads these environment variables:\n\n- `QUAY_LOG_LEVEL`")
	says(t, a.ask("Which environment variables configure the database?"), "None is named for `database`; it reads")
	// What nothing defines, or tests alone do, is not made up.
	for _, question := range []string{"How long may a queue be?", "What is the maximum size of an avatar?", "How often is the certificate renewed?", "What is the session timeout of the mail client?"} {
		if answer := a.ask(question); !answer.Abstained {
			t.Errorf("%q: %s", question, answer.Text)
		}
	}
}

// misleading is a repository with lines that look as if they gave values.
const misleading = `
-- config/filesystems.php --
<?php
return [
    'disks' => [
        'ftp' => [
            'host' => 'example.com',
            // 'port' => 21,
            'timeout' => 30,
        ],
        'mysql' => [
            'port' => 3306,
        ],
    ],
];
-- lib/client.py --
"""Asks servers."""

DEFAULT_LIMITS = Limits(max_connections=100, max_keepalive=20)

PATTERNS = {
    "port": ".*",
}


class Client:
    def __init__(self, headers):
        has_host = "Host" in headers
        self.headers = headers
        self.retries = 3

    def ask(self, timeout):
        if timeout <= 0:
            timeout = 1000
        return timeout
-- src/unicode.c --
int decode(const char *in) {
    int length = 0;
    if (*in)
        length = 1;
    return length;
}
-- src/clients.c --
// Keep a few clients, so that more than these are freed.
static const int min_client = 8;
-- src/settings.c --
enumEntry eviction_policy[] = {
    {"noeviction", EVICT_NONE},
    {"oldest", EVICT_OLDEST},
};

#define createNumber(name, alias, lower, upper, at, default, apply) { name, default }
#define createWord(name, alias, words, at, default, apply) { name, default }

settings all[] = {
    createNumber("port", NULL, 0, 65535, server.port, 7411, NULL), /* TCP port. */
    createNumber("timeout", NULL, 0, 1000, server.idle, 90, NULL), /* Default client timeout */
    createWord("eviction-policy", NULL, eviction_policy, server.policy, EVICT_NONE, NULL),
    createNumber("client-query-buffer-limit", NULL, 0, 1000, server.buffer, 512, NULL),
    createUnknown("queue-depth", 12, NULL, NULL, NULL),
};
-- README.md --
# Asker

Limit the pool: a small one does.

    client = Client(limits=Limits(max_connections=10))

Try it with --port 9999 on the command line.
-- examples/small.py --
MAX_RETRIES = 9
-- tsconfig.json --
{
  "compilerOptions": {
    "outDir": "dist"
  }
}
-- CHANGELOG.md --
# Changes

The default number of retries is now 8.
-- commit: Ask servers --
author: Ada Stone <ada@example.com>
date: 2025-06-10T09:00:00Z
`

// TestValuesThatAreNone takes no operand, no pattern, no comment, no example and no
// assignment of running code for a value.
func TestValuesThatAreNone(t *testing.T) {
	t.Parallel()
	a := over(t, store.New(storetest.SQLite(t)), gittest.Build(t, misleading))
	for question, want := range map[string]string{
		"Which port does the server listen on?":     "`port` is by default `7411`",
		"What is the default timeout of a client?":  "`timeout` is by default `90`",
		"What is the default eviction policy?":      "`eviction-policy` is by default `\"noeviction\"`",
		"What is the default of max_connections?":   "`max_connections` is by default `100`",
		"What is the timeout of ftp?":               "`timeout` of `ftp` is `30`",
		"What is the port of mysql?":                "",
		"What is the default host?":                 "",
		"What is the maximum line length?":          "",
		"What is the maximum number of retries?":    "",
		"What is the default of the outDir folder?": "",
		"What is the maximum queue depth?":          "",
		"What is the maximum number of clients?":    "",
	} {
		answer := a.ask(question)
		if want != "" {
			says(t, answer, want)
		} else if answer.Confidence == rampforge.ConfidenceHigh || strings.Contains(answer.Text, "` is ") {
			t.Errorf("%q: %s: %s", question, answer.Confidence, answer.Text)
		}
		for _, wrong := range []string{"disagree", "`21`", "9999", "`1000`", "is `1`", "EVICT_", "`10`", "5.0)", "\n\n`"} {
			if want != "" && strings.Contains(answer.Text, wrong) {
				t.Errorf("%q: %q in %s", question, wrong, answer.Text)
			}
		}
	}
}
