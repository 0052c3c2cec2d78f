package auth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/crypto/bcrypt"

	"github.com/rampforgeai/rampforge"
)

// The bounds of a password, in characters.
const (
	minPassword = 8
	maxPassword = 128
)

// bcryptLimit is how many bytes of a password bcrypt looks at.
const bcryptLimit = 72

// maxWaiting bounds how many sign-ins wait for a hash. At eight hashes a second
// the last of them waits two minutes, longer than any client does.
const maxWaiting = 1024

// passwords hashes and checks passwords, a few at a time and first come first
// served, on threads that give way to everything else: a hundred people who
// sign in at once wait for each other, and nobody else waits for them.
type passwords struct {
	cost  int
	dummy string // a hash that is checked where there is no account
	work  chan job
	stop  chan struct{}
	group sync.WaitGroup
}

type job struct {
	ctx  context.Context //nolint:containedctx // of the one who waits, to spare the hash when they are gone
	run  func()
	done chan struct{}
}

func newPasswords(cost, size int) (*passwords, error) {
	if cost < bcrypt.MinCost || cost > bcrypt.MaxCost {
		return nil, fmt.Errorf("bcrypt knows no cost %d: use %d to %d", cost, bcrypt.MinCost, bcrypt.MaxCost)
	}
	// Salt and hash of zeros: nobody knows a password for it, and making a real
	// one would cost the start a quarter of a second.
	dummy := fmt.Sprintf("$2a$%02d$%s", cost, strings.Repeat(".", 53))
	if size <= 0 {
		size = runtime.NumCPU()
	}
	p := &passwords{cost: cost, dummy: dummy, work: make(chan job, maxWaiting), stop: make(chan struct{})}
	for range size {
		p.group.Go(p.worker)
	}
	return p, nil
}

func (p *passwords) worker() {
	// The thread keeps its low priority, so it must not go back to the pool of
	// threads: it ends with the goroutine, which never unlocks it.
	runtime.LockOSThread()
	lowerPriority()
	for {
		select {
		case <-p.stop:
			return
		case j := <-p.work:
			if j.ctx.Err() == nil {
				j.run()
			}
			close(j.done)
		}
	}
}

func (p *passwords) close() {
	close(p.stop)
	p.group.Wait()
}

// do runs fn on a worker and waits for it, or for ctx. After an error fn may
// still be running.
func (p *passwords) do(ctx context.Context, fn func()) error {
	j := job{ctx: ctx, run: fn, done: make(chan struct{})}
	select {
	case p.work <- j:
	default:
		return &rampforge.Error{Code: rampforge.CodeRateLimited, Message: "Too many people are signing in at this moment: try again in a minute.", RetryAfter: 60e9}
	}
	select {
	case <-j.done:
		return ctx.Err()
	case <-p.stop:
		return rampforge.Errorf(rampforge.CodeUnavailable, "The server is shutting down: try again.")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// hash returns the bcrypt hash of a password that check accepted.
func (p *passwords) hash(ctx context.Context, password string) (string, error) {
	var made []byte
	var failed error
	if err := p.do(ctx, func() { made, failed = bcrypt.GenerateFromPassword(material(password), p.cost) }); err != nil {
		return "", err // the worker may still be writing what it made
	}
	return string(made), failed
}

// matches reports whether password is the one that hash was made of. An empty
// hash never matches and takes the same time.
func (p *passwords) matches(ctx context.Context, hash, password string) (ok bool, err error) {
	compare := hash
	if compare == "" {
		compare = p.dummy
	}
	var mismatch error
	err = p.do(ctx, func() { mismatch = bcrypt.CompareHashAndPassword([]byte(compare), material(password)) })
	return err == nil && mismatch == nil && hash != "", err
}

// outdated reports whether a hash was made with another cost than today's.
func (p *passwords) outdated(hash string) bool {
	cost, err := bcrypt.Cost([]byte(hash))
	return err == nil && cost != p.cost
}

// material is what bcrypt hashes. It reads 72 bytes at most, so a longer
// password is hashed first: otherwise everything after its 72nd byte would be
// ignored. Shorter ones go in as they are, so that hashes that another
// program's bcrypt made still match.
func material(password string) []byte {
	if len(password) <= bcryptLimit {
		return []byte(password)
	}
	sum := sha256.Sum256([]byte(password))
	// Base64, because bcrypt implementations differ on NUL bytes.
	return []byte(base64.StdEncoding.EncodeToString(sum[:]))
}

// passwordIssue says what is wrong with a new password, or "". about is what is
// known of its owner: their e-mail address and their name.
func passwordIssue(password string, about ...string) string {
	n := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password):
		return "must be valid UTF-8 text"
	case n < minPassword:
		return fmt.Sprintf("must have at least %d characters", minPassword)
	case n > maxPassword:
		return fmt.Sprintf("must have at most %d characters", maxPassword)
	case sameCharacter(password):
		return "must not be one character repeated"
	case wellKnown(password):
		return "is among the most used passwords, words and names: choose another, such as a few words that do not belong together"
	case fromContext(password, about...):
		return "is little more than your name, your e-mail address, a role or the product's name: choose another"
	}
	return ""
}

func sameCharacter(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	for _, r := range s {
		if r != first {
			return false
		}
	}
	return true
}
