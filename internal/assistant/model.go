package assistant

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/assistant/cite"
	"github.com/rampforgeai/rampforge/internal/llm"
)

// The bounds of one answer by a model.
const (
	maxSteps   = 6       // requests
	maxFetched = 60_000  // bytes that tools return
	maxAnswer  = 1 << 18 // bytes
)

// askModel has the model write the answer. What it writes is verified block by
// block before anybody sees it. Where it cannot, or nothing of it is borne out,
// the composed answer stands in.
func (a *Assistant) askModel(ctx context.Context, w *writer, c *composition) error {
	w.dropChanged(ctx)
	sources := w.gather()
	if len(sources) == 0 {
		w.out.Note = "Nothing that answers this may be sent to a model: the project keeps its code from models."
		return w.composed(ctx, c)
	}
	mark := cite.NewMark()
	t := &draft{writer: w, Checker: cite.NewChecker(citable{w.dossier}, mark, instructions(mark), w.splitter)}
	last, err := a.converse(ctx, w.request(mark, sources), mark, t)
	switch {
	case err != nil && t.shown == 0:
		e, ok := errors.AsType[*llm.Error](err)
		if !ok || ctx.Err() != nil {
			return err
		}
		w.out.Note = "No model wrote this: " + e.Message
		return w.composed(ctx, c)
	case err != nil:
		return err
	case last.Fallback != "":
		w.out.Note = "No model wrote this: " + last.Fallback
		if t.shown > 0 {
			return nil
		}
		return w.composed(ctx, c)
	}
	if err := t.end(); err != nil {
		return err
	}
	if t.shown == 0 {
		return a.instead(ctx, w, c, t)
	}
	w.out.Model = last.Model
	w.out.Note = last.Cut
	w.out.Confidence = t.Confidence()
	if err := w.sayStale(); err != nil {
		return err
	}
	if conflict := w.conflictOf(w.citedSources()); conflict != "" {
		return w.block(conflict)
	}
	return nil
}

// instead answers where nothing of what the model wrote was borne out.
func (a *Assistant) instead(ctx context.Context, w *writer, c *composition, t *draft) error {
	if t.declined && !c.fact || w.silence != "" {
		return w.abstain("The sources that were found do not say.")
	}
	w.out.Note = "What the model wrote is not borne out by the sources; this is composed of them without it."
	if t.declined {
		w.out.Note = "The model found no answer in the sources; this is composed of them without it."
	}
	return w.composed(ctx, c)
}

// converse asks the model, and calls the tools that it wants.
func (a *Assistant) converse(ctx context.Context, r *llm.Request, mark cite.Mark, t *draft) (*llm.Response, error) {
	box := &toolbox{dossier: t.dossier, mark: mark}
	if t.question.Project.AICode {
		r.Tools = tools
	} else {
		r.Tools = recordTools
	}
	offered, services := t.serviceTools(ctx)
	r.Tools, box.services = slices.Concat(r.Tools, offered), services
	allowed := r.Tools
	for step := 1; ; step++ {
		if step == maxSteps || box.fetched >= maxFetched {
			r.Tools = nil
		}
		res, err := a.Model.Generate(ctx, r, t.take)
		if err != nil {
			return nil, err
		}
		t.out.Tokens.Input += res.Tokens.Input
		t.out.Tokens.Output += res.Tokens.Output
		t.out.Tokens.Thinking += res.Tokens.Thinking
		if res.Fallback == "" && !t.took {
			if err := t.take(res.Text); err != nil { // a model that does not stream
				return nil, err
			}
		}
		if len(res.Calls) == 0 || r.Tools == nil || res.Fallback != "" {
			return res, nil
		}
		results := llm.Message{Role: llm.RoleTool}
		for _, call := range res.Calls {
			results.Results = append(results.Results, box.call(ctx, call, allowed))
		}
		r.Messages = append(r.Messages, llm.Message{Role: llm.RoleModel, Text: res.Text, Calls: res.Calls}, results)
		t.took = false
	}
}

// draft takes what a model writes, verifies it by blocks, and hands on what
// is left.
type draft struct {
	*writer
	*cite.Checker

	pending  strings.Builder
	bytes    int
	took     bool // something of this step
	shown    int  // blocks
	declined bool // the model says that the sources do not say
}

// take takes a piece of text as it comes.
func (t *draft) take(text string) error {
	if text == "" {
		return nil
	}
	t.took = true
	if t.bytes += len(text); t.bytes > maxAnswer {
		return &llm.Error{Kind: llm.KindTooLong, Message: "The model's answer is too long."}
	}
	t.pending.WriteString(text)
	for {
		block, rest, whole := nextBlock(t.pending.String())
		if !whole {
			return nil
		}
		t.pending.Reset()
		t.pending.WriteString(rest)
		if err := t.tell(block); err != nil {
			return err
		}
	}
}

// end takes what is left.
func (t *draft) end() error {
	rest := t.pending.String()
	t.pending.Reset()
	return t.tell(rest)
}

func (t *draft) tell(block string) error {
	if strings.EqualFold(strings.ReplaceAll(strings.Trim(strings.TrimSpace(block), ".`*_"), " ", "_"), notFound) {
		t.declined = true
		return nil
	}
	checked := t.Check(block)
	if strings.TrimSpace(checked) == "" {
		return nil
	}
	t.shown++
	return t.block(checked)
}

// nextBlock cuts the first block off a text: up to an empty line that is in no
// block of code.
func nextBlock(text string) (block, rest string, whole bool) {
	open, at := false, 0
	for line := range strings.Lines(text) {
		bare := strings.TrimSpace(line)
		if strings.HasPrefix(bare, "```") || strings.HasPrefix(bare, "~~~") {
			open = !open
		}
		if bare == "" && !open && strings.HasSuffix(line, "\n") {
			return text[:at], text[at+len(line):], true
		}
		at += len(line)
	}
	return "", text, false
}
