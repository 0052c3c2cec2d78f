package graph

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Use is something outside the tree that files use.
type Use struct {
	Ecosystem string // go, npm, pypi, maven
	// Name is an import path of Go, the name of an npm package, a dotted Python
	// module of at most three names, or a Java package.
	Name string
}

// CountUses sets the number of files that use each dependency. A file counts
// for the manifest nearest above it that names the dependency, and for the one
// nearest to the root when none is above it. Dependencies of other ecosystems
// than [Use] knows keep what they have.
func (g *Graph) CountUses(externals []report.External) {
	c := counter{g: g, externals: externals, provides: map[Use][]int32{}, files: make([]map[int32]struct{}, len(externals))}
	for i := range externals {
		c.index(int32(i))
	}
	for u, files := range g.external {
		candidates := c.candidates(u)
		for _, f := range files {
			c.count(f, candidates)
		}
	}
	for i := range externals {
		externals[i].UsedIn = []string{}
		if _, ok := separators[externals[i].Ecosystem]; ok {
			externals[i].Files, externals[i].UsedIn = len(c.files[i]), c.usedIn(i)
		}
	}
}

// maxUsedIn is how many of the files are named that use a dependency.
const maxUsedIn = 100

// usedIn are the first files by path that use a dependency.
func (c *counter) usedIn(external int) []string {
	out := make([]string, 0, len(c.files[external]))
	for f := range c.files[external] {
		out = append(out, c.g.files[f].Path)
	}
	slices.Sort(out)
	return out[:min(len(out), maxUsedIn)]
}

// separators part the names of an ecosystem's modules; what stands before one
// may be the dependency.
var separators = map[string]string{"go": "/", "npm": "", ecosystemPyPI: ".", "maven": ".", ecosystemNuGet: ".", ecosystemComposer: `\`, ecosystemRuby: "/", ecosystemCargo: ""}

type counter struct {
	g         *Graph
	externals []report.External
	provides  map[Use][]int32 // what is imported → dependencies that provide it
	files     []map[int32]struct{}
}

// index lists what a dependency is imported as.
func (c *counter) index(i int32) {
	e := &c.externals[i]
	for _, name := range slices.Concat(e.Imports, importNames(e.Ecosystem, e.Name)) {
		u := Use{Ecosystem: e.Ecosystem, Name: normalisedImport(e.Ecosystem, name)}
		if !slices.Contains(c.provides[u], i) {
			c.provides[u] = append(c.provides[u], i)
		}
	}
}

// importNames are the names that a dependency's own name suggests.
func importNames(ecosystem, name string) []string {
	switch ecosystem {
	case ecosystemPyPI:
		return pythonImports(name)
	case "maven":
		group, artifact, _ := strings.Cut(name, ":")
		return append([]string{group, group + "." + artifact}, javaGroups[group]...)
	case ecosystemRuby:
		return rubyImports(name)
	case ecosystemComposer:
		return phpNamespaces(name)
	}
	return []string{name}
}

// The ecosystems of PHP and Ruby. What is used is named by a namespace with
// backslashes there, and by what require loads here: "sidekiq/web".
const (
	ecosystemComposer = "composer"
	ecosystemRuby     = "rubygems"
)

func normalisedImport(ecosystem, name string) string {
	switch ecosystem {
	case ecosystemPyPI:
		return strings.ToLower(strings.ReplaceAll(name, "-", "_"))
	case ecosystemNuGet:
		return strings.ToLower(name) // as NuGet takes its names
	}
	return name
}

// candidates returns the dependencies that may provide what is used, by the
// longest name that any of them has.
func (c *counter) candidates(u Use) []int32 {
	u.Name = normalisedImport(u.Ecosystem, u.Name)
	separator := separators[u.Ecosystem]
	for {
		if found := c.provides[u]; len(found) > 0 {
			return found
		}
		at := -1
		if separator != "" {
			at = strings.LastIndex(u.Name, separator)
		}
		if at < 0 {
			return nil
		}
		u.Name = u.Name[:at]
	}
}

// count counts a file for the nearest of the candidates.
func (c *counter) count(file int32, candidates []int32) {
	p := c.g.files[file].Path
	best, depth := []int32(nil), -1
	for _, i := range candidates {
		dir := path.Dir(c.externals[i].Manifest)
		if !isBelow(p, dir) {
			continue
		}
		if d := folderDepth(dir); d > depth {
			best, depth = nil, d
		}
		if folderDepth(dir) == depth {
			best = append(best, i)
		}
	}
	if best == nil && len(candidates) > 0 {
		best = []int32{slices.MinFunc(candidates, func(a, b int32) int {
			return cmp.Compare(folderDepth(path.Dir(c.externals[a].Manifest)), folderDepth(path.Dir(c.externals[b].Manifest)))
		})}
	}
	for _, i := range best {
		if c.files[i] == nil {
			c.files[i] = map[int32]struct{}{}
		}
		c.files[i][file] = struct{}{}
	}
}

// folderDepth is 0 for the root.
func folderDepth(dir string) int {
	if dir == "." {
		return 0
	}
	return 1 + strings.Count(dir, "/")
}

// pythonImports returns the modules that a distribution is known to hold, or is
// likely to by its name.
func pythonImports(distribution string) []string {
	name := strings.ToLower(strings.NewReplacer("_", "-", ".", "-").Replace(distribution))
	if known := pythonDistributions[name]; known != "" {
		return strings.Fields(known)
	}
	if strings.HasPrefix(name, "opencv-") { // in several builds
		return []string{"cv2"}
	}
	flat := strings.ReplaceAll(name, "-", "_")
	out := []string{flat}
	if strings.Contains(name, "-") {
		out = append(out, strings.ReplaceAll(name, "-", ".")) // google-cloud-storage
	}
	for _, prefix := range []string{"python_", "py"} {
		if rest, ok := strings.CutPrefix(flat, prefix); ok && len(rest) > 2 {
			out = append(out, rest)
		}
	}
	if rest, ok := strings.CutSuffix(flat, "_python"); ok {
		out = append(out, rest)
	}
	return out
}

// pythonDistributions are the distributions whose modules have other names.
var pythonDistributions = map[string]string{
	"attrs": "attr attrs", "beautifulsoup4": "bs4", "biopython": "Bio", "djangorestframework": "rest_framework",
	"django-cors-headers": "corsheaders", "django-debug-toolbar": "debug_toolbar", "django-environ": "environ",
	"django-filter": "django_filters", "django-storages": "storages", "docker-py": "docker", "dnspython": "dns", "faiss-cpu": "faiss",
	"gitpython": "git", "google-api-python-client": "googleapiclient", "google-auth": "google.auth google.oauth2",
	"grpcio": "grpc", "grpcio-tools": "grpc_tools",
	"kafka-python": "kafka", "markdown-it-py": "markdown_it", "msgpack-python": "msgpack", "mysql-connector-python": "mysql",
	"mysqlclient": "MySQLdb", "pillow": "PIL",
	"protobuf": "google.protobuf", "psycopg2-binary": "psycopg2", "psycopg-binary": "psycopg", "pycryptodome": "Crypto",
	"pycryptodomex": "Cryptodome", "pygithub": "github", "pygobject": "gi", "pyhamcrest": "hamcrest", "pyjwt": "jwt", "pyobjc-core": "objc",
	"pyopenssl": "OpenSSL", "pypdf2": "PyPDF2", "pyserial": "serial", "python-dateutil": "dateutil", "python-decouple": "decouple",
	"python-docx": "docx", "python-dotenv": "dotenv", "python-gitlab": "gitlab", "python-jose": "jose", "python-json-logger": "pythonjsonlogger",
	"python-ldap": "ldap", "python-levenshtein": "Levenshtein", "python-magic": "magic", "python-memcached": "memcache", "python-multipart": "multipart python_multipart",
	"python-pptx": "pptx", "python-slugify": "slugify", "python-socketio": "socketio", "python-telegram-bot": "telegram",
	"pyyaml": "yaml", "pyzmq": "zmq", "rest-framework-simplejwt": "rest_framework_simplejwt", "djangorestframework-simplejwt": "rest_framework_simplejwt",
	"scikit-image": "skimage", "scikit-learn": "sklearn", "setuptools": "setuptools pkg_resources",
	"slack-sdk": "slack_sdk slack", "tensorflow-cpu": "tensorflow", "tensorflow-gpu": "tensorflow",
	"umap-learn": "umap", "websocket-client": "websocket",
}

// javaGroups are the packages of groups that name them otherwise.
var javaGroups = map[string][]string{
	"com.google.guava": {"com.google.common"}, "com.google.code.gson": {"com.google.gson"}, "junit": {"org.junit", "junit.framework"},
	"org.junit.jupiter": {"org.junit.jupiter"}, "com.google.code.findbugs": {"javax.annotation"}, "jakarta.persistence": {"jakarta.persistence"},
	"com.squareup.okhttp3": {"okhttp3"}, "com.squareup.okio": {"okio"}, "com.squareup.retrofit2": {"retrofit2"}, "io.reactivex.rxjava2": {"io.reactivex"},
	"io.reactivex.rxjava3": {"io.reactivex.rxjava3"}, "org.projectlombok": {"lombok"}, "ch.qos.logback": {"ch.qos.logback"}, "log4j": {"org.apache.log4j"},
	"commons-io": {"org.apache.commons.io"}, "commons-codec": {"org.apache.commons.codec"}, "commons-lang": {"org.apache.commons.lang"},
	"commons-logging": {"org.apache.commons.logging"}, "commons-collections": {"org.apache.commons.collections"}, "commons-cli": {"org.apache.commons.cli"},
	"org.apache.commons": {"org.apache.commons"}, "mysql": {"com.mysql"}, "org.hamcrest": {"org.hamcrest"}, "joda-time": {"org.joda.time"},
	"org.apache.logging.log4j": {"org.apache.logging.log4j"}, "org.mockito": {"org.mockito"}, "org.assertj": {"org.assertj"}, "org.slf4j": {"org.slf4j"},
	"com.fasterxml.jackson.core": {"com.fasterxml.jackson"}, "com.fasterxml.jackson.datatype": {"com.fasterxml.jackson.datatype"}, "org.hibernate.orm": {"org.hibernate"},
	"org.springframework.boot": {"org.springframework.boot"}, "org.springframework.data": {"org.springframework.data"}, "org.springframework.security": {"org.springframework.security"},
	"jakarta.servlet": {"jakarta.servlet"}, "javax.servlet": {"javax.servlet"}, "org.eclipse.jetty": {"org.eclipse.jetty"}, "io.micrometer": {"io.micrometer"},
}
