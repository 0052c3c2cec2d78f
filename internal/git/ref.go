package git

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/agnivade/levenshtein"
)

const (
	headsPrefix   = "refs/heads/"
	tagsPrefix    = "refs/tags/"
	remotesPrefix = "refs/remotes/"
)

// Resolved is the commit that a name leads to.
type Resolved struct {
	Hash        string
	CommittedAt time.Time // UTC
	Ref         string    // the branch or tag by its short name, "" for a commit named by its id
}

func emptyFault(what string) error {
	return fault(ReasonEmptyRepository, nil, "%s has no commit yet: make one and try again.", what)
}

// Resolve finds the commit that a branch, a tag or a commit's id (whole, or its
// first seven digits and more) names. Branches go before tags and remote
// branches. "" is HEAD: what is checked out, in a mirror the default branch.
func (r *Repository) Resolve(ctx context.Context, ref string) (Resolved, error) {
	if err := checkRef(ref); err != nil {
		return Resolved{}, err
	}
	refs, err := r.listRefs(ctx)
	if err != nil {
		return Resolved{}, err
	}
	name, hash := refs.head, refs.headHash
	if ref != "" {
		name, hash = refs.find(ref)
	}
	switch {
	case hash != "":
	case ref == "":
		return Resolved{}, emptyFault(r.refs.what)
	case len(ref) >= 7 && len(ref) <= r.hexLen && isHex(strings.ToLower(ref)):
		hash = strings.ToLower(ref)
	default:
		return Resolved{}, refs.notFound(ref, r.refs.what)
	}
	commit, at, err := r.peel(ctx, hash)
	if err != nil {
		return Resolved{}, err
	}
	if commit == "" {
		if name == "" {
			return Resolved{}, refs.notFound(ref, r.refs.what)
		}
		return Resolved{}, fault(ReasonRefNotFound, nil, "%s does not lead to a commit: name a branch, a tag or a commit.", name)
	}
	return Resolved{Hash: commit, CommittedAt: at, Ref: short(name)}, nil
}

// DefaultBranch returns the branch that the repository names as its main one:
// the remote's, where a clone remembers it, else the one that HEAD names. It is
// "" when there is none.
func (r *Repository) DefaultBranch(ctx context.Context) (string, error) {
	refs, err := r.listRefs(ctx)
	if err != nil {
		return "", err
	}
	if remote, ok := strings.CutPrefix(refs.remoteHead, remotesPrefix+"origin/"); ok {
		return remote, nil
	}
	return strings.TrimPrefix(refs.head, headsPrefix), nil
}

// checkRef refuses what is no name, and what git would take for an option or
// for a way to say something else than a name.
func checkRef(ref string) error {
	bad := func(r rune) bool {
		return r <= ' ' || r == 0x7f || unicode.IsSpace(r) || strings.ContainsRune(`~^:?*[\`, r)
	}
	if len(ref) > 250 || strings.HasPrefix(ref, "-") || strings.ContainsFunc(ref, bad) || strings.Contains(ref, "..") ||
		strings.Contains(ref, "@{") || strings.Contains(ref, "//") || strings.HasSuffix(ref, "/") || strings.HasSuffix(ref, ".lock") {
		if len(ref) > 80 {
			ref = ref[:80]
		}
		return fault(ReasonRefNotFound, nil, "%q is no name of a branch, a tag or a commit.", ref)
	}
	return nil
}

// refList are the branches and tags of a repository.
type refList struct {
	hashes     map[string]string // by full name
	head       string            // the branch that HEAD names; "" when it is detached
	headHash   string            // "" when it names no commit
	remoteHead string            // what refs/remotes/origin/HEAD names
}

// listRefs lists them once: everything that is asked of an open repository is
// answered of the same moment.
func (r *Repository) listRefs(ctx context.Context) (refList, error) {
	r.listing.Lock()
	defer r.listing.Unlock()
	if r.listed != nil {
		return *r.listed, nil
	}
	refs, err := r.readRefs(ctx)
	if err == nil {
		r.listed = &refs
	}
	return refs, err
}

func (r *Repository) readRefs(ctx context.Context) (refList, error) {
	out, err := r.refs.output(ctx, maxRefsBytes, "for-each-ref", "--format=%(objectname) %(refname) %(symref)", headsPrefix, tagsPrefix, remotesPrefix)
	if err != nil {
		return refList{}, err
	}
	refs := refList{hashes: map[string]string{}}
	for line := range bytes.Lines(out) {
		hash, rest, _ := strings.Cut(strings.TrimSuffix(string(line), "\n"), " ")
		name, target, _ := strings.Cut(rest, " ")
		refs.hashes[name] = hash
		if name == remotesPrefix+"origin/HEAD" {
			refs.remoteHead = target
		}
	}
	refs.head, err = quiet(r.refs.output(ctx, 1<<16, "symbolic-ref", "--quiet", "HEAD"))
	if err != nil {
		return refList{}, err
	}
	if hash := refs.hashes[refs.head]; hash != "" {
		refs.headHash = hash
		return refs, nil
	}
	refs.headHash, err = quiet(r.refs.output(ctx, 1<<16, "rev-parse", "--verify", "--quiet", "HEAD"))
	if err != nil {
		return refList{}, err
	}
	if refs.headHash == "" {
		refs.head, refs.headHash = refs.fallback()
	}
	return refs, nil
}

// fallback stands in for a HEAD that names a branch without a commit.
func (l refList) fallback() (name, hash string) {
	var branches []string
	for name := range l.hashes {
		if strings.HasPrefix(name, headsPrefix) {
			branches = append(branches, name)
		}
	}
	name = usualBranch(branches)
	return name, l.hashes[name]
}

// quiet takes status 1 without a word for an empty answer.
func quiet(out []byte, err error) (string, error) {
	if exit, ok := asExit(err); ok && exit.code == 1 && exit.stderr == "" {
		return "", nil
	}
	return strings.TrimSpace(string(out)), err
}

func (l refList) find(ref string) (name, hash string) {
	if ref == "HEAD" {
		return l.head, l.headHash
	}
	for _, prefix := range []string{headsPrefix, tagsPrefix, remotesPrefix + "origin/", remotesPrefix, ""} {
		if hash := l.hashes[prefix+ref]; hash != "" {
			return prefix + ref, hash
		}
	}
	return "", ""
}

// notFound names what a person may have meant.
func (l refList) notFound(ref, what string) error {
	near := l.near(ref)
	if len(near) == 0 {
		return fault(ReasonRefNotFound, nil, "%s has no branch, tag or commit %q: check its name.", what, ref)
	}
	return fault(ReasonRefNotFound, nil, "%s has no branch, tag or commit %q. There is %s.", what, ref, strings.Join(near, ", "))
}

// near returns at most three branches or tags that are written alike, and main
// branches when none is.
func (l refList) near(ref string) []string {
	type candidate struct {
		name     string
		distance int
	}
	var all []candidate
	for full := range l.hashes {
		name := short(full)
		if name == "HEAD" || len(name) > 100 || len(all) >= 20_000 {
			continue
		}
		d := levenshtein.ComputeDistance(strings.ToLower(ref), strings.ToLower(name))
		if strings.Contains(strings.ToLower(name), strings.ToLower(ref)) {
			d = min(d, 2)
		}
		all = append(all, candidate{name, d})
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.name, b.name))
	})
	var names []string
	for _, c := range all {
		if c.distance <= max(2, len(ref)/3) && len(names) < 3 && !slices.Contains(names, c.name) {
			names = append(names, c.name)
		}
	}
	if len(names) == 0 && l.head != "" {
		return []string{short(l.head)}
	}
	return names
}

func short(name string) string {
	for _, prefix := range []string{headsPrefix, tagsPrefix, remotesPrefix + "origin/", remotesPrefix} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			return rest
		}
	}
	return name
}

// peel follows a tag to its commit. It returns "" when the object is none or is
// not there.
func (r *Repository) peel(ctx context.Context, hash string) (commit string, at time.Time, err error) {
	const limit = 16 << 20
	out, err := r.objects.feed(ctx, limit, []byte(hash+"^{commit}\n"), "cat-file", "--batch")
	if err != nil {
		return "", time.Time{}, err
	}
	header, body, _ := strings.Cut(string(out), "\n")
	fields := strings.Fields(header)
	if len(fields) != 3 || fields[1] != "commit" || !r.validHash(fields[0]) {
		return "", time.Time{}, nil
	}
	return fields[0], committerTime(body), nil
}

// committerTime reads the time of a commit object's committer line.
func committerTime(object string) time.Time {
	head, _, _ := strings.Cut(object, "\n\n")
	for line := range strings.Lines(head) {
		if rest, ok := strings.CutPrefix(line, "committer "); ok {
			fields := strings.Fields(rest[strings.LastIndexByte(rest, '>')+1:])
			if len(fields) > 0 {
				return clampTime(fields[0])
			}
		}
	}
	return clampTime("")
}

// lastSecond is the end of the year 9999, the last that RFC 3339 can write.
const lastSecond = 253402300799

// clampTime reads seconds since 1970. What cannot be read is 1970, what lies
// beyond the calendar is its end.
func clampTime(seconds string) time.Time {
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil && len(seconds) > 15 && seconds[0] != '-' {
		n = lastSecond
	}
	return time.Unix(min(max(n, 0), lastSecond), 0).UTC()
}

// String returns the commit as people name it.
func (r Resolved) String() string {
	if r.Ref == "" {
		return r.Hash
	}
	return fmt.Sprintf("%s (%s)", r.Ref, r.Hash)
}
