package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	narrativeColumns = `n.subject, n.body, n.citations, n.places, n.cited, n.model, n.note, n.open, n.commit_hash, n.created_at`
	selectNarratives = `SELECT ` + narrativeColumns + ` FROM narratives n WHERE n.repository_id = $1 ORDER BY n.subject`
	putNarrative     = `INSERT INTO narratives (repository_id, subject, body, citations, places, cited, model, note, open, commit_hash, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (repository_id, subject) DO UPDATE SET body = excluded.body, citations = excluded.citations, places = excluded.places, cited = excluded.cited,
			model = excluded.model, note = excluded.note, open = excluded.open, commit_hash = excluded.commit_hash, created_at = excluded.created_at`
	dropNarrative     = `DELETE FROM narratives WHERE repository_id = $1 AND subject = $2`
	narrativesChanged = `UPDATE narrative_states SET revision = revision + 1, requests = CASE WHEN commit_hash = $4 THEN requests + $5 ELSE $5 END,
		tokens = CASE WHEN commit_hash = $4 THEN tokens + $6 ELSE $6 END, commit_hash = $4, heartbeat_at = $7
		WHERE repository_id = $1 AND job_id = $2 AND owner = $3 AND status = 'running'`
	// A model may be sent code where at least one project has the repository, and
	// every one that has it permits that.
	modelMayRead = `SELECT COUNT(*), COALESCE(SUM(CASE WHEN p.ai_code THEN 0 ELSE 1 END), 0) FROM projects p WHERE p.repository_id = $1`
)

// Narrative is a kept description of a repository, of one of its components or
// features.
type Narrative struct {
	Subject string
	rampforge.Narrative

	Places []NarrativePlace // by citation
	Cited  string           // a hash of what is cited
	Open   bool             // a model is to be asked yet
}

// NarrativePlace is what cited lines are known by, wherever they move.
type NarrativePlace struct {
	Hash string `json:"hash"` // of the lines
	Blob string `json:"blob"` // of their file, as the code index knows it
}

// NarrativeChange is what of the descriptions of a repository becomes otherwise,
// at a commit, and what the model took for it.
type NarrativeChange struct {
	Commit           string
	Put              []Narrative
	Drop             []string // subjects
	Requests, Tokens int64
}

// Narratives returns the descriptions of a repository, by subject. Whether somebody
// may see them is known from the repository.
func (s *Store) Narratives(ctx context.Context, repositoryID string) ([]Narrative, error) {
	rows, err := s.query(ctx, selectNarratives, repositoryID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Narrative
	for rows.Next() {
		n := Narrative{Narrative: rampforge.Narrative{Changed: []int{}}}
		var citations, places []byte
		var created time.Time
		if err := rows.Scan(&n.Subject, &n.Text, &citations, &places, &n.Cited, &n.Model, &n.Note, &n.Open, &n.Commit, database.ScanTime(&created)); err != nil {
			return nil, err
		}
		n.CreatedAt = &created
		if err := json.Unmarshal(citations, &n.Citations); err != nil {
			return nil, fmt.Errorf("reading the citations of %s: %w", n.Subject, err)
		}
		if err := json.Unmarshal(places, &n.Places); err != nil {
			return nil, fmt.Errorf("reading the places of %s: %w", n.Subject, err)
		}
		out = append(out, n)
	}
	return out, rows.Err()
}

// ChangeNarratives writes what c found, and has the search look at it. It fails
// with ErrNarrativesLost.
func (s *Store) ChangeNarratives(ctx context.Context, c NarrativeClaim, change NarrativeChange, now time.Time) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		if err := ofNarrativesTx(ctx, tx, narrativesChanged, c, change.Commit, change.Requests, change.Tokens, now); err != nil {
			return err
		}
		for _, subject := range change.Drop {
			if _, err := tx.ExecContext(ctx, dropNarrative, c.RepositoryID, subject); err != nil {
				return err
			}
		}
		erased, err := erasedFrom(ctx, tx)
		if err != nil {
			return err
		}
		for i := range change.Put {
			if err := putNarrativeTx(ctx, tx, c.RepositoryID, &change.Put[i], erased); err != nil {
				return err
			}
		}
		if len(change.Put)+len(change.Drop) == 0 {
			return nil
		}
		return s.StaleRepositorySearchTx(ctx, tx, c.RepositoryID, now)
	})
}

func putNarrativeTx(ctx context.Context, tx *sql.Tx, repositoryID string, n *Narrative, erased *Erased) error {
	cited, err := jsonText(n.Citations)
	if err == nil {
		cited, err = erased.json(cited) // files name people, too
	}
	if err != nil {
		return fmt.Errorf("writing the citations of %s: %w", n.Subject, err)
	}
	places, err := json.Marshal(n.Places)
	if err != nil {
		return fmt.Errorf("writing the places of %s: %w", n.Subject, err)
	}
	text, _ := erased.Text(n.Text)
	_, err = tx.ExecContext(ctx, putNarrative, repositoryID, n.Subject, text, cited, string(places), n.Cited, n.Model, n.Note, n.Open, n.Commit, n.CreatedAt)
	return err
}

// ModelMayRead counts the projects that have a repository, and those of them that
// keep its code from models. It may be sent to one where there is a project and
// none forbids it.
func (s *Store) ModelMayRead(ctx context.Context, repositoryID string) (projects, forbid int, err error) {
	err = s.queryRow(ctx, modelMayRead, repositoryID).Scan(&projects, &forbid)
	return projects, forbid, err
}
