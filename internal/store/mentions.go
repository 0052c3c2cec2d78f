package store

import (
	"context"
	"strconv"

	"github.com/rampforgeai/rampforge/internal/nameless"
)

// Mention is where a person is named: in what others wrote, or programs did of it.
// The text around is not theirs, and so it is not here.
type Mention struct {
	Where  string   `json:"where"` // the table, or what of it
	ID     string   `json:"id"`
	Fields []string `json:"fields"`
}

// SubjectMentions hands on where a person is named besides what is theirs: all that
// an erasure would change.
func (s *Store) SubjectMentions(ctx context.Context, v Subject, index NamelessIndex, visit func(Mention) error) error {
	names := &Erased{Register: *nameless.Of([]byte(NewID("key")), v.known(), "nobody")}
	for _, part := range s.erasureParts(index) {
		for after, first := "", true; first || after != ""; first = false {
			var err error
			if after, err = part.find(ctx, names, after, visit); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Store) findHeld(ctx context.Context, h *holding, names *nameless.Register, after string, visit func(Mention) error) (next string, err error) {
	page, err := s.pageOf(ctx, h, after)
	if err != nil || len(page) == 0 {
		return "", err
	}
	for _, r := range page {
		m := Mention{Where: h.table, ID: r.key}
		for i, c := range h.columns {
			if _, found := c.without(names, r.values[i]); found {
				m.Fields = append(m.Fields, c.name)
			}
		}
		if len(m.Fields) > 0 {
			if err := visit(m); err != nil {
				return "", err
			}
		}
	}
	return page[len(page)-1].key, nil
}

func (s *Store) findPacked(ctx context.Context, p packed, names *nameless.Register, after string, visit func(Mention) error) (next string, err error) {
	id, content, err := s.packedAfter(ctx, p, after)
	if err != nil || id == "" {
		return "", err
	}
	if _, found, err := p.without(content, names); err != nil || !found {
		return id, nil //nolint:nilerr // what is damaged names nobody: it cannot be read
	}
	return id, visit(Mention{Where: p.name, ID: id, Fields: []string{"content"}})
}

func (s *Store) findPassages(ctx context.Context, names *Erased, after string, visit func(Mention) error) (next string, err error) {
	page, err := s.pageOfPassages(ctx, after)
	if err != nil || len(page) == 0 {
		return "", err
	}
	for i := range page {
		if p := &page[i]; namelessPassage(names.Names(), &p.Passage) {
			if err := visit(Mention{Where: "passages", ID: strconv.FormatInt(p.ID, 10), Fields: []string{"text"}}); err != nil {
				return "", err
			}
		}
	}
	return strconv.FormatInt(page[len(page)-1].ID, 10), nil
}

// noMention is of what only others' changes leave behind.
func noMention(context.Context, *Erased, string, func(Mention) error) (string, error) { return "", nil }
