package auth

import (
	"errors"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

// TestDummyIsCheckedLikeAnyHash: otherwise an unknown address would answer
// sooner than a wrong password.
func TestDummyIsCheckedLikeAnyHash(t *testing.T) {
	t.Parallel()
	p, err := newPasswords(5, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	if cost, err := bcrypt.Cost([]byte(p.dummy)); err != nil || cost != 5 {
		t.Errorf("the dummy has cost %d, %v", cost, err)
	}
	if err := bcrypt.CompareHashAndPassword([]byte(p.dummy), material("x")); !errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		t.Errorf("comparing with the dummy gives %v: it is not hashed", err)
	}
	if ok, err := p.matches(t.Context(), "", "x"); ok || err != nil {
		t.Errorf("no hash matches: %t, %v", ok, err)
	}
	if _, err := newPasswords(99, 1); err == nil {
		t.Error("a cost that bcrypt does not know is taken")
	}
}
