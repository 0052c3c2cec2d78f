package api

import (
	"context"
	"net/http"
	"path"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant/knowledge"
	"github.com/rampforgeai/rampforge/internal/store"
)

const (
	knowledgeItems   = oneProject + "/knowledge"
	oneKnowledgeItem = knowledgeItems + "/{item_id}"
)

func (a *API) registerKnowledge() {
	changes := []int{http.StatusNotFound, http.StatusConflict}
	handle(a, route{id: "list-knowledge", method: http.MethodGet, path: knowledgeItems, tag: tagKnowledge, policy: observers,
		summary: "What people of a project wrote down, what changed last first", description: knowledgeSeen, errors: notThere}, a.listKnowledge)
	handle(a, route{id: "create-knowledge", method: http.MethodPost, path: knowledgeItems, tag: tagKnowledge, policy: developers, status: http.StatusCreated,
		summary: "Write a knowledge item", description: "It is a draft of one's own until one approves it. " + linksDescription, errors: notThere}, a.createKnowledge)
	handle(a, route{id: "get-knowledge", method: http.MethodGet, path: oneKnowledgeItem, tag: tagKnowledge, policy: observers,
		summary: "A knowledge item", description: knowledgeSeen, errors: notThere}, a.getKnowledge)
	handle(a, route{id: "update-knowledge", method: http.MethodPut, path: oneKnowledgeItem, tag: tagKnowledge, policy: observers,
		summary: "Change or retire a knowledge item", description: "By its author, a team lead or an admin. What is left out stays. An item whose title or text changes is a draft again, until it is approved. " + linksDescription, errors: changes}, a.updateKnowledge)
	handle(a, route{id: "delete-knowledge", method: http.MethodDelete, path: oneKnowledgeItem, tag: tagKnowledge, policy: observers, status: http.StatusNoContent,
		summary: "Remove a knowledge item", description: "By its author, a team lead or an admin.", errors: notThere}, a.deleteKnowledge)
	handle(a, route{id: "approve-knowledge", method: http.MethodPost, path: oneKnowledgeItem + "/approve", tag: tagKnowledge, policy: observers,
		summary: "Approve a knowledge item", description: "Its author alone may, as long as they have an active account that sees the project; else a team lead or an admin. From then on members of the project read and find it, and answers cite it.", errors: changes}, a.approveKnowledge)
	handle(a, route{id: "confirm-knowledge", method: http.MethodPost, path: oneKnowledgeItem + "/confirm", tag: tagKnowledge, policy: observers,
		summary: "Say that a knowledge item is still true", description: "By its author, a team lead or an admin. Links whose lines changed lead to where they are now; those whose lines are gone are removed.", errors: changes}, a.confirmKnowledge)
}

const (
	knowledgeSeen    = "Approved items are seen by all who see the project, others by their author, team leads and admins. An author who does not want to be named as an expert is not."
	linksDescription = "Links name lines, a symbol or a whole file of the newest analysis. After each analysis they are looked up again: lines that are the same are followed, also into renamed files; where they changed or are gone the item is stale."
)

// ByItem names a knowledge item.
type ByItem struct {
	ByID
	ItemID string `path:"item_id" maxLength:"100"`
}

type knowledgeInput struct {
	ByID
	Page
	State string `query:"state" enum:"draft,approved,retired" doc:"Only those in this state"`
	Path  string `query:"path" maxLength:"4096" doc:"Only those that speak of this file, or of one below this folder"`
	Stale string `query:"stale" enum:"true,false" doc:"Only those whose code moved on, or did not"`
	Own   bool   `query:"own" doc:"Only one's own"`
}

type knowledgeAnswer struct {
	Body struct {
		Items []rampforge.KnowledgeItem `json:"items"`
		Paged
	}
}

func (a *API) listKnowledge(ctx context.Context, in *knowledgeInput) (*knowledgeAnswer, error) {
	if _, err := a.options.Store.Project(ctx, requestOf(ctx).viewer(), in.ID); err != nil {
		return nil, err
	}
	f := store.KnowledgeFilter{State: rampforge.KnowledgeState(in.State), Own: in.Own}
	if p := strings.Trim(in.Path, "/"); p != "" {
		f.Path = path.Clean(p)
	}
	if in.Stale != "" {
		f.Stale = new(in.Stale == "true")
	}
	found, total, err := a.options.Store.KnowledgeItems(ctx, a.reader(ctx), in.ID, f, in.stored())
	for i := range found {
		found[i] = shownItem(ctx, found[i])
	}
	out := &knowledgeAnswer{}
	out.Body.Items, out.Body.Paged = found, in.of(total, len(found))
	return out, err
}

// shownItem leaves out an author who does not want to be named, for others.
func shownItem(ctx context.Context, k rampforge.KnowledgeItem) rampforge.KnowledgeItem {
	mine := wrote(ctx, &k)
	if k.Discreet && k.ApprovedBy != nil && k.ApprovedBy.UserID != requestOf(ctx).identity.User.ID {
		k.ApprovedBy = nil
	}
	if k.Unnamed && !mine {
		k.Author = nil
	}
	return k
}

// wrote reports whether the caller is the author of an item.
func wrote(ctx context.Context, k *rampforge.KnowledgeItem) bool {
	return k.Author != nil && k.Author.UserID == requestOf(ctx).identity.User.ID
}

type linkInput struct {
	Path      string `json:"path" minLength:"1" maxLength:"4096"`
	Symbol    string `json:"symbol" required:"false" maxLength:"400" doc:"As the code index names it, such as Type.method"`
	StartLine *int   `json:"start_line" required:"false" minimum:"1" doc:"Without it, the lines of the symbol, or the whole file"`
	EndLine   *int   `json:"end_line" required:"false" minimum:"1"`
}

type itemInput struct {
	ByID
	Body struct {
		Title string      `json:"title" minLength:"1" maxLength:"200"`
		Text  string      `json:"text" minLength:"1" maxLength:"20000"`
		Links []linkInput `json:"links" required:"false" nullable:"true" maxItems:"20"`
	}
}

type itemAnswer struct{ Body rampforge.KnowledgeItem }

func (a *API) createKnowledge(ctx context.Context, in *itemInput) (*itemAnswer, error) {
	req := requestOf(ctx)
	p, err := a.options.Store.Project(ctx, req.viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	title, text := strings.TrimSpace(in.Body.Title), strings.TrimSpace(in.Body.Text)
	if err := worded(&title, &text); err != nil {
		return nil, err
	}
	links, err := a.links(ctx, p, in.Body.Links)
	if err != nil {
		return nil, err
	}
	now := a.options.Now().UTC()
	k := rampforge.KnowledgeItem{
		ID: store.NewID("kno"), ProjectID: p.ID, Title: title, Text: text, Author: &rampforge.KnowledgeAuthor{UserID: req.identity.User.ID},
		State: rampforge.KnowledgeDraft, Links: links, CreatedAt: now, UpdatedAt: now,
	}
	if err := a.options.Store.CreateKnowledge(ctx, k); err != nil {
		return nil, err
	}
	kept, err := a.options.Store.KnowledgeItem(ctx, a.reader(ctx), p.ID, k.ID)
	return &itemAnswer{kept}, err
}

// worded refuses a title and a text of spaces alone; nil is none.
func worded(title, text *string) error {
	var issues []rampforge.FieldIssue
	if title != nil {
		if issue := nameIssue(*title); issue != "" {
			issues = append(issues, rampforge.FieldIssue{Field: "title", Issue: issue})
		}
	}
	if text != nil && *text == "" {
		issues = append(issues, rampforge.FieldIssue{Field: "text", Issue: "must not be empty"})
	}
	if len(issues) > 0 {
		return rampforge.Invalid(issues...)
	}
	return nil
}

// links resolves links at the newest analysis of a project's repository.
func (a *API) links(ctx context.Context, p rampforge.Project, wished []linkInput) ([]rampforge.KnowledgeLink, error) {
	if len(wished) == 0 {
		return []rampforge.KnowledgeLink{}, nil
	}
	if p.RepositoryID == nil {
		return nil, rampforge.Invalid(rampforge.FieldIssue{Field: "links", Issue: "the project has no repository: set repository_url first, or leave them out"})
	}
	ix, _, err := a.newestIndex(ctx, *p.RepositoryID)
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound {
		return nil, rampforge.Invalid(rampforge.FieldIssue{Field: "links", Issue: "the repository was not analysed yet, or keeps no code index: analyse it first, or leave them out"})
	}
	if err != nil {
		return nil, err
	}
	r, err := a.options.Store.Repository(ctx, requestOf(ctx).viewer(), *p.RepositoryID)
	if err != nil {
		return nil, err
	}
	list := make([]knowledge.Wish, len(wished))
	for i, w := range wished {
		list[i] = knowledge.Wish(w)
	}
	return a.maker().Links(ctx, r, ix, list)
}

func (a *API) getKnowledge(ctx context.Context, in *ByItem) (*itemAnswer, error) {
	k, err := a.options.Store.KnowledgeItem(ctx, a.reader(ctx), in.ID, in.ItemID)
	return &itemAnswer{shownItem(ctx, k)}, err
}

type itemUpdate struct {
	ByItem
	Body struct {
		Title *string                   `json:"title" required:"false" minLength:"1" maxLength:"200"`
		Text  *string                   `json:"text" required:"false" minLength:"1" maxLength:"20000"`
		State *rampforge.KnowledgeState `json:"state" required:"false" enum:"draft,retired" doc:"Approving is a call of its own"`
		Links []linkInput               `json:"links" required:"false" nullable:"true" maxItems:"20" doc:"Replaces the links"`
	}
}

func (a *API) updateKnowledge(ctx context.Context, in *itemUpdate) (*itemAnswer, error) {
	if _, err := a.changeable(ctx, &in.ByItem); err != nil {
		return nil, err
	}
	for _, text := range []*string{in.Body.Title, in.Body.Text} {
		if text != nil {
			*text = strings.TrimSpace(*text)
		}
	}
	if err := worded(in.Body.Title, in.Body.Text); err != nil {
		return nil, err
	}
	var links []rampforge.KnowledgeLink
	if in.Body.Links != nil {
		p, err := a.options.Store.Project(ctx, requestOf(ctx).viewer(), in.ID)
		if err != nil {
			return nil, err
		}
		if links, err = a.links(ctx, p, in.Body.Links); err != nil {
			return nil, err
		}
	}
	return a.changeItem(ctx, &in.ByItem, func(k *rampforge.KnowledgeItem) error {
		if in.Body.Links != nil {
			k.Links = links
		}
		reworded := in.Body.Title != nil && *in.Body.Title != k.Title || in.Body.Text != nil && *in.Body.Text != k.Text
		if in.Body.Title != nil {
			k.Title = *in.Body.Title
		}
		if in.Body.Text != nil {
			k.Text = *in.Body.Text
		}
		k.Revised = k.Revised || k.Author == nil && k.State == rampforge.KnowledgeApproved
		if in.Body.State != nil {
			k.State = *in.Body.State
		} else if reworded && k.State == rampforge.KnowledgeApproved {
			k.State = rampforge.KnowledgeDraft
		}
		if k.State != rampforge.KnowledgeApproved {
			k.ApprovedAt, k.ApprovedBy = nil, nil
		}
		return nil
	})
}

// changeable reads an item that the caller may change: its author, and who leads.
func (a *API) changeable(ctx context.Context, in *ByItem) (rampforge.KnowledgeItem, error) {
	k, err := a.options.Store.KnowledgeItem(ctx, a.reader(ctx), in.ID, in.ItemID)
	if err == nil && !wrote(ctx, &k) && !leads(requestOf(ctx)) {
		err = rampforge.Errorf(rampforge.CodeForbidden, "Its author or a team lead may do this.")
	}
	return k, err
}

func (a *API) changeItem(ctx context.Context, in *ByItem, change func(*rampforge.KnowledgeItem) error) (*itemAnswer, error) {
	k, err := a.options.Store.ChangeKnowledge(ctx, in.ItemID, a.options.Now().UTC(), change)
	return &itemAnswer{shownItem(ctx, k)}, err
}

func (a *API) deleteKnowledge(ctx context.Context, in *ByItem) (*nothing, error) {
	if _, err := a.changeable(ctx, in); err != nil {
		return nil, err
	}
	if err := a.note(ctx, "knowledge.deleted", in.ItemID); err != nil {
		return nil, err
	}
	return &nothing{}, a.options.Store.DeleteKnowledge(ctx, in.ItemID, a.options.Now().UTC())
}

func (a *API) approveKnowledge(ctx context.Context, in *ByItem) (*itemAnswer, error) {
	k, err := a.options.Store.KnowledgeItem(ctx, a.reader(ctx), in.ID, in.ItemID)
	if err != nil {
		return nil, err
	}
	if err := mayApprove(ctx, &k); err != nil {
		return nil, err
	}
	if err := a.note(ctx, "knowledge.approved", k.ID); err != nil {
		return nil, err
	}
	read := k.UpdatedAt
	return a.changeItem(ctx, in, func(k *rampforge.KnowledgeItem) error {
		if !k.UpdatedAt.Equal(read) {
			return rampforge.Errorf(rampforge.CodeConflict, "Somebody changed this item meanwhile: read it again before you approve it.")
		}
		if err := mayApprove(ctx, k); err != nil { // the author may be back since
			return err
		}
		u := requestOf(ctx).identity.User
		k.State, k.ApprovedAt = rampforge.KnowledgeApproved, new(a.options.Now().UTC())
		k.ApprovedBy, k.Discreet = &rampforge.KnowledgeAuthor{UserID: u.ID, Name: u.Name}, !u.NamedAsExpert
		return nil
	})
}

// mayApprove refuses to approve an item in the place of an author who is there.
func mayApprove(ctx context.Context, k *rampforge.KnowledgeItem) error {
	if wrote(ctx, k) || k.AuthorGone && leads(requestOf(ctx)) {
		return nil
	}
	return rampforge.Errorf(rampforge.CodeForbidden, "Only the author of a knowledge item approves it; a team lead does where the author has no active account or is not in the project any more.")
}

func (a *API) confirmKnowledge(ctx context.Context, in *ByItem) (*itemAnswer, error) {
	if _, err := a.changeable(ctx, in); err != nil {
		return nil, err
	}
	if err := a.note(ctx, "knowledge.confirmed", in.ItemID); err != nil {
		return nil, err
	}
	return a.changeItem(ctx, in, func(k *rampforge.KnowledgeItem) error {
		links := []rampforge.KnowledgeLink{}
		for _, l := range k.Links {
			switch {
			case l.State == rampforge.LinkCurrent:
			case l.Now == nil:
				continue // there is nothing left to lead to
			default:
				l.KnowledgePlace, l.Now, l.State, l.Detail = *l.Now, nil, rampforge.LinkCurrent, ""
			}
			links = append(links, l)
		}
		k.Links, k.ConfirmedAt = links, new(a.options.Now().UTC())
		return nil
	})
}
