package azuredevops

import (
	"bytes"
	"encoding/json"
)

// The servers are built on the vendor's client for Node.js, which turns the
// words of the API into the numbers of its enumerations. A shape says where in
// a record that happened, so that it can be undone: a field is one of words or
// a shape of its own, which counts for lists as well.
type shape map[string]any

type words map[string]string

var (
	projectShape = shape{"visibility": words{"0": "private", "1": "organization", "2": "public"}}
	buildShape   = func() shape {
		s := shape{
			"status":   words{"0": "none", "1": "inProgress", "2": "completed", "4": "cancelling", "8": "postponed", "32": "notStarted"},
			"result":   words{"0": "none", "2": "succeeded", "4": "partiallySucceeded", "8": "failed", "32": "canceled"},
			"reason":   buildReasons,
			"priority": words{"1": "high", "2": "aboveNormal", "3": "normal", "4": "belowNormal", "5": "low"}, "queueOptions": words{"0": "none", "1": "doNotRun"},
			"project": projectShape, "controller": shape{"status": words{"0": "unavailable", "1": "available", "2": "offline"}},
			"definition":        shape{"type": words{"1": "xaml", "2": "build"}, "queueStatus": words{"0": "enabled", "1": "paused", "2": "disabled"}, "project": projectShape},
			"validationResults": shape{"result": words{"0": "ok", "1": "warning", "2": "error"}},
		}
		s["triggeredByBuild"] = s
		return s
	}()
	buildReasons = words{
		"0": "none", "1": "manual", "2": "individualCI", "4": "batchedCI", "8": "schedule", "16": "scheduleForced", "32": "userCreated",
		"64": "validateShelveset", "128": "checkInShelveset", "256": "pullRequest", "512": "buildCompletion", "1024": "resourceTrigger",
	}
	repositoryShape = shape{"project": projectShape, "parentRepository": shape{"project": projectShape}}
	pullShape       = shape{
		"status":            words{"0": "notSet", "1": "active", "2": "abandoned", "3": "completed"},
		"mergeStatus":       words{"0": "notSet", "1": "queued", "2": "conflicts", "3": "succeeded", "4": "rejectedByPolicy", "5": "failure"},
		"mergeFailureType":  words{"0": "none", "1": "unknown", "2": "caseSensitive", "3": "objectTooLarge"},
		"completionOptions": shape{"mergeStrategy": words{"1": "noFastForward", "2": "squash", "3": "rebase", "4": "rebaseMerge"}},
		"repository":        repositoryShape, "forkSource": shape{"repository": repositoryShape},
	}
	threadShape = shape{
		"status":   words{"0": "unknown", "1": "active", "2": "fixed", "3": "wontFix", "4": "closed", "5": "byDesign", "6": "pending"},
		"comments": shape{"commentType": words{"0": "unknown", "1": "text", "2": "codeChange", "3": "system"}},
	}
	iterationShape = shape{"attributes": shape{"timeFrame": words{"0": "past", "1": "current", "2": "future"}}}
	treeShape      = func() shape {
		s := shape{"structureType": words{"0": "area", "1": "iteration"}}
		s["children"] = s
		return s
	}()
	commentShape = shape{"comments": shape{"format": words{"0": "markdown", "1": "html"}, "reactions": shape{"type": reactions}}}
	reactions    = words{"0": "like", "1": "dislike", "2": "heart", "3": "hooray", "4": "smile", "5": "confused"}
)

// worded puts the words of a record right. A number that is not known is left
// out: what it means nobody can tell.
func worded(raw json.RawMessage, s shape) (json.RawMessage, error) {
	if s == nil {
		return raw, nil
	}
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return nil, malformed()
	}
	s.put(v)
	return encode(v), nil
}

func (s shape) put(v any) {
	switch v := v.(type) {
	case []any:
		for _, each := range v {
			s.put(each)
		}
	case map[string]any:
		for name, inner := range s {
			switch inner := inner.(type) {
			case shape:
				inner.put(v[name])
			case words:
				n, isNumber := v[name].(json.Number)
				if !isNumber {
					continue
				}
				if word, known := inner[n.String()]; known {
					v[name] = word
				} else {
					delete(v, name)
				}
			}
		}
	}
}
