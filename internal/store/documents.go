package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	documentColumns = `d.project_id, d.kind, d.title, d.commit_hash, d.not_found, d.changed, d.made_of, d.generated_at`

	visibleDocuments = ` FROM generated_documents d JOIN projects p ON p.id = d.project_id WHERE ` + projectVisible + ` AND d.project_id = $3`
	selectDocuments  = `SELECT ` + documentColumns + visibleDocuments + ` ORDER BY d.kind`
	selectDocument   = `SELECT ` + documentColumns + visibleDocuments + ` AND d.kind = $4`
	selectSections   = `SELECT s.content FROM document_sections s WHERE s.project_id = $1 AND s.kind = $2 ORDER BY s.position`
	upsertDocument   = `INSERT INTO generated_documents (project_id, kind, title, commit_hash, not_found, changed, made_of, generated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (project_id, kind) DO UPDATE SET title = excluded.title, commit_hash = excluded.commit_hash, not_found = excluded.not_found,
			changed = excluded.changed, made_of = excluded.made_of, generated_at = excluded.generated_at`
	// A section whose words are the same is not written again but for its place.
	placeSection  = `UPDATE document_sections SET position = $5 WHERE project_id = $1 AND kind = $2 AND key = $3 AND content = $4`
	upsertSection = `INSERT INTO document_sections (project_id, kind, key, position, sources_hash, content) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (project_id, kind, key) DO UPDATE SET position = excluded.position, sources_hash = excluded.sources_hash, content = excluded.content`
	sectionKeys    = `SELECT s.key FROM document_sections s WHERE s.project_id = $1 AND s.kind = $2`
	deleteSection  = `DELETE FROM document_sections WHERE project_id = $1 AND kind = $2 AND key = $3`
	deleteDocument = `DELETE FROM generated_documents WHERE project_id = $1 AND kind = $2`

	newestETag = `SELECT a.report_etag FROM codebase_analyses a JOIN projects p ON p.repository_id = a.repository_id
		WHERE p.id = $1 AND a.status = 'completed' ORDER BY a.finished_at DESC, a.id DESC LIMIT 1`
	// What is kept of a record tells of changes that no clock of a vendor does, such
	// as a page that becomes restricted.
	recordsMadeOf = `SELECT r.stream, count(*), max(r.updated_at), sum(length(r.content)) FROM project_sources b
		JOIN records r ON r.service_id = b.service_id AND r.resource_id = b.resource_id
		WHERE b.project_id = $1 AND NOT b.removed AND r.deleted_at IS NULL AND r.stream IN ('work_items', 'pull_requests', 'documents') GROUP BY r.stream`
)

// DocumentSources is what documents of a project would be made of now, as a text
// for each kind that is another one when that is.
func (s *Store) DocumentSources(ctx context.Context, projectID string) (map[rampforge.DocumentKind]string, error) {
	var etag sql.NullString
	if _, err := exists(s.queryRow(ctx, newestETag, projectID).Scan(&etag)); err != nil {
		return nil, err
	}
	type state struct {
		stream string
		text   string
	}
	rows, err := s.query(ctx, recordsMadeOf, projectID)
	list, err := collect(rows, err, func(r row) (v state, err error) {
		var n, bytes int64
		var at database.Time
		err = r.Scan(&v.stream, &n, &at, &bytes)
		v.text = fmt.Sprintf(" %s %d %d %d", v.stream, n, at.Time.UnixMicro(), bytes)
		return v, err
	})
	if err != nil {
		return nil, err
	}
	of := map[string]string{}
	for _, v := range list {
		of[v.stream] = v.text
	}
	out := map[rampforge.DocumentKind]string{}
	for _, k := range rampforge.DocumentKinds {
		out[k] = etag.String
	}
	out[rampforge.DocumentReadme] += of["documents"]
	out[rampforge.DocumentTroubleshooting] += of["work_items"] + of["pull_requests"] + of["documents"]
	return out, nil
}

// Documents returns the documents of a project that v may see, without their
// sections, by kind.
func (s *Store) Documents(ctx context.Context, v Viewer, projectID string) ([]rampforge.GeneratedDocument, error) {
	now, err := s.DocumentSources(ctx, projectID)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, selectDocuments, v.Admin, v.UserID, projectID)
	return collect(rows, err, func(r row) (rampforge.GeneratedDocument, error) { return scanDocument(r, now) })
}

func scanDocument(r row, now map[rampforge.DocumentKind]string) (d rampforge.GeneratedDocument, err error) {
	var madeOf string
	d.Sections, d.NotFound, d.Changed = []rampforge.DocumentSection{}, []string{}, []string{}
	err = r.Scan(&d.ProjectID, &d.Kind, &d.Title, &d.Commit, jsonColumn{&d.NotFound}, jsonColumn{&d.Changed}, &madeOf, database.ScanTime(&d.GeneratedAt))
	d.Stale = madeOf != now[d.Kind]
	return d, err
}

// Document returns a document of a project that v may see.
func (s *Store) Document(ctx context.Context, v Viewer, projectID string, kind rampforge.DocumentKind) (rampforge.GeneratedDocument, error) {
	now, err := s.DocumentSources(ctx, projectID)
	if err != nil {
		return rampforge.GeneratedDocument{}, err
	}
	d, err := scanDocument(s.queryRow(ctx, selectDocument, v.Admin, v.UserID, projectID, kind), now)
	if err != nil {
		return d, found(err, "document")
	}
	rows, err := s.query(ctx, selectSections, projectID, kind)
	d.Sections, err = collect(rows, err, func(r row) (v rampforge.DocumentSection, err error) {
		err = r.Scan(jsonColumn{&v})
		return v, err
	})
	if err == nil && d.Stale {
		err = s.withoutHiddenPages(ctx, &d)
	}
	return d, err
}

// withoutHiddenPages takes the sections out that rest on a page that not everybody
// may read any more, or that is gone: what was quoted of it is not shown until the
// document is made anew.
func (s *Store) withoutHiddenPages(ctx context.Context, d *rampforge.GeneratedDocument) error {
	open := map[string]bool{}
	kept := d.Sections[:0]
	for _, section := range d.Sections {
		hidden := false
		for i := range section.Citations {
			c := &section.Citations[i]
			if c.Kind != rampforge.PassagePage {
				continue
			}
			key := c.Title + "\n" + c.URL
			is, known := open[key]
			if !known {
				var err error
				if is, err = s.pageIsOpen(ctx, d.ProjectID, c); err != nil {
					return err
				}
				open[key] = is
			}
			hidden = hidden || !is
		}
		if !hidden {
			kept = append(kept, section)
		}
	}
	d.Sections = kept
	return nil
}

// maxNamesakes is how many pages of a like title are looked at.
const maxNamesakes = 200

// pageIsOpen reports whether a page that was cited is there, for everybody.
func (s *Store) pageIsOpen(ctx context.Context, projectID string, c *rampforge.Citation) (bool, error) {
	title := c.Title
	if at := strings.LastIndex(c.Title, " › "); at >= 0 {
		title = c.Title[at+len(" › "):]
	}
	words := strings.Fields(strings.TrimSuffix(title, " …"))
	if len(words) == 0 {
		return false, nil
	}
	list, _, err := s.ProjectRecords(ctx, projectID, rampforge.StreamDocuments, RecordFilter{Search: words[0]}, Page{Limit: maxNamesakes})
	if err != nil {
		return false, err
	}
	for i := range list {
		var page rampforge.Document
		if err := json.Unmarshal(list[i].Content, &page); err != nil {
			return false, err
		}
		same := strings.Join(strings.Fields(page.Title), " ") == title
		if c.URL != "" {
			u, err := url.Parse(page.URL)
			same = err == nil && u.String() == c.URL
		}
		if same && !page.Restricted {
			return true, nil
		}
	}
	return false, nil
}

// KeptDocument is a document with what it was made of.
type KeptDocument struct {
	rampforge.GeneratedDocument

	MadeOf   string // see DocumentSources
	Change   rampforge.DocumentChange
	Progress rampforge.Progress // of the run, with this one
}

// KeepDocument writes a document of c's run, and that the run is so far, in one
// transaction. It fails with ErrDocumentsLost.
func (s *Store) KeepDocument(ctx context.Context, c DocumentClaim, d KeptDocument, now time.Time) error {
	return s.InTx(ctx, func(tx *sql.Tx) error {
		run, err := scanDocumentRun(tx.QueryRowContext(ctx, selectDocumentRun, c.RunID))
		if err != nil {
			if there, err := exists(err); err == nil && !there {
				return ErrDocumentsLost
			}
			return err
		}
		progress, err := jsonText(d.Progress)
		if err != nil {
			return err
		}
		list, err := jsonText(append(run.Changed, d.Change))
		if err != nil {
			return err
		}
		mine, err := changed(tx.ExecContext(ctx, moveDocumentRun, c.RunID, c.JobID, c.Owner, now, progress, list))
		if err != nil {
			return err
		}
		if !mine {
			return ErrDocumentsLost
		}
		if err := s.keepDocumentTx(ctx, tx, &d); err != nil {
			return err
		}
		_, err = s.announceDocumentsTx(ctx, tx, c.RunID, "", now)
		return err
	})
}

func (s *Store) keepDocumentTx(ctx context.Context, tx *sql.Tx, d *KeptDocument) error {
	missing, err := jsonText(d.NotFound)
	if err != nil {
		return err
	}
	keys, err := jsonText(d.Changed)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, upsertDocument, d.ProjectID, d.Kind, d.Title, d.Commit, missing, keys, d.MadeOf, d.GeneratedAt); err != nil {
		return err
	}
	erased, err := erasedFrom(ctx, tx)
	if err != nil {
		return err
	}
	rows, err := tx.QueryContext(ctx, sectionKeys, d.ProjectID, d.Kind)
	before, err := scanAll(rows, err, func(key *string) []any { return []any{key} })
	if err != nil {
		return err
	}
	stays := map[string]bool{}
	for i := range d.Sections {
		v := &d.Sections[i]
		stays[v.Key] = true
		text, err := jsonText(v)
		if err != nil {
			return err
		}
		if text, err = erased.json(text); err != nil { // files name people, too
			return err
		}
		same, err := changed(tx.ExecContext(ctx, placeSection, d.ProjectID, d.Kind, v.Key, text, i))
		if err == nil && !same {
			_, err = tx.ExecContext(ctx, upsertSection, d.ProjectID, d.Kind, v.Key, i, v.SourcesHash, text)
		}
		if err != nil {
			return err
		}
	}
	for _, key := range before {
		if stays[key] {
			continue
		}
		if _, err := tx.ExecContext(ctx, deleteSection, d.ProjectID, d.Kind, key); err != nil {
			return err
		}
	}
	return nil
}

// DeleteDocument removes a document of a project. Whether the caller may is the
// caller's to know.
func (s *Store) DeleteDocument(ctx context.Context, projectID string, kind rampforge.DocumentKind) error {
	result, err := s.db.Write().ExecContext(ctx, deleteDocument, projectID, kind)
	return changedOne(result, err, "document")
}
