package store_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// usage is one row: requests, input, output, thinking, promised.
type usage [5]int64

func (b *bundle) usage(at time.Time, user string) usage {
	b.t.Helper()
	var u usage
	err := b.db.Read().QueryRowContext(b.ctx(), `SELECT requests, input, output, thinking, promised FROM model_usage WHERE day = $1 AND user_id = $2`,
		at.Format(time.DateOnly), user).Scan(&u[0], &u[1], &u[2], &u[3], &u[4])
	b.must(err)
	return u
}

func (b *bundle) reserve(at time.Time, user string, tokens, perUser, perDay int64) string {
	b.t.Helper()
	spent, err := b.ReserveTokens(b.ctx(), at, user, tokens, perUser, perDay)
	b.must(err)
	return spent
}

func TestTokensAreReservedAndSettled(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		if spent := b.reserve(b.now, "usr_a", 60, 100, 150); spent != "" {
			t.Errorf("the first request is refused: %q", spent)
		}
		if spent := b.reserve(b.now, "usr_a", 41, 100, 150); spent != store.SpentByUser {
			t.Errorf("101 of 100 tokens of a user: %q", spent)
		}
		if got := b.usage(b.now, ""); got != (usage{0, 0, 0, 0, 60}) {
			t.Errorf("a refusal leaves %v promised to all", got)
		}
		if spent := b.reserve(b.now, "usr_b", 91, 100, 150); spent != store.SpentByAll {
			t.Errorf("151 of 150 tokens of all: %q", spent)
		}
		b.must(b.SettleTokens(b.ctx(), b.now, "usr_a", 60, 7, 5, 2))
		if a, all := b.usage(b.now, "usr_a"), b.usage(b.now, ""); a != (usage{1, 7, 5, 2, 0}) || all != a {
			t.Errorf("after one request the user has %v, all have %v", a, all)
		}
		if spent := b.reserve(b.now, "usr_a", 86, 100, 150); spent != "" {
			t.Errorf("14 and 86 are not over 100: %q", spent)
		}
		if spent := b.reserve(b.now, "", 50, 1, 150); spent != "" {
			t.Errorf("nobody has no limit of their own: %q", spent)
		}
		if spent := b.reserve(b.now, "usr_c", 1_000_000, 0, 0); spent != "" {
			t.Errorf("no limits: %q", spent)
		}
		// Just before midnight somewhere else it is the same day in UTC.
		east := time.Date(2026, 3, 2, 1, 30, 0, 0, time.FixedZone("", 2*3600))
		if spent := b.reserve(east, "usr_a", 1, 100, 0); spent != store.SpentByUser {
			t.Errorf("the same day in UTC: %q", spent)
		}
		if spent := b.reserve(b.now.Add(12*time.Hour), "usr_a", 100, 100, 150); spent != "" {
			t.Errorf("the next day: %q", spent)
		}
	})
}

func TestUsersTokensAreForgotten(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		b.reserve(b.now, "usr_a", 1, 0, 0)
		b.reserve(b.now.Add(40*24*time.Hour), "usr_a", 1, 0, 0)
		var rows, users int
		b.must(b.db.Read().QueryRowContext(b.ctx(), `SELECT count(*), count(NULLIF(user_id, '')) FROM model_usage`).Scan(&rows, &users))
		if rows != 3 || users != 1 {
			t.Errorf("%d rows are left, %d of them of users: want the sums of two days and one user", rows, users)
		}
	})
}

// TestTokensAreExactAcrossReplicas: many at once, through two connections of
// their own, get what there is and not a token more.
func TestTokensAreExactAcrossReplicas(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		replicas := []*store.Store{store.New(storetest.Open(t, url)), store.New(storetest.Open(t, url))}
		at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		var granted, byUser, byAll atomic.Int64
		var group sync.WaitGroup
		for i := range 60 {
			group.Go(func() {
				// Three users may take 100 each, all together 250: 25 of 60 requests.
				spent, err := replicas[i%2].ReserveTokens(t.Context(), at, fmt.Sprint("usr_", i%3), 10, 100, 250)
				switch {
				case err != nil:
					t.Error(err)
				case spent == store.SpentByUser:
					byUser.Add(1)
				case spent == store.SpentByAll:
					byAll.Add(1)
				default:
					granted.Add(1)
					if err := replicas[(i+1)%2].SettleTokens(t.Context(), at, fmt.Sprint("usr_", i%3), 10, 6, 3, 1); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		if granted.Load() != 25 || byUser.Load()+byAll.Load() != 35 {
			t.Errorf("%d granted, %d refused for the user, %d for all", granted.Load(), byUser.Load(), byAll.Load())
		}
	})
}
