package fuzz

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// Mode is what a request is meant to be.
type Mode string

// The modes.
const (
	Valid   Mode = "valid"   // as the document wants it, of things that exist
	Near    Mode = "near"    // valid but for a part or two
	Foreign Mode = "foreign" // valid, of things that are somebody else's
	Random  Mode = "random"  // garbage in every part
)

// Request is one request as it goes over the wire.
type Request struct {
	Number    int
	Operation *Operation
	Mode      Mode
	Actor     string
	Method    string
	Target    string // path and query, already encoded, well or badly
	Headers   [][2]string
	Body      []byte
}

// Bytes is the request as HTTP/1.1.
func (r *Request) Bytes(host string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", r.Method, r.Target, host)
	for _, h := range r.Headers {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	if len(r.Body) > 0 || r.Method == "POST" || r.Method == "PUT" || r.Method == "PATCH" {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(r.Body))
	}
	b.WriteString("\r\n")
	b.Write(r.Body)
	return b.Bytes()
}

// String shows a request to whoever has to mend what it found.
func (r *Request) String() string {
	text := r.Bytes("server")
	if len(text) > 3000 {
		text = append(text[:3000:3000], fmt.Sprintf("… %d bytes in all", len(text))...)
	}
	return fmt.Sprintf("request %d, %s, %s as %s:\n%q", r.Number, r.Operation.ID, r.Mode, r.Actor, text)
}

// Has reports whether a header is sent.
func (r *Request) Has(name string) bool {
	return slices.ContainsFunc(r.Headers, func(h [2]string) bool { return strings.EqualFold(h[0], name) })
}

// Maker makes requests.
type Maker struct {
	Pool *Pool
	Seed uint64
	// Values are what fields and parameters of a name hold when they are meant
	// well, by operation id and name, or by name alone. What says no value is left
	// to the schema.
	Values func(r *rand.Rand, operation *Operation, owner, name string) (string, bool)
	// Kind is what kind of thing a parameter of a path names.
	Kind func(operation *Operation, parameter string) string
	// Spares reports operations that destroy what they name.
	Spares func(operation *Operation) bool
	// Finish changes a request that is meant well, for what no document says, such
	// as a signature.
	Finish func(q *Request)
}

// generator makes one request.
type generator struct {
	*Maker

	rand   *rand.Rand
	op     *Operation
	owner  string  // whose things are named
	asker  string  // whose values fields hold
	faults int     // how many parts are still to be made wrong
	chance float64 // that a part is
	spent  map[string]string
}

// Random is the source of a request of a number: the same for each run with one
// seed, whatever the requests before it were.
func (m *Maker) Random(number int) *rand.Rand {
	return rand.New(rand.NewPCG(m.Seed, uint64(number))) //nolint:gosec // made to be repeated
}

// Make makes a request from r. asker names whose things it may use, and victim
// whose things it is after in the mode Foreign.
func (m *Maker) Make(r *rand.Rand, number int, op *Operation, mode Mode, asker, victim string) *Request {
	g := &generator{Maker: m, rand: r, op: op, owner: asker, asker: asker, spent: map[string]string{}}
	switch mode {
	case Near:
		g.faults, g.chance = 1+r.IntN(3), 0.25
	case Random:
		g.faults, g.chance = 1000, 0.7
	case Foreign:
		g.owner = victim
	case Valid:
	}
	q := &Request{Number: number, Operation: op, Mode: mode, Method: op.Method}
	q.Target = g.path() + g.query()
	g.headers(q)
	g.body(q)
	if mode == Valid {
		g.Finish(q)
	}
	if g.faults > 0 && mode != Valid {
		g.wreck(q)
	}
	return q
}

// wrong reports whether the next part is to be made wrong.
func (g *generator) wrong() bool {
	if g.faults > 0 && g.rand.Float64() < g.chance {
		g.faults--
		return true
	}
	return false
}

func (g *generator) path() string {
	segments := strings.Split(g.op.Path, "/")
	// The last parameter first: what it names says what the others are.
	for i, segment := range slices.Backward(segments) {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			segments[i] = g.parameter(strings.TrimSuffix(name, "}"))
		}
	}
	path := strings.Join(segments, "/")
	switch {
	case !g.wrong():
	case g.rand.IntN(3) == 0:
		path += "/"
	}
	return path
}

// spares reports whether the request may succeed in destroying what it names: the
// things that others need are not among those it picks from then.
func (g *generator) spares() bool { return g.owner == g.asker && g.Spares(g.op) }

// parameter is one segment of a path.
func (g *generator) parameter(name string) string {
	kind := g.Kind(g.op, name)
	if g.wrong() {
		switch g.rand.IntN(6) {
		case 0: // another kind of thing
			kinds := []string{"prj", "repo", "ana", "svc", "conv", "usr", "kno", "per", "sync", "tok", "ses"}
			if t, ok := g.Pool.Pick(g.rand, g.owner, kinds[g.rand.IntN(len(kinds))], g.spares()); ok {
				return t.ID
			}
		case 1:
			return kind + "_" + strings.Repeat("0", g.rand.IntN(40))
		case 2:
			return []string{"%00", "%ff", "..", "%2e%2e", "%2e%2e%2fx", "%2F", ".", "a%0ab", "*", "%", "%zz", "%E2%82", "%ED%A0%80", "~", "%20", "a;b", "a&b", "a%3Fb", "%23"}[g.rand.IntN(19)]
		}
		return url.PathEscape(text(g.rand))
	}
	if value, ok := g.Values(g.rand, g.op, g.asker, name); ok {
		return url.PathEscape(value)
	}
	if known := g.spent[kind]; known != "" {
		return known
	}
	t, ok := g.Pool.Pick(g.rand, g.owner, kind, g.spares())
	if !ok {
		return kind + "_none"
	}
	for k, of := range t.In {
		if g.spent[k] == "" {
			g.spent[k] = of
		}
	}
	return url.PathEscape(t.ID)
}

func (g *generator) query() string {
	var parts []string
	for _, p := range g.op.Parameters {
		if p.In != openapi3.ParameterInQuery {
			continue
		}
		wrong := g.wrong()
		if !p.Required && !wrong && g.rand.IntN(3) > 0 {
			continue
		}
		switch {
		case !wrong:
			parts = append(parts, p.Name+"="+url.QueryEscape(g.plain(p)))
		case g.rand.IntN(6) == 0: // left out
		case g.rand.IntN(8) == 0:
			parts = append(parts, p.Name+"="+url.QueryEscape(g.plain(p)), p.Name+"="+url.QueryEscape(text(g.rand)))
		case g.rand.IntN(8) == 0:
			parts = append(parts, p.Name+"[]="+url.QueryEscape(g.plain(p)))
		case g.rand.IntN(8) == 0:
			parts = append(parts, p.Name+"="+[]string{"%", "%zz", "%00", "%ff", "%ED%A0%80", "a;b=c", "%0d%0aX:y", "%C0%80", "+", "%u0041"}[g.rand.IntN(10)])
		case p.Schema != nil && g.rand.IntN(2) == 0:
			value, _ := strconv.Unquote(g.beyond(p.Schema.Value))
			if value == "" {
				value = strings.Trim(g.beyond(p.Schema.Value), `"`)
			}
			parts = append(parts, p.Name+"="+url.QueryEscape(value))
		default:
			parts = append(parts, p.Name+"="+url.QueryEscape(text(g.rand)))
		}
	}
	if g.wrong() && g.rand.IntN(3) == 0 {
		parts = append(parts, []string{"unknown=1", "&&", "=", "limit", "a=" + strings.Repeat("b", 5000), strings.Repeat("a=1&", 500), "%zz=1", "q=1;q=2"}[g.rand.IntN(8)])
	}
	if len(parts) == 0 {
		return ""
	}
	return "?" + strings.Join(parts, "&")
}

// plain is a parameter's value as it is written, without JSON's quotes.
func (g *generator) plain(p *openapi3.Parameter) string {
	if value, ok := g.Values(g.rand, g.op, g.asker, p.Name); ok {
		return value
	}
	if p.Schema == nil {
		return "x"
	}
	schema := p.Schema.Value
	if schema.Type.Includes("array") {
		schema = schema.Items.Value
	}
	value := g.right(schema, "", 0)
	var plain string
	if json.Unmarshal([]byte(value), &plain) == nil {
		return plain
	}
	return value
}

func (g *generator) headers(q *Request) {
	add := func(name, value string) { q.Headers = append(q.Headers, [2]string{name, value}) }
	for _, p := range g.op.Parameters {
		if p.In != openapi3.ParameterInHeader || g.rand.IntN(3) > 0 {
			continue
		}
		switch {
		case g.wrong():
			add(p.Name, line(text(g.rand)))
		case p.Name == "Prefer":
			add(p.Name, []string{"wait=0", "wait=1", "respond-async", "wait=1, respond-async"}[g.rand.IntN(4)])
		case p.Name == "If-None-Match" || p.Name == "If-Match":
			add(p.Name, []string{"*", `"x"`, `W/"x"`, `"1"`, `"0"`}[g.rand.IntN(5)])
		case p.Name == "Last-Event-ID":
			add(p.Name, strconv.Itoa(g.rand.IntN(50)))
		case p.Name == "Accept":
			add(p.Name, []string{"application/json", "text/markdown", "*/*", "text/*;q=0.5, application/json"}[g.rand.IntN(4)])
		}
	}
	if g.wrong() && g.rand.IntN(2) == 0 {
		name := []string{"Accept", "Accept-Encoding", "Accept-Language", "X-Request-ID", "X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Range", "If-Modified-Since", "Content-Encoding", "Origin", "Cookie", "User-Agent", "Prefer", "X-HTTP-Method-Override", "Content-Language", "Referer"}[g.rand.IntN(17)]
		if !q.Has(name) {
			add(name, line(text(g.rand)))
		}
	}
}

// line is text as a header can hold it, or nearly.
func line(text string) string {
	text = strings.NewReplacer("\r", "", "\n", "", "\x00", "").Replace(text)
	if len(text) > 4000 {
		text = text[:4000]
	}
	return strings.TrimSpace(text)
}

func (g *generator) body(q *Request) {
	media := g.op.Media()
	if len(media) == 0 {
		if g.faults > 0 && g.rand.IntN(6) == 0 && q.Method != "GET" {
			q.Body = []byte(literal(g.rand))
		}
		return
	}
	kind := media[g.rand.IntN(len(media))]
	if value, ok := g.Values(g.rand, g.op, g.asker, "body "+kind); ok {
		q.Body = []byte(value)
	} else if !isJSON(kind) {
		q.Body = []byte(text(g.rand))
	} else {
		q.Body = []byte(g.json(g.op.Bodies[kind], "", 0))
	}
	if kind == "multipart/form-data" {
		kind += "; boundary=frontier"
	}
	if g.wrong() {
		kind = []string{"text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=utf-16", "application/json;", "json", "application/vnd.api+json", "a/b/c", "", "image/png", ";", "application/json; a=\"", "multipart/form-data; boundary=x", "application/gzip"}[g.rand.IntN(15)]
	}
	if kind != "" {
		q.Headers = append(q.Headers, [2]string{"Content-Type", kind})
	}
}

// json is a value of a schema, with parts that are wrong if some are to be.
func (g *generator) json(s *openapi3.Schema, name string, depth int) string {
	if g.wrong() {
		if g.rand.IntN(2) == 0 {
			return g.beyond(s)
		}
		return literal(g.rand)
	}
	return g.right(s, name, depth)
}

// right is a value that the schema allows.
func (g *generator) right(s *openapi3.Schema, name string, depth int) string {
	if name != "" {
		if value, ok := g.Values(g.rand, g.op, g.asker, name); ok {
			return asJSON(s, value)
		}
	}
	switch {
	case len(s.AnyOf) > 0:
		return g.right(s.AnyOf[g.rand.IntN(len(s.AnyOf))].Value, name, depth+1)
	case len(s.AllOf) > 0:
		return g.right(s.AllOf[0].Value, name, depth+1)
	case s.Type.Includes("null") && g.rand.IntN(8) == 0:
		return "null"
	case len(s.Enum) > 0:
		text, _ := json.Marshal(s.Enum[g.rand.IntN(len(s.Enum))]) // it came from JSON
		return string(text)
	case s.Type.Includes("object") || len(s.Properties) > 0:
		return g.object(s, depth)
	case s.Type.Includes("array"):
		return g.array(s, name, depth)
	case s.Type.Includes("boolean"):
		return strconv.FormatBool(g.rand.IntN(2) == 0)
	case s.Type.Includes("integer"), s.Type.Includes("number"):
		return g.number(s)
	}
	return quote(g.word(s))
}

// asJSON writes a value as the schema's type has it.
func asJSON(s *openapi3.Schema, value string) string {
	switch {
	case strings.HasPrefix(value, "json:"):
		return value[len("json:"):]
	case s.Type.Includes("array"):
		return "[" + quote(value) + "]"
	case s.Type.Includes("integer"), s.Type.Includes("number"), s.Type.Includes("boolean"), s.Type.Includes("object"):
		return value
	}
	return quote(value)
}

func (g *generator) object(s *openapi3.Schema, depth int) string {
	var parts []string
	names := make([]string, 0, len(s.Properties))
	for name := range s.Properties {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		required := slices.Contains(s.Required, name)
		if !required && (depth > 4 || g.rand.IntN(2) == 0) {
			continue
		}
		if g.wrong() {
			switch g.rand.IntN(4) {
			case 0: // left out
				continue
			case 1:
				parts = append(parts, quote(name)+":"+g.right(s.Properties[name].Value, name, depth+1))
			case 2:
				parts = append(parts, quote(strings.ToUpper(name))+":"+literal(g.rand))
				continue
			}
		}
		parts = append(parts, quote(name)+":"+g.json(s.Properties[name].Value, name, depth+1))
	}
	if of := s.AdditionalProperties.Schema; of != nil && len(s.Properties) == 0 {
		for n := range g.rand.IntN(3) {
			parts = append(parts, quote(fmt.Sprint("key", n))+":"+g.json(of.Value, "", depth+1))
		}
	}
	if g.wrong() {
		parts = append(parts, quote(text(g.rand))+":"+literal(g.rand))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func (g *generator) array(s *openapi3.Schema, name string, depth int) string {
	n := g.rand.IntN(3)
	if s.MinItems > uint64(n) {
		n = int(s.MinItems)
	}
	var parts []string
	for range n {
		parts = append(parts, g.json(s.Items.Value, name, depth+1))
	}
	return "[" + strings.Join(parts, ",") + "]"
}

func (g *generator) number(s *openapi3.Schema) string {
	low, high := 0, 20
	if s.Min != nil {
		low = int(*s.Min)
		high = low + 20
	}
	if s.Max != nil {
		high = min(high, int(*s.Max))
	}
	if s.Max != nil && g.rand.IntN(6) == 0 {
		return strconv.Itoa(int(*s.Max))
	}
	return strconv.Itoa(low + g.rand.IntN(max(high-low+1, 1)))
}

var words = strings.Fields("ship voyage harbour captain crew anchor north tide ledger cargo a of Begin Sail ÜBER naïve 海")

func (g *generator) word(s *openapi3.Schema) string {
	if s.Format == "date-time" {
		return time.Date(2020+g.rand.IntN(20), 1, 1+g.rand.IntN(300), 0, 0, 0, 0, time.UTC).Format(time.RFC3339)
	}
	n := 1 + g.rand.IntN(4)
	if s.MaxLength != nil && g.rand.IntN(10) == 0 {
		return strings.Repeat([]string{"x", "é", "海"}[g.rand.IntN(3)], int(min(*s.MaxLength, 30000)))
	}
	all := make([]string, n)
	for i := range all {
		all[i] = words[g.rand.IntN(len(words))]
	}
	out := strings.Join(all, " ")
	if s.MaxLength != nil && uint64(len(out)) > *s.MaxLength {
		out = out[:*s.MaxLength]
	}
	return out
}

// beyond is a value of the schema's type at one of its bounds or just outside.
func (g *generator) beyond(s *openapi3.Schema) string {
	var all []string
	if s.MaxLength != nil && *s.MaxLength < 100_000 {
		for _, of := range []string{"a", "é", "👍"} {
			all = append(all, quote(strings.Repeat(of, int(*s.MaxLength)+1)), quote(strings.Repeat(of, int(*s.MaxLength))))
		}
	}
	if s.MinLength > 0 {
		all = append(all, `""`, `" "`, quote(strings.Repeat("a", int(s.MinLength)-1)))
	}
	if s.Max != nil {
		all = append(all, strconv.Itoa(int(*s.Max)), strconv.Itoa(int(*s.Max)+1), fmt.Sprint(*s.Max+0.5))
	}
	if s.Min != nil {
		all = append(all, strconv.Itoa(int(*s.Min)), strconv.Itoa(int(*s.Min)-1), fmt.Sprint(*s.Min-0.5))
	}
	if s.MaxItems != nil && s.Items != nil {
		for _, n := range []uint64{*s.MaxItems, *s.MaxItems + 1} {
			all = append(all, "["+strings.TrimSuffix(strings.Repeat(g.right(s.Items.Value, "", 5)+",", int(n)), ",")+"]")
		}
	}
	if s.MinItems > 0 {
		all = append(all, "[]")
	}
	if len(s.Enum) > 0 {
		all = append(all, `"no such value"`, `""`, quote(strings.ToUpper(fmt.Sprint(s.Enum[0]))), quote(fmt.Sprint(s.Enum[0])+" "))
	}
	if s.Type.Includes("integer") || s.Type.Includes("number") {
		all = append(all, numbers...)
	}
	if s.Type.Includes("string") || len(all) == 0 {
		all = append(all, quote(text(g.rand)), quote(text(g.rand)))
	}
	return all[g.rand.IntN(len(all))]
}

// wreck makes a request wrong as a whole, now and then.
func (g *generator) wreck(q *Request) {
	switch g.rand.IntN(14) {
	case 0:
		if n := len(q.Body); n > 1 {
			q.Body = q.Body[:g.rand.IntN(n)]
		}
	case 1:
		if n := len(q.Body); n > 0 {
			for range 1 + g.rand.IntN(3) {
				q.Body[g.rand.IntN(n)] = byte(g.rand.IntN(256))
			}
		}
	case 2:
		if len(q.Body) > 0 {
			q.Body = []byte([]string{"", "null", "[]", "1", `"a"`, "{", "\xef\xbb\xbf{}", "\xff\xfe{\x00}\x00", "{}{}", "{}garbage", "true", "{'a':1}", "NaN", "// x\n{}", "\x1f\x8b\x08", strings.Repeat(" ", 5000)}[g.rand.IntN(16)])
		}
	case 3:
		if len(q.Body) > 0 && g.rand.IntN(10) == 0 {
			q.Body = []byte(`{"name":"` + strings.Repeat("a", 1<<20) + `"}`)
		}
	case 4:
		q.Method = []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "get", "PROPFIND", "FOO"}[g.rand.IntN(12)]
	case 5:
		if g.rand.IntN(2) == 0 {
			q.Target = []string{"//", "/./", "/../", "/%2e%2e/"}[g.rand.IntN(4)] + strings.TrimPrefix(q.Target, "/")
		}
	}
}

func quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(text)
}
