package api

import (
	"context"
	"net/http"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

func (a *API) registerUsers() {
	handle(a, route{id: "list-users", method: http.MethodGet, path: "/api/v1/users", tag: tagUsers, policy: admins,
		summary: "Every account, oldest first"}, a.users)
	handle(a, route{id: "update-user", method: http.MethodPatch, path: "/api/v1/users/{id}", tag: tagUsers, policy: admins,
		summary: "Change an account's role or activity", description: "Deactivation ends the person's sessions and API tokens at once. The last active admin stays one.",
		errors: []int{http.StatusNotFound, http.StatusConflict}}, a.updateUser)
	handle(a, route{id: "invite", method: http.MethodPost, path: "/api/v1/users/invitations", tag: tagUsers, policy: admins, status: http.StatusCreated,
		summary: "Let an address register", description: "Replaces an earlier invitation to the same address. It is used where REGISTRATION=invite."}, a.invite)
	handle(a, route{id: "list-invitations", method: http.MethodGet, path: "/api/v1/users/invitations", tag: tagUsers, policy: admins,
		summary: "Open invitations, oldest first"}, a.invitations)
	handle(a, route{id: "delete-invitation", method: http.MethodDelete, path: "/api/v1/users/invitations/{email}", tag: tagUsers, policy: admins,
		status: http.StatusNoContent, summary: "Withdraw an invitation", errors: notThere}, a.deleteInvitation)
	a.registerAudit()
}

type usersAnswer struct {
	Body struct {
		Users []rampforge.User `json:"users"`
		Paged
	}
}

type pageInput struct{ Page }

func (a *API) users(ctx context.Context, in *pageInput) (*usersAnswer, error) {
	users, total, err := a.options.Store.Users(ctx, in.stored())
	out := &usersAnswer{}
	out.Body.Users, out.Body.Paged = users, in.of(total, len(users))
	return out, err
}

func (p Page) stored() store.Page { return store.Page{Limit: p.Limit, Offset: p.Offset} }

type userChange struct {
	ByID
	Body struct {
		Role     *rampforge.Role `json:"role" required:"false" enum:"admin,team_lead,developer,observer"`
		IsActive *bool           `json:"is_active" required:"false"`
	}
}

func (a *API) updateUser(ctx context.Context, in *userChange) (*userAnswer, error) {
	req := requestOf(ctx)
	user, err := a.options.Auth.UpdateAccount(ctx, req.identity, in.ID, store.AccountChange{Role: in.Body.Role, IsActive: in.Body.IsActive}, req.client())
	return &userAnswer{user}, err
}

type invitation struct {
	Email     string         `json:"email"`
	Role      rampforge.Role `json:"role"`
	InvitedBy string         `json:"invited_by" doc:"The admin's user id"`
	CreatedAt time.Time      `json:"created_at"`
}

func invitationOf(i store.Invitation) invitation {
	return invitation{Email: i.Email, Role: i.Role, InvitedBy: i.InvitedBy, CreatedAt: i.CreatedAt.UTC()}
}

type inviteInput struct {
	Body struct {
		Email string          `json:"email" maxLength:"254"`
		Role  *rampforge.Role `json:"role" required:"false" enum:"team_lead,developer,observer" doc:"team_lead, developer or observer. Default: developer"`
	}
}

type invitationAnswer struct{ Body invitation }

func (a *API) invite(ctx context.Context, in *inviteInput) (*invitationAnswer, error) {
	req := requestOf(ctx)
	i, err := a.options.Auth.Invite(ctx, req.identity, in.Body.Email, value(in.Body.Role), req.client())
	return &invitationAnswer{invitationOf(i)}, err
}

func (a *API) invitations(ctx context.Context, _ *nothing) (*list[invitation], error) {
	kept, err := a.options.Store.Invitations(ctx)
	out := make([]invitation, 0, len(kept))
	for _, i := range kept {
		out = append(out, invitationOf(i))
	}
	return listOf(out, len(out)), err
}

type byEmail struct {
	Email string `path:"email" maxLength:"254"`
}

func (a *API) deleteInvitation(ctx context.Context, in *byEmail) (*nothing, error) {
	err := a.options.Store.DeleteInvitation(ctx, in.Email)
	if err == nil {
		a.record(ctx, "user.invitation_withdrawn", store.EmailKey(in.Email), true, nil)
	}
	return nil, err
}
