package azuredevopstest

import (
	"net/http"
	"strings"
)

// place is one of the locations that the vendor's own clients ask for before
// they call: the published ids and templates of the calls that are answered.
type place struct{ area, resource, id, template, version string }

var places = []place{
	{"Location", "ResourceAreas", "e81700f7-3be2-46de-8624-2eb35882fcaa", "_apis/{resource}/{areaId}", "7.2"},
	{"core", "projects", "603fe2ac-9723-48b9-88ad-09305aa6c6e1", "_apis/{resource}/{*projectId}", "7.2"},
	{"core", "teams", "d30a3dd1-f8ba-442a-b86a-bd0c0c383e59", "_apis/projects/{projectId}/{resource}/{*teamId}", "7.2"},
	{"git", "repositories", "225f7195-f9c7-4d14-ab28-a83f7ff77e1f", "{project}/_apis/{area}/{resource}/{repositoryId}", "7.2"},
	{"git", "pullRequests", "9946fd70-0d40-406e-b686-b4744cbbcc37", "{project}/_apis/{area}/repositories/{repositoryId}/{resource}/{pullRequestId}", "7.2"},
	{"git", "pullRequestThreads", "ab6e2e5d-a0b7-4153-b64a-a4efe0d49449", "{project}/_apis/{area}/repositories/{repositoryId}/pullRequests/{pullRequestId}/threads/{threadId}", "7.2"},
	{"wit", "workItems", "72c7ddf8-2cdc-4f60-90cd-ab71c14a399b", "{project}/_apis/{area}/{resource}/{id}", "7.2"},
	{"wit", "workItemsBatch", "908509b6-4248-4475-a1cd-829139ba419f", "{project}/_apis/{area}/{resource}", "7.2"},
	{"wit", "comments", "608aac0a-32e1-4493-a863-b9cf4566d257", "{project}/_apis/{area}/workItems/{workItemId}/{resource}/{commentId}", "7.2"},
	{"wit", "revisions", "a00c85a5-80fa-4565-99c3-bcd2181434bb", "{project}/_apis/{area}/workItems/{id}/{resource}/{revisionNumber}", "7.2"},
	{"wit", "workItemTypes", "7c8d7a76-4a09-43e8-b5df-bd792f4ac6aa", "{project}/_apis/{area}/{resource}/{type}", "7.2"},
	{"wit", "wiql", "1a9c53f7-f243-4447-b110-35ef023636e4", "{project}/{team}/_apis/{area}/{resource}", "7.2"},
	{"wit", "classificationNodes", "a70579d1-f53a-48ee-a5be-7be8659023b9", "{project}/_apis/{area}/{resource}/{structureGroup}/{*path}", "7.2"},
	{"work", "iterations", "c9175577-28a1-4b06-9197-8636af9f64ad", "{project}/{team}/_apis/{area}/teamsettings/{resource}/{id}", "7.2"},
	{"build", "builds", "0cd358e1-9217-4d94-8269-1c1ee6f93dcf", "{project}/_apis/{area}/{resource}/{buildId}", "7.2"},
}

// clientRoutes are the calls that only the vendor's own client makes.
func (s *Server) clientRoutes() map[string]http.HandlerFunc {
	root := "/" + Organization
	return map[string]http.HandlerFunc{
		"OPTIONS " + root + "/_apis/{area}":                                              s.locations,
		"GET " + root + "/_apis/ResourceAreas":                                           func(w http.ResponseWriter, _ *http.Request) { list[object](w, nil) },
		"GET " + root + "/_apis/identities":                                              s.identities,
		"GET " + root + "/{project}/_apis/wit/workItems/{id}":                            s.inProject(s.workItem),
		"GET " + root + "/{project}/_apis/wit/workItemTypes/{type}":                      s.inProject(s.itemType),
		"GET " + root + "/{project}/_apis/wit/classificationNodes":                       s.inProject(s.trees),
		"POST " + root + "/{project}/_apis/wit/workItemsBatch":                           s.inProject(s.batch),
		"GET " + root + "/_apis/git/repositories/{repository}/pullRequests":              s.inRepository(s.listPulls),
		"GET " + root + "/_apis/git/repositories/{repository}/pullRequests/{id}":         s.inRepository(s.pull(pullItself)),
		"GET " + root + "/_apis/git/repositories/{repository}/pullRequests/{id}/threads": s.inRepository(s.pull(pullThreads)),
		"GET " + root + "/{project}/_apis/work/predefinedqueries/{id}":                   s.inProject(s.assigned),
	}
}

func (s *Server) locations(w http.ResponseWriter, r *http.Request) {
	all := []object{}
	for _, p := range places {
		if strings.EqualFold(p.area, r.PathValue("area")) {
			all = append(all, object{
				"id": p.id, "area": p.area, "resourceName": p.resource, "routeTemplate": p.template, "resourceVersion": 1,
				"minVersion": "1.0", "maxVersion": p.version, "releasedVersion": "7.1",
			})
		}
	}
	list(w, all)
}

// identities searches people as the service of identities does: by a part of
// their name, with descriptors of its own kind.
func (s *Server) identities(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("searchFilter") != "General" {
		refuse(w, http.StatusBadRequest, "the fake knows one filter only")
		return
	}
	all := []object{}
	for _, who := range people {
		if !strings.Contains(textOf(who, "displayName"), r.URL.Query().Get("filterValue")) {
			continue
		}
		kind := "Microsoft.IdentityModel.Claims.ClaimsIdentity;x"
		if strings.HasPrefix(textOf(who, "descriptor"), "svc.") {
			kind = "Microsoft.TeamFoundation.ServiceIdentity;x"
		}
		all = append(all, object{"id": who["id"], "descriptor": kind, "subjectDescriptor": who["descriptor"], "providerDisplayName": who["displayName"], "isActive": true})
	}
	list(w, all)
}

func (s *Server) workItem(w http.ResponseWriter, r *http.Request, p *project) {
	it := p.find(r.PathValue("id"))
	if it == nil {
		refuse(w, http.StatusNotFound, "WorkItemUnauthorizedAccessException")
		return
	}
	if !strings.EqualFold(r.URL.Query().Get("$expand"), "all") {
		refuse(w, http.StatusBadRequest, "the fake knows one way of expanding only")
		return
	}
	answer(w, s.whole(p, it))
}

func (s *Server) itemType(w http.ResponseWriter, r *http.Request, _ *project) {
	for _, name := range itemTypes {
		if name == r.PathValue("type") {
			answer(w, object{"name": name, "referenceName": "Microsoft.VSTS.WorkItemTypes." + name, "states": typeStates, "isDisabled": false})
			return
		}
	}
	refuse(w, http.StatusNotFound, "WorkItemTypeNotFoundException")
}

// trees are that of the areas and that of the iterations.
func (s *Server) trees(w http.ResponseWriter, _ *http.Request, p *project) {
	list(w, []object{{"id": 2, "identifier": guid(5, 999998), "name": p.name, "structureType": "area", "hasChildren": false, "path": "\\" + p.name + "\\Area"}, p.tree()})
}

// assigned are the work items of whoever asks.
func (s *Server) assigned(w http.ResponseWriter, r *http.Request, p *project) {
	refs := []object{}
	for _, it := range p.items {
		if who, _ := it.newest()["System.AssignedTo"].(object); who != nil && who["id"] == people[0]["id"] {
			refs = append(refs, object{"id": it.id, "url": s.URL})
		}
	}
	answer(w, object{"id": r.PathValue("id"), "name": "Assigned to me", "results": cut(refs, 0, number(r, "$top", 50)), "hasMore": false})
}
