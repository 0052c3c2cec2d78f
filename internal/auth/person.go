package auth

import (
	"archive/zip"
	"context"
	"encoding/json"
	"io"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// notExported is what no export of a person holds.
const notExported = "the history of git repositories, what the connected services keep themselves, and backups"

// ExportPerson writes everything that is kept of a person as a ZIP of JSON: one
// file for each list, work.jsonl with a line for each record that names them, and
// mentions.jsonl with one for each other place that does.
func ExportPerson(ctx context.Context, records *store.Store, v store.Subject, to io.Writer, now time.Time) error {
	return exportPerson(ctx, records, v, true, notExported, to, now)
}

// ExportOwn writes what is kept of a user, for themselves, as ExportPerson does,
// but for less: proven tells which accounts, by facts.AccountKey, and which
// addresses of commits are theirs beyond doubt, and only by those their work is
// looked for. Anybody may register with an address that is not theirs. Where else
// a name stands is left out, as everybody chooses their own name: it would tell
// which records, of projects that they may not see, hold any words they like.
func ExportOwn(ctx context.Context, records *store.Store, v store.Subject, proven map[string]bool, to io.Writer, now time.Time) error {
	own := store.Subject{Email: v.Email, User: v.User}
	if v.User != nil {
		own.Names = append(own.Names, v.User.Name)
	}
	for _, a := range v.Accounts {
		if proven[facts.AccountKey(a.ServiceID, a.ID)] {
			own.Accounts = append(own.Accounts, a)
			if a.Name != "" && !slices.Contains(own.Names, a.Name) {
				own.Names = append(own.Names, a.Name)
			}
		}
	}
	for _, address := range v.Addresses {
		if proven[address] {
			own.Addresses = append(own.Addresses, address)
		}
	}
	return exportPerson(ctx, records, own, false, notExported+"; what is found by accounts and addresses that are not proven to be yours, and where others name you: whoever runs the server can export that", to, now)
}

func exportPerson(ctx context.Context, records *store.Store, v store.Subject, mentioned bool, notHere string, to io.Writer, now time.Time) error {
	out := zip.NewWriter(to)
	file := func(name string) (*json.Encoder, error) {
		w, err := out.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: now.UTC()})
		if err != nil {
			return nil, err
		}
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		return encoder, nil
	}
	whole := func(name string, value any) error {
		encoder, err := file(name)
		if err != nil {
			return err
		}
		encoder.SetIndent("", "  ")
		return encoder.Encode(value)
	}
	if err := whole("person.json", map[string]any{
		"exported_at": now.UTC(), "asked_for": v.Email, "addresses": listed(v.Addresses), "names": listed(v.Names), "accounts_of_services": listed(v.Accounts), "not_here": notHere,
	}); err != nil {
		return err
	}
	if err := records.SubjectSections(ctx, v, func(s store.SubjectSection) error { return whole(s.Name+".json", s.Rows) }); err != nil {
		return err
	}
	work, err := file("work.jsonl")
	if err != nil {
		return err
	}
	if err := records.SubjectRecords(ctx, v, func(r store.SubjectRecord) error { return work.Encode(r) }); err != nil {
		return err
	}
	if !mentioned {
		return out.Close()
	}
	mentions, err := file("mentions.jsonl")
	if err != nil {
		return err
	}
	if err := records.SubjectMentions(ctx, v, codeindex.Nameless, func(m store.Mention) error { return mentions.Encode(m) }); err != nil {
		return err
	}
	return out.Close()
}

// listed is a list that is written as one, also when it is empty.
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
