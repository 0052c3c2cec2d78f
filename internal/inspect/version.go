package inspect

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

const (
	// maxVersions is how many analyses are kept for questions, those made last:
	// two to compare, and two more.
	maxVersions = 4
	// maxKeptReport bounds what is unpacked of a report, in bytes.
	maxKeptReport = 256 << 20
	versionSuffix = ".version"
	unfinished    = "new-" // begins the name of what is being written
)

// Versions returns what questions about commits are answered from, one for each
// of refs. The repository is brought up to date once. What an earlier call
// kept in r.VersionsDir is used; other commits are analysed, in full, and kept
// there. r.Ref, r.Type and r.ReportOnly have no meaning.
func (in *Inspector) Versions(ctx context.Context, r Request, refs ...string) (versions []codeindex.Version, err error) {
	opened, err := in.open(ctx, &r)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, opened.free()) }()
	r.Type, r.ReportOnly = rampforge.AnalysisFull, false
	for _, ref := range refs {
		r.Ref = ref
		commit, err := opened.repository.Resolve(ctx, ref)
		if err != nil {
			return nil, err
		}
		file := in.versionFile(r, commit.Hash)
		if v, ok := readVersion(file, commit.Hash); ok && !r.ForceRefresh {
			versions = append(versions, v)
			continue
		}
		result, err := in.analyze(ctx, opened.repository, opened.source, r)
		if err != nil {
			return nil, err
		}
		v := codeindex.Version{Report: result.Report, Index: result.Index}
		if !r.ForceRefresh {
			keepVersion(file, v)
		}
		versions = append(versions, v)
	}
	return versions, nil
}

// versionFile is where the analysis of a commit is kept: under a name that every
// change of what it depends on changes. "" is nowhere.
func (in *Inspector) versionFile(r Request, commit string) string {
	if r.VersionsDir == "" {
		return ""
	}
	sum := sha256.New()
	fmt.Fprintln(sum, commit, report.SchemaVersion, r.Build, r.Name, r.IncludeDependencies, r.Erased.Tag())
	for _, p := range in.options.Parsers {
		fmt.Fprintln(sum, p.Version())
	}
	return filepath.Join(r.VersionsDir, hex.EncodeToString(sum.Sum(nil)[:16])+versionSuffix)
}

// readVersion reads a kept analysis. One that is damaged, or of another version
// of the index, is none.
func readVersion(file, commit string) (codeindex.Version, bool) {
	var none codeindex.Version
	if file == "" {
		return none, false
	}
	content, err := os.ReadFile(file)
	if err != nil || len(content) < 8 {
		return none, false
	}
	n := binary.BigEndian.Uint64(content)
	if n > uint64(len(content)-8) { //nolint:gosec // eight at least, see above
		return none, false
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(content[8 : 8+n]))
	if err != nil {
		return none, false
	}
	text, err := io.ReadAll(io.LimitReader(unpacked, maxKeptReport))
	if err != nil {
		return none, false
	}
	found := &report.CodeReport{}
	if err := json.Unmarshal(text, found); err != nil || found.Commit != commit {
		return none, false
	}
	index, err := codeindex.Decode(content[8+n:])
	if err != nil || index.Commit != commit {
		return none, false
	}
	return codeindex.Version{Report: found, Index: index}, true
}

// keepVersion keeps an analysis for the next question, and forgets those that
// were kept longest ago. Where it cannot, the next question analyses again.
func keepVersion(file string, v codeindex.Version) {
	if file == "" {
		return
	}
	index, err := v.Index.Encode()
	if err != nil {
		return
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if err := errors.Join(json.NewEncoder(w).Encode(v.Report), w.Close()); err != nil {
		return
	}
	dir := filepath.Dir(file)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return
	}
	content := slices.Concat(binary.BigEndian.AppendUint64(nil, uint64(packed.Len())), packed.Bytes(), index) //nolint:gosec // a length
	if free, known := freeBytes(dir); known && free < 4*uint64(len(content)) {
		return
	}
	temp, err := os.CreateTemp(dir, unfinished+"*")
	if err != nil {
		return
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(content)
	if err := errors.Join(err, temp.Close()); err != nil {
		return
	}
	if os.Rename(temp.Name(), file) == nil {
		forgetVersions(dir)
	}
}

// forgetVersions removes all but the newest versions, and what a process that
// was killed left half written.
func forgetVersions(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	var kept []fs.FileInfo
	for _, e := range entries {
		info, err := e.Info()
		switch {
		case err != nil:
		case strings.HasSuffix(e.Name(), versionSuffix):
			kept = append(kept, info)
		case strings.HasPrefix(e.Name(), unfinished) && time.Since(info.ModTime()) > time.Hour:
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
	slices.SortFunc(kept, func(a, b fs.FileInfo) int {
		return cmp.Or(b.ModTime().Compare(a.ModTime()), strings.Compare(a.Name(), b.Name()))
	})
	for _, info := range kept[min(len(kept), maxVersions):] {
		_ = os.Remove(filepath.Join(dir, info.Name()))
	}
}
