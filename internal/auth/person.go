package auth

import (
	"archive/zip"
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/store"
)

// ExportPerson writes everything that is kept of a person as a ZIP of JSON: one
// file for each list, work.jsonl with a line for each record that names them, and
// mentions.jsonl with one for each other place that does.
func ExportPerson(ctx context.Context, records *store.Store, v store.Subject, to io.Writer, now time.Time) error {
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
	accounts := v.Accounts
	if accounts == nil {
		accounts = []store.SubjectAccount{}
	}
	if err := whole("person.json", map[string]any{
		"exported_at": now.UTC(), "asked_for": v.Email, "addresses": v.Addresses, "names": v.Names, "accounts_of_services": accounts,
		"not_here": "the history of git repositories, what the connected services keep themselves, and backups",
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
	mentions, err := file("mentions.jsonl")
	if err != nil {
		return err
	}
	if err := records.SubjectMentions(ctx, v, codeindex.Nameless, func(m store.Mention) error { return mentions.Encode(m) }); err != nil {
		return err
	}
	return out.Close()
}
