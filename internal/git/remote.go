package git

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Remote is where a mirror comes from: an address, or a path of this machine.
type Remote struct {
	// URL is an https address without user information, checked by the caller:
	// what it resolves to is the caller's business.
	URL string
	// Resolve pins hosts to addresses, as host:port:address[,address], in the
	// form of git's http.curloptResolve. Without it git asks the name service.
	Resolve []string
	// Token is sent to the host of URL and to no other; "" for none. "user:token"
	// names the user too, who may be "".
	Token string
	// Bearer sends Token as it is, and not as a password.
	Bearer bool
	// AllowHTTP lets URL begin with http://.
	AllowHTTP bool
	// Path is a repository of this machine, instead of URL.
	Path string
}

// name is the remote as a person knows it.
func (r Remote) name() string {
	if r.URL != "" {
		return r.URL
	}
	return r.Path
}

func (r Remote) check() error {
	if r.URL == "" {
		if !filepath.IsAbs(r.Path) {
			return fault(ReasonNotARepository, nil, "The path %q is not absolute: give the whole path.", r.Path)
		}
		return nil
	}
	u, err := url.Parse(r.URL)
	switch {
	case err != nil || u.Hostname() == "" || r.Path != "" || strings.ContainsFunc(r.URL, isControl):
		return fault(ReasonBlockedAddress, nil, "The address cannot be used: write https://host/path.")
	case u.Scheme != "https" && (u.Scheme != "http" || !r.AllowHTTP):
		return fault(ReasonBlockedAddress, nil, "The address begins with %s: use https://.", u.Scheme)
	case u.User != nil:
		return fault(ReasonBlockedAddress, nil, "The address holds a user or password: give a token by itself.")
	case slices.ContainsFunc(r.Resolve, func(entry string) bool { return !resolveEntry.MatchString(entry) }):
		return fault(ReasonBlockedAddress, nil, "The address cannot be pinned: write https://host/path.")
	case strings.ContainsFunc(r.Token, isControl):
		return fault(ReasonAuthenticationRequired, nil, "The token holds a line break or another control character: give the token alone.")
	}
	return nil
}

// resolveEntry is host:port:address. curl gives a dash, a plus and a star at
// the beginning a meaning of their own.
var resolveEntry = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]*:\d+:[0-9A-Fa-f.:,\[\]]+$`)

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// program returns git for this remote: it may speak one protocol, to the
// addresses that were checked.
func (r Remote) program(gitDir string) *program {
	p := &program{what: r.name(), env: environ("GIT_DIR=" + gitDir), config: readConfig()}
	p.config = append(p.config, fetchConfig()...)
	if r.URL == "" {
		return p.allow("file")
	}
	for _, entry := range r.Resolve {
		p.config = append(p.config, setting{"http.curloptResolve", entry})
	}
	if header, secrets := r.authorization(); header != "" {
		p.config = append(p.config, setting{"http." + origin(r.URL) + "/.extraHeader", "Authorization: " + header})
		p.secret = secrets
	}
	if r.AllowHTTP {
		return p.allow("https:http")
	}
	return p.allow("https")
}

// authorization returns the header by which the token is shown, "" without one,
// and all the forms in which nobody else may see it.
func (r Remote) authorization() (header string, secrets []string) {
	if r.Token == "" {
		return "", nil
	}
	if r.Bearer {
		return "Bearer " + r.Token, []string{r.Token}
	}
	user, token, found := strings.Cut(r.Token, ":")
	if !found {
		// The name that GitHub asks for; the other hosts take any.
		user, token = "x-access-token", r.Token
	}
	secret := base64.StdEncoding.EncodeToString([]byte(user + ":" + token))
	return "Basic " + secret, []string{r.Token, token, secret}
}

// fetchConfig bounds what a server can make git do.
func fetchConfig() []setting {
	return []setting{
		{"http.followRedirects", "false"}, // nor alternates of a dumb server
		{"http.lowSpeedLimit", "1"},       // bytes a second; servers that compute send a sign of life
		{"http.lowSpeedTime", "120"},
		{"http.sslVerify", "true"},
		{"protocol.version", "2"},
		{"transfer.bundleURI", "false"}, // would fetch from elsewhere
		{"fetch.uriProtocols", ""},
		// What is never checked out need not be free of old faults, and git
		// checks hashes and deltas in any case.
		{"transfer.fsckObjects", "false"},
		{"transfer.unpackLimit", "1"}, // always a pack: a killed fetch leaves one file
		{"fetch.writeCommitGraph", "true"},
		{"fetch.recurseSubmodules", "false"},
		{"pack.threads", "2"},
		{"init.defaultBranch", "main"},
	}
}

func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Scheme + "://" + u.Host
}

// remoteRefs is what a remote offers.
type remoteRefs struct {
	head     string            // the branch that HEAD names, "" when it names none
	headHash string            // "" when HEAD leads nowhere
	hashes   map[string]string // of branches and tags, by full name
}

// listRemote asks a remote for its branches, tags and default branch.
func (r Remote) listRemote(ctx context.Context, p *program) (remoteRefs, error) {
	args := append([]string{"ls-remote", "--symref"}, r.uploadPack()...)
	out, err := p.output(ctx, maxRefsBytes, append(args, "--", r.name(), "HEAD", "refs/heads/*", "refs/tags/*")...)
	if err != nil {
		return remoteRefs{}, err
	}
	refs := remoteRefs{hashes: map[string]string{}}
	for line := range bytes.Lines(out) {
		value, name, _ := strings.Cut(strings.TrimSuffix(string(line), "\n"), "\t")
		target, symbolic := strings.CutPrefix(value, "ref: ")
		switch {
		case symbolic && name == "HEAD":
			refs.head = target
		case symbolic:
		case name == "HEAD":
			refs.headHash = value
		case strings.HasPrefix(name, "refs/"):
			refs.hashes[name] = value
		}
	}
	if len(refs.hashes) == 0 {
		// git takes any text for the list of a server without the protocol.
		if r.URL != "" && r.probe(ctx).isWebPage {
			return refs, fault(ReasonNotARepository, nil, "%s answers, but not as a git repository: check the address.", r.URL)
		}
		return refs, emptyFault(r.name())
	}
	return refs, nil
}

// uploadPack lets the other end of a local fetch read a repository of another
// user. git clears the settings of the environment for it.
func (r Remote) uploadPack() []string {
	if r.URL != "" {
		return nil
	}
	return []string{"--upload-pack=git -c safe.directory='*' -c core.hooksPath=/dev/null -c core.fsmonitor=false upload-pack"}
}

// maxRefsBytes bounds a list of branches and tags: some 500,000 of them.
const maxRefsBytes = 64 << 20

// defaultBranch returns the full name of the branch to start from.
func (refs remoteRefs) defaultBranch() string {
	if refs.hashes[refs.head] != "" {
		return refs.head
	}
	var branches []string
	for name, hash := range refs.hashes {
		if strings.HasPrefix(name, headsPrefix) && (refs.headHash == "" || hash == refs.headHash) {
			branches = append(branches, name)
		}
	}
	return usualBranch(branches)
}

// usualBranch picks the branch that most likely is the main one.
func usualBranch(branches []string) string {
	for _, usual := range []string{"main", "master", "trunk", "develop"} {
		if slices.Contains(branches, headsPrefix+usual) {
			return headsPrefix + usual
		}
	}
	if len(branches) == 0 {
		return ""
	}
	return slices.Min(branches)
}

// answer is what an address says to the first request of the protocol.
type answer struct {
	location  string // where it sends to, without query; "" for nowhere
	isWebPage bool   // it answers, and not with a list of refs
}

// probe asks by itself, since git does not say where it was sent. It follows
// nothing, so that the token reaches the host of the address alone, and the
// addresses that were checked are the ones that are dialled. The token is shown
// because of what is private hosts tell strangers nothing, not even that it has
// moved.
func (r Remote) probe(ctx context.Context) answer {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	const service = "/info/refs"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(r.URL, "/")+service+"?service=git-upload-pack", nil)
	if err != nil {
		return answer{}
	}
	header, secrets := r.authorization()
	if header != "" {
		req.Header.Set("Authorization", header)
	}
	transport := &http.Transport{DialContext: r.dial, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10}
	res, err := transport.RoundTrip(req)
	if err != nil {
		return answer{}
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusOK {
		return answer{isWebPage: !strings.HasPrefix(res.Header.Get("Content-Type"), "application/x-git-")}
	}
	to, err := res.Location()
	if err != nil || to.Scheme != "https" && to.Scheme != "http" {
		return answer{}
	}
	to.User, to.RawQuery, to.Fragment = nil, "", ""
	location := strings.TrimSuffix(to.String(), service)
	// A host that puts the token into the address sends nobody anywhere.
	if redact(location, secrets) != location {
		return answer{}
	}
	return answer{location: location}
}

// dial connects to a pinned address when there is one for the host.
func (r Remote) dial(ctx context.Context, network, address string) (net.Conn, error) {
	for _, entry := range r.Resolve {
		addrs, ok := strings.CutPrefix(entry, address+":")
		if !ok {
			continue
		}
		host, port, err := net.SplitHostPort(address)
		if err != nil || host == "" {
			return nil, err
		}
		first, _, _ := strings.Cut(addrs, ",")
		address = net.JoinHostPort(strings.Trim(first, "[]"), port)
		break
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

// scanProgress reads git's progress lines, which end with a carriage return.
func scanProgress(report func(done, total int64, what string)) func(string) {
	var rest string
	return func(text string) {
		rest += text
		for {
			i := strings.IndexAny(rest, "\r\n")
			if i < 0 {
				break
			}
			if m := progressLine.FindStringSubmatch(rest[:i]); m != nil {
				report(number(m[2]), number(m[3]), m[1])
			}
			rest = rest[i+1:]
		}
		if len(rest) > bufio.MaxScanTokenSize {
			rest = ""
		}
	}
}
