// Package config reads the product's configuration from environment variables,
// from an .env file and from the files that *_FILE variables name. It reads
// files and nothing else, opens no connection, and is imported by cli only.
package config

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Config is the whole configuration. The tags are its reference: env is the
// variable, envDefault its default, doc what it does; secret:"true" keeps the
// value out of every listing and lets it be read from the file that VAR_FILE
// names.
type Config struct {
	DatabaseURL string `env:"DATABASE_URL" secret:"true" doc:"Where the data lives: sqlite:///path, sqlite+aiosqlite:///path, postgresql://… or postgresql+asyncpg://…. Default: SQLite in DATA_DIR/rampforge.db"`
	DataDir     string `env:"DATA_DIR" envDefault:"./data" doc:"Folder for what the product keeps on disk: the SQLite database, repository mirrors, the generated key"`

	Host        string   `env:"API_HOST" envDefault:"127.0.0.1" doc:"Address to listen on; containers set 0.0.0.0"`
	Port        int      `env:"API_PORT" envDefault:"8000" doc:"Port to listen on; 0 takes a free one"`
	Title       string   `env:"API_TITLE" envDefault:"RampForgeAI API" doc:"Title in the API documentation and in the health answers"`
	Version     string   `env:"API_VERSION" doc:"Version in the API documentation and in the health answers. Default: the program's version"`
	Debug       bool     `env:"DEBUG" envDefault:"false" doc:"Development: text logs at level debug, weak SECRET_KEY and BCRYPT_COST below 10 allowed"`
	CORSOrigins []string `env:"CORS_ORIGINS" envDefault:"http://localhost:3000,http://localhost:3001" doc:"Origins that browsers may call from, comma-separated or a JSON list"`
	// TrustedProxies are the addresses whose X-Forwarded-For counts.
	TrustedProxies []netip.Prefix `env:"TRUSTED_PROXIES" doc:"Addresses or networks of proxies whose X-Forwarded-For counts, comma-separated"`
	Compress       bool           `env:"COMPRESS_RESPONSES" envDefault:"true" doc:"Compress answers from 1 KiB on, by gzip, for clients that take it; never those that hold tokens or credentials. false leaves it to the proxy"`
	MaxInFlight    int            `env:"MAX_REQUESTS_IN_FLIGHT" envDefault:"1000" doc:"Requests that this process serves at the same time, besides health, metrics and event streams; more are answered 503 with Retry-After"`
	AuditRetention time.Duration  `env:"AUDIT_RETENTION" envDefault:"0s" doc:"How long lines of the audit log are kept, 24h at least; 0s keeps them all"`
	EventRetention time.Duration  `env:"EVENT_RETENTION" envDefault:"24h" doc:"How long events of progress are kept for clients that reconnect (Last-Event-ID), 1h at least"`
	RawRetention   time.Duration  `env:"RAW_RETENTION" envDefault:"2160h" doc:"How long vendors' own payloads are kept beside the records made of them, after they were last read"`
	OldSessions    time.Duration  `env:"SESSION_RETENTION" envDefault:"720h" doc:"How long sessions are kept after they ended"`
	MaxBodyBytes   Bytes          `env:"MAX_BODY_SIZE" envDefault:"1MiB" doc:"Largest request body"`
	ImportMaxBytes Bytes          `env:"IMPORT_MAX_BYTES" envDefault:"1GiB" doc:"Largest file of an import, counted after unpacking"`
	Shutdown       time.Duration  `env:"SHUTDOWN_TIMEOUT" envDefault:"30s" doc:"How long requests and jobs may take to finish at shutdown"`
	ShutdownDelay  time.Duration  `env:"SHUTDOWN_DELAY" envDefault:"0s" doc:"How long to answer after readiness turned 503, for load balancers to notice"`

	SecretKey     string        `env:"SECRET_KEY" secret:"true" doc:"Signs tokens and seals credentials; at least 32 characters (a weaker one on a loopback address without TRUSTED_PROXIES alone), the same on every replica. On a loopback address one is made and kept in DATA_DIR/secret.key"`
	PreviousKeys  []string      `env:"SECRET_KEY_PREVIOUS" secret:"true" doc:"Values that SECRET_KEY had before, or gets next, comma-separated: credentials sealed under them can be opened and access tokens signed under them are taken, unless the key is weak; docs/operations.md says in which order a key is changed"`
	Algorithm     string        `env:"ALGORITHM" envDefault:"HS256" doc:"Signature of access tokens: HS256, HS384 or HS512"`
	AccessMinutes int           `env:"ACCESS_TOKEN_EXPIRE_MINUTES" envDefault:"30" doc:"Life of an access token in minutes"`
	RefreshTTL    time.Duration `env:"REFRESH_TOKEN_EXPIRE" envDefault:"720h" doc:"Life of a refresh token, counted from its last use"`
	SessionTTL    time.Duration `env:"SESSION_LIFETIME" envDefault:"2160h" doc:"How long a session lasts at most, however often it is renewed; then one signs in again. 0s is for ever"`
	Registration  string        `env:"REGISTRATION" envDefault:"open" doc:"Who may register: open, invite (invited e-mail addresses), closed (nobody after the first account)"`
	BcryptCost    int           `env:"BCRYPT_COST" envDefault:"12" doc:"Work factor of password hashes, 10–16; below 10 only with DEBUG=true"`

	RateLimitAPI     Rate `env:"RATE_LIMIT_API" envDefault:"600/m" doc:"Requests per user; N/s, N/m, N/h, N/d or off"`
	RateLimitAuth    Rate `env:"RATE_LIMIT_AUTH" envDefault:"10/m" doc:"Register, login and refresh per account; six times that per client address"`
	RateLimitAnalyze Rate `env:"RATE_LIMIT_ANALYZE" envDefault:"5/m" doc:"Analyses asked for, per user"`
	RateLimitAsk     Rate `env:"RATE_LIMIT_ASK" envDefault:"20/m" doc:"Questions per user"`
	RateLimitBulk    Rate `env:"RATE_LIMIT_BULK" envDefault:"2/m" doc:"Bulk operations per user"`
	RateLimitWebhook Rate `env:"RATE_LIMIT_WEBHOOK" envDefault:"600/m" doc:"Webhook messages per service from one address; six times that per address"`

	RedisURL string `env:"REDIS_URL" secret:"true" doc:"redis://… or rediss://… for the cache and rate limits shared by replicas. Default: in memory, for one process"`

	LogFormat string     `env:"LOG_FORMAT" envDefault:"auto" doc:"json, text, or auto: text on a terminal and with DEBUG, json otherwise"`
	LogLevel  slog.Level `env:"LOG_LEVEL" envDefault:"INFO" doc:"DEBUG, INFO, WARN or ERROR"`

	// CoreDumps is obeyed by cli.Main before this is read.
	CoreDumps bool `env:"CORE_DUMPS" envDefault:"false" doc:"Debugging: let the program and what it starts leave core dumps, which hold keys and credentials. It counts in the environment only, not in .env"`

	MetricsToken string `env:"METRICS_TOKEN" secret:"true" doc:"Bearer token that GET /metrics asks for. Without it /metrics is served on METRICS_ADDR only"`
	MetricsAddr  string `env:"METRICS_ADDR" doc:"host:port of a listener of its own for GET /metrics, and for GET /debug/pprof/: that asks for an administrator's token or METRICS_TOKEN unless the address is a loopback one"`

	TracesEndpoint   string `env:"OTEL_EXPORTER_OTLP_ENDPOINT" doc:"Collector that takes traces by OTLP, such as http://localhost:4318 (over HTTP /v1/traces comes after it) or, with grpc, http://localhost:4317. Without it, and without the next, there are no traces"`
	TracesAt         string `env:"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" doc:"The same for traces alone, with the whole path"`
	TracesHeaders    string `env:"OTEL_EXPORTER_OTLP_HEADERS" secret:"true" doc:"Headers for the collector: name=value, comma-separated and percent-encoded"`
	TracesProtocol   string `env:"OTEL_EXPORTER_OTLP_PROTOCOL" envDefault:"http/protobuf" doc:"http/protobuf, or grpc"`
	TracesService    string `env:"OTEL_SERVICE_NAME" doc:"Name of this service in traces. Default: rampforge"`
	TracesAttributes string `env:"OTEL_RESOURCE_ATTRIBUTES" doc:"Further facts about this process in traces: name=value, comma-separated and percent-encoded"`
	TracesSampler    string `env:"OTEL_TRACES_SAMPLER" envDefault:"parentbased_always_on" doc:"Which traces are kept: always_on, always_off, traceidratio, or one of these after parentbased_, which goes by what the caller decided"`
	TracesSamplerArg string `env:"OTEL_TRACES_SAMPLER_ARG" doc:"Share of the traces that traceidratio keeps, 0 to 1. Default: 1"`
	TracesOff        bool   `env:"OTEL_SDK_DISABLED" envDefault:"false" doc:"No traces, whatever else is set"`

	SentryDSN         string `env:"SENTRY_DSN" secret:"true" doc:"Where errors by the program's own fault are told: Sentry, or what speaks as it does. Without it nobody is told"`
	SentryEnvironment string `env:"SENTRY_ENVIRONMENT" envDefault:"production" doc:"Name of this installation there"`

	JobWorkers        int           `env:"JOB_WORKERS" envDefault:"1" doc:"Jobs of each kind (analyses, syncs, deliveries, remaps) worked at the same time by this process; 0 leaves them to other replicas"`
	JobHeartbeat      time.Duration `env:"JOB_HEARTBEAT" envDefault:"10s" doc:"How often a worker says that its job lives; after six silent beats another takes the job over. The same on every replica"`
	CheckInterval     time.Duration `env:"MCP_CHECK_INTERVAL" envDefault:"60s" doc:"How often a connected service is asked whether it still answers; three failures in a row mark it as down"`
	SyncInterval      time.Duration `env:"SYNC_INTERVAL" envDefault:"60m" doc:"How often a connected service is synced by itself, counted from the end of its last sync, unless it says otherwise; 5m to 168h, or 0s for only by hand"`
	AllowLocal        *bool         `env:"ALLOW_LOCAL_REPOSITORIES" doc:"Repositories on the server's own disk. Default: true on a loopback address, else false"`
	LocalRoots        []string      `env:"LOCAL_REPOSITORY_ROOTS" doc:"Folders that local repositories must lie in: absolute paths, comma-separated. Default: the home folder of the user that runs the server; where there is none, no local repository may be analysed"`
	AllowedNetworks   []string      `env:"OUTBOUND_ALLOW" doc:"Hosts, addresses or networks that outbound connections may reach although they are private, comma-separated"`
	AllowInsecureHTTP bool          `env:"OUTBOUND_ALLOW_HTTP" envDefault:"false" doc:"Allow http:// repositories; without it https:// only"`
	MCPPrograms       string        `env:"MCP_PROGRAMS_FILE" doc:"File that lists the MCP servers that may be started as programs on this machine; without it none may be. docs/mcp-servers.md says what it holds"`
	GitTimeout        time.Duration `env:"GIT_TIMEOUT" envDefault:"30m" doc:"Longest time for one clone or fetch"`
	GitMaxSize        Bytes         `env:"GIT_MAX_SIZE" envDefault:"10GiB" doc:"Largest mirror of one repository on disk"`

	AIProvider     string        `env:"AI_PROVIDER" envDefault:"auto" doc:"Who writes answers: gemini, openai (anything that speaks its chat completions), extractive (no model: quotes), or auto: gemini where VERTEX_AI_PROJECT_ID or GEMINI_API_KEY is set, openai where OPENAI_MODEL is, else extractive"`
	AIModel        string        `env:"AI_MODEL" doc:"Model that is asked. Default: gemini-2.5-flash, or OPENAI_MODEL"`
	AITimeout      time.Duration `env:"AI_TIMEOUT" envDefault:"2m" doc:"Longest time for one answer, all attempts together; a model that says nothing for half of it, or pauses for a quarter, is given up sooner"`
	AIConcurrency  int           `env:"AI_CONCURRENCY" envDefault:"8" doc:"Requests to the model at the same time, by this process"`
	AIUserTokens   int64         `env:"AI_TOKENS_PER_USER_DAY" envDefault:"1000000" doc:"Tokens of the model that one user may take in a day (UTC), on all replicas together; 0 is no limit"`
	AIDayTokens    int64         `env:"AI_TOKENS_PER_DAY" envDefault:"20000000" doc:"Tokens of the model that all users together may take in a day; 0 is no limit"`
	AIPriceInput   float64       `env:"AI_PRICE_INPUT" envDefault:"0" doc:"What a million tokens that are sent cost, for rampforge_model_cost_total"`
	AIPriceOutput  float64       `env:"AI_PRICE_OUTPUT" envDefault:"0" doc:"What a million tokens that come back cost, thinking included"`
	AICacheFor     time.Duration `env:"AI_CACHE_FOR" envDefault:"1h" doc:"How long the answer to the very same request is kept, in Redis where there is one; 0s keeps none"`
	AIKeepSent     int           `env:"AI_KEEP_SENT" envDefault:"0" doc:"How many of the last requests to the model this process keeps in memory for administrators to see, at most 200"`
	AIEmbeddings   string        `env:"AI_EMBEDDINGS" envDefault:"off" doc:"Whether the search goes by meaning besides words: off, gemini or openai (anything that speaks its embeddings). Passages are sent there once each, those of repositories only where every project over them permits it (ai_code)"`
	AIEmbedModel   string        `env:"AI_EMBEDDING_MODEL" doc:"Model that embeds. Default: gemini-embedding-001, or text-embedding-3-small. A change embeds everything anew, in the background"`
	AIEmbedNumbers int           `env:"AI_EMBEDDING_DIMENSIONS" envDefault:"0" doc:"Numbers in a vector; 0 is 512 of the default models, and of any other what it gives by itself. Each takes a byte"`
	AIEmbedMemory  Bytes         `env:"AI_EMBEDDING_MEMORY" envDefault:"256MiB" doc:"Memory for vectors of what was searched last; what does not fit is read from the database with each search"`
	AINarratives   bool          `env:"AI_NARRATIVES" envDefault:"true" doc:"Whether the model describes repositories, components and features after an analysis, where every project of the repository permits that its code is sent; with false they are composed of documents and comments"`
	AINarrativeMax int           `env:"AI_NARRATIVE_REQUESTS" envDefault:"20" doc:"Requests to the model for the descriptions of one commit, of six parts each, at most 500; what is left over is composed, and asked for with the next analysis"`
	AINarrativeTok int64         `env:"AI_NARRATIVE_TOKENS" envDefault:"200000" doc:"Tokens of the model for the descriptions of one commit: no request is made once they are taken"`
	VertexProject  string        `env:"VERTEX_AI_PROJECT_ID" doc:"Google Cloud project for Gemini on Vertex AI"`
	VertexLocation string        `env:"VERTEX_AI_LOCATION" envDefault:"us-central1" doc:"Vertex AI region, or global, us or eu"`
	GoogleFile     string        `env:"GOOGLE_APPLICATION_CREDENTIALS" doc:"File of the service account for Vertex AI. Default: application default credentials of the machine"`
	GeminiKey      string        `env:"GEMINI_API_KEY" secret:"true" doc:"Key of the Gemini API, where Vertex AI is not used"`
	GeminiURL      string        `env:"GEMINI_BASE_URL" doc:"Gateway in front of Gemini. Default: Google's own address"`
	OpenAIURL      string        `env:"OPENAI_BASE_URL" doc:"Where the chat completions are, with the version, as in http://localhost:11434/v1. Default: https://api.openai.com/v1"`
	OpenAIKey      string        `env:"OPENAI_API_KEY" secret:"true" doc:"Key of that service, where it asks for one"`
	OpenAIModel    string        `env:"OPENAI_MODEL" doc:"Model of that service"`
}

// Loopback reports whether the server is reachable from this machine only.
func (c *Config) Loopback() bool {
	if c.Host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(c.Host)
	return err == nil && addr.IsLoopback()
}

// The providers of answers.
const (
	ProviderAuto       = "auto"
	ProviderGemini     = "gemini"
	ProviderOpenAI     = "openai"
	ProviderExtractive = "extractive"
)

// EmbeddingsOff is the provider of none.
const EmbeddingsOff = "off"

// defaultNumbers is how many numbers the vectors of the default models have.
const defaultNumbers = 512

// EmbeddingNumbers is how many numbers a vector has, 0 for as many as the model
// gives.
func (c *Config) EmbeddingNumbers() int {
	if c.AIEmbedNumbers == 0 && c.AIEmbedModel == "" {
		return defaultNumbers
	}
	return c.AIEmbedNumbers
}

// Provider says who writes answers.
func (c *Config) Provider() string {
	switch {
	case c.AIProvider != ProviderAuto:
		return c.AIProvider
	case c.VertexProject != "" || c.GeminiKey != "":
		return ProviderGemini
	case c.OpenAIModel != "":
		return ProviderOpenAI // the key alone is on many machines, for other programs
	}
	return ProviderExtractive
}

// Model names the model that is asked, "" for the provider's own.
func (c *Config) Model() string {
	if c.AIModel == "" && c.Provider() == ProviderOpenAI {
		return c.OpenAIModel
	}
	return c.AIModel
}

// LocalAllowed reports whether repositories on the server's disk may be
// analysed. Where no folder is known that they must lie in, none may.
func (c *Config) LocalAllowed() bool {
	if len(c.LocalRoots) == 0 {
		return false
	}
	if c.AllowLocal != nil {
		return *c.AllowLocal
	}
	return c.Loopback()
}

// Address returns host:port to listen on.
func (c *Config) Address() string { return net.JoinHostPort(c.Host, strconv.Itoa(c.Port)) }

// Rate is a number of events in a window. The zero Rate is no limit.
type Rate struct {
	Limit  int
	Window time.Duration
}

// UnmarshalText reads "600/m", "10/s", "5/h" or "off".
func (r *Rate) UnmarshalText(text []byte) error {
	s := string(text)
	if s == "off" {
		*r = Rate{}
		return nil
	}
	windows := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}
	if len(s) < 3 || s[len(s)-2] != '/' || windows[s[len(s)-1]] == 0 {
		return fmt.Errorf("%q is no rate: write N/s, N/m, N/h, N/d or off", s)
	}
	n, err := strconv.Atoi(s[:len(s)-2])
	if err != nil || n < 1 {
		return fmt.Errorf("%q is no rate: the number before the slash must be 1 or more", s)
	}
	*r = Rate{Limit: n, Window: windows[s[len(s)-1]]}
	return nil
}

// String returns the rate as UnmarshalText reads it.
func (r Rate) String() string {
	for unit, window := range map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour} {
		if r.Window == window && r.Limit > 0 {
			return fmt.Sprintf("%d/%s", r.Limit, unit)
		}
	}
	return "off"
}

// Bytes is a size, read from "1048576", "512KiB", "1MiB", "10GiB", or with the
// decimal units kB, MB and GB.
type Bytes int64

// UnmarshalText reads a size of 1 byte to 8 EiB − 1.
func (b *Bytes) UnmarshalText(text []byte) error {
	s := string(text)
	units := []struct {
		suffix string
		factor int64
	}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}, {"", 1}}
	for _, u := range units {
		digits, ok := strings.CutSuffix(s, u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || n < 1 || n > (1<<63-1)/u.factor {
			break
		}
		*b = Bytes(n * u.factor)
		return nil
	}
	return fmt.Errorf("%q is no size: write a whole number and a unit, such as 512KiB, 1MiB or 10GiB", s)
}

// String returns the size with the largest unit that divides it.
func (b Bytes) String() string {
	for _, u := range []struct {
		suffix string
		factor Bytes
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if b >= u.factor && b%u.factor == 0 {
			return fmt.Sprintf("%d%s", b/u.factor, u.suffix)
		}
	}
	return strconv.FormatInt(int64(b), 10)
}
