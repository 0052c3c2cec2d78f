package config

import (
	"net"
	"net/url"
	"slices"
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
	return faults
}

func (c *Config) checkServer(fault func(variable, problem string)) {
	if c.Port < 0 || c.Port > 65535 {
		fault("API_PORT", "must be between 0 and 65535")
	}
	if strings.ContainsAny(c.Host, " /:") && net.ParseIP(c.Host) == nil {
		fault("API_HOST", "must be a host name or an address without a port, such as 127.0.0.1 or 0.0.0.0")
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
		if _, _, err := net.SplitHostPort(c.MetricsAddr); err != nil {
			fault("METRICS_ADDR", "must be host:port, such as 127.0.0.1:9090")
		}
	}
	if c.RedisURL != "" {
		if u, err := url.Parse(c.RedisURL); err != nil || (u.Scheme != "redis" && u.Scheme != "rediss" && u.Scheme != "unix") {
			fault("REDIS_URL", "must begin with redis://, rediss:// or unix://")
		}
	}
}

func (c *Config) checkSignIn(fault func(variable, problem string)) {
	if problem := c.secretProblem(); problem != "" {
		fault("SECRET_KEY", problem)
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
// for a server that only this machine reaches, or for DEBUG. The rule does not
// ask for a key on a loopback address: there one is made and kept.
func (c *Config) secretProblem() string {
	if c.Loopback() || c.Debug {
		return ""
	}
	const howTo = "; make one with: openssl rand -hex 32"
	switch {
	case c.SecretKey == "":
		return "must be set when the server is reachable from other machines" + howTo
	case len(c.SecretKey) < minSecretLength:
		return "is shorter than 32 characters" + howTo
	case isDefaultSecret(c.SecretKey):
		return "is the value of an example; every reader of the documentation knows it" + howTo
	case distinct(c.SecretKey) < 8:
		return "has fewer than 8 different characters" + howTo
	}
	return ""
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
	if c.RefreshTTL <= 0 {
		fault("REFRESH_TOKEN_EXPIRE", "must be longer than 0s")
	}
	if c.JobWorkers < 0 || c.JobWorkers > 64 {
		fault("JOB_WORKERS", "must be between 0 and 64")
	}
	if c.JobHeartbeat < 50*time.Millisecond || c.JobHeartbeat > 10*time.Minute {
		fault("JOB_HEARTBEAT", "must be between 50ms and 10m")
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
