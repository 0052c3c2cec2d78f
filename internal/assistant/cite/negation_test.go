package cite_test

import (
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/assistant/cite"
)

// TestDenials drops claims that deny what their source states, and those that
// state what it denies.
func TestDenials(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		source, claim string
		stands        bool
	}{
		{"The client retries a failed request three times.", "The client retries a failed request [1].", true},
		{"The client retries a failed request three times.", "The client never retries a failed request [1].", false},
		{"The client retries a failed request three times.", "The client doesn't retry a failed request [1].", false},
		{"The client retries a failed request three times.", "A failed request is not retried by the client [1].", false},
		{"The client never retries a failed request.", "The client never retries a failed request [1].", true},
		{"The client never retries a failed request.", "A failed request is not retried by the client [1].", true},
		{"The client never retries a failed request.", "The client retries a failed request [1].", false},
		{"Reading a page needs a token of the user.", "Reading a page does not need a token [1].", false},
		{"Reading a page does not need a token.", "Reading a page needs a token [1].", false},
		{"Reading a page does not need a token.", "Reading a page needs no token [1].", true},
		{"Reading a page does not need a token.", "A page is read without a token [1].", true},
		{"Version 2 supports the old format of messages.", "The old format of messages is no longer supported [1].", false},
		{"The old format of messages is no longer supported.", "The old format of messages is supported [1].", false},
		{"The old format of messages is no longer supported.", "The old format of messages is not supported any more [1].", true},
		// A denial of something else bears nothing out, and forbids nothing.
		{"Requests are not logged. The client retries failed requests.", "The client never retries failed requests [1].", false},
		{"Requests are not logged. The client retries failed requests.", "The client retries failed requests [1].", true},
		{"Failed uploads are not kept. Finished uploads are kept for a week.", "Finished uploads are kept for a week [1].", true},
		{"The cache is written without a lock, and flushed each minute.", "The cache is flushed each minute [1].", true},
		// Words and code that deny in other ways.
		{"Anonymous access is disabled for uploads.", "Anonymous access is not possible for uploads [1].", true},
		{"The client retries uploads unless that is disabled.", "The client never retries uploads [1].", false},
		{"func upload(c Client) {\n\tif !c.Retry {\n\t\treturn\n\t}\n}", "Where `Retry` is not set the client upload does return [1].", true},
		{"if err := upload(file); err != nil {\n\treturn err\n}", "The upload of a file returns no err [1].", true},
		{"// Upload does not check the size of a file.\nfunc Upload(file File) {", "Upload checks the size of a file [1].", false},
		{"// Upload checks the size of a file.\nfunc Upload(file File) {", "Upload does not check the size of a file [1].", false},
		{"// Upload checks the size\n// of a file, never its name.\nfunc Upload(file File) {", "Upload checks the size of a file [1].", true},
		// Opposites.
		{"The cache of pages is enabled by default.", "The cache of pages is disabled by default [1].", false},
		{"The cache of pages is disabled by default.", "The cache of pages is enabled by default [1].", false},
		{"The cache of pages is disabled by default.", "The cache of pages is disabled by default [1].", true},
		{"The cache of pages is disabled by default.", "The cache of pages is not enabled by default [1].", true},
		{"The cache of pages is not disabled by default.", "The cache of pages is enabled by default [1].", true},
		{"The cache of pages is not disabled by default.", "The cache of pages is disabled by default [1].", false},
		{"The service cannot be started without Redis.", "The service can be started without Redis [1].", false},
		{"The service can be started without Redis.", "The service cannot be started without Redis [1].", false},
		{"The service can be started without Redis.", "The service can be started without Redis [1].", true},
		{"The name of the harbour is required.", "The name of the harbour is optional [1].", false},
		{"The name of the harbour is optional.", "The name of the harbour is required [1].", false},
		{"The name of the harbour is optional.", "The name of the harbour is not required [1].", true},
		{"A page is deleted at once unless the user is an admin.", "A page is deleted at once if the user is an admin [1].", false},
		{"A page is deleted at once if the user is an admin.", "A page is deleted at once unless the user is an admin [1].", false},
		{"A page is deleted at once if the user is an admin.", "A page is deleted at once if the user is an admin [1].", true},
		{"Deleting pages is allowed only for admins.", "Deleting pages is forbidden for admins [1].", false},
		{"Deleting pages is forbidden for admins.", "Deleting pages is allowed only for admins [1].", false},
		{"No user may delete a page except the owner.", "Any user may delete a page except the owner [1].", false},
		{"Any user may delete a page except the owner.", "No user may delete a page except the owner [1].", false},
		{"No user may delete a page except the owner.", "No user may delete a page except the owner [1].", true},
		{"// The lock of the queue is not held here.\nfunc flush(q *Queue) {", "The lock of the queue is held here [1].", false},
		{"// The lock of the queue is not held here.\nfunc flush(q *Queue) {", "The lock of the queue is not held here [1].", true},
		{"func flush(q *Queue) {\n\tq.lock.free() // the lock of the queue is not held here\n}", "The lock of the queue is held here [1].", false},
		{"The client does not retry an upload unless `RETRY` is set.", "The client retries an upload only where `RETRY` is set [1].", true},
		{"The client does not retry an upload unless `RETRY` is set.", "The client retries an upload if `RETRY` is set [1].", true},
		{"The client does not retry an upload unless `RETRY` is set.", "The client does not retry an upload if `RETRY` is set [1].", false},
		{"The client does not retry an upload unless `RETRY` is set.", "The client retries an upload [1].", false},
		{"The flag of retries is enabled. The cache of pages is disabled.", "The flag of retries is enabled [1].", true},
		{"The flag of retries is enabled. The cache of pages is disabled.", "The cache of pages is enabled [1].", false},
		// Names and figures of speech deny nothing.
		{"The flag --no-cache empties the cache of pages first.", "The flag `--no-cache` empties the cache of pages [1].", true},
		{"It supports not only tokens but also passwords of users.", "It supports tokens and passwords of users [1].", true},
		// Other languages.
		{"Der Dienst wiederholt eine Anfrage nicht, wenn sie gescheitert ist.", "Der Dienst wiederholt eine Anfrage, wenn sie gescheitert ist [1].", false},
		{"Der Dienst wiederholt eine Anfrage dreimal, wenn sie gescheitert ist.", "Der Dienst wiederholt eine Anfrage nicht, wenn sie gescheitert ist [1].", false},
		{"Der Dienst wiederholt eine Anfrage dreimal, wenn sie gescheitert ist.", "Der Dienst wiederholt eine Anfrage dreimal [1].", true},
		{"El cliente nunca repite una solicitud en el servidor.", "El cliente repite una solicitud en el servidor [1].", false},
		{"Le client ne répète jamais une requête dans le serveur.", "Le client répète une requête dans le serveur [1].", false},
		{"Клиент не повторяет запрос на сервер.", "Клиент повторяет запрос на сервер [1].", false},
		{"The sin of an angle is computed from a table of values.", "The sin of an angle is computed from a table of values [1].", true},
	} {
		checker := cite.NewChecker(cite.List{{Text: c.source}}, cite.NewMark(), "", nil)
		if got := strings.TrimSpace(checker.Check(c.claim)); (got == c.claim) != c.stands {
			t.Errorf("%q of %q becomes %q", c.claim, c.source, got)
		}
		// Without a citation it is not adopted either.
		bare := strings.Replace(c.claim, " [1]", "", 1)
		if got := checker.Check(bare); !c.stands && got != "" {
			t.Errorf("%q is adopted by %q", bare, c.source)
		}
	}
}
