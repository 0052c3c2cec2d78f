package mask_test

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/llm/mask"
)

const (
	digits = "0123456789"
	lower  = "abcdefghijklmnopqrstuvwxyz"
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	hex    = digits + "abcdef"
	alnum  = digits + lower + upper
	base64 = alnum + "+/"
)

// made is a random text of n of the letters. The tests' secrets are all made, so
// that none stands in the sources for others to find.
func made(r *rand.Rand, letters string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[r.IntN(len(letters))]
	}
	return string(b)
}

// forms are secrets in the lines that hold them: %s is the secret.
var forms = map[string]struct {
	line   string
	secret func(r *rand.Rand) string
}{
	"aws":        {`aws_access_key_id = %s`, func(r *rand.Rand) string { return "AKIA" + made(r, upper+"234567", 16) }},
	"aws secret": {`aws_secret_access_key = %s`, func(r *rand.Rand) string { return made(r, base64, 40) }},
	"github":     {`git clone https://oauth2@github.com # %s`, func(r *rand.Rand) string { return "ghp_" + made(r, alnum, 36) }},
	"fine":       {`auth("%s")`, func(r *rand.Rand) string { return "github_pat_" + made(r, alnum, 22) + "_" + made(r, alnum, 59) }},
	"gitlab":     {`PRIVATE-TOKEN: %s`, func(r *rand.Rand) string { return "glpat-" + made(r, alnum+"_-", 20) }},
	"slack":      {`slack.New("%s")`, func(r *rand.Rand) string { return "xoxb-" + made(r, digits, 12) + "-" + made(r, alnum, 24) }},
	"google":     {`?key=%s&x=1`, func(r *rand.Rand) string { return "AIza" + made(r, alnum+"_-", 35) }},
	"stripe":     {`stripe.Key = "%s"`, func(r *rand.Rand) string { return "sk_live_" + made(r, alnum, 24) }},
	"openai":     {`client = OpenAI(api_key="%s")`, func(r *rand.Rand) string { return "sk-proj-" + made(r, alnum+"_-", 60) }},
	"npm":        {`//registry.npmjs.org/:_authToken=%s`, func(r *rand.Rand) string { return "npm_" + made(r, alnum, 36) }},
	"jwt": {`curl -H "X-Auth: %s"`, func(r *rand.Rand) string {
		return "eyJ" + made(r, alnum, 30) + ".eyJ" + made(r, alnum, 60) + "." + made(r, alnum+"_-", 43)
	}},
	"bearer":     {`Authorization: Bearer %s`, func(r *rand.Rand) string { return made(r, alnum, 40) }},
	"url":        {`DATABASE_URL=postgres://app:%s@db.internal:5432/app`, func(r *rand.Rand) string { return made(r, alnum, 14) + "9x" }},
	"go":         {`	apiKey: "%s",`, func(r *rand.Rand) string { return made(r, hex, 40) }},
	"go const":   {`const signingSecret = "%s"`, func(r *rand.Rand) string { return made(r, alnum, 32) }},
	"python":     {`SECRET_KEY = '%s'`, func(r *rand.Rand) string { return "k3" + made(r, alnum+"!@#$^&*", 48) }},
	"yaml":       {`  client_secret: %s`, func(r *rand.Rand) string { return made(r, alnum, 32) }},
	"dotenv":     {`export STRIPE_TOKEN=%s`, func(r *rand.Rand) string { return made(r, alnum, 32) }},
	"json":       {`{"password": "%s", "user": "app"}`, func(r *rand.Rand) string { return "aB3" + made(r, alnum, 9) + "!" }},
	"connection": {`AccountName=app;AccountKey=%s;EndpointSuffix=core`, func(r *rand.Rand) string { return made(r, base64, 86) + "==" }},
	"django":     {`password = models.make("%s")`, func(r *rand.Rand) string { return "Zx7" + made(r, alnum, 20) }},
}

// TestSecretsAreMasked makes a hundred secrets of each form. Chance makes some of
// a form look like words; the test says how many may.
func TestSecretsAreMasked(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same each time
	for name, form := range forms {
		missed := 0
		for range 100 {
			secret := form.secret(r)
			before := "first line\n" + fmt.Sprintf(form.line, secret) + "\nlast line"
			got, n := mask.Text(before)
			if strings.Contains(got, secret) || n == 0 {
				missed++
				continue
			}
			if !strings.HasPrefix(got, "first line\n") || !strings.HasSuffix(got, "\nlast line") || !strings.Contains(got, "[masked ") {
				t.Errorf("%s: more is lost than the secret: %q", name, got)
			}
			if head, _, _ := strings.Cut(form.line, "%s"); !strings.Contains(got, head) {
				t.Errorf("%s: what stands before the secret is lost: %q", name, got)
			}
			if again, n := mask.Text(got); again != got || n != 0 {
				t.Errorf("%s: masked again it is %q", name, again)
			}
		}
		if missed > 2 {
			t.Errorf("%s: %d of 100 are missed", name, missed)
		}
	}
}

func TestPrivateKeysKeepTheirLines(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))                                           //nolint:gosec // the same each time
	for _, end := range []string{"-----END RSA PRIVATE KEY-----\nafter", ""} { // whole, and cut off
		body := ""
		for range 20 {
			body += made(r, base64, 64) + "\n"
		}
		before := "before\n-----BEGIN RSA PRIVATE KEY-----\n" + body + end
		got, n := mask.Text(before)
		if n != 1 || strings.Contains(got, body[:20]) || strings.Contains(got, body[len(body)-20:]) {
			t.Errorf("%d masked:\n%s", n, got)
		}
		if strings.Count(got, "\n") != strings.Count(before, "\n") {
			t.Errorf("%d lines became %d", strings.Count(before, "\n"), strings.Count(got, "\n"))
		}
	}
}

// TestWordsStay: what is near a secret's name and is none.
func TestWordsStay(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		`password := r.FormValue("password")`,
		`const tokenHeader = "X-Session-Token"`,
		`api_key = os.environ["STRIPE_API_KEY"]`,
		`secretName: "database-credentials-production"`,
		`token: ${{ secrets.GITHUB_TOKEN }}`,
		`postgres://user:password@localhost/app`,
		`postgres://app:${DB_PASSWORD}@db/app`,
		`https://example.com:8080/path@2x.png`,
		`"password": "Password must have 8 characters"`,
		`SECRET_KEY=change-me-in-production-1`,
		`apiKey: 'your-api-key-goes-here-1234'`,
		`ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx`,
		`accessKeyId = config.AWS.AccessKeyIdentifier`,
		`tokenType: "application/vnd.oauth2.token+json"`,
		`passwordResetUrl = "/auth/password/reset/confirm"`,
		`private_key_path: /etc/ssl/private/server-2048.key`,
		`key := "internal/store/sessions_test.go"`,
		`token_endpoint = "https://login.vendor.dev/oauth2/v2.0/token"`,
		`credential = "com.company.app.security.CredentialProvider"`,
		`-----BEGIN PUBLIC KEY-----`,
		`commit 3f786850e387550fdab836ed7e6dc881de23001b`,
		`integrity sha512-Zm9vYmFyYmF6cXV4`,
	} {
		if got, n := mask.Text(line); n != 0 || got != line {
			t.Errorf("%q became %q", line, got)
		}
	}
}

// TestOwnSourcesHoldNoSecrets runs over the product's own code, which has none.
func TestOwnSourcesHoldNoSecrets(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..", "..", "internal")
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		masked, n := mask.Text(string(content))
		if n == 0 {
			return nil
		}
		was := strings.Split(string(content), "\n")
		for i, line := range strings.Split(masked, "\n") {
			if line != was[i] {
				t.Errorf("%s:%d: %q became %q", path, i+1, was[i], line)
			}
		}
		return nil
	})
	if err != nil || files < 300 {
		t.Errorf("%d files were read: %v", files, err)
	}
}
