package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rampforgeai/rampforge/bench/program"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store"
)

// row is what the plain loop keeps of a record.
type row struct {
	id, key, title string
	updated        time.Time
	content        []byte
}

// loop asks for what the sync asks for, one page after the other, decodes it
// into plain structures and inserts it, a page to a transaction. It looks for
// no change, keeps no history of its own and no place to go on from.
func loop(o options, databaseURL, source string) (result, error) {
	ctx := context.Background()
	db, err := database.Open(ctx, database.Options{URL: databaseURL})
	if err != nil {
		return result{}, err
	}
	defer db.Close()
	if err := db.Migrate(ctx); err != nil {
		return result{}, err
	}
	if _, err := o.requests(); err != nil {
		return result{}, err
	}
	began, spent := time.Now(), program.CPU(os.Getpid())
	n := 0
	keep := func(rows []row) error {
		n += len(rows)
		return insert(ctx, db, source, rows)
	}
	if source == sourceJira {
		err = loopItems(o, keep)
	} else {
		err = loopPulls(o, keep)
	}
	r := result{Records: n, Seconds: since(began), CPU: program.CPU(os.Getpid()) - spent}
	if err != nil {
		return r, err
	}
	r.Requests, err = o.requests()
	return r, err
}

type issue struct {
	ID     string `json:"id"`
	Key    string `json:"key"`
	Fields struct {
		Summary     string `json:"summary"`
		Description string `json:"description"`
		Updated     string `json:"updated"`
		Status      struct {
			Name string `json:"name"`
		} `json:"status"`
		Assignee *struct {
			Name string `json:"name"`
		} `json:"assignee"`
		Comment struct {
			Comments []struct {
				ID   string `json:"id"`
				Body string `json:"body"`
			} `json:"comments"`
		} `json:"comment"`
	} `json:"fields"`
	Changelog struct {
		Histories []struct {
			ID      string `json:"id"`
			Created string `json:"created"`
			Items   []struct {
				Field string `json:"field"`
				From  string `json:"fromString"`
				To    string `json:"toString"`
			} `json:"items"`
		} `json:"histories"`
	} `json:"changelog"`
}

func loopItems(o options, keep func([]row) error) error {
	for after := 0; after < o.items; after += searchAtOnce {
		jql := "project = " + jiraProject
		if after > 0 {
			jql += fmt.Sprintf(` AND issuekey > "BENCH-%d"`, after)
		}
		query := url.Values{"jql": {jql + " ORDER BY key ASC"}, "expand": {"changelog"}, "maxResults": {fmt.Sprint(searchAtOnce)}}
		var page struct {
			Issues []json.RawMessage `json:"issues"`
		}
		if err := ask(http.DefaultClient, o.vendor+"/jira/rest/api/2/search?"+query.Encode(), &page); err != nil {
			return err
		}
		rows := make([]row, len(page.Issues))
		for i, raw := range page.Issues {
			var item issue
			if err := json.Unmarshal(raw, &item); err != nil {
				return err
			}
			at, err := time.Parse(jiraTime, item.Fields.Updated)
			if err != nil {
				return err
			}
			rows[i] = row{item.ID, item.Key, item.Fields.Summary, at.UTC(), raw}
		}
		if err := keep(rows); err != nil {
			return err
		}
	}
	return nil
}

// together is how many pull requests are asked for at a time, as in the sync.
const together = 4

func loopPulls(o options, keep func([]row) error) error {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: together}}
	for page := 1; (page-1)*100 < o.pulls; page++ {
		var heads []struct {
			Number int `json:"number"`
		}
		if err := ask(client, fmt.Sprintf("%s/api/v3/repos/%s/issues?per_page=100&page=%d", o.vendor, repository, page), &heads); err != nil {
			return err
		}
		rows := make([]row, len(heads))
		var group errgroup.Group
		group.SetLimit(together)
		for i, head := range heads {
			group.Go(func() (err error) {
				rows[i], err = loopPull(client, o.vendor, head.Number)
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return err
		}
		if err := keep(rows); err != nil {
			return err
		}
	}
	return nil
}

func loopPull(client *http.Client, vendor string, number int) (row, error) {
	base := vendor + "/api/v3/repos/" + repository
	parts := map[string]json.RawMessage{}
	for name, path := range map[string]string{
		"pull": "/pulls/%d", "reviews": "/pulls/%d/reviews", "commits": "/pulls/%d/commits", "comments": "/issues/%d/comments", "events": "/issues/%d/events",
	} {
		var part json.RawMessage
		if err := ask(client, base+fmt.Sprintf(path, number), &part); err != nil {
			return row{}, err
		}
		parts[name] = part
	}
	var pull struct {
		ID      int64     `json:"id"`
		Title   string    `json:"title"`
		Body    string    `json:"body"`
		Updated time.Time `json:"updated_at"`
	}
	var comments []struct {
		ID   int64     `json:"id"`
		Body string    `json:"body"`
		At   time.Time `json:"created_at"`
	}
	if err := json.Unmarshal(parts["pull"], &pull); err != nil {
		return row{}, err
	}
	if err := json.Unmarshal(parts["comments"], &comments); err != nil {
		return row{}, err
	}
	content, err := json.Marshal(parts)
	return row{fmt.Sprint(pull.ID), fmt.Sprint(number), pull.Title, pull.Updated, content}, err
}

// insert writes rows in bulk: some dozens to a statement, all in one
// transaction.
func insert(ctx context.Context, db *database.DB, service string, rows []row) error {
	const columns, atOnce = 9, 50
	return db.InTx(ctx, func(tx *sql.Tx) error {
		for len(rows) > 0 {
			part := rows[:min(atOnce, len(rows))]
			rows = rows[len(part):]
			var text strings.Builder
			text.WriteString("INSERT INTO records (service_id, stream, id, resource_id, key, title, state, updated_at, content, synced_at) VALUES ")
			args := make([]any, 0, columns*len(part))
			for i, r := range part {
				if i > 0 {
					text.WriteString(", ")
				}
				n := i * columns
				fmt.Fprintf(&text, "($%d, $%d, $%d, $%d, $%d, $%d, $%d, $%d, $%d, $%d)", n+1, n+2, n+3, n+4, n+5, n+6, n+7, n+8, n+9, n+8)
				args = append(args, service, "stream", r.id, "resource", r.key, r.title, "open", r.updated, string(r.content))
			}
			if _, err := tx.ExecContext(ctx, text.String(), args...); err != nil {
				return err
			}
		}
		return nil
	})
}

// makeDatabase makes a database of its own on a server.
func makeDatabase(server, name string) (string, func() error, error) {
	admin, err := sql.Open("pgx", server)
	if err != nil {
		return "", nil, err
	}
	name = strings.ToLower(store.NewID("rfbench" + name))
	if _, err := admin.Exec("CREATE DATABASE " + name); err != nil {
		return "", nil, err
	}
	u, err := url.Parse(server)
	if err != nil {
		return "", nil, err
	}
	u.Path = "/" + name
	return u.String(), func() error {
		defer admin.Close()
		_, err := admin.Exec("DROP DATABASE " + name + " WITH (FORCE)")
		return err
	}, nil
}
