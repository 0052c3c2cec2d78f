package git

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"syscall"

	"github.com/rampforgeai/rampforge"
)

// The reasons in the details of an error, for programs.
const (
	ReasonNotARepository         = "not_a_repository"
	ReasonEmptyRepository        = "empty_repository"
	ReasonUnreachable            = "unreachable"
	ReasonBlockedAddress         = "blocked_address"
	ReasonRefNotFound            = "ref_not_found"
	ReasonPermissionDenied       = "permission_denied"
	ReasonAuthenticationRequired = "authentication_required"
	ReasonNoSpace                = "no_space"
	ReasonTooLarge               = "too_large"
	ReasonTimeout                = "timeout"
	ReasonCorrupt                = "corrupt"
	ReasonGitMissing             = "git_missing"
	ReasonKilled                 = "killed"
)

// Reason returns the reason of an error of this package, "" for others.
func Reason(err error) string {
	if e, ok := errors.AsType[*rampforge.Error](err); ok {
		reason, _ := e.Details["reason"].(string)
		return reason
	}
	return ""
}

// fault is an error for a person, with its reason for programs.
func fault(reason string, cause error, format string, args ...any) *rampforge.Error {
	return &rampforge.Error{
		Code: rampforge.CodeAnalysis, Message: fmt.Sprintf(format, args...),
		Details: map[string]any{"reason": reason}, Err: cause,
	}
}

// Refused reports whether a host turned away who asked: it wants a sign-in, it
// says no, or it says that there is nothing, as hosts do of what one may not see.
func Refused(err error) bool {
	exit, ok := asExit(err)
	return ok && exit.refused
}

// Why a call was ended by us.
var (
	errTooLarge = errors.New("the mirror outgrew its limit")
	errTimeout  = errors.New("the time is up")
)

// killed is said of a git that somebody else ended, by far most often the system
// when memory was scarce: what was read is as whole as before.
const killed = "git was ended from outside while it read %s, most likely because memory was scarce: try again."

const damaged = "%s is damaged or lacks objects: run git fsck on it, or clone it anew."

// said maps words of git's messages (in the C locale, in lower case) to a
// reason and to what a person can do. The first that fits counts, so causes
// stand before the consequences that git reports in the same breath.
var said = []struct {
	words   []string
	reason  string
	message string
	refused bool // by the host, to who asked
}{
	{[]string{"no space left on device", "disk quota exceeded"}, ReasonNoSpace, "The disk is full: free some space and try again.", false},
	{[]string{"out of memory", "cannot allocate memory"}, ReasonTooLarge, "git ran out of memory on %s: the repository is larger than can be read here.", false},
	{[]string{"died of signal"}, ReasonKilled, killed, false},
	{[]string{"unknown repository extension", "expected git repo version", "unknown repository format"}, ReasonGitMissing, "%s is stored in a form that this git does not know: install a newer git.", false},
	{[]string{"transport '", "protocol '"}, ReasonBlockedAddress, "%s is reached by a protocol that is not allowed: use an https address.", false},
	{[]string{"could not resolve host", "couldn't resolve"}, ReasonUnreachable, "The host of %s cannot be found: check the address.", false},
	{[]string{"certificate", "ssl", "tls", "gnutls"}, ReasonUnreachable, "No trusted connection to %s can be made: its certificate is not valid for this machine.", false},
	{[]string{"operation too slow", "timed out"}, ReasonTimeout, "%s stopped answering: try again later.", false},
	{[]string{"could not read username", "could not read password", "terminal prompts disabled", "authentication failed", "returned error: 401"}, ReasonAuthenticationRequired, "%s does not exist or asks for a sign-in: check the address, and give a token that may read it.", true},
	{[]string{"returned error: 403"}, ReasonPermissionDenied, "%s does not allow this token to read it: give a token with the right to read the repository.", true},
	{[]string{"returned error: 404", "' not found", "returned error: 410"}, ReasonUnreachable, "There is no repository at %s: check the address, and give a token if it is private.", true},
	{[]string{"returned error: 3", "unable to update url base from redirection"}, ReasonUnreachable, "%s sends to another address, which is not followed: open it in a browser and use the address that it leads to.", false},
	{[]string{"returned error: 429"}, ReasonUnreachable, "%s refuses more requests for now: try again later.", false},
	{[]string{"not valid: is this a git repository"}, ReasonNotARepository, "%s answers, but not as a git repository: check the address.", false},
	{[]string{"failed to connect", "connection refused", "couldn't connect", "connection reset", "empty reply", "network is unreachable", "no route to host", "returned error: 5"}, ReasonUnreachable, "%s does not answer: check the address, and try again later.", false},
	{[]string{"unable to read", "bad object", "repository corruption", "is corrupt", "missing blob", "missing tree", "missing commit"}, ReasonCorrupt, damaged, false},
	{[]string{"early eof", "unexpected disconnect", "remote end hung up", "rpc failed", "transfer closed"}, ReasonUnreachable, "The connection to %s broke off before everything had arrived: try again.", false},
	{[]string{"permission denied", "read-only file system", "operation not permitted"}, ReasonPermissionDenied, "%s must not be read by this user: give the user that runs this program permission.", false},
	{[]string{"not a git repository", "does not appear to be a git repository"}, ReasonNotARepository, "%s is not a git repository: check the path or the address.", false},
	{[]string{"returned error: 4"}, ReasonUnreachable, "%s refuses the request: check the address.", false},
}

// classify turns what went wrong with what (a path or an address) into an
// error for a person. A cancelled context stays recognisable as such.
func classify(err error, what string) error {
	if err == nil {
		return nil
	}
	if known, ok := errors.AsType[*rampforge.Error](err); ok {
		return known
	}
	exit, exited := errors.AsType[*exitError](err)
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("reading %s: %w", what, err)
	case errors.Is(err, errTooLarge):
		return fault(ReasonTooLarge, err, "%s is larger than allowed: raise GIT_MAX_SIZE, or analyse a smaller repository.", what)
	case errors.Is(err, errTimeout), errors.Is(err, context.DeadlineExceeded):
		return fault(ReasonTimeout, err, "Reading %s took longer than allowed: try again, or raise GIT_TIMEOUT.", what)
	case errors.Is(err, exec.ErrNotFound):
		return fault(ReasonGitMissing, err, "The git program is not installed: install git 2.37 or newer and make sure that it is on the PATH.")
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fault(ReasonNoSpace, err, "The disk is full: free some space and try again.")
	case errors.Is(err, fs.ErrPermission):
		return fault(ReasonPermissionDenied, err, "%s must not be read or written by this user: give the user that runs this program permission.", what)
	case !exited:
		return fmt.Errorf("reading %s: %w", what, err)
	}
	// Names that people gave must not be taken for git's words.
	text := strings.ReplaceAll(strings.ToLower(exit.stderr), strings.ToLower(what), "")
	for _, s := range said {
		for _, words := range s.words {
			if strings.Contains(text, words) {
				exit.refused = s.refused
				return fault(s.reason, err, "%s", strings.ReplaceAll(s.message, "%s", what))
			}
		}
	}
	if exit.killed {
		return fault(ReasonKilled, err, killed, what)
	}
	return fault(ReasonCorrupt, err, damaged, what)
}

var (
	userInfo = regexp.MustCompile(`(?i)([a-z][a-z0-9+.-]*://)[^/\s@]*@`)
	authLine = regexp.MustCompile(`(?i)(authorization:|basic |bearer )[^\r\n]*`)
)

// redact removes secrets from a text of git.
func redact(text string, secrets []string) string {
	for _, s := range secrets {
		if s == "" {
			continue
		}
		text = strings.ReplaceAll(text, s, "***")
		text = strings.ReplaceAll(text, url.QueryEscape(s), "***")
		text = strings.ReplaceAll(text, url.PathEscape(s), "***")
	}
	text = userInfo.ReplaceAllString(text, "$1")
	text = authLine.ReplaceAllString(text, "$1 ***")
	return strings.ToValidUTF8(strings.TrimSpace(text), "�")
}

func asExit(err error) (*exitError, bool) { return errors.AsType[*exitError](err) }
