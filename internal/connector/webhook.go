package connector

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
)

// Webhook is how one vendor's system tells by itself what happened. Both
// functions are pure.
type Webhook struct {
	// Verify reports whether a message was sent by somebody who knows the
	// secret. Its time does not depend on how much of a guess is right.
	Verify func(m Message, secret string, now time.Time) bool
	// Parse says what a message that was verified comes to. What nobody here
	// needs is an empty delivery; what cannot be read is rampforge.CodeInvalid.
	Parse func(m Message) (rampforge.Delivery, error)
}

// Message is a request of a vendor's as it came.
type Message struct {
	Header http.Header
	Body   []byte
}

const maxDeliveryID = 200

// SameSecret compares what was given with a secret. Digests are compared, so
// that neither content nor length shows in the time.
func SameSecret(given, secret string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(secret))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// SignedSHA256 reports whether a header, sha256= and hexadecimal digits, is the
// HMAC of the body under the secret.
func SignedSHA256(header string, body []byte, secret string) bool {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	text, named := strings.CutPrefix(header, "sha256=")
	given, err := hex.DecodeString(text)
	return hmac.Equal(given, mac.Sum(nil)) && named && err == nil
}

// PasswordIs reports whether a message signs in with the secret as the password
// of basic authentication, whatever the user, or as a bearer token.
func PasswordIs(h http.Header, secret string) bool {
	r := http.Request{Header: h}
	_, password, basic := r.BasicAuth()
	scheme, token, _ := strings.Cut(h.Get("Authorization"), " ")
	if bearer := strings.EqualFold(scheme, "bearer"); !basic && bearer {
		password, basic = strings.TrimSpace(token), true
	}
	return SameSecret(password, secret) && basic
}

// DeliveryID returns an id of a delivery that is fit to keep, "" for any other.
func DeliveryID(id string) string {
	if len(id) > maxDeliveryID || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return ""
	}
	return id
}

// ReadMessage decodes the body of a message into v.
func ReadMessage(m Message, v any) error {
	if err := json.Unmarshal(m.Body, v); err != nil {
		return rampforge.Errorf(rampforge.CodeInvalid, "The body of the webhook is not the JSON that the vendor documents: choose application/json as its content type.")
	}
	return nil
}

// Incomplete is the fault of a message that lacks what it tells of.
func Incomplete(event, what string) error {
	return rampforge.Errorf(rampforge.CodeInvalid, "The webhook's message %q lacks %s: let the webhook send everything.", event, what)
}

// Thing is something of which only the id counts. What is no object has none:
// people choose what an automation rule sends.
type Thing struct{ ID Ident }

// UnmarshalJSON implements json.Unmarshaler.
func (t *Thing) UnmarshalJSON(raw []byte) error {
	var in struct {
		ID Ident `json:"id"`
	}
	if json.Unmarshal(raw, &in) != nil {
		in.ID = ""
	}
	t.ID = in.ID
	return nil
}
