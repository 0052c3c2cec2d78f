package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// minSecretLength is the length of a SECRET_KEY in characters that HS256 needs
// to be no weaker than its hash (RFC 7518, section 3.2).
const minSecretLength = 32

// check returns the faults that need more than one variable's syntax. A
// variable that already has a fault gets no second one.
func (c *Config) check(known []Fault) []Fault {
	var faults []Fault
	fault := func(variable, problem string) {
		if !slices.ContainsFunc(known, func(f Fault) bool { return f.Variable == variable }) {
			faults = append(faults, Fault{variable, problem})
		}
	}
	c.checkServer(fault)
	c.checkSignIn(fault)
	c.checkBounds(fault)
	c.checkLocalRoots(fault)
	c.checkAI(fault)
	return faults
}

// apply returns the faults that the rules find. A variable that already has a
// fault is not asked about.
func (c *Config) apply(rules []Rule, known []Fault) []Fault {
	var faults []Fault
	for _, rule := range rules {
		if slices.ContainsFunc(known, func(f Fault) bool { return f.Variable == rule.Variable }) {
			continue
		}
		err := rule.Check(c)
		if err == nil {
			continue
		}
		problems := []error{err}
		if joined, ok := errors.AsType[joinedError](err); ok {
			problems = joined.Unwrap()
		}
		for _, problem := range problems {
			faults = append(faults, Fault{rule.Variable, problem.Error()})
		}
	}
	return faults
}

// joinedError is what errors.Join returns.
type joinedError interface {
	error
	Unwrap() []error
}

func (c *Config) checkServer(fault func(variable, problem string)) {
	if c.Port < 0 || c.Port > 65535 {
		fault("API_PORT", "must be between 0 and 65535")
	}
	if strings.ContainsAny(c.Host, " /:") && net.ParseIP(c.Host) == nil {
		fault("API_HOST", "must be a host name or an address without a port, such as 127.0.0.1 or 0.0.0.0")
	}
	if slices.Contains(c.CORSOrigins, "*") && len(c.CORSOrigins) > 1 {
		fault("CORS_ORIGINS", "holds * beside other origins: * lets any page read what needs no sign-in, so name the origins or write * alone")
	}
	for _, origin := range c.CORSOrigins {
		if u, err := url.Parse(origin); origin != "*" && (err != nil || u.Scheme == "" || u.Host == "" || strings.TrimRight(u.Path, "/") != "") {
			fault("CORS_ORIGINS", "holds an entry that is no origin: write scheme://host[:port] without a path")
			break
		}
	}
	if !slices.Contains([]string{"auto", "json", "text"}, c.LogFormat) {
		fault("LOG_FORMAT", "must be json, text or auto")
	}
	if c.MetricsAddr != "" {
		_, port, err := net.SplitHostPort(c.MetricsAddr)
		if _, portErr := strconv.ParseUint(port, 10, 16); err != nil || portErr != nil {
			fault("METRICS_ADDR", "must be host:port with a port between 0 and 65535, such as 127.0.0.1:9090")
		}
	}
	if c.TracesProtocol != "http/protobuf" && c.TracesProtocol != "grpc" {
		fault("OTEL_EXPORTER_OTLP_PROTOCOL", "must be http/protobuf, which a collector takes on port 4318, or grpc, on port 4317")
	}
	if problem := redisProblem(c.RedisURL); problem != "" {
		fault("REDIS_URL", problem)
	}
}

// redisProblem says why an address of Redis cannot be used, or "". It repeats
// no part of it: what the parser takes for a port may be a piece of a password.
func redisProblem(raw string) string {
	if raw == "" {
		return ""
	}
	scheme, rest, _ := strings.Cut(raw, "://")
	if !slices.Contains([]string{"redis", "rediss", "unix"}, strings.ToLower(scheme)) || rest == "" {
		return "must begin with redis://, rediss:// or unix://, and name a host or a socket behind it"
	}
	if strings.EqualFold(scheme, "unix") {
		return "" // a path has no port and no database number
	}
	authority, behind := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority, behind = rest[:i], rest[i:]
	}
	host := authority[strings.LastIndexByte(authority, '@')+1:]
	afterHost := host[strings.LastIndexByte(host, ']')+1:] // an IPv6 address has colons of its own
	_, port, _ := strings.Cut(afterHost, ":")
	number := ""
	u, err := url.Parse(raw)
	if err == nil {
		number = strings.TrimPrefix(u.Path, "/")
	}
	badPort, badNumber := port != "" && !isPort(port), number != "" && !isNumber(number)
	switch {
	case (badPort || badNumber) && strings.Contains(behind, "@"):
		return "holds a /, ? or # before the @: percent-encode the special characters of the password"
	case strings.Contains(port, ":"):
		return "names a host with more than one colon: write an IPv6 address in brackets, as in redis://[::1]:6379"
	case badPort:
		return "has a port that is no number between 1 and 65535: write it as in redis://localhost:6379"
	case badNumber:
		return "must end with a database's number or nothing behind the port, as in redis://localhost:6379/0"
	case err != nil:
		return "cannot be read: write redis://host:6379/0, and percent-encode the special characters of the password"
	}
	return ""
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

func isNumber(s string) bool {
	_, err := strconv.ParseUint(s, 10, 31)
	return err == nil
}

// severalPaths is the mark of paths that are separated as in PATH, or by
// anything else that is no comma.
var severalPaths = regexp.MustCompile(`[:;\s]+/`)

// checkLocalRoots refuses what can never be a folder that repositories lie in.
// Whether a folder exists is not looked at here: one that is mounted later
// must not keep the server from starting; serve and doctor warn of it.
func (c *Config) checkLocalRoots(fault func(variable, problem string)) {
	const variable, howTo = "LOCAL_REPOSITORY_ROOTS", ": write absolute paths, separated by commas"
	if c.LocalRoots != nil && len(c.LocalRoots) == 0 {
		fault(variable, "is set and names no folder"+howTo+"; to allow no local repository, set ALLOW_LOCAL_REPOSITORIES=false")
	}
	for _, root := range c.LocalRoots {
		switch {
		case strings.Contains(root, "://"):
			// Pasted under the wrong name; it may hold a password.
			fault(variable, "holds an address"+howTo)
		case !filepath.IsAbs(root):
			fault(variable, fmt.Sprintf("holds %q, which is no absolute path%s", root, howTo))
		case severalPaths.MatchString(root):
			fault(variable, fmt.Sprintf("holds %q, which looks like several paths%s", root, howTo))
		}
	}
}

func (c *Config) checkSignIn(fault func(variable, problem string)) {
	if problem := c.secretProblem(); problem != "" {
		fault("SECRET_KEY", problem)
	}
	if slices.Contains(c.PreviousKeys, "") {
		fault("SECRET_KEY_PREVIOUS", "holds an empty key: write the keys from before, separated by commas")
	}
	if !slices.Contains([]string{"HS256", "HS384", "HS512"}, c.Algorithm) {
		fault("ALGORITHM", "must be HS256, HS384 or HS512")
	}
	if !slices.Contains([]string{"open", "invite", "closed"}, c.Registration) {
		fault("REGISTRATION", "must be open, invite or closed")
	}
	switch {
	case c.BcryptCost < 4 || c.BcryptCost > 16:
		fault("BCRYPT_COST", "must be between 10 and 16")
	case c.BcryptCost < 10 && !c.Debug:
		fault("BCRYPT_COST", "below 10 makes stolen hashes cheap to break and is for DEBUG=true only")
	}
}

// secretProblem says why the SECRET_KEY cannot be used, or "". A weak one is
// for a server that only this machine reaches, or for DEBUG: who signs in where
// others do could find it out by trying, from a token of their own. A proxy that is
// trusted is how others reach a loopback address. The rule does not ask for a key
// there: one is made and kept.
func (c *Config) secretProblem() string {
	const howTo = "; make one with: openssl rand -hex 32"
	switch {
	case c.Debug, c.Loopback() && c.SecretKey == "":
		return ""
	case c.SecretKey == "":
		return "must be set when the server is reachable from other machines" + howTo
	case c.Loopback() && len(c.TrustedProxies) == 0:
		return ""
	}
	if weak := weakness(c.SecretKey); weak != "" {
		return weak + howTo
	}
	return ""
}

// WeakKey says why the SECRET_KEY that is taken can be guessed, or "".
func (c *Config) WeakKey() string {
	if c.SecretKey == "" {
		return ""
	}
	return weakness(c.SecretKey)
}

// weakness says why a key can be guessed, or "".
func weakness(key string) string {
	switch {
	case len(key) < minSecretLength:
		return "is shorter than 32 characters"
	case isDefaultSecret(key):
		return "is the value of an example; every reader of the documentation knows it"
	case distinct(key) < 8:
		return "has fewer than 8 different characters"
	}
	return ""
}

// SigningKeys returns those of PreviousKeys whose access tokens are taken. One
// that can be guessed opens what was sealed under it and no more: with it anybody
// could make a token.
func (c *Config) SigningKeys() []string {
	return slices.DeleteFunc(slices.Clone(c.PreviousKeys), func(key string) bool { return weakness(key) != "" })
}

// isDefaultSecret recognises the placeholders of documentation and examples.
func isDefaultSecret(key string) bool {
	normal := strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(key))
	for _, known := range []string{"yoursecretkey", "changeme", "changethis", "changein", "supersecret", "secretkeyhere", "replaceme", "insecure", "examplesecret"} {
		if strings.Contains(normal, known) {
			return true
		}
	}
	return false
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

func (c *Config) checkBounds(fault func(variable, problem string)) {
	if c.AccessMinutes < 1 || c.AccessMinutes > 60*24*30 {
		fault("ACCESS_TOKEN_EXPIRE_MINUTES", "must be between 1 and 43200")
	}
	if c.MaxInFlight < 1 {
		fault("MAX_REQUESTS_IN_FLIGHT", "must be 1 or more")
	}
	if c.AuditRetention != 0 && c.AuditRetention < 24*time.Hour {
		fault("AUDIT_RETENTION", "must be 24h or more, or 0s to keep everything")
	}
	if c.RawRetention < time.Hour {
		fault("RAW_RETENTION", "must be 1h or more")
	}
	if c.EventRetention < time.Hour {
		fault("EVENT_RETENTION", "must be 1h or more")
	}
	if c.OldSessions < time.Hour {
		fault("SESSION_RETENTION", "must be 1h or more")
	}
	if c.RefreshTTL < time.Minute {
		fault("REFRESH_TOKEN_EXPIRE", "must be 1m or more")
	}
	if c.SessionTTL != 0 && c.SessionTTL < time.Minute {
		fault("SESSION_LIFETIME", "must be 1m or more, or 0s for ever")
	}
	if c.JobWorkers < 0 || c.JobWorkers > 64 {
		fault("JOB_WORKERS", "must be between 0 and 64")
	}
	if c.JobHeartbeat < 50*time.Millisecond || c.JobHeartbeat > 10*time.Minute {
		fault("JOB_HEARTBEAT", "must be between 50ms and 10m")
	}
	if c.CheckInterval < 100*time.Millisecond || c.CheckInterval > 24*time.Hour {
		fault("MCP_CHECK_INTERVAL", "must be between 100ms and 24h")
	}
	if c.SyncInterval != 0 && (c.SyncInterval < 5*time.Minute || c.SyncInterval > 7*24*time.Hour) {
		fault("SYNC_INTERVAL", "must be between 5m and 168h, or 0s for only by hand")
	}
	if c.GitTimeout <= 0 {
		fault("GIT_TIMEOUT", "must be longer than 0s")
	}
	if c.Shutdown <= 0 {
		fault("SHUTDOWN_TIMEOUT", "must be longer than 0s")
	}
	if c.ShutdownDelay < 0 {
		fault("SHUTDOWN_DELAY", "must not be negative")
	}
}
