package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/store"
)

// seen keeps commits of a service, as a sync does, and finds out who is who.
func (w *world) seen(serviceID string, commits ...rampforge.VendorCommit) {
	w.t.Helper()
	ctx := w.t.Context()
	if _, err := w.lead().SyncServices(ctx, client.SyncRequest{ServiceIDs: []string{serviceID}}, 0); err != nil {
		w.t.Fatal(err)
	}
	silent, err := w.store.SilentSyncs(ctx, time.Now().Add(time.Hour), 100)
	if err != nil || len(silent) != 1 {
		w.t.Fatalf("%+v, %v", silent, err)
	}
	claim := store.SyncClaim{TaskID: silent[0].TaskID, JobID: silent[0].JobID, Owner: "test"}
	if _, claimed, err := w.store.ClaimSync(ctx, claim, time.Now(), time.Now()); err != nil || !claimed {
		w.t.Fatalf("%v, %v", claimed, err)
	}
	var records []rampforge.Record
	for i := range commits {
		records = append(records, rampforge.Record{Stream: rampforge.StreamCommits, ID: commits[i].Hash, Commit: &commits[i]})
	}
	at, err := w.store.Position(ctx, store.Place{ServiceID: serviceID, ResourceID: "r", Stream: rampforge.StreamCommits})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.store.PutPage(ctx, claim, &at, records, []byte(`"end"`), nil, time.Now()); err != nil {
		w.t.Fatal(err)
	}
	if err := w.store.FinishSync(ctx, claim, store.SyncEnd{Status: rampforge.SyncCompleted, Message: "Done."}, time.Now(), w.enqueue); err != nil {
		w.t.Fatal(err)
	}
	if _, err := (&ingest.People{Store: w.store, Now: time.Now}).Resolve(ctx); err != nil {
		w.t.Fatal(err)
	}
}

func commit(name, email, accountID string) rampforge.VendorCommit {
	s := rampforge.Signature{Name: name, Email: email}
	c := rampforge.VendorCommit{Hash: name + email, Author: s, Committer: s}
	if accountID != "" {
		c.AuthorAccount = &rampforge.Account{ID: accountID, Login: accountID + "@login.test", Name: name, Email: "public@corp.test"}
	}
	return c
}

// whose returns the person of a name among those that a client sees.
func whose(t *testing.T, c *client.Client, name string) rampforge.Person {
	t.Helper()
	page, err := c.People(t.Context(), client.Query{"name": name})
	if err != nil || page.Total != 1 || len(page.People) != 1 {
		t.Fatalf("%s: %+v, %v", name, page, err)
	}
	return page.People[0]
}

func TestPeopleAreDecidedOn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		service := w.add(gitHub("One"))
		w.seen(service.ID, commit("Ada Byron", "ada@corp.test", "11"), commit("Countess", "countess@home.test", ""), commit("zuri@corp.test", "zuri@corp.test", ""), commit("100%_", "x@corp.test", ""))
		ada, countess := whose(t, w.lead(), "ADA by"), whose(t, w.admin(), "countess")
		if len(ada.Identities) != 2 || ada.Bot || ada.UserID != nil || !strings.HasPrefix(ada.ID, "per_") {
			t.Fatalf("%+v", ada)
		}
		if zuri := whose(t, w.lead(), "zuri"); zuri.Name != "zuri" {
			t.Errorf("an address is a name: %+v", zuri)
		}
		if odd := whose(t, w.lead(), "%_"); odd.Name != "100%_" {
			t.Errorf("%+v", odd)
		}

		merged, err := w.lead().MergePeople(ctx, countess.ID, ada.ID)
		if err != nil || merged.ID != ada.ID || len(merged.Identities) != 3 {
			t.Fatalf("%+v, %v", merged, err)
		}
		if old, err := w.admin().Person(ctx, countess.ID); err != nil || old.ID != ada.ID {
			t.Errorf("%+v, %v", old, err)
		}
		_, err = w.lead().MergePeople(ctx, ada.ID, countess.ID)
		wantStatus(t, "merging one person", err, http.StatusConflict)
		_, err = w.lead().MergePeople(ctx, ada.ID, "per_none")
		wantStatus(t, "merging nobody", err, http.StatusNotFound)
		_, _, err = w.lead().SplitPerson(ctx, ada.ID, "idn_none")
		wantStatus(t, "splitting what is not there", err, http.StatusUnprocessableEntity)

		i := slices.IndexFunc(merged.Identities, func(v rampforge.Identity) bool { return value(v.Email) == "countess@home.test" })
		rest, other, err := w.lead().SplitPerson(ctx, ada.ID, merged.Identities[i].ID)
		if err != nil || rest.ID != ada.ID || other.ID != countess.ID || len(other.Identities) != 1 {
			t.Fatalf("%+v, %+v, %v", rest, other, err)
		}
		log, err := w.admin().AuditLog(ctx, client.Paging(10, 0))
		log.Entries = slices.DeleteFunc(log.Entries, func(e rampforge.AuditEntry) bool {
			return !strings.HasPrefix(e.Action, "person.") || e.Action == "person.read"
		})
		if err != nil || len(log.Entries) != 2 || log.Entries[0].Action != "person.split" || log.Entries[1].Action != "person.merged" ||
			log.Entries[0].ActorID != w.people[rampforge.RoleTeamLead].user.ID || log.Entries[0].RequestID == "" || !log.Entries[0].Success {
			t.Errorf("%+v, %v", log, err)
		}

		// A user of this product with the address of an account is suggested.
		w.person("public@corp.test", rampforge.RoleDeveloper)
		w.seen(service.ID)
		suggested, err := w.lead().PeopleSuggestions(ctx, nil)
		if err != nil || suggested.Total != 1 || len(suggested.Suggestions) != 1 || len(suggested.Suggestions[0].People) != 2 || len(suggested.Suggestions[0].Reasons) == 0 {
			t.Fatalf("%+v, %v", suggested, err)
		}
		if err := w.lead().DismissPeopleSuggestion(ctx, suggested.Suggestions[0].ID); err != nil {
			t.Fatal(err)
		}
		_, err = w.lead().AcceptPeopleSuggestion(ctx, suggested.Suggestions[0].ID)
		wantStatus(t, "a suggestion that was dismissed", err, http.StatusNotFound)
		if suggested, err = w.lead().PeopleSuggestions(ctx, nil); err != nil || suggested.Total != 0 {
			t.Errorf("%+v, %v", suggested, err)
		}
		if err := w.lead().DeleteService(ctx, service.ID, true); err != nil {
			t.Fatal(err)
		}
		if page, err := w.lead().People(ctx, client.Query{"bot": "false"}); err != nil || page.Total != 5 { // the users
			t.Errorf("%+v, %v", page, err)
		}
		_, err = w.lead().Person(ctx, ada.ID)
		wantStatus(t, "whose service was purged", err, http.StatusNotFound)
	})
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// TestPeopleArePrivate looks for addresses in what those get who need none.
func TestPeopleArePrivate(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		service := w.add(gitHub("One"))
		w.seen(service.ID, commit("Ada Byron", "ada@corp.test", "11"), commit("zuri@corp.test", "zuri@corp.test", "12@corp.test"), commit("Cleo <cleo@corp.test>", "cleo@corp.test", ""))
		ada := whose(t, w.lead(), "ada")

		if page, err := w.developer().People(ctx, nil); err != nil || page.Total != 0 || len(page.People) != 0 {
			t.Errorf("who is in no project sees people: %+v, %v", page, err)
		}
		_, err := w.developer().Person(ctx, ada.ID)
		wantStatus(t, "a person, for who is in no project", err, http.StatusNotFound)
		if _, err := w.lead().CreateProject(ctx, client.NewProject{Name: "P", TeamMembers: []string{"developer@example.com"}}); err != nil {
			t.Fatal(err)
		}
		page, err := w.developer().People(ctx, nil)
		if err != nil || page.Total != 7 {
			t.Fatalf("%+v, %v", page, err)
		}
		token := w.people[rampforge.RoleDeveloper].session.AccessToken
		for _, path := range []string{"/api/v1/people", "/api/v1/people/" + ada.ID, "/api/v1/people?name=corp.test", "/api/v1/people?name=%40"} {
			got := w.raw(http.MethodGet, path, "", "Authorization", "Bearer "+token)
			if got.status != http.StatusOK || strings.Contains(got.body, "@") || strings.Contains(path, "?") && !strings.Contains(got.body, `"total":0`) {
				t.Errorf("%s: %d %s", path, got.status, got.body)
			}
		}
		all, err := w.lead().People(ctx, nil)
		emails := 0
		for _, p := range all.People {
			if strings.Contains(p.Name, "@") {
				t.Errorf("a name is an address: %s", p.Name)
			}
			for _, i := range p.Identities {
				if i.Email != nil {
					emails++
				}
			}
		}
		if err != nil || emails < 7 {
			t.Errorf("a lead sees %d addresses: %+v, %v", emails, all, err)
		}
		_, err = w.developer().PeopleSuggestions(ctx, nil)
		wantStatus(t, "suggestions, for a developer", err, http.StatusForbidden)
		_, err = w.developer().MergePeople(ctx, ada.ID, ada.ID)
		wantStatus(t, "a merge, by a developer", err, http.StatusForbidden)
	})
}
