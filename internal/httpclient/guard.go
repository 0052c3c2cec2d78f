// Package httpclient keeps what the product sends out away from places that a
// user must not reach through it: the machine itself, the company's network,
// the cloud's metadata address. Guard checks an address before somebody else
// dials it, and dials by itself for an http.Client, where the address that was
// checked is the one that is connected to, whatever the name says a moment
// later. It may import the root package only.
package httpclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge"
)

// The reasons in the details of a refusal.
const (
	ReasonBlocked     = "blocked_address"
	ReasonUnreachable = "unreachable"
)

// Resolver looks a host's addresses up; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Options widen what may be reached.
type Options struct {
	Allow     []string // hosts, addresses and CIDR networks that may be reached although they are private
	AllowHTTP bool     // http:// besides https://
	Resolver  Resolver // nil is the machine's
}

// Guard says which addresses may be reached. It is safe for concurrent use.
type Guard struct {
	hosts     map[string]bool
	prefixes  []netip.Prefix
	allowHTTP bool
	resolver  Resolver
	dial      func(ctx context.Context, network, address string) (net.Conn, error)
}

// NewGuard returns a guard. Every entry of Allow that is neither a host, an
// address nor a network is named in the error.
func NewGuard(o Options) (*Guard, error) {
	g := &Guard{hosts: map[string]bool{}, allowHTTP: o.AllowHTTP, resolver: o.Resolver, dial: (&net.Dialer{Timeout: dialTimeout}).DialContext}
	if g.resolver == nil {
		g.resolver = net.DefaultResolver
	}
	var faults []error
	for _, entry := range o.Allow {
		if err := g.allow(strings.TrimSpace(entry)); err != nil {
			faults = append(faults, fmt.Errorf("%q %w", withoutUser(entry), err))
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return g, nil
}

// withoutUser drops what stands before the last @ of an entry that cannot be
// used: it may be a password.
func withoutUser(entry string) string {
	if i := strings.LastIndexByte(entry, '@'); i >= 0 {
		return "…" + entry[i:]
	}
	return entry
}

func (g *Guard) allow(entry string) error {
	if prefix, err := netip.ParsePrefix(entry); err == nil {
		if prefix.Addr().Is4In6() {
			return errors.New("is an IPv4 network written as IPv6: write it as IPv4")
		}
		if prefix != prefix.Masked() {
			return fmt.Errorf("is an address with a network's length: write %s for the network", prefix.Masked())
		}
		g.prefixes = append(g.prefixes, prefix)
		return nil
	}
	if addr, err := netip.ParseAddr(strings.Trim(entry, "[]")); err == nil {
		if addr.Zone() != "" {
			return errors.New("has a zone: leave the part from % on out")
		}
		addr = addr.Unmap()
		g.prefixes = append(g.prefixes, netip.PrefixFrom(addr, addr.BitLen()))
		return nil
	}
	if strings.ContainsAny(entry, "/:*") {
		return errors.New("is no host, address or network: write git.example.com, 10.1.2.3 or 10.1.0.0/16, without scheme, port or wildcard")
	}
	host, err := normalHost(entry)
	if err != nil {
		return err
	}
	g.hosts[host] = true
	return nil
}

// Target is an address that passed the guard.
type Target struct {
	URL   string       // normalised, without user information and fragment
	Host  string       // in lower case and ASCII; an IPv6 address stands without brackets
	Port  uint16       // the scheme's own when the URL names none
	Addrs []netip.Addr // what the host resolved to; all of them may be reached
}

// CurlResolve returns the target as entries for git's http.curloptResolve, so
// that git connects to the addresses that were checked. It is empty for a
// literal address, which nobody resolves.
func (t Target) CurlResolve() []string {
	if _, err := netip.ParseAddr(t.Host); err == nil {
		return nil
	}
	addrs := make([]string, len(t.Addrs))
	for i, addr := range t.Addrs {
		addrs[i] = addr.String()
		if addr.Is6() {
			addrs[i] = "[" + addrs[i] + "]"
		}
	}
	return []string{fmt.Sprintf("%s:%d:%s", t.Host, t.Port, strings.Join(addrs, ","))}
}

// Check parses an address and resolves its host once. It refuses what must not
// be reached: every address of the host has to be permitted, so that a name
// with one public and one private address is refused as a whole. The error is
// a *rampforge.Error whose details hold a reason.
func (g *Guard) Check(ctx context.Context, rawURL string) (Target, error) {
	u, host, port, err := g.parse(rawURL)
	if err != nil {
		return Target{}, err
	}
	addrs, err := g.resolve(ctx, host)
	if err != nil {
		return Target{}, err
	}
	return Target{URL: u.String(), Host: host, Port: port, Addrs: addrs}, nil
}

// parse reads and normalises an address without looking anything up.
func (g *Guard) parse(rawURL string) (*url.URL, string, uint16, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Opaque != "" {
		// The parser's own error repeats the address, password included.
		return nil, "", 0, blocked("The address cannot be read: write https://host/path")
	}
	switch u.Scheme {
	case "https":
	case "http":
		if !g.allowHTTP {
			return nil, "", 0, blocked("The scheme http:// is not allowed: use https://, or set OUTBOUND_ALLOW_HTTP=true")
		}
	default:
		return nil, "", 0, blocked("The address begins with %q: only https:// may be reached", cut(u.Scheme+":", 20))
	}
	if err := checkUser(u.User); err != nil {
		return nil, "", 0, err
	}
	host, err := normalHost(u.Hostname())
	if err != nil {
		return nil, "", 0, blocked("The host %q %v", cut(u.Hostname(), 80), err)
	}
	port, err := portOf(u)
	if err != nil {
		return nil, "", 0, err
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	u.Host = joinHost(host, u.Port())
	return u, host, port, nil
}

// resolve returns the host's addresses when all of them are permitted.
func (g *Guard) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	addrs, err := g.lookup(ctx, host)
	if err != nil {
		return nil, &rampforge.Error{
			Code: rampforge.CodeExternal, Message: fmt.Sprintf("The host %s cannot be found: check the address and the name service.", host),
			Details: map[string]any{"reason": ReasonUnreachable}, Err: err,
		}
	}
	for i, addr := range addrs {
		addrs[i] = addr.Unmap().WithZone("")
		if kind := g.blockedKind(host, addrs[i]); kind != "" {
			e := blocked("The host %s leads to %s address, which must not be reached from here: if that is meant, add it to OUTBOUND_ALLOW", host, kind)
			e.Err = fmt.Errorf("%s is %s address", addrs[i], kind)
			return nil, e
		}
	}
	return addrs, nil
}

func (g *Guard) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}, nil
	}
	addrs, err := g.resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	if len(addrs) == 0 {
		return nil, fmt.Errorf("%s has no address", host)
	}
	return slices.Clone(addrs), nil
}

// blockedKind says what is wrong with an address of host, "" for nothing.
func (g *Guard) blockedKind(host string, addr netip.Addr) string {
	if g.hosts[host] || slices.ContainsFunc(g.prefixes, func(p netip.Prefix) bool { return p.Contains(addr) }) {
		return ""
	}
	return privateKind(addr)
}

// blocked is a refusal. The format is a sentence without its full stop; it
// begins with a word of its own, as a host or a scheme is never capitalised.
func blocked(format string, args ...any) *rampforge.Error {
	return &rampforge.Error{
		Code: rampforge.CodeInvalid, Message: fmt.Sprintf(format, args...) + ".",
		Details: map[string]any{"reason": ReasonBlocked},
	}
}

func portOf(u *url.URL) (uint16, error) {
	switch {
	case u.Port() != "":
		port, err := strconv.ParseUint(u.Port(), 10, 16)
		if err != nil || port == 0 {
			return 0, blocked("The port %q is no port: it goes from 1 to 65535", cut(u.Port(), 20))
		}
		return uint16(port), nil
	case u.Scheme == "http":
		return 80, nil
	}
	return 443, nil
}

func joinHost(host, port string) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port == "" {
		return host
	}
	return host + ":" + port
}
