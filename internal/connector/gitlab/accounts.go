package gitlab

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// user is a person as GitLab puts it into everything: without a word on
// whether it is one.
type user struct {
	ID       id     `json:"id"`
	Username string `json:"username"`
	Name     string `json:"name"`
}

// facts is what only GET /users/:id tells. They are kept with the raw record,
// so that mapping it again needs no call.
type facts struct {
	Bot         bool    `json:"bot"`
	PublicEmail string  `json:"public_email"`
	Email       string  `json:"email,omitempty"` // for administrators, and of oneself
	ConfirmedAt instant `json:"confirmed_at,omitzero"`
}

type fullUser struct {
	user
	facts
}

// ghostLogin is the account that GitLab gives the work of deleted people to.
// The API has no other mark of it: its login is "ghost", with a number where
// that was taken, and its name cannot be changed.
var ghostLogin = regexp.MustCompile(`^ghost\d*$`)

// account returns nil for nobody and for the account of deleted people: all
// that deleted colleagues did would otherwise be one busy colleague's.
func account(u *user, known map[string]facts) *rampforge.Account {
	if u == nil || u.ID == "" || ghostLogin.MatchString(u.Username) && u.Name == "Ghost User" {
		return nil
	}
	a := &rampforge.Account{ID: string(u.ID), Login: u.Username, Name: u.Name}
	f, ok := known[a.ID]
	if !ok {
		return a
	}
	a.Bot = f.Bot
	switch {
	case f.Email != "":
		a.Email, a.EmailVerified = f.Email, !f.ConfirmedAt.IsZero()
	case f.PublicEmail != "":
		a.Email, a.EmailVerified = f.PublicEmail, true // only a confirmed address can be made public
	}
	return a
}

// accounts looks up the people of the records, each once in the life of the
// connector, and returns for each record what is known of its people, nil
// where there are none.
func (c *gitlab) accounts(ctx context.Context, all []map[string]json.RawMessage) ([]json.RawMessage, error) {
	inRecord := make([]map[string]bool, len(all))
	everybody := map[string]bool{}
	for i, parts := range all {
		inRecord[i] = map[string]bool{}
		for _, raw := range parts {
			if err := people(raw, inRecord[i]); err != nil {
				return nil, err
			}
		}
		maps.Copy(everybody, inRecord[i])
	}
	known, err := c.lookUp(ctx, slices.Sorted(maps.Keys(everybody)))
	if err != nil {
		return nil, err
	}
	out := make([]json.RawMessage, len(all))
	for i, ids := range inRecord {
		of := map[string]facts{}
		for id := range ids {
			if f, ok := known[id]; ok {
				of[id] = f
			}
		}
		if len(of) > 0 {
			if out[i], err = json.Marshal(of); err != nil {
				return nil, malformed()
			}
		}
	}
	return out, nil
}

// lookUp returns what is known of accounts. One that is hidden from the token
// is known as nobody special.
func (c *gitlab) lookUp(ctx context.Context, ids []string) (map[string]facts, error) {
	const remembered = 20_000
	known := map[string]facts{}
	var missing []string
	c.mu.Lock()
	if len(c.users) > remembered {
		clear(c.users)
	}
	for _, id := range ids {
		if f, ok := c.users[id]; ok {
			known[id] = f
		} else {
			missing = append(missing, id)
		}
	}
	c.mu.Unlock()

	var mu sync.Mutex
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, id := range missing {
		group.Go(func() error {
			var u fullUser
			raw, _, err := c.get(groupCtx, "users/"+id)
			switch {
			case connector.Absent(err):
			case err != nil:
				return err
			case decode(raw, &u) != nil:
				return malformed()
			}
			mu.Lock()
			defer mu.Unlock()
			known[id] = u.facts
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range missing {
		c.users[id] = known[id]
	}
	return known, nil
}

// people notes the ids of the accounts in a part, wherever they stand: an
// object with a username is an account.
func people(raw json.RawMessage, into map[string]bool) error {
	if !bytes.Contains(raw, []byte(`"username"`)) {
		return nil
	}
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return malformed()
	}
	collect(value, into)
	return nil
}

func collect(value any, into map[string]bool) {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			collect(item, into)
		}
	case map[string]any:
		if _, is := v["username"].(string); is {
			switch n := v["id"].(type) {
			case float64:
				if n > 0 {
					into[formatID(n)] = true
				}
			case string: // as MCP servers tell it
				if known := new(id); known.UnmarshalJSON([]byte(strconv.Quote(n))) == nil && *known != "" && *known != "0" {
					into[string(*known)] = true
				}
			}
		}
		for _, item := range v {
			collect(item, into)
		}
	}
}
