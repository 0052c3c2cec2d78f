package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/config"
)

const strongKey = "5f0c1e6a9b7d4832a1c0e4f7b6d29385" // made for this test

func TestDefaultsServeALaptop(t *testing.T) {
	t.Parallel()
	c, err := config.Load(nil, "")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]any{
		"address": c.Address(), "database": c.DatabaseURL, "loopback": c.Loopback(), "local": c.LocalAllowed(),
		"cors": c.CORSOrigins, "cost": c.BcryptCost, "body": c.MaxBodyBytes, "api": c.RateLimitAPI,
	}
	want := map[string]any{
		"address": "127.0.0.1:8000", "database": "sqlite:///data/rampforge.db", "loopback": true, "local": true,
		"cors": []string{"http://localhost:3000", "http://localhost:3001"}, "cost": 12, "body": config.Bytes(1 << 20),
		"api": config.Rate{Limit: 600, Window: time.Minute},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A service may be started without a home folder. Then no folder is known that
// a local repository may lie in, and none is allowed.
func TestWithoutHomeNothingLocal(t *testing.T) {
	t.Setenv("HOME", "")
	for _, allow := range []string{"", "true"} {
		c, err := config.Load([]string{"ALLOW_LOCAL_REPOSITORIES=" + allow}, "")
		if err != nil || c.LocalAllowed() {
			t.Errorf("ALLOW_LOCAL_REPOSITORIES=%q allows %v, %v", allow, c.LocalRoots, err)
		}
	}
	c, err := config.Load([]string{"LOCAL_REPOSITORY_ROOTS=/srv"}, "")
	if err != nil || !c.LocalAllowed() {
		t.Errorf("with a folder named, nothing is allowed: %v", err)
	}
}

func TestEveryFaultAtOnce(t *testing.T) {
	t.Parallel()
	const pasted = "postgresql://u:hunter2@h/db"
	_, err := config.Load([]string{
		"API_HOST=0.0.0.0", "API_PORT=" + pasted, "DEBUG=maybe", "BCRYPT_COST=6", "ALGORITHM=RS256", "REGISTRATION=perhaps",
		"RATE_LIMIT_API=many", "TRUSTED_PROXIES=10.0.0.0/99", "CORS_ORIGINS=localhost", "LOG_LEVEL=LOUD", "MAX_BODY_SIZE=big",
		"SHUTDOWN_TIMEOUT=30", "REDIS_URL=http://x", "METRICS_ADDR=127.0.0.1:99999",
		"LOCAL_REPOSITORY_ROOTS=src", "ACCESS_TOKEN_EXPIRE_MINUTES=0",
	}, "",
		config.Rule{Variable: "DATABASE_URL", Check: func(*config.Config) error { return errors.New("is of another kind") }},
		config.Rule{Variable: "OUTBOUND_ALLOW", Check: func(*config.Config) error { return errors.Join(errors.New("one"), errors.New("two")) }},
		config.Rule{Variable: "GIT_TIMEOUT", Check: func(*config.Config) error { return nil }},
		config.Rule{Variable: "REDIS_URL", Check: func(*config.Config) error { return errors.New("a second fault of one variable") }},
	)
	faults, ok := errors.AsType[*config.FaultsError](err)
	if !ok {
		t.Fatalf("got %v, want a FaultsError", err)
	}
	var got []string
	for _, f := range faults.Faults {
		got = append(got, f.Variable)
	}
	want := []string{
		"ACCESS_TOKEN_EXPIRE_MINUTES", "ALGORITHM", "API_PORT", "BCRYPT_COST", "CORS_ORIGINS", "DATABASE_URL", "DEBUG", "LOCAL_REPOSITORY_ROOTS",
		"LOG_LEVEL", "MAX_BODY_SIZE", "METRICS_ADDR", "OUTBOUND_ALLOW", "OUTBOUND_ALLOW", "RATE_LIMIT_API", "REDIS_URL", "REGISTRATION", "SECRET_KEY", "SHUTDOWN_TIMEOUT", "TRUSTED_PROXIES",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the message shows a value that may be secret: %v", err)
	}
}

func TestRedisURLSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for url, says := range map[string]string{
		"redis://localhost": "", "redis://localhost:6379/0": "", "rediss://u:hunter2@cache.example.com:6380": "", "redis://[::1]:6379": "", "redis://[::1]": "",
		"unix:///run/redis.sock": "", "unix://:hunter2@/run/redis.sock?db=2": "", "redis://localhost?client_name=a@b": "", "redis://:hunter%2F2@h": "", "redis://a:b@h@localhost": "",
		"redis://localhost:99999": "port", "redis://localhost:abc": "port", "redis://localhost:0": "port", "rediss://:hunter2@localhost:-1/0": "port",
		"redis://localhost:6379/hunter2": "database's number", "redis://localhost/0/1": "database's number", "redis://::1:6379": "brackets",
		"redis://:hunter2/x@localhost": "percent-encode", "redis://:12/hunter2@localhost": "percent-encode", "redis://:hunter2%@localhost": "percent-encode",
		"http://x": "must begin", "localhost:6379": "must begin", "redis://": "must begin", "hunter2": "must begin",
	} {
		err := second(config.Load([]string{"REDIS_URL=" + url}, ""))
		switch {
		case says == "" && err != nil:
			t.Errorf("%s: %v", url, err)
		case says != "" && (err == nil || !strings.Contains(err.Error(), "REDIS_URL: ") || !strings.Contains(err.Error(), says)):
			t.Errorf("%s gives %v, which does not say %q", url, err, says)
		case err != nil && strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%s: the message shows a password: %v", url, err)
		}
	}
}

// A folder that cannot be one is a fault. One that is not there is none: it
// may be mounted later.
func TestLocalRoots(t *testing.T) {
	t.Parallel()
	for roots, says := range map[string][]string{
		"/srv/git": nil, "/srv/git, /home": nil, `["/srv/a,b"]`: nil, "/srv/odd:name": nil, "/nonexistent/folder": nil,
		"/srv/a:/srv/b":                       {`"/srv/a:/srv/b"`, "separated by commas"},
		"/srv/a;/srv/b":                       {`"/srv/a;/srv/b"`, "separated by commas"},
		"/srv/a /srv/b":                       {`"/srv/a /srv/b"`, "separated by commas"},
		"src,/srv,~/git":                      {`"src"`, `"~/git"`, "absolute"},
		",":                                   {"names no folder", "ALLOW_LOCAL_REPOSITORIES=false"},
		"[]":                                  {"names no folder"},
		`[""]`:                                {`""`, "absolute"},
		"https://u:hunter2@git.example.com/a": {"holds an address"},
	} {
		err := second(config.Load([]string{"LOCAL_REPOSITORY_ROOTS=" + roots}, ""))
		if (err == nil) != (says == nil) {
			t.Errorf("%s gives %v", roots, err)
			continue
		}
		for _, part := range says {
			if !strings.Contains(err.Error(), "LOCAL_REPOSITORY_ROOTS: ") || !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s gives %v, which does not say %s", roots, err, part)
			}
		}
	}
}

func TestSecretKeyOutsideLoopback(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, key, host, debug string
		ok                     bool
		proxies                string
	}{
		{"none on loopback", "", "127.0.0.1", "", true, ""},
		{"none on ::1", "", "::1", "", true, ""},
		{"none on localhost", "", "localhost", "", true, ""},
		{"none outside", "", "0.0.0.0", "", false, ""},
		{"short outside", "short", "0.0.0.0", "", false, ""},
		{"short with DEBUG", "short", "0.0.0.0", "true", true, ""},
		{"31 characters", strongKey[:31], "0.0.0.0", "", false, ""},
		{"an example's", "your-secret-key-change-in-production-please", "0.0.0.0", "", false, ""},
		{"repeated", strings.Repeat("ab", 32), "0.0.0.0", "", false, ""},
		{"strong", strongKey, "0.0.0.0", "", true, ""},
		{"strong on a LAN address", strongKey, "192.0.2.7", "", true, ""},
		{"short on loopback", "short", "127.0.0.1", "", true, ""},
		{"short on loopback behind a proxy", "short", "127.0.0.1", "", false, "127.0.0.1"},
		{"strong on loopback behind a proxy", strongKey, "127.0.0.1", "", true, "127.0.0.1"},
		{"none on loopback behind a proxy", "", "127.0.0.1", "", true, "127.0.0.1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Load([]string{"SECRET_KEY=" + test.key, "API_HOST=" + test.host, "DEBUG=" + test.debug, "TRUSTED_PROXIES=" + test.proxies}, "")
			if (err == nil) != test.ok {
				t.Errorf("got %v, want accepted %v", err, test.ok)
			}
		})
	}
}

func TestDotenvAndSecretFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	key := write("key", strongKey+"\n")
	empty := write("empty", "\n")
	dotenv := write(".env", "API_PORT=9000\nAPI_HOST=0.0.0.0\nSECRET_KEY_FILE="+key+"\n# a comment\nCORS_ORIGINS='[\"https://app.example.com\"]'\n")

	c, err := config.Load([]string{"API_PORT=9001", "API_TITLE="}, dotenv)
	if err != nil {
		t.Fatal(err)
	}
	if c.Address() != "0.0.0.0:9001" || c.SecretKey != strongKey || c.Title != "RampForgeAI API" {
		t.Errorf("got %s, key of %d, title %q", c.Address(), len(c.SecretKey), c.Title)
	}
	if diff := cmp.Diff([]string{"https://app.example.com"}, c.CORSOrigins); diff != "" {
		t.Error(diff)
	}

	for name, environ := range map[string][]string{
		"SECRET_KEY":        {"SECRET_KEY=" + strongKey},
		"REDIS_URL_FILE":    {"REDIS_URL_FILE=" + filepath.Join(dir, "missing")},
		"SECRET_KEY_FILE":   {"SECRET_KEY_FILE=/dev/zero", "API_HOST=127.0.0.1"},
		"DATABASE_URL_FILE": {"DATABASE_URL_FILE=" + empty},
	} {
		faults, ok := errors.AsType[*config.FaultsError](second(config.Load(environ, dotenv)))
		if !ok || len(faults.Faults) != 1 || faults.Faults[0].Variable != name {
			t.Errorf("%s: got %v", name, faults)
		}
	}
	broken := write("broken.env", "SECRET_KEY \"unterminated hunter2\n=x")
	if err := second(config.Load(nil, broken)); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a broken .env gave %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestVariablesAreDocumentedAndHideSecrets(t *testing.T) {
	t.Parallel()
	c, err := config.Load([]string{"SECRET_KEY=" + strongKey, "DATABASE_URL=postgresql+asyncpg://u:hunter2@db:5432/rf?password=hunter2", "REDIS_URL=redis://:hunter2@cache:6379", "ALLOW_LOCAL_REPOSITORIES=false"}, "")
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for _, v := range config.Variables() {
		if v.Name == "" || v.Doc == "" {
			t.Errorf("%+v has no name or no documentation", v)
		}
		values[v.Name] = v.Value(c)
		if strings.Contains(values[v.Name], "hunter2") || strings.Contains(values[v.Name], strongKey) {
			t.Errorf("%s shows a secret: %s", v.Name, values[v.Name])
		}
	}
	for name, want := range map[string]string{
		"DATABASE_URL": "postgresql+asyncpg://…@db:5432/rf", "REDIS_URL": "(set)", "METRICS_TOKEN": "", "RATE_LIMIT_AUTH": "10/m",
		"MAX_BODY_SIZE": "1MiB", "ALLOW_LOCAL_REPOSITORIES": "false", "CORS_ORIGINS": "http://localhost:3000,http://localhost:3001",
	} {
		if values[name] != want {
			t.Errorf("%s = %q, want %q", name, values[name], want)
		}
	}
}

func TestRatesAndSizes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"600/m": "600/m", "1/s": "1/s", "2/h": "2/h", "9/d": "9/d", "off": "off", "0/m": "", "-1/m": "", "1/w": "", "/m": "", "x/m": "", "m": ""} {
		var r config.Rate
		err := r.UnmarshalText([]byte(text))
		if (err == nil) != (want != "") || (err == nil && r.String() != want) {
			t.Errorf("rate %q: got %v, %v", text, r, err)
		}
	}
	for text, want := range map[string]string{"1024": "1KiB", "1000": "1000", "512KiB": "512KiB", "10GiB": "10GiB", "1MB": "1000000", "2kB": "2000", "7B": "7", "0": "", "-1": "", "1.5MiB": "", "9999999999GiB": "", "": ""} {
		var b config.Bytes
		err := b.UnmarshalText([]byte(text))
		if (err == nil) != (want != "") || (err == nil && b.String() != want) {
			t.Errorf("size %q: got %v, %v", text, b, err)
		}
	}
}

func TestPreviousKeys(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(path, []byte("older, "+strongKey+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load([]string{"SECRET_KEY_PREVIOUS_FILE=" + path}, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"older", strongKey}, c.PreviousKeys); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{strongKey}, c.SigningKeys()); diff != "" {
		t.Errorf("tokens of a key that can be guessed are taken: %s", diff)
	}
	if err := second(config.Load([]string{`SECRET_KEY_PREVIOUS=["hunter2",""]`}, "")); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("an empty key gives %v", err)
	}
}

func TestEventsAreKeptForAnHourAtLeast(t *testing.T) {
	t.Parallel()
	for value, fine := range map[string]bool{"1h": true, "24h": true, "59m": false, "0s": false, "-1h": false} {
		if _, err := config.Load([]string{"EVENT_RETENTION=" + value}, ""); (err == nil) != fine || err != nil && !strings.Contains(err.Error(), "EVENT_RETENTION") {
			t.Errorf("EVENT_RETENTION=%s gives %v", value, err)
		}
	}
}

func TestAnyOriginStandsAlone(t *testing.T) {
	t.Parallel()
	if _, err := config.Load([]string{"CORS_ORIGINS=*,https://app.example.com"}, ""); err == nil || !strings.Contains(err.Error(), "CORS_ORIGINS") {
		t.Errorf("* beside others gives %v", err)
	}
	if _, err := config.Load([]string{"CORS_ORIGINS=*"}, ""); err != nil {
		t.Errorf("* alone gives %v", err)
	}
}
