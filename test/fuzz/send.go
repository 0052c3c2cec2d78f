package fuzz

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

func newReader(text []byte) *bufio.Reader { return bufio.NewReader(bytes.NewReader(text)) }

// Client sends requests as they are over one connection, and opens another
// when that was closed. It is for one goroutine.
type Client struct {
	Host string // address and port

	conn   net.Conn
	reader *bufio.Reader
}

const (
	patience = 90 * time.Second       // for an answer
	glance   = 250 * time.Millisecond // at a stream that does not end
	largest  = 64 << 20
)

// Send sends a request and reads its answer.
func (c *Client) Send(q *Request) (Answer, error) {
	text := q.Bytes(c.Host)
	for again := c.conn != nil; ; again = false {
		a, err := c.send(q, text)
		if err == nil {
			return a, nil
		}
		c.Close()
		// The server may have closed a connection that was left open.
		if !again || !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !strings.Contains(err.Error(), "reset") && !strings.Contains(err.Error(), "broken pipe") {
			return Answer{}, err
		}
	}
}

func (c *Client) send(q *Request, text []byte) (Answer, error) {
	if c.conn == nil {
		conn, err := net.DialTimeout("tcp", c.Host, 10*time.Second)
		if err != nil {
			return Answer{}, err
		}
		c.conn, c.reader = conn, bufio.NewReader(conn)
	}
	_ = c.conn.SetDeadline(time.Now().Add(patience))
	// A server that refuses a body may answer before it is all written.
	_, wrong := c.conn.Write(text)
	res, err := http.ReadResponse(c.reader, &http.Request{Method: q.Method})
	if err != nil {
		return Answer{}, errors.Join(wrong, err)
	}
	a := Answer{Status: res.StatusCode, Header: res.Header}
	stream := strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream")
	if stream {
		_ = c.conn.SetDeadline(time.Now().Add(glance))
	}
	a.Body, err = io.ReadAll(io.LimitReader(res.Body, largest))
	switch {
	case err != nil && stream && errors.Is(err, os.ErrDeadlineExceeded):
		a.Cut = true
		c.Close()
	case err != nil && res.StatusCode >= http.StatusBadRequest && strings.Contains(err.Error(), "reset"):
		// The server closed the connection with a body unread, as it does with what
		// it cannot make out; what was read is judged.
		a.Cut = true
		c.Close()
	case err != nil:
		return Answer{}, fmt.Errorf("half an answer of %d: %w", a.Status, err)
	case res.Close || wrong != nil || q.Method == http.MethodConnect:
		c.Close()
	}
	return a, nil
}

// Close ends the connection.
func (c *Client) Close() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}
