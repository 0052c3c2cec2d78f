package atlassian

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// Headers shows credentials to an MCP server as they are shown to the API.
// Without any, as for a server that has its own, it is nil.
func Headers(c map[string]string) http.Header {
	switch {
	case c["username"] != "" && c["api_token"] != "":
		return http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(c["username"]+":"+c["api_token"]))}}
	case c["token"] != "":
		return http.Header{"Authorization": {"Bearer " + c["token"]}}
	}
	return nil
}

// The tools of Atlassian's own server that are about the account and not about
// one product.
var (
	ToolSites = mcpclient.Signature{Name: "getAccessibleAtlassianResources"}
	ToolMe    = mcpclient.Signature{Name: "atlassianUserInfo"}
)

// Site is a site of Atlassian's cloud.
type Site struct {
	ID  string // which tools take as cloudId
	URL string // for people, without a slash at its end; "" when it is no address
}

// siteRow is a site as the tool tells it: v1 with the scopes of the token, v2
// with the products that are there.
type siteRow struct {
	ID       string   `json:"id"`
	CloudID  string   `json:"cloudId"`
	URL      string   `json:"url"`
	Scopes   []string `json:"scopes"`
	Products []struct {
		ID string `json:"id"`
	} `json:"products"`
}

// serves reports whether a site may have a product. One that says nothing may.
func (r *siteRow) serves(product string) bool {
	if len(r.Scopes) == 0 && len(r.Products) == 0 {
		return true
	}
	for _, p := range r.Products {
		if strings.Contains(p.ID, product) {
			return true
		}
	}
	return slices.ContainsFunc(r.Scopes, func(s string) bool { return strings.Contains(s, product) })
}

// Me is the account that Atlassian's own server asks with.
type Me struct{ ID, Name, Email string }

// FindMe asks whose account it is.
func FindMe(ctx context.Context, session *mcpclient.Session) (Me, error) {
	res, err := session.Call(ctx, nil, ToolMe)
	if err != nil {
		return Me{}, err
	}
	var me struct {
		ID      string `json:"account_id"`
		NewerID string `json:"accountId"`
		Name    string `json:"name"`
		Display string `json:"displayName"`
		Email   string `json:"email"`
	}
	if json.Unmarshal(Data(res.JSON), &me) != nil || me.ID == "" && me.NewerID == "" {
		return Me{}, ShapeFault()
	}
	return Me{ID: cmp.Or(me.ID, me.NewerID), Name: cmp.Or(me.Name, me.Display), Email: me.Email}, nil
}

// FindSite asks which site an account of Atlassian's own server sees. product
// is the part of scopes that says what a site is for: "jira" or "confluence".
// When there are several, nobody has said which: that is an error.
func FindSite(ctx context.Context, session *mcpclient.Session, product string) (Site, error) {
	res, err := session.Call(ctx, nil, ToolSites)
	if err != nil {
		return Site{}, err
	}
	var rows []siteRow
	value := Data(res.JSON)
	if json.Unmarshal(value, &rows) != nil {
		var newer struct { // of v2
			Resources []siteRow `json:"resources"`
		}
		if json.Unmarshal(value, &newer) != nil || newer.Resources == nil {
			return Site{}, ShapeFault()
		}
		rows = newer.Resources
	}
	var sites []Site
	for _, row := range rows { // a site may have a row for each product
		id := cmp.Or(row.ID, row.CloudID)
		if id != "" && row.serves(product) && !slices.ContainsFunc(sites, func(s Site) bool { return s.ID == id }) {
			sites = append(sites, Site{ID: id, URL: Address(row.URL)})
		}
	}
	switch len(sites) {
	case 1:
		return sites[0], nil
	case 0:
		return Site{}, connector.Errorf(connector.ReasonPermission, "The account sees no Atlassian site of this product.",
			"Give the account access to the site, and its token the scopes to read.", nil)
	}
	return Site{}, connector.Errorf(connector.ReasonUnsupported, "The account sees more than one Atlassian site.",
		"Use the token of an account that sees the one site that is to be read.", nil)
}

// Address is the address of a site as a server tells it, without a slash at
// its end, and "" where it is none that people can be sent to.
func Address(told string) string {
	u, err := url.Parse(strings.TrimRight(told, "/"))
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return ""
	}
	return u.String()
}

// ShapeFault is the error of a tool's answer that is not of the shape that the
// vendor's API has.
func ShapeFault() error {
	return connector.Errorf(connector.ReasonMalformed, "The MCP server's answer is not what its tool is for.",
		"Check that the endpoint leads to an MCP server of this vendor in a version that is known.", nil)
}

// Has reports whether a value is a JSON object with all the members. An answer
// without the list that was asked for is not an empty list.
func Has(value json.RawMessage, members ...string) bool {
	var object map[string]json.RawMessage
	if json.Unmarshal(value, &object) != nil {
		return false
	}
	return !slices.ContainsFunc(members, func(m string) bool { return len(object[m]) == 0 || string(object[m]) == "null" })
}

// Data takes a value out of {"data":…}, in which the newer tools of Atlassian's
// own server put what they say. Anything else stays as it is.
func Data(value json.RawMessage) json.RawMessage {
	var envelope struct {
		Data json.RawMessage `json:"data"`
	}
	if json.Unmarshal(value, &envelope) != nil || len(envelope.Data) == 0 || string(envelope.Data) == "null" {
		return value
	}
	return envelope.Data
}
