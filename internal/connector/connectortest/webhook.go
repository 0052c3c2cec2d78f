package connectortest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"

	"github.com/rampforgeai/rampforge/internal/connector"
)

// Posted is the message of a webhook that a fake vendor wrote, to be sent any
// number of times.
func Posted(payload any, headers ...string) connector.Message {
	body, err := json.Marshal(payload)
	if err != nil {
		panic(err) // maps of our own making
	}
	m := connector.Message{Header: http.Header{"Content-Type": {"application/json"}}, Body: body}
	for i := 0; i+1 < len(headers); i += 2 {
		m.Header.Set(headers[i], headers[i+1])
	}
	return m
}

// Signature is sha256= and the hexadecimal HMAC of a body.
func Signature(body []byte, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}
