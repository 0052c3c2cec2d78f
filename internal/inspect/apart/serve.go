package apart

import (
	"context"
	"encoding/gob"
	"fmt"
	"io"
	"sync"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/inspect"
)

// Serve is the child: it inspects what in asks for and tells out. Its error is
// that nobody could be told.
func Serve(ctx context.Context, inspector *inspect.Inspector, in io.Reader, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var r inspect.Request
	if err := gob.NewDecoder(in).Decode(&r); err != nil {
		return fmt.Errorf("reading the request: %w", err)
	}
	// The parent writes nothing more. What ends is the pipe, when the parent wants
	// no result or is no more.
	go func() {
		_, _ = io.Copy(io.Discard, in)
		stop()
	}()
	var telling sync.Mutex
	encoder := gob.NewEncoder(out)
	tell := func(m message) error {
		telling.Lock()
		defer telling.Unlock()
		return encoder.Encode(m)
	}
	r.Progress = func(p rampforge.Progress) {
		if tell(message{Progress: &p}) != nil {
			stop()
		}
	}
	finished, err := inspectOnce(ctx, inspector, r)
	last := message{Finished: finished}
	if err != nil {
		last.Fault = faultOf(err)
	}
	if err := tell(last); err != nil {
		return fmt.Errorf("telling the result: %w", err)
	}
	return nil
}

func inspectOnce(ctx context.Context, inspector *inspect.Inspector, r inspect.Request) (*inspect.Finished, error) {
	result, err := inspector.Inspect(ctx, r)
	if err != nil {
		return nil, err
	}
	return result.Finish()
}
