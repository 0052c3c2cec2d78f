package mcpclient

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// Result is what a tool answered, out of everything that servers wrap it in.
type Result struct {
	// JSON is the value, nil when the answer holds none.
	JSON json.RawMessage
	// Text is all text of the answer, as it came.
	Text string
	// Resources are the documents that came with it.
	Resources []Resource
}

// Resource is a document that a tool's answer brought.
type Resource struct {
	URI      string
	MIMEType string
	Content  []byte
}

// normalise takes an answer out of its wrappings: structured content counts
// before a text, embedded documents before prose, a nonce's wrapper is taken
// off, and of several blocks the first that is JSON is the value. What says
// that it failed, in any of the shapes that servers have for it, is an error.
func normalise(res *mcp.CallToolResult, tool Tool) (Result, error) {
	var out Result
	var texts []string
	for _, block := range res.Content {
		switch b := block.(type) {
		case *mcp.TextContent:
			texts = append(texts, unwrapped(b.Text))
		case *mcp.EmbeddedResource:
			if b.Resource == nil {
				continue
			}
			content := b.Resource.Blob
			if content == nil {
				content = []byte(b.Resource.Text)
			}
			out.Resources = append(out.Resources, Resource{b.Resource.URI, b.Resource.MIMEType, content})
		}
	}
	out.Text = strings.Join(texts, "\n")
	if res.IsError {
		return Result{}, refusal(out.Text)
	}
	if res.StructuredContent != nil {
		value, err := json.Marshal(res.StructuredContent)
		if err != nil || !conforms(tool, res.StructuredContent) {
			return Result{}, malformed()
		}
		out.JSON = value
	}
	for i := 0; out.JSON == nil && i < len(texts); i++ {
		out.JSON = jsonIn(texts[i])
	}
	for i := 0; out.JSON == nil && i < len(out.Resources); i++ {
		out.JSON = jsonIn(string(out.Resources[i].Content))
	}
	if out.JSON == nil && saidCut.MatchString(out.Text) {
		return Result{}, connector.Errorf(connector.ReasonTooLarge, "The MCP server cuts off answers of this length.",
			"Set the server's own limit on the length of its answers higher, or switch it off.", nil)
	}
	return enveloped(out)
}

// saidCut is how servers mark an answer that they have cut off, behind what is
// left of it.
var saidCut = regexp.MustCompile(`(?i)\[response truncated: showing [0-9]+ of [0-9]+ characters`)

// enveloped takes the value out of {"success":true,"data":…}. A success that
// is false is an error although the protocol says that there was none.
func enveloped(r Result) (Result, error) {
	var envelope struct {
		Success *bool           `json:"success"`
		Data    json.RawMessage `json:"data"`
		Error   json.RawMessage `json:"error"`
		Details json.RawMessage `json:"details"`
	}
	if err := json.Unmarshal(r.JSON, &envelope); err != nil {
		envelope.Success = nil // no such object: the decoder fills what it could before it failed
	}
	switch {
	case envelope.Success == nil:
		return r, nil
	case !*envelope.Success:
		return Result{}, refusal(string(envelope.Error) + " " + string(envelope.Details))
	case len(envelope.Data) > 0:
		r.JSON = envelope.Data
	}
	return r, nil
}

// nonce opens the wrapper in which a server marks what came from outside. The
// line may say more, such as not to follow instructions within.
var nonce = regexp.MustCompile(`(?m)^<<([0-9A-Za-z_-]{4,128})>>.*\n`)

// unwrapped takes wrappers off. Only the nonce that opened one closes it: what
// is inside may hold others.
func unwrapped(text string) string {
	var out strings.Builder
	for range maxWrappers {
		at := nonce.FindStringSubmatchIndex(text)
		if at == nil {
			break
		}
		inside := text[at[1]:]
		end := "<</" + text[at[2]:at[3]] + ">>"
		stop := strings.LastIndex(inside, end)
		if stop < 0 {
			out.WriteString(text[:at[1]])
			text = inside
			continue
		}
		out.WriteString(text[:at[0]])
		out.WriteString(strings.TrimSuffix(inside[:stop], "\n"))
		text = inside[stop+len(end):]
	}
	out.WriteString(text)
	return out.String()
}

// The text may be anybody's: each place where JSON may begin, and each wrapper,
// costs a look at all that follows.
const (
	maxCandidates = 8
	maxWrappers   = 16
)

// jsonIn returns the JSON object or array of a text: the whole of it, or what
// begins a line after some prose. A bare number or word is prose.
func jsonIn(text string) json.RawMessage {
	rest := text
	for range maxCandidates {
		at := strings.IndexAny(rest, "{[")
		if at < 0 {
			return nil
		}
		if at == 0 || strings.TrimSpace(rest[strings.LastIndexByte(rest[:at], '\n')+1:at]) == "" {
			var value json.RawMessage
			d := json.NewDecoder(strings.NewReader(rest[at:]))
			if d.Decode(&value) == nil && (value[0] == '{' || value[0] == '[') {
				return bytes.Clone(value)
			}
		}
		next := strings.IndexByte(rest[at:], '\n')
		if next < 0 {
			return nil
		}
		rest = rest[at+next+1:]
	}
	return nil
}

// conforms reports whether structured content is what the tool's own
// definition says. A schema that this program cannot use says nothing.
func conforms(tool Tool, content any) bool {
	if tool.output.raw == nil {
		return true
	}
	var s jsonschema.Schema
	if json.Unmarshal(tool.output.raw, &s) != nil {
		return true
	}
	resolved, err := s.Resolve(nil) // no loader: nothing is fetched for it
	return err != nil || resolved.Validate(content) == nil
}

var (
	toldStatus     = regexp.MustCompile(`(?i)(?:status(?:[ _]?code)?|error|code|http/[0-9.]+)["']?\s*[:=(]?\s*["']?([45][0-9][0-9])\b|(?:^|: )([45][0-9][0-9]) |\brequest: \(([45][0-9][0-9])\)`)
	saidLimit      = regexp.MustCompile(`(?i)rate.?limit|too many requests|exceeding usage of resource|\bTF4000?[0-9]{2}\b.*delay`)
	saidUnsearched = regexp.MustCompile(`(?i)cannot be searched either because`) // GitHub's, of places that are not there or hidden
	saidWait       = regexp.MustCompile(`(?i)(?:retry after|rate reset in) ((?:[0-9]{1,6}(?:\.[0-9]{1,9})?(?:h|ms|m|s))+)`)
	saidSignIn     = regexp.MustCompile(`(?i)bad credentials|unauthori[sz]ed|unauthenticated|invalid token|not authenticated|authentication (?:failed|required)|token (?:used )?has expired`)
	saidHidden     = regexp.MustCompile(`(?i)forbidden|permission|not authori[sz]ed|access denied`)
	saidGone       = regexp.MustCompile(`(?i)not found|does not exist|no longer exists|could not be found|could not resolve to|\bno [a-z ]{1,40}found\b`)
	saidUnreached  = regexp.MustCompile(`(?i)\b(?:ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN)\b|socket hang up|fetch failed|socket disconnected|connection refused|connection reset`)
)

// told is the status of the vendor's answer, as a tool told it.
type told int

// Error implements error.
func (t told) Error() string { return "the tool told of the vendor's status " + strconv.Itoa(int(t)) }

// Status returns the status of the vendor's answer that a tool told of when it
// refused a call, 0 when an error tells none.
func Status(err error) int {
	t, _ := errors.AsType[told](err)
	return int(t)
}

// maxWait bounds how long a server's words may have us wait.
const maxWait = 2 * time.Hour

// waiting returns for how long a server asks to wait, 0 when it does not say.
func waiting(text string) time.Duration {
	m := saidWait.FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	wait, err := time.ParseDuration(m[1])
	if err != nil {
		return 0
	}
	return min(max(wait, 0), maxWait)
}

// errUnreached is the cause of an error by which a tool says that it did not
// come through to the vendor.
var errUnreached = errors.New("the tool did not reach the vendor")

// refusal makes an error of the words in which a server says that a call
// failed. They come from outside, so none of them is in it.
func refusal(text string) *rampforge.Error {
	if of, ok := misread(text); ok {
		out := malformed()
		out.Err = of
		return out
	}
	status := ""
	if m := toldStatus.FindStringSubmatch(text); m != nil {
		status = m[1] + m[2] + m[3]
	}
	out := refused(text, status)
	if n, err := strconv.Atoi(status); err == nil {
		out.Err = told(n)
	}
	return out
}

func refused(text, status string) *rampforge.Error {
	limited := saidLimit.MatchString(text)
	switch {
	case limited && status != "404", status == "429":
		out := connector.Errorf(connector.ReasonRateLimited, "The vendor's rate limit is used up.", "Wait, and lower the service's rate limits if it happens often.", nil)
		out.RetryAfter = waiting(text)
		return out
	case status == "401", status == "" && saidSignIn.MatchString(text):
		return connector.Errorf(connector.ReasonAuthentication, "The vendor refuses the credentials of the MCP server.", "Enter new credentials.", nil)
	case status == "404", status == "410", status == "422" && saidUnsearched.MatchString(text), status == "" && saidGone.MatchString(text):
		return connector.Errorf(connector.ReasonNotFound, "The MCP server's tool did not find what it was asked for.", "Check what the credentials may see.", nil)
	case status == "" && saidUnreached.MatchString(text):
		return connector.Errorf(connector.ReasonUnreachable, "The MCP server cannot reach the vendor.", "Check the network between the MCP server and the vendor, and what it is started with.", errUnreached)
	case status == "403", status == "" && saidHidden.MatchString(text):
		return connector.Errorf(connector.ReasonPermission, "The credentials may not read what was asked for.", "Give the credentials permission to read, or enter others.", nil)
	}
	return connector.Errorf(connector.ReasonVendor, "A tool of the MCP server failed.", "Try again later; if it stays so, look into the MCP server's own log.", nil)
}

func malformed() *rampforge.Error {
	return connector.Errorf(connector.ReasonMalformed, "The MCP server's answer is not what its tool is for.", "Check that the endpoint leads to an MCP server of this vendor in a version that is known.", nil)
}
