package git

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/rampforgeai/rampforge"
)

const (
	// maxMessage is how much of a message is kept, in bytes.
	maxMessage = 64 << 10
	// maxSubject is how much of a subject is kept, in bytes.
	maxSubject = 4 << 10
	// maxName bounds a name and an address, in bytes.
	maxName = 1 << 10
)

// logFormat prints a commit as fields that end with NUL, which none of them can
// hold. The changes follow: status NUL path NUL, with a second path for a
// rename. A status is never as long as a hash, so the next commit is told from
// the next change.
const logFormat = "--format=tformat:%H%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B%x00"

// logReader reads what logFormat printed.
type logReader struct {
	in     *bufio.Reader
	hexLen int
	people *names
	buffer []byte
	ahead  string // the hash of the commit that follows
}

// next returns the next commit, and io.EOF after the last.
func (l *logReader) next() (rampforge.Commit, error) {
	if err := l.findCommit(); err != nil {
		return rampforge.Commit{}, err
	}
	c := rampforge.Commit{Hash: l.ahead}
	l.ahead = ""
	if err := l.header(&c); err != nil {
		return rampforge.Commit{}, unexpected(err)
	}
	for {
		change, ended, err := l.change()
		if err != nil {
			return rampforge.Commit{}, err
		}
		if ended {
			return c, nil
		}
		if len(c.Changes) == maxFiles {
			return rampforge.Commit{}, fault(ReasonTooLarge, nil, "The commit %s changes more than %d files, which is more than can be read here.", c.Hash, maxFiles)
		}
		c.Changes = append(c.Changes, change)
	}
}

// findCommit reads up to a hash.
func (l *logReader) findCommit() error {
	for l.ahead == "" {
		token, err := l.token()
		if err != nil {
			return err
		}
		token = bytes.TrimLeft(token, "\n")
		switch {
		case l.isHash(token):
			l.ahead = string(token)
		case len(token) > 0:
			return fmt.Errorf("git printed %.80q in place of a commit", token)
		}
	}
	return nil
}

func (l *logReader) header(c *rampforge.Commit) error {
	var fields [7]string
	for i := range fields {
		token, err := l.token()
		if err != nil {
			return err
		}
		switch i {
		case 1, 2, 4, 5: // a person
			fields[i] = l.people.intern(clean(token, maxName))
		default:
			fields[i] = string(token)
		}
	}
	for parent := range strings.FieldsSeq(fields[0]) {
		if !l.isHash([]byte(parent)) {
			return fmt.Errorf("git printed the parent %.80q", parent)
		}
		c.Parents = append(c.Parents, parent)
	}
	c.Author = rampforge.Signature{Name: fields[1], Email: fields[2]}
	c.AuthoredAt = clampTime(fields[3])
	c.Committer = rampforge.Signature{Name: fields[4], Email: fields[5]}
	c.CommittedAt = clampTime(fields[6])
	message, err := readMessage(l.in, l.buffer[:0], maxMessage)
	if err != nil {
		return err
	}
	l.buffer = message
	c.Subject, c.Body = splitMessage(message)
	return nil
}

// change reads one change, or finds that the commit has no further one.
func (l *logReader) change() (change rampforge.Change, ended bool, err error) {
	for {
		token, err := l.token()
		if errors.Is(err, io.EOF) {
			return change, true, nil
		}
		if err != nil {
			return change, false, err
		}
		token = bytes.TrimLeft(token, "\n")
		if len(token) == 0 {
			continue
		}
		if l.isHash(token) {
			l.ahead = string(token)
			return change, true, nil
		}
		change, err = l.paths(token)
		return change, false, unexpected(err)
	}
}

func (l *logReader) paths(status []byte) (rampforge.Change, error) {
	if len(status) > 4 || len(bytes.Trim(status[1:], "0123456789")) > 0 {
		return rampforge.Change{}, fmt.Errorf("git printed the status %.80q", status)
	}
	c := rampforge.Change{Status: rampforge.ChangeStatus(status[0])} // status is gone with the next token
	var err error
	switch c.Status {
	case 'A', 'M', 'D', 'T':
	case 'R', 'C':
		if c.OldPath, err = l.path(); err != nil {
			return c, err
		}
	default:
		return c, fmt.Errorf("git printed the status %.80q", status)
	}
	if c.Path, err = l.path(); err != nil {
		return c, err
	}
	if c.Status == 'C' { // not asked for
		return rampforge.Change{Status: rampforge.ChangeAdded, Path: c.Path}, nil
	}
	return c, nil
}

func (l *logReader) path() (string, error) {
	token, err := l.token()
	if err == nil && len(token) == 0 {
		err = errors.New("git printed an empty path")
	}
	return string(token), err
}

func (l *logReader) token() ([]byte, error) {
	token, err := readToken(l.in, l.buffer[:0])
	if err == nil {
		l.buffer = token[:0]
	}
	return token, err
}

func (l *logReader) isHash(token []byte) bool { return len(token) == l.hexLen && isHex(token) }

// unexpected marks an end of the output that stands in the middle of a commit.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// splitMessage returns the first paragraph on one line and what follows it, as
// git's %s and %b do.
func splitMessage(message []byte) (subject, body string) {
	text := clean(message, maxMessage)
	text = strings.TrimLeft(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	var lines []string
	for text != "" {
		line, rest, _ := strings.Cut(text, "\n")
		text = rest
		line = strings.TrimSpace(line)
		if line == "" {
			break
		}
		lines = append(lines, line)
	}
	subject = cutText(strings.Join(lines, " "), maxSubject)
	return strings.Clone(subject), strings.Clone(strings.Trim(text, "\n"))
}

// clean returns valid UTF-8 of at most limit bytes.
func clean(text []byte, limit int) string {
	return cutText(strings.ToValidUTF8(string(text), "\uFFFD"), limit)
}

func cutText(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "")
}

// names keeps one copy of each person's name and address: a history repeats
// them in every commit.
type names struct {
	mu   sync.Mutex
	seen map[string]string
}

func newNames() *names { return &names{seen: map[string]string{}} }

func (n *names) intern(s string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if kept, ok := n.seen[s]; ok {
		return kept
	}
	kept := strings.Clone(s)
	n.seen[kept] = kept
	return kept
}
