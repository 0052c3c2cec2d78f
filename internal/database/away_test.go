package database_test

import (
	"context"
	"io"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// TestAway takes PostgreSQL away in the ways in which it goes.
func TestAway(t *testing.T) {
	t.Parallel()
	address, err := url.Parse(storetest.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	behind, cut := between(t, address.Host)
	direct := storetest.Open(t, address.String())
	t.Cleanup(func() { _ = direct.Close() })
	address.Host = behind
	db := storetest.Open(t, address.String())
	t.Cleanup(func() { _ = db.Close() })

	slow := func() <-chan error {
		ended := make(chan error, 1)
		go func() {
			_, err := db.Write().ExecContext(context.WithoutCancel(t.Context()), `SELECT pg_sleep(60), 'asleep'`)
			ended <- err
		}()
		for deadline := time.Now().Add(20 * time.Second); ; {
			var n int
			if err := direct.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE '%''asleep''%' AND pid <> pg_backend_pid()`).Scan(&n); err != nil {
				t.Fatal(err)
			}
			if n > 0 {
				return ended
			}
			if time.Now().After(deadline) {
				t.Fatal("the statement does not run")
			}
		}
	}
	ended := slow()
	if _, err := direct.Write().ExecContext(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%''asleep''%' AND pid <> pg_backend_pid()`); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !database.IsAway(err) {
		t.Errorf("ended by an administrator: %v", err)
	}
	ended = slow()
	cut()
	if err := <-ended; !database.IsAway(err) {
		t.Errorf("the connection broke: %v", err)
	}
	if err := db.Ping(t.Context()); !database.IsAway(err) {
		t.Errorf("nothing listens: %v", err)
	}

	// What the database refuses is none of that.
	for _, text := range []string{`SELECT * FROM nothing_of_that_name`, `INSERT INTO rate_counts (key, used, ends) VALUES (NULL, 1, now())`} {
		if _, err := direct.Write().ExecContext(t.Context(), text); err == nil || database.IsAway(err) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if err := context.Canceled; database.IsAway(err) || database.IsAway(nil) {
		t.Errorf("%v is taken for a database that is away", err)
	}
}

// between passes connections on to target until cut ends them all.
func between(t *testing.T, target string) (address string, cut func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", target)
			if err != nil {
				_ = in.Close()
				continue
			}
			context.AfterFunc(ctx, func() { _ = in.Close(); _ = out.Close() })
			go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
			go func() { _, _ = io.Copy(in, out); _ = in.Close() }()
		}
	}()
	cut = func() { _ = l.Close(); end() }
	t.Cleanup(cut)
	return l.Addr().String(), cut
}
