package azuredevops_test

import (
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/azuredevops"
	"github.com/rampforgeai/rampforge/internal/connector/azuredevops/azuredevopstest"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
)

const hookSecret = "a password: of a service hook"

func hookCases(t testing.TB) map[string]connectortest.ParseCase {
	t.Helper()
	s := azuredevopstest.New(1)
	t.Cleanup(s.Close)
	item := func(gone bool) []rampforge.RecordChange {
		return []rampforge.RecordChange{{Stream: rampforge.StreamWorkItems, ID: "5", ResourceID: s.Project(0), Gone: gone}}
	}
	cases := map[string]connectortest.ParseCase{
		"deleted":  {Message: s.Webhook(hookSecret, "workitem.deleted", "5"), Changes: item(true)},
		"restored": {Message: s.Webhook(hookSecret, "workitem.restored", "5"), Changes: item(false), Sync: true},
		"trial":    {Message: s.TrialWebhook(hookSecret, "workitem.deleted", "5")},
		"message":  {Message: s.Webhook(hookSecret, "message.posted", "5")},
	}
	for _, event := range []string{"workitem.updated", "git.push", "git.pullrequest.merged", "build.complete", "ms.vss-release.deployment-completed-event", "ms.vss-code.git-pullrequest-comment-event"} {
		cases[event] = connectortest.ParseCase{Message: s.Webhook(hookSecret, event, "5"), Sync: true}
	}
	return cases
}

func TestWebhook(t *testing.T) {
	t.Parallel()
	connectortest.CheckWebhook(t, azuredevops.Webhook(), hookSecret, hookCases(t))
	for name, body := range map[string]string{
		"no resource":  `{"id":"a","eventType":"workitem.deleted","resourceContainers":{"project":{"id":"p"}}}`,
		"no project":   `{"id":"a","eventType":"workitem.deleted","resource":{"id":5}}`,
		"odd resource": `{"id":"a","eventType":"workitem.restored","resource":[5],"resourceContainers":{"project":{"id":"p"}}}`,
	} {
		if _, err := azuredevops.Webhook().Parse(connector.Message{Body: []byte(body)}); rampforge.ErrorCode(err) != rampforge.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	d, err := azuredevops.Webhook().Parse(connector.Message{Body: []byte(`{"subscriptionId":"s","notificationId":7,"eventType":"git.push"}`)})
	if err != nil || d.ID != "s:7" || !d.Sync {
		t.Errorf("%+v, %v", d, err)
	}
}

func FuzzWebhook(f *testing.F) {
	connectortest.FuzzWebhook(f, azuredevops.Webhook(), "X-Event", hookCases(f))
}
