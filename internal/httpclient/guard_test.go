package httpclient_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/httpclient"
)

// names is a name service for tests. A name with several answers gives them
// one after the other and then stays with the last.
type names struct {
	mu      sync.Mutex
	answers map[string][][]netip.Addr
	asked   int
}

func resolver(entries map[string][]string) *names {
	n := &names{answers: map[string][][]netip.Addr{}}
	for host, answers := range entries {
		for _, answer := range answers {
			var addrs []netip.Addr
			for addr := range strings.FieldsSeq(answer) {
				addrs = append(addrs, netip.MustParseAddr(addr))
			}
			n.answers[host] = append(n.answers[host], addrs)
		}
	}
	return n
}

func (n *names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked++
	answers, ok := n.answers[host]
	if !ok {
		return nil, errors.New("no such host")
	}
	if len(answers) > 1 {
		n.answers[host] = answers[1:]
	}
	return answers[0], nil
}

func guard(t *testing.T, o httpclient.Options) *httpclient.Guard {
	t.Helper()
	g, err := httpclient.NewGuard(o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// wantRefusal checks the code, the reason and that a person can act.
func wantRefusal(t *testing.T, url string, err error, reason, says string) {
	t.Helper()
	e, ok := errors.AsType[*rampforge.Error](err)
	if !ok {
		t.Errorf("%q: got %v, want a refusal", url, err)
		return
	}
	code := rampforge.CodeInvalid
	if reason == httpclient.ReasonUnreachable {
		code = rampforge.CodeExternal
	}
	if e.Code != code || e.Details["reason"] != reason || !strings.Contains(e.Message, says) || !strings.HasSuffix(e.Message, ".") {
		t.Errorf("%q: got %s %v %q, want %s and a word of %q", url, e.Code, e.Details, e.Message, reason, says)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	service := resolver(map[string][]string{
		"git.example.com": {"93.184.216.34 2606:2800:220:1::1"}, "xn--bcher-kva.example": {"93.184.216.35"}, "dev.azure.com": {"93.184.216.36"}, "mapped.example.com": {"::ffff:93.184.216.37"},
	})
	g := guard(t, httpclient.Options{Resolver: service})
	addrs := func(all ...string) (parsed []netip.Addr) {
		for _, a := range all {
			parsed = append(parsed, netip.MustParseAddr(a))
		}
		return parsed
	}
	for url, want := range map[string]httpclient.Target{
		"https://git.example.com/owner/name.git":   {URL: "https://git.example.com/owner/name.git", Host: "git.example.com", Port: 443, Addrs: addrs("93.184.216.34", "2606:2800:220:1::1")},
		"HTTPS://GIT.Example.COM:8443/a%20b?x=1#c": {URL: "https://git.example.com:8443/a%20b?x=1", Host: "git.example.com", Port: 8443, Addrs: addrs("93.184.216.34", "2606:2800:220:1::1")},
		"https://bücher.example/":                  {URL: "https://xn--bcher-kva.example/", Host: "xn--bcher-kva.example", Port: 443, Addrs: addrs("93.184.216.35")},
		"https://org@dev.azure.com/org/p/_git/r":   {URL: "https://dev.azure.com/org/p/_git/r", Host: "dev.azure.com", Port: 443, Addrs: addrs("93.184.216.36")},
		"https://mapped.example.com":               {URL: "https://mapped.example.com", Host: "mapped.example.com", Port: 443, Addrs: addrs("93.184.216.37")},
		"https://93.184.216.34/x":                  {URL: "https://93.184.216.34/x", Host: "93.184.216.34", Port: 443, Addrs: addrs("93.184.216.34")},
		"https://[2606:2800:220:1::1]:444/x":       {URL: "https://[2606:2800:220:1::1]:444/x", Host: "2606:2800:220:1::1", Port: 444, Addrs: addrs("2606:2800:220:1::1")},
	} {
		got, err := g.Check(t.Context(), url)
		if err != nil {
			t.Errorf("%q: %v", url, err)
			continue
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", url, diff)
		}
	}
}

func TestCurlResolve(t *testing.T) {
	t.Parallel()
	g := guard(t, httpclient.Options{Resolver: resolver(map[string][]string{"git.example.com": {"93.184.216.34 2606:2800:220:1::1"}})})
	target, err := g.Check(t.Context(), "https://git.example.com/x")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"git.example.com:443:93.184.216.34,[2606:2800:220:1::1]"}, target.CurlResolve()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	target, err = g.Check(t.Context(), "https://93.184.216.34/x")
	if err != nil || target.CurlResolve() != nil {
		t.Errorf("a literal address gives %q, %v", target.CurlResolve(), err)
	}
}

func TestCheckRefusesAddresses(t *testing.T) {
	t.Parallel()
	kinds := map[string]string{
		"127.0.0.1": "loopback", "127.9.9.9": "loopback", "::1": "loopback", "10.0.0.1": "private", "172.16.0.1": "private", "172.31.255.255": "private", "192.168.1.1": "private",
		"169.254.169.254": "link-local", "fe80::1": "link-local", "fd00:ec2::254": "private", "fc00::1": "private", "fec0::1": "site-local",
		"0.0.0.0": "unspecified", "0.1.2.3": "unspecified", "::": "unspecified", "100.64.0.1": "carrier-grade", "100.127.255.255": "carrier-grade",
		"224.0.0.1": "multicast", "239.255.255.255": "multicast", "ff02::1": "multicast", "255.255.255.255": "reserved", "240.0.0.1": "reserved",
		"192.0.2.1": "documentation", "198.51.100.1": "documentation", "203.0.113.1": "documentation", "2001:db8::1": "documentation", "3fff::1": "documentation",
		"198.18.0.1": "benchmarking", "198.19.255.255": "benchmarking", "192.0.0.8": "reserved", "192.88.99.1": "reserved", "100::1": "discard",
		"::ffff:127.0.0.1": "loopback", "::ffff:10.0.0.1": "private", "::ffff:169.254.169.254": "link-local", "::127.0.0.1": "loopback", "::10.0.0.1": "private", "::ffff:0:10.0.0.1": "private",
		"64:ff9b::127.0.0.1": "loopback", "64:ff9b::a9fe:a9fe": "link-local", "64:ff9b:1::1": "translation", "2002:7f00:1::": "loopback", "2002:a00:1::1": "private",
		"2001:0:5db8:d822:0:0:f5ff:fffe": "private", // Teredo of 10.0.0.1
	}
	entries := map[string][]string{}
	for addr := range kinds {
		entries[named(addr)] = []string{addr, addr}
	}
	g := guard(t, httpclient.Options{Resolver: resolver(entries), AllowHTTP: true})
	for addr, kind := range kinds {
		literal := addr
		if strings.Contains(addr, ":") {
			literal = "[" + addr + "]"
		}
		for _, url := range []string{"https://" + literal + "/x", "http://" + literal + ":8080", "https://" + named(addr)} {
			_, err := g.Check(t.Context(), url)
			wantRefusal(t, url, err, httpclient.ReasonBlocked, kind)
			wantRefusal(t, url, err, httpclient.ReasonBlocked, "OUTBOUND_ALLOW")
		}
		if _, err := g.Check(t.Context(), "https://"+named(addr)); strings.Contains(rampforge.ErrorMessage(err), addr) {
			t.Errorf("the message tells that a name leads to %s: %v", addr, err)
		}
	}
	for _, addr := range []string{"8.8.8.8", "93.184.216.34", "100.63.255.255", "100.128.0.1", "172.32.0.1", "[2606:4700::1]", "[64:ff9b::808:808]", "[2002:808:808::1]"} {
		if _, err := g.Check(t.Context(), "https://"+addr); err != nil {
			t.Errorf("the public address %s: %v", addr, err)
		}
	}
}

// named is a host name that stands for an address.
func named(addr string) string {
	return "a" + strings.NewReplacer(":", "-", ".", "-").Replace(addr) + "z.example.com"
}

func TestCheckRefusesAddressesInDisguise(t *testing.T) {
	t.Parallel()
	g := guard(t, httpclient.Options{Resolver: resolver(map[string][]string{"example.com": {"93.184.216.34"}, "two.example.com": {"93.184.216.34 10.0.0.1"}})})
	for url, says := range map[string]string{
		"":                                    "begins with",
		"example.com/x":                       "begins with",
		"http://example.com/":                 "OUTBOUND_ALLOW_HTTP",
		"file:///etc/passwd":                  "file:",
		"ssh://git@example.com/x":             "ssh:",
		"git://example.com/x":                 "git:",
		"ext::sh -c whoami":                   "cannot be read",
		"git@example.com:x/y":                 "cannot be read",
		"https:example.com":                   "cannot be read",
		"https://":                            "is missing",
		"https:///x":                          "is missing",
		"https://:443/x":                      "is missing",
		"https://2130706433/":                 "unusual form",
		"https://0x7f000001/":                 "unusual form",
		"https://0x7f.1/":                     "unusual form",
		"https://017700000001/":               "unusual form",
		"https://0177.0.0.1/":                 "unusual form",
		"https://127.1/":                      "unusual form",
		"https://127.0.0.1.2/":                "unusual form",
		"https://127.0.0.0x1/":                "unusual form",
		"https://１２７.０.０.１/":                  "loopback",
		"https://127。0。0。1/":                  "loopback",
		"https://①②⑦.0.0.1/":                  "loopback",
		"https://example.com./":               "ends with a dot",
		"https://localhost./":                 "ends with a dot",
		"https://[fe80::1%25eth0]/":           "zone",
		"https://[::1":                        "cannot be read",
		"https://[example.com]/":              "",
		"https://exa_mple.com/":               "no host name",
		"https://-example.com/":               "no host name",
		"https://a..example.com/":             "no host name",
		"https://.example.com/":               "no host name",
		"https://exa mple.com/":               "cannot be read",
		"https://example.com:0/":              "port",
		"https://example.com:65536/":          "port",
		"https://example.com:-1/":             "cannot be read",
		"https://user:word@example.com/":      "password",
		"https://:word@example.com/":          "password",
		"https://ghp_0123456789@example.com/": "plain user name",
		"https://0123456789012345678901234567890123456789@example.com/": "plain user name",
		"https://github.com@example.com/":                               "plain user name",
		"https://github.com%2F@example.com":                             "plain user name",
		"https://example.com\\@127.0.0.1/":                              "cannot be read",
		"https://example.com%00.evil.example/":                          "",
		"https://example.com\n/":                                        "cannot be read",
		"https://two.example.com/":                                      "private",
	} {
		_, err := g.Check(t.Context(), url)
		wantRefusal(t, url, err, httpclient.ReasonBlocked, says)
		if strings.Contains(err.Error(), "word@") || strings.Contains(err.Error(), "ghp_0") {
			t.Errorf("%q: the error repeats a secret: %v", url, err)
		}
	}
	for url, begins := range map[string]string{
		"http://example.com/": "The scheme http:// is", "https://two.example.com/": "The host two.example.com leads to a private address", "https://127.0.0.1/": "The host 127.0.0.1 leads",
	} {
		if _, err := g.Check(t.Context(), url); !strings.HasPrefix(rampforge.ErrorMessage(err), begins) {
			t.Errorf("%q is refused with %v, which does not begin with %q", url, err, begins)
		}
	}
	_, err := g.Check(t.Context(), "https://unknown.example.com/x")
	wantRefusal(t, "an unknown host", err, httpclient.ReasonUnreachable, "cannot be found")
}

func TestAllow(t *testing.T) {
	t.Parallel()
	service := resolver(map[string][]string{"git.corp.example": {"10.1.2.3"}, "other.corp.example": {"10.1.2.4 10.9.9.9"}, "bücher.example": {"10.0.0.1"}, "xn--bcher-kva.example": {"10.0.0.1"}})
	g := guard(t, httpclient.Options{Resolver: service, Allow: []string{"GIT.corp.example", " 10.1.2.4 ", "192.168.0.0/16", "[fd00::1]", "Bücher.example"}})
	for url, allowed := range map[string]bool{
		"https://git.corp.example/x": true, "https://bücher.example": true, "https://10.1.2.4": true, "https://[::ffff:10.1.2.4]": true, "https://192.168.7.7": true, "https://[fd00::1]": true,
		"https://10.1.2.3": false, "https://other.corp.example": false, "https://[fd00::2]": false, "https://192.169.0.1": true,
	} {
		if _, err := g.Check(t.Context(), url); (err == nil) != allowed {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestNewGuardNamesEveryFault(t *testing.T) {
	t.Parallel()
	_, err := httpclient.NewGuard(httpclient.Options{Allow: []string{"10.0.0.1/8", "https://git.example.com", "host:80", "*.example.com", "fe80::1%eth0", "", "10.0.0", "::ffff:10.0.0.0/104", "https://user:hunter2@mine.example.com", "ok.example.com"}})
	if err == nil {
		t.Fatal("no fault was found")
	}
	for _, says := range []string{`"10.0.0.1/8"`, "10.0.0.0/8", `"https://git.example.com"`, `"host:80"`, `"*.example.com"`, `"fe80::1%eth0"`, `""`, `"10.0.0"`, `"::ffff:10.0.0.0/104"`, "@mine.example.com"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("%q does not say %s", err, says)
		}
	}
	if strings.Contains(err.Error(), "ok.example.com") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%q names what is right, or a password", err)
	}
}
