package python

import (
	"regexp"
	"slices"
	"strings"
)

// pep508 takes a requirement apart: name, extras, and the rest up to a marker.
var pep508 = regexp.MustCompile(`^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(.*)$`)

// egg is the name that a URL carries for pip.
var egg = regexp.MustCompile(`[#&]egg=([A-Za-z0-9._-]+)`)

// userinfo is a name or token inside a URL.
var userinfo = regexp.MustCompile(`://[^/@\s]*@`)

// requirement is one PEP 508 requirement: its name, and its version or address
// as written.
func requirement(s string) (name, version string, ok bool) {
	s, _, _ = strings.Cut(s, ";") // environment markers
	m := pep508.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return "", "", false
	}
	version = strings.TrimSpace(m[2])
	if inner, found := strings.CutPrefix(version, "("); found {
		version = strings.TrimSuffix(inner, ")")
	}
	if version != "" && !strings.ContainsRune("<>=!~@*", rune(version[0])) {
		return "", "", false // prose, or a path
	}
	return m[1], hideUser(version), true
}

// hideUser takes credentials out of an address.
func hideUser(s string) string { return userinfo.ReplaceAllString(s, "://") }

// separators are the same thing to the index.
var separators = regexp.MustCompile(`[-_.]+`)

// normalise is the name under which the index knows a package (PEP 503).
func normalise(name string) string {
	return separators.ReplaceAllString(strings.ToLower(name), "-")
}

// importNames are the modules that a distribution is known to provide: its own
// name, and those of the table below.
func importNames(name string) []string {
	name = normalise(name)
	own := strings.ReplaceAll(name, "-", "_")
	out := []string{own}
	for _, known := range modules[name] {
		if known != own {
			out = append(out, known)
		}
	}
	// In a namespace a distribution is named for what it provides.
	if first, _, ok := strings.Cut(name, "-"); ok && slices.Contains(namespaces, first) {
		if dotted := strings.ReplaceAll(name, "-", "."); !slices.Contains(out, dotted) {
			out = append(out, dotted)
		}
	}
	return out
}

// namespaces are packages that many distributions share.
var namespaces = []string{"zope", "google", "azure", "ruamel", "backports", "jaraco", "sphinxcontrib", "opentelemetry", "plone", "collective", "odoo", "paste", "keystoneauth", "dogpile"}

// modules are well-known distributions whose modules have other names. The
// names are those of each package's own top_level.txt or wheel.
var modules = map[string][]string{
	"apache-airflow":                {"airflow"},
	"argon2-cffi":                   {"argon2"},
	"attrs":                         {"attr", "attrs"},
	"azure-identity":                {"azure.identity"},
	"azure-storage-blob":            {"azure.storage.blob"},
	"backports-zoneinfo":            {"backports.zoneinfo"},
	"beautifulsoup4":                {"bs4"},
	"biopython":                     {"Bio"},
	"brotlipy":                      {"brotli"},
	"discord-py":                    {"discord"},
	"django-allauth":                {"allauth"},
	"django-cors-headers":           {"corsheaders"},
	"django-crispy-forms":           {"crispy_forms"},
	"django-debug-toolbar":          {"debug_toolbar"},
	"django-environ":                {"environ"},
	"django-filter":                 {"django_filters"},
	"django-storages":               {"storages"},
	"djangorestframework":           {"rest_framework"},
	"djangorestframework-simplejwt": {"rest_framework_simplejwt"},
	"dnspython":                     {"dns"},
	"docker-py":                     {"docker"},
	"docopt-ng":                     {"docopt"},
	"factory-boy":                   {"factory"},
	"faiss-cpu":                     {"faiss"},
	"gitpython":                     {"git"},
	"google-api-python-client":      {"googleapiclient", "apiclient"},
	"google-auth":                   {"google.auth", "google.oauth2"},
	"google-cloud-aiplatform":       {"google.cloud.aiplatform", "vertexai"},
	"google-cloud-bigquery":         {"google.cloud.bigquery"},
	"google-cloud-pubsub":           {"google.cloud.pubsub", "google.cloud.pubsub_v1"},
	"google-cloud-storage":          {"google.cloud.storage"},
	"googleapis-common-protos":      {"google.api", "google.rpc"},
	"grpcio":                        {"grpc"},
	"grpcio-tools":                  {"grpc_tools"},
	"ipython":                       {"IPython"},
	"kafka-python":                  {"kafka"},
	"levenshtein":                   {"Levenshtein"},
	"mysql-connector-python":        {"mysql.connector"},
	"mysqlclient":                   {"MySQLdb"},
	"opencv-contrib-python":         {"cv2"},
	"opencv-python":                 {"cv2"},
	"opencv-python-headless":        {"cv2"},
	"opentelemetry-api":             {"opentelemetry"},
	"opentelemetry-sdk":             {"opentelemetry.sdk"},
	"paho-mqtt":                     {"paho.mqtt", "paho"},
	"pillow":                        {"PIL"},
	"pip-tools":                     {"piptools"},
	"protobuf":                      {"google.protobuf"},
	"psycopg-binary":                {"psycopg"},
	"psycopg2-binary":               {"psycopg2"},
	"py-cpuinfo":                    {"cpuinfo"},
	"pycairo":                       {"cairo"},
	"pycryptodome":                  {"Crypto"},
	"pycryptodomex":                 {"Cryptodome"},
	"pygithub":                      {"github"},
	"pygobject":                     {"gi"},
	"pyjwt":                         {"jwt"},
	"pymongo":                       {"pymongo", "bson", "gridfs"},
	"pymupdf":                       {"fitz", "pymupdf"},
	"pynacl":                        {"nacl"},
	"pyopenssl":                     {"OpenSSL"},
	"pyqt5":                         {"PyQt5"},
	"pyqt6":                         {"PyQt6"},
	"pyserial":                      {"serial"},
	"pyside6":                       {"PySide6"},
	"pysocks":                       {"socks"},
	"pytest":                        {"pytest", "_pytest"},
	"python-dateutil":               {"dateutil"},
	"python-decouple":               {"decouple"},
	"python-docx":                   {"docx"},
	"python-dotenv":                 {"dotenv"},
	"python-gitlab":                 {"gitlab"},
	"python-jose":                   {"jose"},
	"python-json-logger":            {"pythonjsonlogger"},
	"python-ldap":                   {"ldap"},
	"python-levenshtein":            {"Levenshtein"},
	"python-magic":                  {"magic"},
	"python-memcached":              {"memcache"},
	"python-multipart":              {"multipart", "python_multipart"},
	"python-pptx":                   {"pptx"},
	"python-slugify":                {"slugify"},
	"python-telegram-bot":           {"telegram"},
	"pywin32":                       {"win32api", "win32con", "win32gui", "pythoncom"},
	"pyyaml":                        {"yaml"},
	"pyzmq":                         {"zmq"},
	"ruamel-yaml":                   {"ruamel.yaml"},
	"scikit-image":                  {"skimage"},
	"scikit-learn":                  {"sklearn"},
	"setuptools":                    {"setuptools", "pkg_resources"},
	"tensorflow-cpu":                {"tensorflow"},
	"tensorflow-gpu":                {"tensorflow"},
	"umap-learn":                    {"umap"},
	"unittest-xml-reporting":        {"xmlrunner"},
	"websocket-client":              {"websocket"},
	"zope-interface":                {"zope.interface"},
}
