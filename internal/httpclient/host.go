package httpclient

import (
	"errors"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/idna"
)

// plainUser is a user name as hosts put it into the addresses that they show
// (https://org@dev.azure.com/…). What is longer may be a token, and what holds
// a dot or an at sign imitates a host.
var plainUser = regexp.MustCompile(`^[A-Za-z0-9_-]{1,39}$`)

// tokenPrefixes are how well-known hosts begin a token.
var tokenPrefixes = []string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "gldt-", "glptt-"}

// checkUser lets a plain user name pass, which is dropped later. A secret must
// not stand where it is stored, logged and shown.
func checkUser(user *url.Userinfo) error {
	if user == nil {
		return nil
	}
	if _, has := user.Password(); has {
		return blocked("The address holds a password: leave it out, and give a token instead")
	}
	name := user.Username()
	secret := !plainUser.MatchString(name)
	for _, prefix := range tokenPrefixes {
		secret = secret || strings.HasPrefix(name, prefix)
	}
	if secret && name != "" {
		return blocked("The part before @ is no plain user name: leave it out, and give a token by itself")
	}
	return nil
}

// hostNames maps host names as browsers do. Hosts with two dashes in a row
// exist, and are no threat.
var hostNames = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.CheckHyphens(false))

// IsHost reports whether host is a host name or an address in its usual form,
// an IPv6 address without brackets.
func IsHost(host string) bool {
	_, err := normalHost(host)
	return err == nil
}

// normalHost returns a host in lower case and ASCII. It refuses every form
// that one program reads as a name and another as an address.
func normalHost(host string) (string, error) {
	switch {
	case host == "":
		return "", errors.New("is missing: write https://host/path")
	case strings.Contains(host, "%"):
		return "", errors.New("has a zone or an escape: leave the part from % on out")
	case strings.Contains(host, ":"):
		addr, err := netip.ParseAddr(host)
		if err != nil {
			return "", errors.New("is no IPv6 address")
		}
		return addr.Unmap().String(), nil
	}
	ascii, err := hostNames.ToASCII(host)
	if err != nil || strings.HasPrefix(ascii, "-") || strings.HasPrefix(ascii, ".") || strings.Contains(ascii, "..") {
		// curl takes an entry that begins with a dash for the wish to forget it.
		return "", errors.New("is no host name")
	}
	ascii = strings.ToLower(ascii)
	if strings.HasSuffix(ascii, ".") {
		return "", errors.New("ends with a dot: leave the dot out")
	}
	if !endsInNumber(ascii) {
		return ascii, nil
	}
	addr, err := netip.ParseAddr(ascii)
	if err != nil {
		return "", errors.New("is an address in an unusual form: write four decimal numbers without leading zeros")
	}
	return addr.String(), nil
}

// endsInNumber is the rule of https://url.spec.whatwg.org/#ends-in-a-number-checker:
// such a host is taken for an IPv4 address by some program, in decimal, octal
// or hexadecimal, in one to four parts.
func endsInNumber(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(last, "0123456789") == ""
}

func cut(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "") + "…"
	}
	return s
}
