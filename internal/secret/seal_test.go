package secret_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/secret"
)

func sealer(t *testing.T, present string, previous ...string) *secret.Sealer {
	t.Helper()
	s, err := secret.NewSealer(present, previous...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func seal(t *testing.T, s *secret.Sealer, plain, owner string) secret.Sealed {
	t.Helper()
	sealed, err := s.Seal([]byte(plain), owner)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestSeal(t *testing.T) {
	t.Parallel()
	const plain = `{"token":"planted-secret"}`
	first := sealer(t, "the first key")
	sealed := seal(t, first, plain, "svc_1")
	if bytes.Contains(sealed.Text, []byte("planted")) || sealed.KeyID != first.KeyID() || strings.Contains(sealed.KeyID, "first") {
		t.Errorf("sealed as %q under %q", sealed.Text, sealed.KeyID)
	}
	if again := seal(t, first, plain, "svc_1"); bytes.Equal(again.Text, sealed.Text) {
		t.Error("the same text sealed twice looks the same")
	}
	next := sealer(t, "the second key", "the key of yesterday", "the first key")
	for name, s := range map[string]*secret.Sealer{"the same": first, "made again": sealer(t, "the first key"), "a later": next} {
		if got, err := s.Open(sealed, "svc_1"); err != nil || string(got) != plain {
			t.Errorf("%s sealer opens %q, %v", name, got, err)
		}
	}
	if next.KeyID() == first.KeyID() || seal(t, next, plain, "svc_1").KeyID != next.KeyID() {
		t.Error("a later sealer seals under an older key")
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	s := sealer(t, "the first key", "the key before")
	sealed := seal(t, s, "planted-secret", "svc_1")
	changed := secret.Sealed{KeyID: sealed.KeyID, Text: bytes.Clone(sealed.Text)}
	changed.Text[len(changed.Text)-1] ^= 1
	relabelled := secret.Sealed{KeyID: sealer(t, "the key before").KeyID(), Text: sealed.Text}
	for _, test := range []struct {
		name   string
		by     *secret.Sealer
		sealed secret.Sealed
		owner  string
		want   error
	}{
		{"another key", sealer(t, "another key"), sealed, "svc_1", secret.ErrUnknownKey},
		{"another row", s, sealed, "svc_2", secret.ErrBroken},
		{"a changed text", s, changed, "svc_1", secret.ErrBroken},
		{"another key's id", s, relabelled, "svc_1", secret.ErrBroken},
		{"no text", s, secret.Sealed{KeyID: s.KeyID()}, "svc_1", secret.ErrBroken},
		{"nothing", s, secret.Sealed{}, "svc_1", secret.ErrUnknownKey},
	} {
		got, err := test.by.Open(test.sealed, test.owner)
		if !errors.Is(err, test.want) || got != nil || strings.Contains(err.Error(), "planted") {
			t.Errorf("%s: %q, %v, want %v", test.name, got, err, test.want)
		}
	}
	if !strings.Contains(secret.ErrUnknownKey.Error(), "SECRET_KEY_PREVIOUS") {
		t.Errorf("%v does not say what to do", secret.ErrUnknownKey)
	}
	for _, keys := range [][]string{{""}, {"a", ""}} {
		if _, err := secret.NewSealer(keys[0], keys[1:]...); err == nil {
			t.Errorf("the keys %q were taken", keys)
		}
	}
}
