package graph

import "strings"

// rubyStandard are the libraries that come with Ruby, its default and bundled
// gems included.
var rubyStandard = words(`abbrev base64 benchmark bigdecimal bundler cgi coverage csv date dbm debug delegate did_you_mean digest drb
	english English erb error_highlight etc expect fcntl fiddle fileutils find forwardable gdbm getoptlong io ipaddr irb json logger
	matrix minitest mkmf monitor mutex_m net nkf objspace observer open-uri open3 openssl optparse ostruct pathname pp prettyprint prime
	prism pstore psych pty racc rbconfig rdoc readline reline resolv resolv-replace rexml rinda ripper ruby2_keywords rubygems securerandom
	set shellwords singleton socket stringio strscan syslog tempfile test thread time timeout tmpdir tracer tsort un uri weakref webrick
	yaml zlib continuation fiber enumerator rational complex`)

// rubyCore are constants of Ruby and its libraries that name no gem.
var rubyCore = words(`JSON YAML Set Date DateTime URI Net Logger Pathname Tempfile FileUtils SecureRandom Digest OpenSSL Base64 CSV ERB
	StringIO Timeout Benchmark BigDecimal Socket TCPSocket TCPServer UNIXSocket Zlib Etc Open3 OptionParser OpenStruct Shellwords
	Singleton Forwardable Delegator SimpleDelegator DelegateClass Observable Monitor MonitorMixin ConditionVariable SizedQueue Mutex
	Minitest Test Psych PP RbConfig Gem Bundler IPAddr Resolv CGI WeakRef ObjectSpace Warning TracePoint Refinement Etc Ripper StringScanner
	RUBY_ENGINE_VERSION RUBY_PATCHLEVEL RUBY_RELEASE_DATE TOPLEVEL_BINDING UnboundMethod Binding Errno NoMatchingPatternError Rake IRB Find`)

// rubyImports are what a gem is required as, and its constants as paths: its
// name, with a slash for each hyphen, and what those with another name hold.
func rubyImports(gem string) []string {
	out := []string{gem, strings.ReplaceAll(gem, "-", "/"), strings.ReplaceAll(gem, "-", "_"), strings.ReplaceAll(gem, "_", "")}
	return append(out, strings.Fields(gemModules[gem])...)
}

// gemModules are what gems hold whose names do not say so.
var gemModules = map[string]string{
	"rails":      "rails active_record active_support active_model active_job active_storage action_controller action_view action_mailer action_cable action_dispatch action_text action_mailbox action_pack",
	"railties":   "rails",
	"actionpack": "action_controller action_dispatch abstract_controller", "actionview": "action_view", "actionmailer": "action_mailer",
	"actioncable": "action_cable", "activerecord": "active_record", "activesupport": "active_support", "activemodel": "active_model",
	"activejob": "active_job", "activestorage": "active_storage", "rspec-rails": "rspec", "rspec-core": "rspec", "factory_bot_rails": "factory_bot",
	"sidekiq-cron": "sidekiq/cron", "ruby-openai": "openai", "aws-sdk-s3": "aws", "pundit": "pundit", "cancancan": "can_can cancan",
	"carrierwave": "carrier_wave", "kt-paperclip": "paperclip", "rest-client": "rest_client restclient", "mini_magick": "mini_magick",
	"nokogiri": "nokogiri", "redis-client": "redis_client", "rack-cors": "rack/cors", "rack-attack": "rack/attack", "sinatra-contrib": "sinatra/contrib sinatra/reloader sinatra/json",
	"graphql": "graph_ql graphql", "oj": "oj", "webmock": "web_mock webmock", "vcr": "vcr", "simplecov": "simple_cov simplecov", "rubocop": "rubocop rubo_cop",
	"http": "http", "ox": "ox", "jwt": "jwt", "pg": "pg", "paper_trail": "paper_trail", "will_paginate": "will_paginate", "bcrypt": "b_crypt bcrypt",
	"opentelemetry-sdk": "opentelemetry open_telemetry", "sentry-ruby": "sentry", "sentry-rails": "sentry", "google-protobuf": "google/protobuf",
	"ruby-saml": "one_login onelogin", "rqrcode": "rq_r_code rqrcode", "omniauth": "omni_auth omniauth", "doorkeeper": "doorkeeper", "i18n": "i18n",
}

// phpNamespaces are the namespaces that a package of Composer is likely to have
// by its name, and those of well-known ones; a lock file says more.
func phpNamespaces(name string) []string {
	if known := composerNamespaces[name]; known != "" {
		return strings.Fields(known)
	}
	vendor, pkg, _ := strings.Cut(name, "/")
	return []string{studly(vendor) + `\` + studly(pkg), studly(pkg)}
}

// studly writes a name as namespaces are: acme-http is AcmeHttp.
func studly(name string) string {
	var b strings.Builder
	for part := range strings.FieldsFuncSeq(name, func(c rune) bool { return strings.ContainsRune("-_.", c) }) {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

var composerNamespaces = map[string]string{
	"laravel/framework": "Illuminate", "phpunit/phpunit": "PHPUnit", "mockery/mockery": "Mockery", "fakerphp/faker": "Faker",
	"guzzlehttp/guzzle": "GuzzleHttp", "monolog/monolog": "Monolog", "nesbot/carbon": "Carbon", "doctrine/orm": `Doctrine\ORM`,
	"doctrine/dbal": `Doctrine\DBAL`, "doctrine/doctrine-bundle": `Doctrine\Bundle\DoctrineBundle`, "twig/twig": "Twig", "slim/slim": "Slim",
	"slim/psr7": `Slim\Psr7`, "ramsey/uuid": `Ramsey\Uuid`, "league/flysystem": `League\Flysystem`, "psr/log": `Psr\Log`,
	"psr/http-message": `Psr\Http\Message`, "psr/container": `Psr\Container`, "nikic/php-parser": "PhpParser", "nikic/fast-route": "FastRoute",
	"vlucas/phpdotenv": "Dotenv", "pestphp/pest": "Pest", "filp/whoops": "Whoops", "aws/aws-sdk-php": "Aws", "league/commonmark": `League\CommonMark`,
	"symfony/symfony": "Symfony", "symfony/framework-bundle": `Symfony\Bundle\FrameworkBundle`, "symfony/http-foundation": `Symfony\Component\HttpFoundation`,
	"symfony/http-kernel": `Symfony\Component\HttpKernel`, "symfony/security-bundle": `Symfony\Bundle\SecurityBundle Symfony\Component\Security`,
	"symfony/console": `Symfony\Component\Console`, "symfony/routing": `Symfony\Component\Routing`, "symfony/form": `Symfony\Component\Form`,
	"symfony/validator": `Symfony\Component\Validator`, "symfony/mailer": `Symfony\Component\Mailer`, "symfony/process": `Symfony\Component\Process`,
	"symfony/yaml": `Symfony\Component\Yaml`, "symfony/http-client": `Symfony\Component\HttpClient Symfony\Contracts\HttpClient`,
	"symfony/event-dispatcher": `Symfony\Component\EventDispatcher`, "symfony/dependency-injection": `Symfony\Component\DependencyInjection`,
	"symfony/translation": `Symfony\Component\Translation Symfony\Contracts\Translation`, "symfony/finder": `Symfony\Component\Finder`,
	"symfony/filesystem": `Symfony\Component\Filesystem`, "symfony/string": `Symfony\Component\String`, "symfony/serializer": `Symfony\Component\Serializer`,
	"symfony/messenger": `Symfony\Component\Messenger`, "symfony/cache": `Symfony\Component\Cache Symfony\Contracts\Cache`, "symfony/uid": `Symfony\Component\Uid`,
}
