package telemetrytest

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Event is an error that a Sentry took, as far as tests look at it.
type Event struct {
	Message     string            `json:"message"`
	Level       string            `json:"level"`
	Release     string            `json:"release"`
	Environment string            `json:"environment"`
	Tags        map[string]string `json:"tags"`
	Fingerprint []string          `json:"fingerprint"`
	Exception   []struct {
		Type       string `json:"type"`
		Value      string `json:"value"`
		Stacktrace struct {
			Frames []struct {
				Function string `json:"function"`
				Module   string `json:"module"`
				InApp    bool   `json:"in_app"`
			} `json:"frames"`
		} `json:"stacktrace"`
	} `json:"exception"`
	Raw string `json:"-"`
}

// Sentry takes errors in envelopes, as Sentry's servers do.
type Sentry struct {
	*httptest.Server

	DSN string

	mu     sync.Mutex
	events []Event
	faults []error
}

// NewSentry starts a Sentry that ends with the test.
func NewSentry(tb testing.TB) *Sentry {
	tb.Helper()
	s := &Sentry{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/7/envelope/", func(w http.ResponseWriter, r *http.Request) {
		if err := s.take(r); err != nil {
			s.mu.Lock()
			s.faults = append(s.faults, err)
			s.mu.Unlock()
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{}`))
	})
	s.Server = httptest.NewServer(mux)
	s.DSN = strings.Replace(s.URL, "://", "://publickey@", 1) + "/7"
	tb.Cleanup(func() {
		s.Close()
		for _, err := range s.faults {
			tb.Error(err)
		}
	})
	return s
}

// Events are those that were taken, in their order.
func (s *Sentry) Events() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.events)
}

// take reads an envelope: a line of headers, then for each item a line of its
// headers and its content, which is a line when no length is told.
func (s *Sentry) take(r *http.Request) error {
	if !strings.Contains(r.Header.Get("X-Sentry-Auth"), "sentry_key=publickey") {
		return errors.New("the key of the DSN is not in X-Sentry-Auth")
	}
	body, err := content(r)
	if err != nil {
		return err
	}
	_, rest, _ := bytes.Cut(body, []byte("\n"))
	for len(bytes.TrimSpace(rest)) > 0 {
		var header struct {
			Type   string `json:"type"`
			Length *int   `json:"length"`
		}
		var line, item []byte
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
		if err := json.Unmarshal(line, &header); err != nil {
			return err
		}
		if header.Length != nil && *header.Length <= len(rest) {
			item, rest = rest[:*header.Length], bytes.TrimPrefix(rest[*header.Length:], []byte("\n"))
		} else {
			item, rest, _ = bytes.Cut(rest, []byte("\n"))
		}
		if header.Type != "event" {
			continue
		}
		event := Event{Raw: string(item)}
		if err := json.Unmarshal(item, &event); err != nil {
			return err
		}
		s.mu.Lock()
		s.events = append(s.events, event)
		s.mu.Unlock()
	}
	return nil
}
