package mcpclient

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	"github.com/rampforgeai/rampforge/internal/connector"
)

// maxMessage bounds one message of a server, in bytes. It is also what the
// library allows a program.
const maxMessage = 16 << 20

// frameTooLarge is what the library says of a program's message that is longer.
// It has no value for it that could be compared with.
const frameTooLarge = "exceeded the configured maximum line length"

// errDead is the cause of an error that a connection does not outlive.
var errDead = errors.New("the connection was given up")

// tooLong makes of an error that a message of more than maxMessage caused what
// it is; the library says of most that the connection ended. Other errors it
// leaves alone.
func (l *live) tooLong(err error) error {
	if err == nil || connector.Reason(err) != "" || !l.long.Load() && !strings.Contains(err.Error(), frameTooLarge) {
		return err
	}
	return tooLong()
}

func tooLong() error {
	return connector.Errorf(connector.ReasonTooLarge, fmt.Sprintf("A message of the MCP server is longer than %d MiB.", maxMessage>>20),
		"If the server has a limit on the length of its answers, set it lower; else use the vendor's own API (transport rest).", errDead)
}

// bounded is an answer that may hold no message of more than maxMessage. Of a
// stream of events each is one.
type bounded struct {
	io.ReadCloser

	events bool
	long   *atomic.Bool // set while a message is too long
	size   int          // of the message so far
	over   bool         // this one has set long
	filled bool         // the line is not empty so far
}

// slack is how much more of an event is read than it may have: the library
// finds by itself that it is too long, unless the answer ends before.
const slack = 64 << 10

var errTooLong = errors.New("the answer is too long")

func (b *bounded) Read(p []byte) (int, error) {
	if b.over && (!b.events || b.size > maxMessage+slack) {
		return 0, errTooLong
	}
	n, err := b.ReadCloser.Read(p)
	if b.events {
		b.count(p[:n])
	} else {
		b.size += n
	}
	if b.size > maxMessage {
		b.over = true
		b.long.Store(true)
	}
	return n, err
}

// count adds to the size of the event. An empty line ends it.
func (b *bounded) count(part []byte) {
	for len(part) > 0 {
		line, rest, ended := bytes.Cut(part, []byte("\n"))
		b.filled = b.filled || len(bytes.TrimRight(line, "\r")) > 0
		b.size += len(part) - len(rest)
		if ended && !b.filled {
			b.size = 0
			if b.over {
				b.over = false
				b.long.Store(false)
			}
		}
		b.filled = b.filled && !ended
		part = rest
	}
}
