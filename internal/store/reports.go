package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/rampforgeai/rampforge"
)

// maxReport bounds the memory that unpacking a kept report may take, in bytes.
const maxReport = 1 << 30

const (
	reportColumns      = analysisColumns + `, a.report_etag, a.report`
	selectNewestReport = `SELECT ` + reportColumns + ` FROM codebase_analyses a JOIN repositories r ON r.id = a.repository_id
		WHERE ` + repositoryVisible + ` AND a.repository_id = $3 AND a.status = 'completed' ORDER BY a.finished_at DESC, a.id DESC LIMIT 1`
	selectReport = `SELECT ` + reportColumns + ` FROM codebase_analyses a JOIN repositories r ON r.id = a.repository_id
		WHERE ` + repositoryVisible + ` AND a.id = $3 AND a.status = 'completed'`
)

// Report is the kept report of a completed analysis.
type Report struct {
	Analysis rampforge.Analysis
	ETag     string // SHA-256 of the JSON, in hexadecimal
	packed   []byte
}

// JSON returns the report as the analysis wrote it.
func (r Report) JSON() ([]byte, error) {
	text, err := unpacker().DecodeAll(r.packed, nil)
	if err != nil {
		return nil, fmt.Errorf("unpacking the report of %s: %w", r.Analysis.ID, err)
	}
	return text, nil
}

// NewestReport returns the newest report of a repository that v may see. It
// fails with RESOURCE_NOT_FOUND before the first one.
func (s *Store) NewestReport(ctx context.Context, v Viewer, repositoryID string) (Report, error) {
	r, err := scanReport(s.queryRow(ctx, selectNewestReport, v.Admin, v.UserID, repositoryID))
	return r, found(err, "report")
}

// Report returns the report of an analysis of a repository that v may see. It
// fails with RESOURCE_NOT_FOUND while the analysis has none.
func (s *Store) Report(ctx context.Context, v Viewer, analysisID string) (Report, error) {
	r, err := scanReport(s.queryRow(ctx, selectReport, v.Admin, v.UserID, analysisID))
	return r, found(err, "report")
}

func scanReport(row row) (Report, error) {
	var r Report
	err := row.Scan(append(analysisFields(&r.Analysis), &r.ETag, &r.packed)...)
	return r, err
}

// The packers are made at first use, because they hold megabytes, and kept:
// both work on whole texts from many goroutines at once.
var (
	packer = sync.OnceValue(func() *zstd.Encoder {
		e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
		if err != nil {
			panic(err) // the options are constants
		}
		return e
	})
	// rawPacker is for what vendors send, of which there is much in little time.
	rawPacker = sync.OnceValue(func() *zstd.Encoder {
		e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(256<<10))
		if err != nil {
			panic(err) // the options are constants
		}
		return e
	})
	unpacker = sync.OnceValue(func() *zstd.Decoder {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(maxReport))
		if err != nil {
			panic(err) // the options are constants
		}
		return d
	})
)

// packReport returns a report as it is kept, and its ETag; nil for none.
func packReport(text []byte) (packed []byte, etag *string) {
	if text == nil {
		return nil, nil
	}
	sum := sha256.Sum256(text)
	return packer().EncodeAll(text, nil), new(hex.EncodeToString(sum[:]))
}
