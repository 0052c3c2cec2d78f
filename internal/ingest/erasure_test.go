package ingest_test

import (
	"archive/zip"
	"bytes"
	"database/sql"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/auth"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// everything is all that stands in a database, a line for each row.
func everything(t *testing.T, db *database.DB) string {
	t.Helper()
	tables := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	if db.Engine() == database.Postgres {
		tables = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`
	}
	var out strings.Builder
	for _, row := range rowsOf(t, db, tables) {
		for _, row := range rowsOf(t, db, `SELECT * FROM `+row[0]) {
			fmt.Fprintln(&out, row)
		}
	}
	return out.String()
}

func rowsOf(t *testing.T, db *database.DB, text string) (all [][]string) {
	t.Helper()
	rows, err := db.Read().QueryContext(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		into := make([]any, len(columns))
		for n := range into {
			into[n] = new(any)
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		row := make([]string, len(columns))
		for n := range into {
			value := *into[n].(*any)
			if b, ok := value.([]byte); ok {
				value = string(b)
			}
			row[n] = fmt.Sprint(value)
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// adas is what must be nowhere when she was erased.
var adas = []string{"ada@corp.test", "ada@home.test", "countess", "Ada Byron", "abyron", "her secret question"}

// TestEraseLeavesNoName erases somebody whom users, services and commits know,
// looks through the whole database, and syncs again.
func TestEraseLeavesNoName(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, db *database.DB) {
		o, ctx, now := newOffice(t, s), t.Context(), time.Now()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		ada, err := s.CreateUser(ctx, store.Registration{Email: "Ada@corp.test", Name: "Ada Byron", PasswordHash: "hash", Role: rampforge.RoleDeveloper, At: now})
		must(err)
		_, err = s.CreateSession(ctx, store.NewSession{UserID: ada.ID, PasswordHash: "hash", RefreshHash: "r", Device: "d", Address: "192.0.2.7", At: now, ExpiresAt: now.Add(time.Hour)})
		must(err)
		_, err = s.CreateToken(ctx, rampforge.APIToken{UserID: ada.ID, Name: "ci", Scopes: []string{"read"}, Prefix: "rf_1", CreatedAt: now}, "h")
		must(err)
		project := rampforge.Project{ID: store.NewID("prj"), Name: "shop", Status: rampforge.ProjectActive, CreatedBy: ada.ID, CreatedAt: now, UpdatedAt: now}
		must(s.InTx(ctx, func(tx *sql.Tx) error {
			return s.CreateProjectTx(ctx, tx, project, []string{"ada@corp.test", "zoe@lead.test"})
		}))
		_, err = s.KeepAnswer(ctx, store.ViewerOf(ada), project.ID, "Mine", rampforge.Answer{Question: "her secret question", Text: "x", AskedAt: now})
		must(err)
		must(s.Audit(ctx, rampforge.AuditEntry{At: now, ActorID: ada.ID, Action: "auth.login", TargetID: ada.ID, Address: "192.0.2.7", Success: true}))
		must(s.Audit(ctx, rampforge.AuditEntry{At: now, Action: "user.invited", TargetID: "ada@corp.test", Details: map[string]any{"note": "for ada@corp.test"}}))
		o.fill()
		before := everything(t, db)
		for _, name := range adas {
			if !strings.Contains(before, name) {
				t.Errorf("%q is nowhere before, so that its absence proves nothing", name)
			}
		}

		subject, err := s.Subject(ctx, "ADA@corp.test")
		must(err)
		if len(subject.Accounts) != 3 || len(subject.Addresses) != 3 {
			t.Errorf("she is known as %+v", subject)
		}
		pseudonym, err := s.Erase(ctx, subject, now)
		must(err)
		eraser := &ingest.Eraser{Store: s, Now: time.Now}
		n, err := eraser.Run(ctx)
		must(err)
		if n == 0 {
			t.Error("no record was made nameless")
		}
		o.resolve()
		absent := func(when string) {
			t.Helper()
			after := everything(t, db)
			for line := range strings.Lines(after) {
				for _, name := range adas {
					if strings.Contains(strings.ToLower(line), strings.ToLower(name)) {
						t.Errorf("%s %q is in %.300s", when, name, line)
					}
				}
				if strings.Contains(line, "auth.login") && strings.Contains(line, "192.0.2.7") {
					t.Errorf("%s her address is in %s", when, line)
				}
			}
			if !strings.Contains(after, pseudonym) {
				t.Errorf("%s the pseudonym %q is nowhere", when, pseudonym)
			}
		}
		absent("after the erasure")
		named := 0
		for _, p := range o.everybody() {
			if p.Name == pseudonym {
				named++
			}
		}
		if named != 1 {
			t.Errorf("%d people go by the pseudonym: %+v", named, o.everybody())
		}
		o.fill() // the vendors tell her name again
		absent("after the next sync")
		must(s.EraseAgain(ctx))
		if n, err := eraser.Run(ctx); err != nil || n != 0 {
			t.Errorf("again: %d rows, %v", n, err)
		}
		if _, _, err := s.UserByEmail(ctx, "ada@corp.test"); rampforge.ErrorCode(err) != rampforge.CodeNotFound {
			t.Errorf("the account is found: %v", err)
		}
		if _, err := s.Subject(ctx, "ada@corp.test"); rampforge.ErrorCode(err) != rampforge.CodeNotFound {
			t.Errorf("the person is found: %v", err)
		}
		erased, err := s.Erased(ctx)
		must(err)
		if !erased.Name("ada  byron") || erased.Name("Zoe Lead") || erased.Address("ada@home.test") != pseudonym {
			t.Error("the digests do not know her, or know another")
		}
	})
}

func TestTheLastAdminIsNotErased(t *testing.T) {
	inOffice(t, func(o *office) {
		subject, err := o.store.Subject(t.Context(), "zoe@lead.test")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.store.Erase(t.Context(), subject, time.Now()); rampforge.ErrorCode(err) != rampforge.CodeConflict {
			t.Errorf("%v", err)
		}
		if _, err := o.store.Subject(t.Context(), "zoe@lead.test"); err != nil {
			t.Errorf("half of an erasure stayed: %v", err)
		}
		if _, err := o.store.Subject(t.Context(), "nobody@corp.test"); rampforge.ErrorCode(err) != rampforge.CodeNotFound {
			t.Errorf("%v", err)
		}
	})
}

// TestExportOfAPerson reads the ZIP and looks for what is theirs, what is
// another's, and secrets.
func TestExportOfAPerson(t *testing.T) {
	inOffice(t, func(o *office) {
		o.fill()
		s, ctx := o.store, t.Context()
		ada, err := s.CreateUser(ctx, store.Registration{Email: "ada@corp.test", Name: "Ada Byron", PasswordHash: "hash-of-hers", Role: rampforge.RoleDeveloper, At: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.CreateToken(ctx, rampforge.APIToken{UserID: ada.ID, Name: "ci", Scopes: []string{"read"}, Prefix: "rf_1", CreatedAt: time.Now()}, "hash-of-token"); err != nil {
			t.Fatal(err)
		}
		o.resolve()
		subject, err := s.Subject(ctx, "ada@corp.test")
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if err := auth.ExportPerson(ctx, s, subject, &text, time.Now()); err != nil {
			t.Fatal(err)
		}
		files, err := zip.NewReader(bytes.NewReader(text.Bytes()), int64(text.Len()))
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]string{}
		for _, f := range files.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			all[f.Name] = string(content)
			if strings.Contains(string(content), "hash-of") || strings.Contains(string(content), "old@corp.test") {
				t.Errorf("%s holds what it must not: %s", f.Name, content)
			}
		}
		for name, want := range map[string]string{
			"person.json": "abyron", "account.json": ada.ID, "api_tokens.json": `"prefix": "rf_1"`, "signatures.json": "ada@home.test", "work.jsonl": `"authored"`, "conversations.json": "[]",
		} {
			if !strings.Contains(all[name], want) {
				t.Errorf("%s has no %s: %s", name, want, all[name])
			}
		}
	})
}
