package knowledge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/store"
)

// Reader opens repositories; *inspect.Inspector does.
type Reader interface {
	OpenReading(ctx context.Context, r inspect.Request, commit string) (*inspect.Reading, error)
}

// Follower looks the links of knowledge items up in the code as it is now. It is
// safe for concurrent use.
type Follower struct {
	Store  *store.Store
	Reader Reader
	Now    func() time.Time
}

// Follow looks up the links into a repository at the commit of an index, as long
// as c's worker has the scope of its search. What was written before an error
// stays; what was not is looked up the next time.
func (f *Follower) Follow(ctx context.Context, c store.SearchClaim, r rampforge.Repository, request inspect.Request, ix *codeindex.Index) (err error) {
	behind, err := f.Store.LinksBehind(ctx, r.ID, ix.Commit)
	if err != nil || len(behind) == 0 {
		return err
	}
	code, err := f.Reader.OpenReading(ctx, request, ix.Commit)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, code.Close()) }()
	l := &lookup{code: code, ix: ix, files: map[[2]string][]string{}}
	moves := make([]store.LinkMove, 0, len(behind))
	for _, link := range behind {
		now, err := l.link(ctx, link.KnowledgeLink)
		if err != nil {
			return fmt.Errorf("looking up a link of a knowledge item: %w", err)
		}
		moves = append(moves, store.LinkMove{Was: link, Link: now})
	}
	return f.Store.FollowLinks(ctx, c, ix.Commit, moves, f.Now())
}

// lookup looks links up at one commit.
type lookup struct {
	code    *inspect.Reading
	ix      *codeindex.Index
	files   map[[2]string][]string // by commit and path; nil for what is not there
	renames []rename               // oldest first
	ages    map[string]int         // by commit: how many are newer; nil before the history was read
}

// rename is a file that got another path.
type rename struct {
	from, to string
	age      int // of its commit
}

// lines are those of a file at a commit, nil where there are none to be had.
func (l *lookup) lines(ctx context.Context, commit, path string) ([]string, error) {
	key := [2]string{commit, path}
	if known, ok := l.files[key]; ok {
		return known, nil
	}
	content, err := l.code.File(ctx, commit, path)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	var lines []string
	if err == nil { // of a commit that is gone, or a path that it does not have, nothing is known
		lines = linesIn(content)
	}
	l.files[key] = lines
	return lines, nil
}

// link says what became of a link.
func (l *lookup) link(ctx context.Context, was rampforge.KnowledgeLink) (rampforge.KnowledgeLink, error) {
	now := was
	now.Now, now.Detail = nil, ""
	path, err := l.pathNow(ctx, was.Path, was.Commit)
	if err != nil {
		return now, err
	}
	before, err := l.lines(ctx, was.Commit, was.Path)
	if err != nil {
		return now, err
	}
	if was.Hash == "" && before != nil { // nobody could read it when the link was made
		was.Hash = hashOf(cut(before, &was.KnowledgePlace))
	}
	if was.Hash == "" {
		return now, nil // nobody knows what the lines were
	}
	if path == "" {
		return l.gone(ctx, was, now, before)
	}
	lines, err := l.lines(ctx, l.ix.Commit, path)
	if err != nil {
		return now, err
	}
	if was.StartLine == nil {
		return l.wholeFile(was, now, path, before, lines), nil
	}
	if l.moved(&now, was, path, lines) {
		return now, nil
	}
	if found, err := l.elsewhere(ctx, &now, was); err != nil || found {
		return now, err
	}
	l.changed(&now, was, path, before, lines)
	return now, nil
}

// cut are the lines of a place.
func cut(lines []string, p *rampforge.KnowledgePlace) []string {
	if p.StartLine == nil {
		return lines
	}
	first, last := min(*p.StartLine-1, len(lines)), min(*p.EndLine, len(lines))
	return lines[first:max(first, last)]
}

// moved finds the lines as they were in a file, and moves the link there.
func (l *lookup) moved(now *rampforge.KnowledgeLink, was rampforge.KnowledgeLink, path string, lines []string) bool {
	n := *was.EndLine - *was.StartLine + 1
	window, before := around(lines, n, *was.StartLine)
	at := findLines(window, n, was.Hash, *was.StartLine-before)
	if at == 0 {
		return false
	}
	at += before
	now.KnowledgePlace = rampforge.KnowledgePlace{Path: path, Symbol: was.Symbol, StartLine: &at, EndLine: new(at + n - 1), Commit: l.ix.Commit, Hash: was.Hash}
	now.State = rampforge.LinkCurrent
	return true
}

// elsewhere finds the lines, as they were, in another file that declares the
// symbol of the link: a function that was moved.
func (l *lookup) elsewhere(ctx context.Context, now *rampforge.KnowledgeLink, was rampforge.KnowledgeLink) (bool, error) {
	if was.Symbol == "" {
		return false, nil
	}
	for i := range l.ix.Symbols {
		s := &l.ix.Symbols[i]
		path := l.ix.Files[s.File].Path
		if s.Name != was.Symbol || path == was.Path {
			continue
		}
		lines, err := l.lines(ctx, l.ix.Commit, path)
		if err != nil {
			return false, err
		}
		if l.moved(now, was, path, lines) {
			return true, nil
		}
	}
	return false, nil
}

// changed says how far lines are not what they were, and where they seem to be.
func (l *lookup) changed(now *rampforge.KnowledgeLink, was rampforge.KnowledgeLink, path string, before, lines []string) {
	now.State = rampforge.LinkChanged
	place := rampforge.KnowledgePlace{Path: path, Symbol: was.Symbol, Commit: l.ix.Commit}
	if found, err := l.ix.Impact(codeindex.ImpactQuery{Symbol: path + "#" + was.Symbol}); was.Symbol != "" && err == nil {
		place.StartLine, place.EndLine = new(found.Symbol.Line), new(max(found.Symbol.Line, found.Symbol.EndLine))
	} else if before != nil && *was.EndLine <= len(before) {
		if first, last, ok := between(before, lines, *was.StartLine, *was.EndLine); ok {
			place.StartLine, place.EndLine = &first, &last
		}
	}
	old := cut(before, &was.KnowledgePlace)
	stand, of := kept(old, lines)
	switch {
	case before == nil:
		now.Detail = "The lines are not what they were."
	case stand == 0:
		now.State, now.Detail = rampforge.LinkGone, "None of the lines stands in the file any more."
	case stand == of:
		now.Detail = "The lines stand in another order, or among others."
	default:
		now.Detail = fmt.Sprintf("%d of the %d lines that say something are not there any more.", of-stand, of)
	}
	if path != was.Path {
		now.Detail += " The file is called " + path + " now."
	}
	if place.StartLine != nil {
		place.Hash = hashOf(cut(lines, &place))
		now.Now = &place
		switch {
		case now.State != rampforge.LinkGone || was.Symbol == "":
		case names(&was, before):
			now.State, now.Detail = rampforge.LinkChanged, "The lines were written anew."
		default:
			now.Now = nil
		}
	}
}

// names reports whether the lines of a link name its symbol, and are not a remark
// or a part inside it alone: of those nothing was written anew where they are gone.
func names(was *rampforge.KnowledgeLink, before []string) bool {
	name := was.Symbol[strings.LastIndexByte(was.Symbol, '.')+1:]
	return slices.ContainsFunc(cut(before, &was.KnowledgePlace), func(line string) bool { return strings.Contains(line, name) })
}

// wholeFile says what became of a link to a whole file: it is as it was while half
// of its lines stand.
func (l *lookup) wholeFile(was, now rampforge.KnowledgeLink, path string, before, lines []string) rampforge.KnowledgeLink {
	place := rampforge.KnowledgePlace{Path: path, Symbol: was.Symbol, Commit: l.ix.Commit, Hash: hashOf(lines)}
	stand, of := kept(before, lines)
	switch {
	case place.Hash == was.Hash:
		now.KnowledgePlace, now.State = place, rampforge.LinkCurrent
	case before != nil && 2*stand >= of && path != was.Path:
		now.KnowledgePlace, now.State = place, rampforge.LinkCurrent
	case before != nil && 2*stand >= of:
		now.State = rampforge.LinkCurrent // at its commit still: many small changes are a large one
	case before == nil:
		now.State, now.Detail, now.Now = rampforge.LinkChanged, "The file is not what it was.", &place
	default:
		now.State, now.Detail, now.Now = rampforge.LinkChanged, "More than half of the lines of the file are not there any more.", &place
	}
	return now
}

// gone says of a link whose file is not there that it is gone, unless its lines
// are where its symbol is now.
func (l *lookup) gone(ctx context.Context, was, now rampforge.KnowledgeLink, before []string) (rampforge.KnowledgeLink, error) {
	if was.StartLine != nil && before != nil {
		if found, err := l.elsewhere(ctx, &now, was); err != nil || found {
			return now, err
		}
	}
	now.State, now.Detail = rampforge.LinkGone, "The file is not there any more."
	return now, nil
}

// pathNow is what a file of a commit is called now, "" where it is gone.
func (l *lookup) pathNow(ctx context.Context, path, commit string) (string, error) {
	if l.code.Has(path) {
		return path, nil
	}
	if err := l.readRenames(ctx); err != nil {
		return "", err
	}
	since, known := l.ages[commit]
	for _, r := range l.renames {
		if r.from == path && (!known || r.age < since) { // what is older has been followed
			path = r.to
		}
	}
	if l.code.Has(path) {
		return path, nil
	}
	return "", nil
}

// maxRenames is how many commits renames are looked for in.
const maxRenames = 50_000

func (l *lookup) readRenames(ctx context.Context) error {
	if l.ages != nil {
		return nil
	}
	l.ages = map[string]int{}
	err := l.code.EachCommit(ctx, func(c *rampforge.Commit) (bool, error) {
		age := len(l.ages)
		l.ages[c.Hash] = age
		for _, change := range c.Changes {
			if change.Status == rampforge.ChangeRenamed {
				l.renames = append(l.renames, rename{change.OldPath, change.Path, age})
			}
		}
		return age < maxRenames, nil
	})
	slices.Reverse(l.renames)
	return err
}
