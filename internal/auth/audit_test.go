package auth_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/auth"
	"github.com/rampforgeai/rampforge/internal/store"
)

func TestExportAudit(t *testing.T) {
	t.Parallel()
	b := setup(t, auth.RegistrationOpen)
	hostile := rampforge.AuditEntry{
		At: b.now(), Action: "test", TargetID: `=HYPERLINK("https://example.com")`, Address: "2001:db8::1", RequestID: "+1", Details: map[string]any{"note": "a,\"b\"\n-c"},
	}
	for _, e := range []rampforge.AuditEntry{hostile, {At: b.now().Add(1), Action: "other", ActorID: "@x", Success: true}} {
		if err := b.store.Audit(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	var text bytes.Buffer
	n, err := auth.ExportAudit(t.Context(), b.store, &text, auth.AuditCSV, store.AuditFilter{})
	if err != nil || n != 2 {
		t.Fatalf("%d lines, %v", n, err)
	}
	rows, err := csv.NewReader(&text).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Errorf("a spreadsheet would run %q", cell)
			}
		}
	}
	if got := rows[1][7]; got != `{"note":"a,\"b\"\n-c"}` {
		t.Errorf("the details became %s", got)
	}

	text.Reset()
	if n, err := auth.ExportAudit(t.Context(), b.store, &text, auth.AuditJSONL, store.AuditFilter{Action: "test"}); err != nil || n != 1 {
		t.Fatalf("%d lines, %v", n, err)
	}
	var line rampforge.AuditEntry
	if err := json.Unmarshal(text.Bytes(), &line); err != nil || line.TargetID != hostile.TargetID || line.Details["note"] != hostile.Details["note"] {
		t.Errorf("%+v, %v", line, err)
	}
	if _, err := auth.ExportAudit(t.Context(), b.store, &text, "xlsx", store.AuditFilter{}); err == nil {
		t.Error("an unknown format is taken")
	}
}
