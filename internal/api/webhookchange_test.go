package api_test

import (
	"bytes"
	"context"
	"log/slog"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/azuredevops/azuredevopstest"
	"github.com/rampforgeai/rampforge/internal/connector/builtin"
	"github.com/rampforgeai/rampforge/internal/connector/confluence/confluencetest"
	"github.com/rampforgeai/rampforge/internal/connector/github/githubtest"
	"github.com/rampforgeai/rampforge/internal/connector/gitlab/gitlabtest"
	"github.com/rampforgeai/rampforge/internal/connector/jira/jiratest"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/queue"
	"github.com/rampforgeai/rampforge/internal/worker"
)

// actual opens the connectors themselves, over a plain client, and remembers
// what they were given.
type actual struct {
	mu  sync.Mutex
	saw map[string]bool // names of credentials
}

func (r *actual) Open(_ context.Context, service rampforge.Service, credentials map[string]string) (connector.Connector, error) {
	r.mu.Lock()
	for name := range credentials {
		r.saw[name] = true
	}
	r.mu.Unlock()
	return builtin.Connectors()[service.Type](connector.Options{Service: service, Credentials: credentials, Client: &http.Client{}, Now: time.Now})
}

// anywhere takes every endpoint.
type anywhere struct{ endpoints }

func (anywhere) CheckEndpoint(_ context.Context, address string) (string, error) { return address, nil }

// work starts a worker beside the server, for as long as the test.
func (w *world) work(open *actual) {
	w.t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	workers := worker.New(worker.Options{
		Store: w.store, Logger: quiet, Owner: "test", Beat: 50 * time.Millisecond, Mirrors: worker.Mirrors{Dir: w.t.TempDir()}, Now: time.Now, SyncPause: time.Millisecond,
		Connect: func(ctx context.Context, id string) (rampforge.Service, connector.Connector, error) {
			row, err := w.store.ServiceSecret(ctx, id)
			if err != nil {
				return rampforge.Service{}, nil, err
			}
			credentials, err := w.services.Unseal(row)
			if err != nil {
				return row.Service, nil, err
			}
			c, err := open.Open(ctx, row.Service, credentials)
			return row.Service, c, err
		},
	})
	q, err := queue.New(queue.Options{Pool: w.db.Write(), SQLite: w.db.Engine() == database.SQLite, Logger: quiet, Workers: workers.Register(), Concurrency: 2})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := workers.Start(w.t.Context(), q); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := workers.Stop(ctx); err != nil {
			w.t.Error(err)
		}
	})
}

// place is a record, and the message that tells of it.
type place struct {
	stream rampforge.Stream
	id     string
	told   connector.Message
}

// hooked is a fake vendor with a webhook.
type hooked struct {
	kind        rampforge.ServiceType
	endpoint    string
	credentials map[string]string
	change      func() place
	remove      func() place
}

// hookedFakes start a fake vendor each.
var hookedFakes = map[string]func(t *testing.T) hooked{
	"github": func(t *testing.T) hooked {
		hub := githubtest.Start(t, githubtest.Options{Seed: 1, Issues: 12, Pulls: 6, Commits: 8, Runs: 4, Deploys: 4})
		ids, numbers := hub.Issues()
		return hooked{rampforge.ServiceGitHub, hub.URL + "/api/v3", map[string]string{"token": githubtest.Token}, func() place {
			hub.Comment(numbers[0], "told by a webhook")
			return item(hub.Webhook(hookSecret, "issue_comment", map[string]any{"action": "created"}), ids[0])
		}, func() place {
			hub.Delete(numbers[1])
			return item(hub.IssueWebhook(hookSecret, "deleted", ids[1], numbers[1]), ids[1])
		}}
	},
	"gitlab": func(t *testing.T) hooked {
		lab := gitlabtest.Start(t, gitlabtest.Options{Seed: 1, MaxPage: 100})
		lab.EditPage(gitlabtest.App, "notes/old", "to be removed")
		return hooked{rampforge.ServiceGitLab, lab.URL, map[string]string{"token": gitlabtest.Token}, func() place {
			lab.Set(gitlabtest.App, "issues", 3, "title", "told by a webhook")
			id := lab.Touch(gitlabtest.App, "issues", 3)
			return item(lab.IssueWebhook(gitlabtest.App, hookSecret, 3), id)
		}, func() place {
			lab.DeletePage(gitlabtest.App, "notes/old")
			return place{rampforge.StreamDocuments, strconv.Itoa(gitlabtest.App) + ":notes/old", lab.WikiWebhook(gitlabtest.App, hookSecret, "delete", "notes/old")}
		}}
	},
	"azure_devops": func(t *testing.T) hooked {
		azure := azuredevopstest.NewSmall(1)
		t.Cleanup(azure.Close)
		return hooked{rampforge.ServiceAzureDevOps, azure.Endpoint(), map[string]string{"organization": azuredevopstest.Organization, "personal_access_token": azuredevopstest.Token}, func() place {
			id := azure.ChangeWorkItem()
			return item(azure.Webhook(hookSecret, "workitem.updated", id), id)
		}, func() place {
			id := azure.DeleteWorkItem()
			return item(azure.Webhook(hookSecret, "workitem.deleted", id), id)
		}}
	},
	"jira": func(t *testing.T) hooked {
		tracker := jiratest.New(t, jiratest.Options{Seed: 1, Issues: 20})
		return hooked{rampforge.ServiceJira, tracker.URL, tracker.Credentials(), func() place {
			_, id := tracker.Change()
			return item(tracker.IssueWebhook(hookSecret, "updated", id), id)
		}, func() place {
			id := tracker.IDs("10000")[1]
			tracker.Delete(id)
			return item(tracker.IssueWebhook(hookSecret, "deleted", id), id)
		}}
	},
	"confluence": func(t *testing.T) hooked {
		wiki := confluencetest.New(t, confluencetest.Options{Seed: 1, Documents: 20})
		return hooked{rampforge.ServiceConfluence, wiki.URL, wiki.Credentials(), func() place {
			stream, id := wiki.Change()
			return place{stream, id, wiki.Webhook(hookSecret, "page_updated", id)}
		}, func() place {
			_, id := wiki.Change()
			wiki.Delete(id)
			return place{rampforge.StreamDocuments, id, wiki.Webhook(hookSecret, "page_trashed", id)}
		}}
	},
}

func item(told connector.Message, id string) place {
	return place{rampforge.StreamWorkItems, id, told}
}

// hookedWorld is a world whose services speak to fake vendors.
func hookedWorld(open *actual) func(*setting) {
	return func(s *setting) { s.api.Endpoints, s.api.Services.Connectors = anywhere{}, open }
}

// TestWebhookBringsChanges has each vendor tell of a change and of a deletion,
// and compares with what a sync finds.
func TestWebhookBringsChanges(t *testing.T) {
	t.Parallel()
	for name, start := range hookedFakes {
		t.Run(name, func(t *testing.T) {
			open := &actual{saw: map[string]bool{}}
			each(t, func(t *testing.T, w *world) {
				fake := start(t)
				w.work(open)
				credentials := map[string]string{"webhook_secret": hookSecret}
				maps.Copy(credentials, fake.credentials)
				service := w.add(client.NewService{Type: fake.kind, Name: name, Endpoint: fake.endpoint, Credentials: credentials})
				w.synced(service.ID, false)

				changed := fake.change()
				before, err := w.store.Record(t.Context(), service.ID, changed.stream, changed.id)
				if err != nil {
					t.Fatalf("the record that changes: %v", err)
				}
				w.refuses(service.ID, changed.told)
				w.accepts(service.ID, changed.told, false)
				w.until("the change is here", func() bool {
					after, err := w.store.Record(t.Context(), service.ID, changed.stream, changed.id)
					return err == nil && !bytes.Equal(after.Raw, before.Raw)
				})
				w.accepts(service.ID, changed.told, true)

				removed := fake.remove()
				w.accepts(service.ID, removed.told, false)
				gone := func() bool {
					kept, err := w.store.Record(t.Context(), service.ID, removed.stream, removed.id)
					return err == nil && kept.DeletedAt != nil && len(kept.Content) > 0
				}
				w.until("the record is buried", gone)
				w.synced(service.ID, true)
				if !gone() {
					t.Error("a sync does not agree with the webhook")
				}
				if log := w.logs.String(); strings.Contains(log, hookSecret) {
					t.Error("the secret is in the log")
				}
			}, hookedWorld(open))
			if open.saw["webhook_secret"] {
				t.Error("a connector was given the webhook's secret")
			}
		})
	}
}
