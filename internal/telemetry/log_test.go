package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/telemetry"
)

func TestContextAttributesReachEveryLine(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := telemetry.NewLogger(&out, telemetry.LogOptions{JSON: true})

	ctx := telemetry.With(t.Context(), slog.String("request_id", "req-1"))
	inner := telemetry.With(ctx, slog.String("user_id", "usr_1"))
	logger.With("component", "api").InfoContext(inner, "inner")
	logger.InfoContext(ctx, "outer")
	logger.DebugContext(ctx, "below the level")
	logger.InfoContext(context.Background(), "bare")

	var got []map[string]any
	for line := range strings.Lines(out.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		delete(m, "time")
		got = append(got, m)
	}
	want := []map[string]any{
		{"level": "INFO", "msg": "inner", "component": "api", "request_id": "req-1", "user_id": "usr_1"},
		{"level": "INFO", "msg": "outer", "request_id": "req-1"},
		{"level": "INFO", "msg": "bare"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The planted values are made up; each has the form of a real secret.
func TestSecretsAreBlanked(t *testing.T) {
	t.Parallel()
	planted := "p1antedp1antedp1anted"
	for name, attr := range map[string]slog.Attr{
		"by key":         slog.String("access_token", planted),
		"by longer key":  slog.String("Authorization", planted),
		"bearer":         slog.String("header", "Bearer "+planted),
		"own token":      slog.String("text", "used rf_"+planted+" twice"),
		"GitHub's":       slog.String("text", "remote said ghp_"+planted),
		"JSON web token": slog.String("text", "eyJhbGciOiJI."+planted+".c2ln"),
		"URL":            slog.String("url", "https://someone:"+planted+"@git.example.com/x"),
		"error":          slog.Any("error", errors.New("fetch https://u:"+planted+"@h failed")),
		"in a group":     slog.Group("request", slog.String("password", planted)),
	} {
		for _, asJSON := range []bool{true, false} {
			var out bytes.Buffer
			telemetry.NewLogger(&out, telemetry.LogOptions{JSON: asJSON}).Info("x", attr)
			if strings.Contains(out.String(), planted) {
				t.Errorf("%s: the line shows the secret: %s", name, out.String())
			}
			if !strings.Contains(out.String(), "redacted") {
				t.Errorf("%s: nothing was redacted: %s", name, out.String())
			}
		}
	}
}

// TestARecordIsALine whatever its texts hold: nobody who is quoted in the log
// writes lines of it, or steers the terminal that shows it.
func TestARecordIsALine(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"\n", "\r\n", "\r", "\x1b[1A\x1b[2K", "\x00", "\x7f", "\u2028", "\u0085", "\u009b2K", "\" level=INFO msg=forged", "\xff\xfe"} {
		hostile := "before" + end + "level=INFO msg=forged after"
		for _, asJSON := range []bool{true, false} {
			var out bytes.Buffer
			ctx := telemetry.With(t.Context(), slog.String("request_id", hostile))
			telemetry.NewLogger(&out, telemetry.LogOptions{JSON: asJSON}).With("with", hostile).InfoContext(ctx, hostile,
				"plain", hostile, "error", errors.New(hostile), hostile, 1, slog.Group("group", slog.String(hostile, hostile)))
			text := strings.TrimSuffix(out.String(), "\n")
			if asJSON {
				var fields map[string]any
				if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == '\u2028' }) || json.Unmarshal([]byte(text), &fields) != nil || fields["level"] != "INFO" || fields["msg"] == "forged" {
					t.Errorf("%q: no JSON of ours: %q", end, text)
				}
				continue
			}
			if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' }) || strings.Contains(inQuotes.ReplaceAllString(text, ""), "forged") {
				t.Errorf("%q: a field that nobody of us wrote: %q", end, text)
			}
		}
	}
}

var inQuotes = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

func TestPlainTextStays(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"GET /api/v1/projects?limit=50", "analysed 1,204 files in 3.2 s", "https://git.example.com:8443/team/repo", "basic auth is off", "usr_01h455vb4pex5vsknk084sn02q"} {
		if got := telemetry.Redact(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func BenchmarkAccessLine(b *testing.B) {
	logger := telemetry.NewLogger(discard{}, telemetry.LogOptions{JSON: true})
	ctx := telemetry.With(b.Context(), slog.String("request_id", "0123456789abcdef"), slog.String("user_id", "usr_01h455vb4pex5vsknk084sn02q"))
	for b.Loop() {
		logger.LogAttrs(ctx, slog.LevelInfo, "request", slog.String("method", "GET"), slog.String("path", "/api/v1/auth/me"), slog.Int("status", 200), slog.Int("bytes", 312), slog.Int64("duration_us", 95))
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
