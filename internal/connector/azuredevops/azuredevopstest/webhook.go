package azuredevopstest

import (
	"encoding/base64"
	"fmt"
	"strconv"

	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
)

// Webhook is the message of what a service hook tells of a work item of the
// first project: workitem.updated, workitem.deleted and the like.
func (s *Server) Webhook(secret, event, id string) connector.Message {
	return s.webhook(secret, event, id, guid(8, 1), s.Project(0))
}

// TrialWebhook is the sample that is sent when somebody tries a hook out.
func (s *Server) TrialWebhook(secret, event, id string) connector.Message {
	return s.webhook(secret, event, id, "00000000-0000-0000-0000-000000000000", s.Project(0))
}

func (s *Server) webhook(secret, event, id, subscription, project string) connector.Message {
	number, err := strconv.Atoi(id)
	if err != nil {
		panic(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent++
	resource := object{"id": number, "rev": 2, "fields": object{"System.Title": "A work item"}, "url": s.URL + "/_apis/wit/workItems/" + id}
	if event == "workitem.updated" {
		resource = object{"id": 2, "workItemId": number, "rev": 2, "revision": resource}
	}
	return connectortest.Posted(object{
		"subscriptionId": subscription, "notificationId": s.sent, "id": guid(7, s.sent), "eventType": event, "publisherId": "tfs",
		"message": object{"text": fmt.Sprintf("Bug #%d was changed.", number)}, "resource": resource, "resourceVersion": "1.0",
		"resourceContainers": object{"collection": object{"id": guid(9, 9)}, "account": object{"id": guid(9, 8)}, "project": object{"id": project}},
		"createdDate":        when(s.clock),
	}, "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("hook:"+secret)))
}
