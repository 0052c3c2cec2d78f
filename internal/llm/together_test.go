package llm_test

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/cache"
	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/llm/llmtest"
)

// TestSameQuestionAtOnceIsAskedOnce: whoever asks the same while it is being
// answered gets that answer.
func TestSameQuestionAtOnceIsAskedOnce(t *testing.T) {
	t.Parallel()
	shared, err := cache.New(cache.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shared.Close)
	begun, answer := make(chan struct{}), make(chan struct{})
	m := llmtest.Answer(func(*llm.Request) llmtest.Turn {
		close(begun) // a second request would panic here
		<-answer
		return llmtest.Text("In retry.go [1].")
	})
	p := policy(t, m, func(o *llm.Options) { o.Cache, o.CacheFor = shared, time.Hour })
	var group sync.WaitGroup
	var fromMemory atomic.Int64
	question := func() {
		res, _, err := ask(t.Context(), p, sourced(), true)
		if err != nil || res.Text != "In retry.go [1]." {
			t.Errorf("%+v, %v", res, err)
			return
		}
		if res.Cached {
			fromMemory.Add(1)
		}
	}
	group.Go(question)
	<-begun
	const others = 7
	for range others {
		group.Go(question)
	}
	close(answer)
	group.Wait()
	if n := len(m.Asked()); n != 1 || fromMemory.Load() != others {
		t.Errorf("the model was asked %d times, and %d answers came from memory", n, fromMemory.Load())
	}
}
