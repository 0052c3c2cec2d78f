package documents

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/container"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/syntax"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// system is something outside of the software that it speaks with.
type system struct {
	name, kind string
	evidence   []string // what shows it, with its citation
	usedIn     []string // files of the software that import what speaks with it
}

// knownSystem says by which dependencies and images a system is known. Names are
// compared in lower case: a dependency's whole name, an image without its tag.
type knownSystem struct {
	name, kind   string
	dependencies *lazyregexp.Regexp
	images       *lazyregexp.Regexp
}

func known(name, kind, dependencies, images string) knownSystem {
	k := knownSystem{name: name, kind: kind, dependencies: lazyregexp.New(`^(?:` + dependencies + `)$`)}
	if images != "" {
		k.images = lazyregexp.New(`(^|/)(?:` + images + `)$`)
	}
	return k
}

// The kinds of systems, as a reader knows them.
const (
	kindDatabase = "database"
	kindCache    = "cache"
	kindQueue    = "message queue"
	kindSearch   = "search engine"
	kindStorage  = "object storage"
	kindVendor   = "external service"
	kindMonitor  = "monitoring"
	kindProxy    = "reverse proxy"
	kindMail     = "mail"
	kindIdentity = "identity provider"
)

var knownSystems = []knownSystem{
	known("PostgreSQL", kindDatabase, `pg|pg-promise|postgres|postgrex|psycopg(2|2-binary|\[.*\])?|asyncpg|github\.com/lib/pq|github\.com/jackc/pgx(/v\d)?|gorm\.io/driver/postgres|tokio-postgres|npgsql.*|org\.postgresql:postgresql`, `postgres|postgresql|postgis|timescaledb|pgvector`),
	known("MySQL or MariaDB", kindDatabase, `mysql2?|mariadb|pymysql|mysqlclient|aiomysql|trilogy|github\.com/go-sql-driver/mysql|gorm\.io/driver/mysql|mysql:mysql-connector-java|com\.mysql:mysql-connector-j|org\.mariadb\.jdbc:.*|mysqlconnector|mysql_async`, `mysql|mariadb|percona`),
	known("SQLite", kindDatabase, `sqlite3|better-sqlite3|aiosqlite|rusqlite|github\.com/mattn/go-sqlite3|modernc\.org/sqlite|gorm\.io/driver/sqlite|github\.com/glebarez/sqlite|org\.xerial:sqlite-jdbc|microsoft\.data\.sqlite|microsoft\.entityframeworkcore\.sqlite`, ``),
	known("Microsoft SQL Server", kindDatabase, `mssql|tedious|pymssql|github\.com/(denisenkom|microsoft)/go-mssqldb|microsoft\.data\.sqlclient|system\.data\.sqlclient|microsoft\.entityframeworkcore\.sqlserver|com\.microsoft\.sqlserver:mssql-jdbc|tiny_tds`, `mssql/server|mssql-server.*`),
	known("MongoDB", kindDatabase, `mongodb|mongoose|pymongo|motor|mongoid|mongo|go\.mongodb\.org/mongo-driver(/v\d)?|mongodb\.driver|org\.mongodb:.*|org\.springframework\.boot:spring-boot-starter-data-mongodb.*`, `mongo|mongodb`),
	known("Cassandra", kindDatabase, `cassandra-driver|github\.com/gocql/gocql|com\.datastax\..*`, `cassandra|scylla`),
	known("ClickHouse", kindDatabase, `@clickhouse/client|clickhouse-(driver|connect)|github\.com/clickhouse/clickhouse-go(/v\d)?`, `clickhouse-server|clickhouse`),
	known("DynamoDB", kindDatabase, `@aws-sdk/(client|lib)-dynamodb|github\.com/aws/aws-sdk-go-v2/service/dynamodb|aws-sdk-dynamodb`, `dynamodb-local`),
	known("Neo4j", kindDatabase, `neo4j(-driver)?|github\.com/neo4j/neo4j-go-driver(/v\d)?`, `neo4j`),
	known("InfluxDB", kindDatabase, `influxdb(-client)?|@influxdata/influxdb-client|github\.com/influxdata/influxdb-client-go(/v\d)?`, `influxdb`),
	known("Redis", kindCache, `redis|ioredis|redis-rails|hiredis(-client)?|redis-client|aioredis|django-redis|github\.com/(go-redis/redis|redis/go-redis|gomodule/redigo|redis/rueidis)(/v\d)?|predis/predis|stackexchange\.redis|redis\.clients:jedis|io\.lettuce:lettuce-core|org\.springframework\.boot:spring-boot-starter-data-redis.*`, `redis|valkey|redis-stack.*|keydb`),
	known("Memcached", kindCache, `memcached|dalli|pymemcache|python-memcached|github\.com/bradfitz/gomemcache`, `memcached`),
	known("RabbitMQ", kindQueue, `amqplib|amqp|pika|aio-pika|bunny|github\.com/(streadway/amqp|rabbitmq/amqp091-go)|rabbitmq\.client|com\.rabbitmq:amqp-client|lapin|php-amqplib/php-amqplib`, `rabbitmq`),
	known("Kafka", kindQueue, `kafkajs|kafka-python|confluent-kafka|aiokafka|ruby-kafka|rdkafka|github\.com/(segmentio/kafka-go|ibm/sarama|shopify/sarama|twmb/franz-go)|confluent\.kafka|org\.apache\.kafka:.*|org\.springframework\.kafka:.*`, `kafka|cp-kafka|redpanda`),
	known("NATS", kindQueue, `nats|nats-py|github\.com/nats-io/nats\.go|async-nats`, `nats`),
	known("Amazon SQS", kindQueue, `@aws-sdk/client-sqs|aws-sdk-sqs|github\.com/aws/aws-sdk-go-v2/service/sqs`, ``),
	known("MQTT broker", kindQueue, `mqtt|paho-mqtt|github\.com/eclipse/paho\.mqtt\.golang|rumqttc`, `eclipse-mosquitto|emqx`), //nolint:misspell // the broker is called so
	known("Elasticsearch or OpenSearch", kindSearch, `@elastic/elasticsearch|elasticsearch(-rails|-model|-dsl)?|opensearch-(py|ruby)|searchkick|chewy|github\.com/elastic/go-elasticsearch(/v\d)?|github\.com/olivere/elastic(/v\d)?|github\.com/opensearch-project/opensearch-go(/v\d)?`, `elasticsearch|opensearch`),
	known("Meilisearch", kindSearch, `meilisearch(-rails)?|github\.com/meilisearch/meilisearch-go`, `meilisearch`),
	known("Amazon S3", kindStorage, `@aws-sdk/client-s3|aws-sdk-s3|github\.com/aws/aws-sdk-go-v2/service/s3|league/flysystem-aws-s3-v3|awssdk\.s3|django-storages|s3fs`, `localstack`),
	known("MinIO", kindStorage, `minio|github\.com/minio/minio-go(/v\d)?|io\.minio:minio`, `minio`),
	known("Google Cloud Storage", kindStorage, `@google-cloud/storage|google-cloud-storage|cloud\.google\.com/go/storage`, ``),
	known("Azure Blob Storage", kindStorage, `@azure/storage-blob|azure-storage-blob|azure\.storage\.blobs`, `azurite`),
	known("Amazon Web Services", kindVendor, `aws-sdk|boto3|github\.com/aws/aws-sdk-go(-v2)?`, ``),
	known("Stripe", kindVendor, `stripe|@stripe/.*|github\.com/stripe/stripe-go(/v\d+)?|stripe/stripe-php|stripe\.net|com\.stripe:stripe-java`, ``),
	known("PayPal", kindVendor, `@paypal/.*|paypal-.*|paypalrestsdk`, ``),
	known("Twilio", kindVendor, `twilio|twilio-ruby|github\.com/twilio/twilio-go|twilio/sdk`, ``),
	known("SendGrid", kindMail, `@sendgrid/.*|sendgrid(-ruby)?|github\.com/sendgrid/sendgrid-go`, ``),
	known("Mailgun", kindMail, `mailgun.*|github\.com/mailgun/mailgun-go(/v\d)?`, ``),
	known("Mail server (SMTP)", kindMail, `nodemailer|github\.com/(wneessen/go-mail|jordan-wright/email|xhit/go-simple-mail)(/v\d)?|gopkg\.in/(gomail|mail)\.v2|lettre|mailkit|aiosmtplib`, `mailhog|mailpit|maildev|mailcatcher`),
	known("OpenAI", kindVendor, `openai|ruby-openai|github\.com/(sashabaranov|openai)/(go-openai|openai-go)|async-openai|langchain-openai`, ``),
	known("Anthropic", kindVendor, `anthropic|@anthropic-ai/sdk`, ``),
	known("GitHub", kindVendor, `octokit|@octokit/.*|pygithub|github\.com/google/go-github(/v\d+)?|octocrab`, ``),
	known("GitLab", kindVendor, `@gitbeaker/.*|python-gitlab|github\.com/xanzy/go-gitlab|gitlab\.com/gitlab-org/api/client-go`, ``),
	known("Slack", kindVendor, `@slack/.*|slack-sdk|slack-ruby-client|slack-notifier|github\.com/slack-go/slack`, ``),
	known("Telegram", kindVendor, `node-telegram-bot-api|telegraf|python-telegram-bot|aiogram|teloxide`, ``),
	known("Firebase", kindVendor, `firebase|firebase-admin|firebase\.google\.com/go(/v\d)?`, ``),
	known("Supabase", kindVendor, `@supabase/supabase-js|supabase`, ``),
	known("OpenID Connect provider", kindIdentity, `github\.com/(coreos/go-oidc|zitadel/oidc)(/v\d)?|openid-client|omniauth.*openid.*|mozilla-django-oidc|authlib|openidconnect`, `keycloak|dex|authentik.*|hydra`),
	known("LDAP directory", kindIdentity, `ldapjs|ldapts|python-ldap|ldap3|net-ldap|github\.com/go-ldap/ldap(/v\d)?`, `openldap`),
	known("Auth0", kindIdentity, `auth0.*|@auth0/.*`, ``),
	known("Sentry", kindMonitor, `@sentry/.*|sentry-(sdk|ruby|rails)|github\.com/getsentry/sentry-go|sentry/sentry.*|sentry`, ``),
	known("Prometheus", kindMonitor, `prom-client|prometheus-client|prometheus_client|django-prometheus|github\.com/prometheus/client_golang|io\.micrometer:micrometer-registry-prometheus|prometheus-net.*`, `prometheus`),
	known("OpenTelemetry collector", kindMonitor, `@opentelemetry/exporter-.*|opentelemetry-exporter-.*|go\.opentelemetry\.io/otel/exporters/.*|opentelemetry-otlp`, `opentelemetry-collector.*`),
	known("Grafana", kindMonitor, `grafana-nothing`, `grafana`),
	known("Jaeger", kindMonitor, `jaeger-client`, `all-in-one|jaeger`),
	known("nginx", kindProxy, `nginx-nothing`, `nginx`),
	known("Traefik", kindProxy, `traefik-nothing`, `traefik`),
	known("Caddy", kindProxy, `caddy-nothing`, `caddy`),
}

// composeFile are the files that Docker Compose reads.
var composeFile = lazyregexp.New(`(?i)^(docker-)?compose([.-][\w.-]+)?\.ya?ml$`)

// service is a service of a Compose file.
type service struct {
	file  string
	name  string
	line  int
	image string
	built string   // the folder that it is built of, "" for none
	ports []string // as written
	needs []string // names of services
	// optional says why a person who sets it up does not need it; "" for what is needed.
	optional string
	node     *syntax.Node
}

// services are those of the Compose files near the root.
func (c *composer) services() []service {
	paths := c.named(composeFile, 4)
	docs := map[string]*syntax.Node{}
	for _, file := range paths {
		// A file that nobody can read starts nothing.
		if root, err := syntax.YAML([]byte(strings.Join(c.file(file), "\n"))); err == nil {
			docs[file] = root
		}
	}
	var out []service
	seen := map[string]bool{}
	for _, v := range container.Services(paths, docs) {
		s := service{file: v.File, name: v.Name, line: v.Line, image: v.Image, needs: v.Needs, optional: v.Optional, node: v.Node}
		if build := v.Node.Get("build"); build != nil {
			s.built = cmp.Or(build.String(), build.Get("context").String(), ".")
		}
		for _, port := range v.Node.Get("ports").List() {
			s.ports = append(s.ports, cmp.Or(port.String(), port.Get("published").String()))
		}
		if !seen[s.name] || s.image != "" && s.built == "" {
			out = append(out, s)
		}
		seen[s.name] = true
	}
	return out
}

// shownImage is an image as a reader can use it: without a tag that a variable
// would have to fill in.
func shownImage(image string) string {
	if name := bareImage(image); strings.ContainsAny(image, "${}") {
		if strings.ContainsAny(name, "${}") {
			return ""
		}
		return name
	}
	return image
}

// bareImage is the name of an image without its tag and registry's port.
func bareImage(image string) string {
	image, _, _ = strings.Cut(image, "@")
	if at := strings.LastIndexByte(image, ':'); at > strings.LastIndexByte(image, '/') {
		image = image[:at]
	}
	return strings.ToLower(image)
}

// systems finds what the software speaks with, by what it depends on and what is
// started beside it.
func (p *part) systems() []system {
	at := map[string]int{}
	var out []system
	add := func(name, kind, evidence string) {
		i, there := at[name]
		if !there {
			i = len(out)
			at[name] = i
			out = append(out, system{name: name, kind: kind})
		}
		if len(out[i].evidence) < 3 {
			out[i].evidence = append(out[i].evidence, evidence)
		}
	}
	for i := range p.report.External {
		e := &p.report.External[i]
		if e.Scope == "development" || e.Scope == "test" || e.Scope == "indirect" || p.isAside(e.Manifest) {
			continue
		}
		k := systemOf(e)
		if k == nil {
			continue
		}
		if mark := p.lines(e.Manifest, e.Line, e.Line); mark != "" {
			used := slices.DeleteFunc(slices.Clone(e.UsedIn), p.isAside)
			shown := "the dependency " + span(e.Name) + mark
			if len(used) > 0 {
				if at := p.mention(used[0], e.Name, lastOf(e.Name)); at != "" {
					shown += ", which " + span(used[0]) + at + " imports"
				}
			}
			add(k.name, k.kind, shown)
			i := at[k.name]
			out[i].usedIn = append(out[i].usedIn, used...)
		}
	}
	for _, s := range p.services() {
		if s.optional != "" && p.neededOnly {
			continue
		}
		for i := range knownSystems {
			k := &knownSystems[i]
			if s.image == "" || k.images == nil || !k.images.MatchString(bareImage(s.image)) {
				continue
			}
			if mark := p.lines(s.file, s.line, s.lastLine()); mark != "" {
				of := ""
				if image := shownImage(s.image); image != "" {
					of = ", image " + span(image)
				}
				if s.optional != "" {
					of += " (" + plain(s.optional) + ")"
				}
				add(k.name, k.kind, fmt.Sprintf("the service %s of %s%s%s", span(s.name), span(path.Base(s.file)), of, mark))
			}
			break
		}
	}
	order := []string{kindDatabase, kindCache, kindQueue, kindSearch, kindStorage, kindIdentity, kindMail, kindVendor, kindMonitor, kindProxy}
	slices.SortStableFunc(out, func(a, b system) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.kind), slices.Index(order, b.kind)), cmp.Compare(a.name, b.name))
	})
	return out
}

// systemOf is the system that a dependency speaks with, nil for none.
func systemOf(e *report.External) *knownSystem {
	name := strings.ToLower(e.Name)
	for i := range knownSystems {
		k := &knownSystems[i]
		if !k.dependencies.MatchString(name) {
			continue
		}
		if slices.Contains([]string{"sentry", "mongo", "amqp", "nats", "motor"}, name) && e.Files == 0 {
			continue // a common word: the code must use it
		}
		return k
	}
	return nil
}

// lastLine is where what is written of a service ends.
func (s *service) lastLine() int {
	last := s.line
	var walk func(n *syntax.Node)
	walk = func(n *syntax.Node) {
		if n == nil {
			return
		}
		last = max(last, n.Line)
		for _, f := range n.Fields {
			last = max(last, f.Line)
			walk(f.Value)
		}
		for _, i := range n.Items {
			walk(i)
		}
	}
	walk(s.node)
	return min(last, s.line+25)
}
