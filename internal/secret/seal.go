package secret

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// credentialsPurpose is what the sealing keys are derived for.
const credentialsPurpose = "credentials"

// Sealed is a text that only a holder of the key can read.
type Sealed struct {
	KeyID string // which key opens it; says nothing about the key
	Text  []byte
}

// ErrUnknownKey is a text that was sealed under a key which is not at hand.
var ErrUnknownKey = errors.New("the credentials were sealed under another SECRET_KEY: set SECRET_KEY_PREVIOUS to the key from before and run `rampforge secrets rotate`, or enter the credentials again")

// ErrBroken is a text that is not what was sealed, or not where it was sealed.
var ErrBroken = errors.New("the sealed credentials are damaged or belong to another row: enter them again")

// Sealer seals texts by AES-256-GCM under a key derived from the SECRET_KEY. It
// opens what was sealed under that key or one of those before it. It is safe
// for concurrent use.
type Sealer struct {
	present string
	keys    map[string]tink.AEAD
}

// NewSealer returns a sealer that seals under present and also opens what was
// sealed under the previous keys.
func NewSealer(present string, previous ...string) (*Sealer, error) {
	s := &Sealer{keys: map[string]tink.AEAD{}}
	for _, key := range append([]string{present}, previous...) {
		if key == "" {
			return nil, errors.New("a key to seal credentials under is empty")
		}
		derived, err := Derive(key, credentialsPurpose)
		if err != nil {
			return nil, fmt.Errorf("deriving the key of credentials: %w", err)
		}
		aead, err := subtle.NewAESGCM(derived)
		if err != nil {
			return nil, fmt.Errorf("preparing the key of credentials: %w", err)
		}
		id := keyID(derived)
		if s.present == "" {
			s.present = id
		}
		s.keys[id] = aead
	}
	return s, nil
}

// keyID names a derived key by its hash, for another purpose than any other
// hash of it.
func keyID(derived []byte) string {
	sum := sha256.Sum256(append([]byte("rampforge/key id/"), derived...))
	return hex.EncodeToString(sum[:8])
}

// KeyID names the key that Seal uses.
func (s *Sealer) KeyID() string { return s.present }

// Seal seals a text for one owner, such as the id of the row that keeps it:
// nobody can open it as another's.
func (s *Sealer) Seal(plain []byte, owner string) (Sealed, error) {
	text, err := s.keys[s.present].Encrypt(plain, associated(s.present, owner))
	if err != nil {
		return Sealed{}, fmt.Errorf("sealing credentials: %w", err)
	}
	return Sealed{KeyID: s.present, Text: text}, nil
}

// Open returns what was sealed for owner. It fails with ErrUnknownKey or
// ErrBroken.
func (s *Sealer) Open(sealed Sealed, owner string) ([]byte, error) {
	aead, known := s.keys[sealed.KeyID]
	if !known {
		return nil, ErrUnknownKey
	}
	plain, err := aead.Decrypt(sealed.Text, associated(sealed.KeyID, owner))
	if err != nil {
		return nil, ErrBroken // what the cipher says tells nobody anything
	}
	return plain, nil
}

func associated(id, owner string) []byte {
	return []byte("rampforge/credentials/" + id + "/" + owner)
}
