// Package git reads repositories with the git program: bare mirrors of remote
// ones, and local ones where they lie. Nothing is ever checked out, no hook,
// filter, helper or command of a repository's own configuration is run, and
// nothing is written to a repository that is not our mirror.
//
// Objects are read through a shadow: an empty repository of ours that borrows
// the object store. So the repository's configuration, attributes, grafts and
// promisors have no say in what is read, and the result depends on the objects
// alone. It may import the root package only.
package git

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/rampforgeai/rampforge"
)

// Repository is a repository open for reading. It is safe for concurrent use.
// Close it after use.
type Repository struct {
	dir     string          // where its refs are
	refs    *program        // git on the repository itself, for its refs only
	objects *program        // git on the shadow
	shadow  string          // removed by Close
	hexLen  int             // of an object id: 40, or 64 with SHA-256
	shallow map[string]bool // commits whose parents the clone lacks

	listing sync.Mutex
	listed  *refList // nil until the first question
}

// OpenLocal opens a repository of this machine where it lies: a work tree, a
// bare repository, a linked work tree, or a folder .git itself. Nothing is
// written there. A folder inside a work tree is refused with the name of the
// top, so that a report never speaks of more than was asked for. With roots,
// all that is read must lie in one of them, wherever links, git folders and
// borrowed object stores lead.
func OpenLocal(ctx context.Context, path string, roots ...string) (*Repository, error) {
	gitDir, err := findGitDir(path)
	if err != nil {
		return nil, err
	}
	if err := checkWithin(gitDir, path, roots); err != nil {
		return nil, err
	}
	return open(ctx, gitDir, path)
}

// Close removes what the reading needed. The repository stays.
func (r *Repository) Close() error {
	if err := os.RemoveAll(r.shadow); err != nil {
		return fmt.Errorf("removing the shadow of a repository: %w", err)
	}
	return nil
}

func open(ctx context.Context, gitDir, shown string) (*Repository, error) {
	common, err := commonDir(gitDir)
	if err != nil {
		return nil, openFault(err, shown)
	}
	store := filepath.Join(common, "objects")
	if _, err := os.ReadDir(store); err != nil {
		return nil, openFault(err, shown)
	}
	r := &Repository{dir: gitDir, hexLen: 40}
	r.refs = &program{what: shown, env: environ("GIT_DIR="+gitDir, "GIT_IMPLICIT_WORK_TREE=0"), config: readConfig()}
	format, err := r.refs.output(ctx, 1<<10, "rev-parse", "--show-object-format")
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(string(format)) == "sha256" {
		r.hexLen = 64
	}
	shallow, err := os.ReadFile(filepath.Join(common, "shallow"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, openFault(err, shown)
	}
	r.shallow = map[string]bool{}
	for hash := range strings.FieldsSeq(string(shallow)) {
		r.shallow[hash] = true
	}
	if err := r.cast(store, shallow); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	r.objects = &program{what: shown, env: environ("GIT_DIR="+r.shadow, "GIT_OBJECT_DIRECTORY="+store), config: readConfig()}
	return r, nil
}

// cast makes the shadow.
func (r *Repository) cast(store string, shallow []byte) error {
	dir, err := os.MkdirTemp("", "rampforge-git-*")
	if err != nil {
		return classify(err, "a temporary folder")
	}
	r.shadow = dir
	config := "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
	if r.hexLen == 64 {
		config = "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n"
	}
	files := map[string][]byte{"HEAD": []byte("ref: refs/heads/none\n"), "config": []byte(config)}
	if len(shallow) > 0 {
		files["shallow"] = shallow
	}
	err = os.Mkdir(filepath.Join(dir, "refs"), 0o700)
	for name, content := range files {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	if err != nil {
		return classify(err, store)
	}
	return nil
}

// findGitDir finds a repository by itself: git's own search would refuse what
// belongs to another user, and read its configuration while searching.
func findGitDir(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("finding a repository: %w", err)
	}
	given := path
	path, err = filepath.EvalSymlinks(given)
	if err != nil {
		return "", openFault(err, given)
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", openFault(err, path)
	case !info.IsDir():
		return "", fault(ReasonNotARepository, nil, "%s is a file: give the folder of a git repository.", path)
	}
	if dir, err := gitDirAt(path); dir != "" || err != nil {
		return dir, err
	}
	for up := filepath.Dir(path); up != filepath.Dir(up); up = filepath.Dir(up) {
		if dir, err := gitDirAt(up); dir != "" && err == nil {
			return "", fault(ReasonNotARepository, nil, "%s is a folder inside the repository %s: give that one.", path, strings.TrimSuffix(up, string(filepath.Separator)+".git"))
		}
	}
	return "", fault(ReasonNotARepository, nil, "%s is not a git repository: give a folder with .git in it, a bare repository, or an https address.", path)
}

// gitDirAt returns the git folder of the work tree or bare repository at path,
// "" when there is none.
func gitDirAt(path string) (string, error) {
	dot := filepath.Join(path, ".git")
	info, err := os.Stat(dot)
	switch {
	case err == nil && info.IsDir() && looksBare(dot):
		return dot, nil
	case err == nil && info.Mode().IsRegular():
		return followGitFile(path, dot)
	case errors.Is(err, fs.ErrPermission):
		return "", openFault(err, path)
	case looksBare(path):
		return path, nil
	}
	return "", nil
}

// followGitFile reads the file that stands for .git in a linked work tree and
// in a submodule.
func followGitFile(path, dot string) (string, error) {
	content, err := os.ReadFile(dot)
	if err != nil {
		return "", openFault(err, path)
	}
	target, ok := strings.CutPrefix(strings.TrimRight(string(content), "\r\n"), "gitdir: ")
	if !ok || len(target) > 4096 {
		return "", fault(ReasonNotARepository, nil, "The file .git in %s names no repository.", path)
	}
	if !filepath.IsAbs(target) {
		target = filepath.Join(path, target)
	}
	if !looksBare(target) {
		return "", fault(ReasonNotARepository, nil, "%s belongs to the repository %s, which is not there: give the path of that repository.", path, target)
	}
	return target, nil
}

func looksBare(dir string) bool {
	if _, err := os.Lstat(filepath.Join(dir, "HEAD")); err != nil { // may be a link, in very old ones
		return false
	}
	if _, err := os.Stat(filepath.Join(dir, "commondir")); err == nil {
		return true
	}
	objects, errObjects := os.Stat(filepath.Join(dir, "objects"))
	refs, errRefs := os.Stat(filepath.Join(dir, "refs"))
	return errObjects == nil && errRefs == nil && objects.IsDir() && refs.IsDir()
}

// commonDir returns where a linked work tree keeps what it shares with the
// others, and gitDir itself for everything else.
func commonDir(gitDir string) (string, error) {
	content, err := os.ReadFile(filepath.Join(gitDir, "commondir"))
	if errors.Is(err, fs.ErrNotExist) {
		return gitDir, nil
	}
	if err != nil {
		return "", err
	}
	dir := strings.TrimSpace(string(content))
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(gitDir, dir)
	}
	return dir, nil
}

func openFault(err error, path string) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fault(ReasonPermissionDenied, err, "%s must not be read by this user: give the user that runs this program permission.", path)
	case errors.Is(err, fs.ErrNotExist):
		return fault(ReasonNotARepository, err, "There is no git repository at %s: check the path.", path)
	}
	return classify(err, path)
}

// globEscape makes a path stand for itself in a pattern.
func globEscape(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// validHash reports whether s can be handed to git as an object id of this
// repository.
func (r *Repository) validHash(s string) bool { return len(s) == r.hexLen && isHex(s) }

func isHex[T string | []byte](s T) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// progressOf calls report when there is one.
func progressOf(report func(rampforge.Progress), p rampforge.Progress) {
	if report != nil {
		report(p)
	}
}
