package gitlab

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// Webhook reads what GitLab sends to a webhook of a project or of a group.
func Webhook() connector.Webhook { return connector.Webhook{Verify: verify, Parse: parse} }

// maxAge is how far the time of a signed message may be from ours. GitLab signs
// anew when it sends again.
const maxAge = 5 * time.Minute

// verify takes a signing token or a secret token. A message that is signed is
// judged by its signature alone.
func verify(m connector.Message, secret string, now time.Time) bool {
	if signatures := m.Header.Get("Webhook-Signature"); signatures != "" {
		return signed(m, signatures, secret, now)
	}
	return connector.SameSecret(m.Header.Get("X-Gitlab-Token"), secret)
}

// signed judges the signatures of the Standard Webhooks form: v1, and the
// base64 of the HMAC of id, time and body. Several are separated by spaces. The
// token itself is base64 behind whsec_.
func signed(m connector.Message, signatures, secret string, now time.Time) bool {
	id, stamp := m.Header.Get("Webhook-Id"), m.Header.Get("Webhook-Timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	age := now.Sub(time.Unix(seconds, 0))
	key := []byte(secret)
	if text, ok := strings.CutPrefix(secret, "whsec_"); ok {
		if decoded, err := base64.StdEncoding.DecodeString(text); err == nil {
			key = decoded
		}
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + stamp + "."))
	mac.Write(m.Body)
	want, right := mac.Sum(nil), false
	for s := range strings.FieldsSeq(signatures) {
		text, named := strings.CutPrefix(s, "v1,")
		given, err := base64.StdEncoding.DecodeString(text)
		if hmac.Equal(given, want) && named && err == nil {
			right = true
		}
	}
	return right && err == nil && id != "" && age < maxAge && age > -maxAge
}

// changing are the kinds of messages of what the streams hold. Jobs are parts
// of pipelines, which have messages of their own.
var changing = map[string]bool{
	"issue": true, "work_item": true, "note": true, "merge_request": true, "push": true, "pipeline": true, "deployment": true, "wiki_page": true,
}

// parse tells of wiki pages that are gone at once; GitLab sends nothing when an
// issue or a merge request is deleted. Idempotency-Key stays when a message is
// sent again; X-Gitlab-Event-UUID is that of several events that one caused.
func parse(m connector.Message) (rampforge.Delivery, error) {
	var in struct {
		Kind       string          `json:"object_kind"`
		Project    connector.Thing `json:"project"`
		Attributes struct {
			Action string          `json:"action"`
			Slug   connector.Ident `json:"slug"`
		} `json:"object_attributes"`
	}
	if err := connector.ReadMessage(m, &in); err != nil {
		return rampforge.Delivery{}, err
	}
	d := rampforge.Delivery{
		ID:    connector.DeliveryID(cmp.Or(m.Header.Get("Webhook-Id"), m.Header.Get("Idempotency-Key"))),
		Event: cmp.Or(in.Kind, m.Header.Get("X-Gitlab-Event")), Sync: changing[in.Kind],
	}
	gone := in.Attributes.Action == "delete"
	if in.Kind != "wiki_page" || !gone && in.Attributes.Action != "create" {
		return d, nil
	}
	if in.Attributes.Slug == "" {
		return d, connector.Incomplete(d.Event, "the slug of the page")
	}
	if in.Project.ID != "" { // older servers do not tell: the sweep finds it
		id := string(in.Project.ID) + ":" + string(in.Attributes.Slug)
		d.Changes = []rampforge.RecordChange{{Stream: rampforge.StreamDocuments, ID: id, Gone: gone}}
		d.Sync = !gone
	}
	return d, nil
}
