package store

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/terms"
)

const (
	// A project searches its repository, what its people know, and the resources
	// that it is bound to.
	ofProject = ` FROM search_scopes c JOIN projects p ON p.id = $3
		WHERE ` + projectVisible + ` AND (c.repository_id = p.repository_id OR c.project_id = p.id OR c.repository_id IS NULL AND EXISTS (
			SELECT 1 FROM project_sources b WHERE b.project_id = p.id AND b.service_id = c.service_id AND b.resource_id = c.resource_id AND NOT b.removed))`
	searchedScopes = `SELECT c.number, c.passages, c.terms` + ofProject + ` AND c.passages > 0 ORDER BY c.number`
	projectScopes  = `SELECT ` + scopeColumns + ofProject + ` ORDER BY c.number`
	frequencies    = `SELECT t.term, t.passages FROM search_terms t WHERE t.scope = $1 AND t.term IN (
		$2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)`
	passageColumns = `m.id, m.kind, m.key, m.version, m.title, m.path, m.symbol, m.start_line, m.end_line, m.commit_hash, m.url, m.names, m.body, m.paths, m.weight, m.at`
	// Lines are those of the newest commit that is indexed; a passage whose file
	// has not changed was written for an older one.
	somePassages = `SELECT ` + passageColumns + `, c.commit_hash FROM passages m JOIN search_scopes c ON c.number = m.scope WHERE m.id IN (
		$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)`
)

// The bounds of one search.
const (
	// MaxSearchTerms is how many terms of a question count, the first of them.
	MaxSearchTerms = 32
	// MaxCandidates is how many passages a search returns at most.
	MaxCandidates = 1000
	// Terms in more passages than commonShare of all, or than commonLeast where
	// that is more, choose none: they stand nearly everywhere, and to go through
	// such a list takes longer than all the rest.
	commonShare = 0.02
	commonLeast = 2000
	// maxListed is how many places of passages one search goes through. The
	// answers to bench/ask's questions were the same with half of it.
	maxListed = 20_000
)

// What a term is worth that a passage has in its names, or often, beside what it
// is worth to have it at all.
const (
	worthOfName  = 1.2
	worthOfOften = 0.5
)

// SearchQuery says what to look for.
type SearchQuery struct {
	Terms []string                // as package terms makes them
	Kinds []rampforge.PassageKind // empty: all
	Limit int                     // at most MaxCandidates
	// Commits is how many commits there may be beside Limit of the rest, after
	// those: there are so many of them that they would leave no room. With 0 they
	// are among the rest.
	Commits int
}

// group is what has a limit of its own.
type group struct {
	kinds []rampforge.PassageKind
	limit int
	votes map[int64]float64
}

// groups are what is looked for, and of a passage's id which of them it is in.
func (q SearchQuery) groups() (list []group, of func(id int64) int) {
	kinds := q.Kinds
	if len(kinds) == 0 {
		kinds = rampforge.PassageKinds
	}
	if q.Commits <= 0 || !slices.Contains(kinds, rampforge.PassageCommit) {
		return []group{{kinds, q.Limit, map[int64]float64{}}}, func(int64) int { return 0 }
	}
	rest := slices.DeleteFunc(slices.Clone(kinds), func(k rampforge.PassageKind) bool { return k == rampforge.PassageCommit })
	list = []group{{rest, q.Limit, map[int64]float64{}}, {[]rampforge.PassageKind{rampforge.PassageCommit}, q.Commits, map[int64]float64{}}}
	commit := int64(slices.Index(rampforge.PassageKinds, rampforge.PassageCommit))
	return list, func(id int64) int {
		if id>>sequenceBits&(1<<kindBits-1) == commit {
			return 1
		}
		return 0
	}
}

// Candidates are passages that have some of the terms, and what says how rare
// those are. Who asked may see all of them.
type Candidates struct {
	Passages    []rampforge.Passage // the most promising first
	Total       int64               // passages that are searched
	Length      float64             // terms in one of them, on average
	Frequencies map[string]int64    // by term: in how many passages it is
}

// searchScope is a scope that is searched.
type searchScope struct {
	number, passages, terms int64
}

// ProjectScopes returns what a search of a project that v may see goes through.
func (s *Store) ProjectScopes(ctx context.Context, v Viewer, projectID string) ([]SearchScope, error) {
	rows, err := s.query(ctx, projectScopes, v.Admin, v.UserID, projectID)
	return collect(rows, err, scanScope)
}

// Search returns the passages of a project that v may see which have the rarest
// of the terms. Where none of them is rare, some that have them all.
func (s *Store) Search(ctx context.Context, v Viewer, projectID string, q SearchQuery) (Candidates, error) {
	found := Candidates{Frequencies: map[string]int64{}}
	rows, err := s.query(ctx, searchedScopes, v.Admin, v.UserID, projectID)
	scopes, err := scanAll(rows, err, func(c *searchScope) []any { return []any{&c.number, &c.passages, &c.terms} })
	if err != nil || len(scopes) == 0 {
		return found, err
	}
	var length int64
	for _, c := range scopes {
		found.Total += c.passages
		length += c.terms
	}
	found.Length = float64(length) / float64(found.Total)
	asked := askedTerms(q.Terms)
	counts, err := s.frequenciesOf(ctx, scopes, asked)
	if err != nil {
		return found, err
	}
	for _, term := range asked {
		if !strings.HasPrefix(term, markName) && !strings.HasPrefix(term, markOften) {
			found.Frequencies[term] = counts[term]
		}
	}
	ids, err := s.choose(ctx, scopes, &found, counts, q)
	if err == nil {
		found.Passages, err = s.passagesByID(ctx, ids)
	}
	return found, err
}

// askedTerms are the terms of a query in the forms that lists are kept for.
func askedTerms(list []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, term := range list {
		if !seen[term] && term != "" && len(out) < 3*MaxSearchTerms {
			seen[term] = true
			out = append(out, term, markName+term, markOften+term)
		}
	}
	return out
}

// frequenciesOf returns in how many passages of the scopes terms are.
func (s *Store) frequenciesOf(ctx context.Context, scopes []searchScope, asked []string) (map[string]int64, error) {
	const atOnce = 24
	counts := map[string]int64{}
	type frequency struct {
		term string
		n    int64
	}
	for _, c := range scopes {
		for some := range slices.Chunk(asked, atOnce) {
			args := []any{c.number}
			for i := range atOnce {
				args = append(args, some[min(i, len(some)-1)])
			}
			rows, err := s.query(ctx, frequencies, args...)
			list, err := scanAll(rows, err, func(f *frequency) []any { return []any{&f.term, &f.n} })
			if err != nil {
				return nil, err
			}
			for _, f := range list {
				counts[f.term] += f.n
			}
		}
	}
	return counts, nil
}

// choose returns the ids of the most promising passages.
func (s *Store) choose(ctx context.Context, scopes []searchScope, found *Candidates, counts map[string]int64, q SearchQuery) ([]int64, error) {
	there := make([]string, 0, len(counts))
	for term, n := range counts {
		if n > 0 {
			there = append(there, term)
		}
	}
	slices.SortFunc(there, func(a, b string) int { return cmp.Or(cmp.Compare(counts[a], counts[b]), cmp.Compare(a, b)) })
	groups, groupOf := q.groups()
	common, left := max(int64(commonShare*float64(found.Total)), commonLeast), int64(maxListed)
	for _, term := range there {
		if n := counts[term]; n > common || n > left {
			break
		}
		left -= counts[term]
		bare := strings.TrimLeft(term, markName+markOften)
		worth := terms.Rarity(found.Frequencies[bare], found.Total)
		switch term[:1] {
		case markName:
			worth *= worthOfName
		case markOften:
			worth *= worthOfOften
		}
		if err := s.vote(ctx, scopes, q.Kinds, []string{term}, maxListed, func(id int64) { groups[groupOf(id)].votes[id] += worth }); err != nil {
			return nil, err
		}
	}
	var ids []int64
	for _, g := range groups {
		if len(g.votes) == 0 {
			if err := s.chooseCommon(ctx, scopes, there, g); err != nil {
				return nil, err
			}
		}
		ids = append(ids, best(g.votes, min(max(g.limit, 0), MaxCandidates))...)
	}
	return ids, nil
}

// chooseCommon takes some passages that have all terms, or else the rarest one.
func (s *Store) chooseCommon(ctx context.Context, scopes []searchScope, there []string, g group) error {
	var all []string
	for _, term := range there {
		if term[:1] != markName && term[:1] != markOften {
			all = append(all, term)
		}
	}
	for _, some := range [][]string{all, all[:min(len(all), 1)]} {
		if len(some) > 0 && len(g.votes) == 0 {
			if err := s.vote(ctx, scopes, g.kinds, some, MaxCandidates, func(id int64) { g.votes[id]++ }); err != nil {
				return err
			}
		}
	}
	return nil
}

// vote visits the passages of the scopes that have all of some terms, so many of
// each at most.
func (s *Store) vote(ctx context.Context, scopes []searchScope, kinds []rampforge.PassageKind, all []string, limit int, visit func(id int64)) error {
	list := s.listTermPostgres
	if s.db.Engine() == database.SQLite {
		list = s.listTermSQLite
	}
	for _, c := range scopes {
		for _, ids := range idsOfKinds(c.number, kinds) {
			listed, err := list(ctx, all, ids[0], ids[1], limit)
			if err != nil {
				return err
			}
			for id := range strings.SplitSeq(listed, ",") {
				if n, err := strconv.ParseInt(id, 10, 64); err == nil {
					visit(ids[0] + n)
				}
			}
		}
	}
	return nil
}

// idsOfKinds returns the ranges of the ids of passages of some kinds, of all with
// none. Kinds that are neighbours have one range.
func idsOfKinds(scope int64, kinds []rampforge.PassageKind) [][2]int64 {
	if len(kinds) == 0 {
		first, last := passageIDs(scope, "")
		return [][2]int64{{first, last}}
	}
	var ranges [][2]int64
	for _, kind := range rampforge.PassageKinds {
		if !slices.Contains(kinds, kind) {
			continue
		}
		first, last := passageIDs(scope, kind)
		if n := len(ranges); n > 0 && ranges[n-1][1]+1 == first {
			ranges[n-1][1] = last
			continue
		}
		ranges = append(ranges, [2]int64{first, last})
	}
	return ranges
}

// best returns the ids with the most votes; of equal ones those that were written
// first.
func best(votes map[int64]float64, most int) []int64 {
	ids := make([]int64, 0, len(votes))
	for id := range votes {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b int64) int { return cmp.Or(cmp.Compare(votes[b], votes[a]), cmp.Compare(a, b)) })
	return ids[:min(len(ids), most)]
}

// passagesByID returns passages by their ids, in their order. Some may be gone.
func (s *Store) passagesByID(ctx context.Context, ids []int64) ([]rampforge.Passage, error) {
	const atOnce = 25
	byID := make(map[int64]rampforge.Passage, len(ids))
	for some := range slices.Chunk(ids, atOnce) {
		args := make([]any, atOnce)
		for i := range args {
			args[i] = some[min(i, len(some)-1)]
		}
		rows, err := s.query(ctx, somePassages, args...)
		list, err := collect(rows, err, scanPassage)
		if err != nil {
			return nil, err
		}
		for i := range list {
			byID[list[i].ID] = list[i]
		}
	}
	out := make([]rampforge.Passage, 0, len(ids))
	for _, id := range ids {
		if p, ok := byID[id]; ok {
			out = append(out, p)
		}
	}
	return out, nil
}

func scanPassage(r row) (p rampforge.Passage, err error) {
	var current string
	err = r.Scan(&p.ID, &p.Kind, &p.Key, &p.Version, &p.Title, &p.Path, &p.Symbol, &p.StartLine, &p.EndLine, &p.Commit, &p.URL,
		&p.Names, &p.Text, jsonColumn{&p.Paths}, &p.Weight, database.ScanNullTime(&p.At), &current)
	if p.StartLine > 0 {
		p.Commit = current
	}
	return p, err
}
