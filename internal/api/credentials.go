package api

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/store"
)

// changedCredentials are credentials of a change; nil is null.
type changedCredentials map[string]*string

// Schema implements huma.SchemaProvider.
func (changedCredentials) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: &huma.Schema{Type: huma.TypeString, Nullable: true}}
}

// texts are the credentials that are given.
func (c changedCredentials) texts() map[string]string {
	given := map[string]string{}
	for name, v := range c {
		given[name] = value(v)
	}
	return given
}

// unhooks reports whether the webhook's secret is to go. No form that signs in
// has it, so that an empty one is no field that somebody did not fill in.
func (c changedCredentials) unhooks() bool {
	v, given := c[ingest.WebhookSecret]
	return given && strings.TrimSpace(value(v)) == ""
}

// organization is the credential that no one signs in with: it says where.
const organization = "organization"

// credentialForms are the sets of credentials that a type of service takes.
var credentialForms = map[rampforge.ServiceType][][]string{
	rampforge.ServiceGitHub:      {{"token"}},
	rampforge.ServiceGitLab:      {{"token"}},
	rampforge.ServiceJira:        {{"username", "api_token"}, {"token"}},
	rampforge.ServiceConfluence:  {{"username", "api_token"}, {"token"}},
	rampforge.ServiceAzureDevOps: {{organization, "personal_access_token"}},
}

// credentialNames are those that a type of service knows. The secret of its
// webhook belongs to no form: nobody signs in with it.
func credentialNames(t rampforge.ServiceType) []string {
	if len(credentialForms[t]) == 0 {
		return nil
	}
	return append(slices.Concat(credentialForms[t]...), ingest.WebhookSecret)
}

// toSignIn are the credentials without the webhook's secret.
func toSignIn(credentials map[string]string) map[string]string {
	rest := maps.Clone(credentials)
	delete(rest, ingest.WebhookSecret)
	return rest
}

// cleaned keeps the credentials that a type of service knows, without those
// that are empty: forms send every field.
func cleaned(t rampforge.ServiceType, given map[string]string) map[string]string {
	kept := map[string]string{}
	for _, name := range credentialNames(t) {
		if v := strings.TrimSpace(given[name]); v != "" {
			kept[name] = v
		}
	}
	return kept
}

func completed(t rampforge.ServiceType, given map[string]string) bool {
	return slices.ContainsFunc(credentialForms[t], func(form []string) bool {
		return !slices.ContainsFunc(form, func(name string) bool { return given[name] == "" })
	})
}

func credentialIssues(t rampforge.ServiceType, given map[string]string) []rampforge.FieldIssue {
	var issues []rampforge.FieldIssue
	for _, name := range credentialNames(t) {
		v := given[name]
		if len(v) > maxCredential {
			issues = append(issues, rampforge.FieldIssue{Field: "credentials." + name, Issue: fmt.Sprintf("must have at most %d bytes", maxCredential)})
		}
		if strings.ContainsFunc(v, isControl) {
			issues = append(issues, rampforge.FieldIssue{Field: "credentials." + name, Issue: "must not hold line breaks"})
		}
	}
	if v := given[ingest.WebhookSecret]; v != "" && utf8.RuneCountInString(v) < minWebhookSecret {
		issues = append(issues, rampforge.FieldIssue{Field: "credentials." + ingest.WebhookSecret, Issue: fmt.Sprintf("must have at least %d characters", minWebhookSecret)})
	}
	forms := credentialForms[t]
	switch {
	case completed(t, given) || len(forms) == 0:
	case len(toSignIn(given)) == 0 && len(forms) > 1:
		issues = append(issues, rampforge.FieldIssue{Field: "credentials", Issue: "must hold username and api_token (Cloud), or token (Data Center)"})
	default:
		for _, name := range forms[0] {
			if given[name] == "" {
				issues = append(issues, rampforge.FieldIssue{Field: "credentials." + name, Issue: "is required"})
			}
		}
	}
	return issues
}

// newCredentials returns the credentials of a service after a change, nil when
// they stay. Those that are left out or masked are the ones from before, and
// those go to no other host. The webhook's secret goes to none at all, so that
// it stays whatever else is given, until it is taken out.
func (a *API) newCredentials(row store.ServiceSecret, change changedCredentials, moved bool) (map[string]string, []rampforge.FieldIssue) {
	t := row.Service.Type
	result := cleaned(t, change.texts())
	for name, v := range result {
		if masked(v) && row.Service.Credentials[name] != v {
			return nil, []rampforge.FieldIssue{{Field: "credentials." + name, Issue: "is masked, and not the one of this service: give the credential itself, or leave it out"}}
		}
	}
	signIn, hook, hooked := toSignIn(result), result[ingest.WebhookSecret], row.Service.Credentials[ingest.WebhookSecret] != ""
	incomplete, unhooks := !completed(t, signIn), change.unhooks() && hooked
	old := incomplete || slices.ContainsFunc(slices.Collect(maps.Values(signIn)), masked)
	oldHook := (hook == "" || masked(hook)) && hooked && !unhooks
	switch {
	case old && moved:
		return nil, []rampforge.FieldIssue{{Field: "credentials", Issue: "must be given anew, all of them: the endpoint leads to another host"}}
	case len(signIn) == 0 && (hook == "" || masked(hook)) && !unhooks:
		return nil, nil
	case old || oldHook:
		before, err := a.options.Services.UnsealAll(row)
		if err != nil && old {
			return nil, []rampforge.FieldIssue{{Field: "credentials", Issue: "must be given anew, all of them: those from before cannot be read under the present SECRET_KEY"}}
		}
		if err != nil && masked(hook) {
			delete(result, ingest.WebhookSecret) // it is lost with the key
		}
		if unhooks {
			delete(before, ingest.WebhookSecret)
		}
		keep(result, before, incomplete)
	}
	return result, credentialIssues(t, result)
}

// otherOrganization reports whether new credentials of a service lead to another
// organization of Azure DevOps, as far as is known: the endpoint need not name
// it.
func (a *API) otherOrganization(row store.ServiceSecret, credentials map[string]string) bool {
	if row.Service.Type != rampforge.ServiceAzureDevOps {
		return false
	}
	before, err := a.options.Services.UnsealAll(row)
	return err != nil || !strings.EqualFold(before[organization], credentials[organization])
}

// keep fills in the credentials from before: those that are masked, the
// webhook's secret, and all that is missing when what was given is no form.
func keep(result, before map[string]string, incomplete bool) {
	for name, v := range before {
		if masked(result[name]) || result[name] == "" && (incomplete || name == ingest.WebhookSecret) {
			result[name] = v
		}
	}
}

const (
	mask = "••••"
	// shownSuffix is how much of a credential is shown, and onlyFrom from which
	// length on: of a short one that would be too much.
	shownSuffix = 4
	onlyFrom    = 12
)

// masked reports whether a credential is one that an answer showed.
func masked(v string) bool { return strings.HasPrefix(v, mask) }

// masks returns credentials as answers show them.
func masks(credentials map[string]string) map[string]string {
	shown := make(map[string]string, len(credentials))
	for name, v := range credentials {
		shown[name] = mask
		if runes := []rune(v); len(runes) >= onlyFrom {
			shown[name] += string(runes[len(runes)-shownSuffix:])
		}
	}
	return shown
}
