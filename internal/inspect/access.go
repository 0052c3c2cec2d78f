package inspect

import (
	"context"
	"fmt"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/git"
)

// Access is what a repository is fetched with.
type Access struct {
	// Token is sent to the host of the address and to no other; "" for none. It
	// is "user:token", or a token alone.
	Token  string
	Bearer bool // the token is sent as it is, and not as a password
	// Owner says whose token it is, as a part of a sentence.
	Owner string
	// Optional lets the repository be asked for without the token, once, when
	// the host refuses it.
	Optional bool
	// Advice says what to change when the host wants a sign-in, as whole
	// sentences; "" is to give a token.
	Advice string
}

// fetch brings the mirror up to date. refused says that the token was, and that
// the repository was fetched without it.
func (in *Inspector) fetch(ctx context.Context, dir string, s Source, r Request) (repository *git.Repository, refused bool, err error) {
	remote, err := in.remote(ctx, s, r.Access)
	if err != nil {
		return nil, false, err
	}
	repository, err = git.Fetch(ctx, dir, remote, in.options.Limits, r.Progress)
	if !git.Refused(err) {
		return repository, false, err
	}
	if remote.Token == "" || !r.Access.Optional {
		return nil, false, r.Access.explain(err, s.URL, false)
	}
	stranger := remote
	stranger.Token = ""
	repository, again := git.Fetch(ctx, dir, stranger, in.options.Limits, r.Progress)
	if git.Refused(again) {
		return nil, false, r.Access.explain(err, s.URL, true)
	}
	return repository, again == nil, again
}

// explain says whose token a host refused, how, and what to change; its cause
// and reason are those of err. alone says that the repository was refused
// without the token too.
func (a Access) explain(err error, address string, alone bool) error {
	cause := fmt.Errorf("fetching %s: %w", address, err)
	told := &rampforge.Error{Code: rampforge.ErrorCode(err), Err: cause, Details: map[string]any{"reason": git.Reason(err)}}
	if a.Token == "" {
		if a.Advice == "" {
			return err
		}
		told.Message = fmt.Sprintf("%s does not exist or asks for a sign-in. %s", address, a.Advice)
		return told
	}
	owner := a.Owner
	if owner == "" {
		owner = "that was given"
	}
	says := "%s does not accept the token %s."
	switch git.Reason(err) {
	case git.ReasonPermissionDenied:
		says = "%s does not let the token %s read it."
	case git.ReasonUnreachable:
		says = "There is no repository at %s that the token %s may see."
	}
	told.Message = fmt.Sprintf(says, address, owner)
	if alone {
		told.Message += " Without a token it is not to be had either."
	}
	advice := a.Advice
	if advice == "" {
		advice = "Check the address, and give a token that may read the repository."
	}
	told.Message = strings.TrimSpace(told.Message + " " + advice)
	return told
}
