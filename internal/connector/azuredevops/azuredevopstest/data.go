package azuredevopstest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

type project struct {
	id, name    string
	teams       []object
	iterations  []object            // as the tree tells them
	used        map[string][]object // team → as a team tells them
	items       []*item
	repos       []*repo
	builds      []object
	deployments []object
}

type item struct {
	id        int
	mark      int // of the newest revision
	revisions []object
	comments  []object
	relations []object
}

type repo struct {
	id, name string
	disabled bool
	pulls    []*pullRequest // newest first
	commits  []*history
	tip      string
}

type pullRequest struct {
	self    object
	threads []object
	commits []object // newest first
}

type history struct {
	self    object
	parents []string
}

func guid(kind, n int) string { return fmt.Sprintf("%08x-0000-4000-8000-%012x", kind, n) }

func identity(n int, name, unique, descriptor string) object {
	return object{"id": guid(1, n), "displayName": name, "uniqueName": unique, "descriptor": descriptor, "url": "https://fake/identities/" + guid(1, n), "imageUrl": "https://fake/image"}
}

var people = []object{
	identity(1, "Ada Lovelace", "ada@contoso.example", "aad.QURB"),
	identity(2, "Grace Hopper", "grace@contoso.example", "aad.R1JB"),
	identity(3, "Zoë Ünal 😀", "CONTOSO\\zoe", "win.Wk9F"),
	identity(4, "Linus", "linus@contoso.example", "msa.TElO"),
	identity(5, "Project Collection Build Service", "Build\\0d0d", "svc.QlVJ"),
}

func when(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.9999999Z") }

// tick is the fake's clock: every call is later than the one before.
func (s *Server) tick(r *rand.Rand) time.Time {
	s.clock = s.clock.Add(time.Duration(1+r.IntN(600))*time.Second + time.Duration(r.IntN(1000))*time.Millisecond)
	return s.clock
}

func (s *Server) generate(seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	sizes := []int{130, 12}
	if s.small {
		sizes[0] = 12
	}
	for n, size := range sizes {
		p := &project{id: guid(2, n+1), name: []string{"Fabrikam Fiber", "Tailspin"}[n], used: map[string][]object{}}
		s.projects = append(s.projects, p)
		p.plan(n, 24)
		for i := range size {
			s.addItem(r, p, n*1000+i+1, i)
		}
		for i := range size {
			p.builds = append(p.builds, s.build(r, p, n*1000+i+1, i))
			if n == 0 { // the other project has no classic releases
				p.deployments = append(p.deployments, s.deployment(r, i+1))
			}
		}
		s.addRepo(r, p, &repo{id: guid(3, n*10+3), name: "web"}, n*1000, size/3, size)
		s.addRepo(r, p, &repo{id: guid(3, n*10+1), name: "attic", disabled: true}, 0, 0, 1)
	}
}

// plan makes a tree of iterations and two teams that share some of them.
func (p *project) plan(n, size int) {
	for t := range 2 {
		p.teams = append(p.teams, object{"id": guid(4, n*10+t), "name": p.name + " Team " + strconv.Itoa(t), "projectId": p.id})
	}
	start := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	for i := range size {
		name := "Sprint " + strconv.Itoa(i+1)
		frame := "future"
		if i < size/2 {
			frame = "past"
		} else if i == size/2 {
			frame = "current"
		}
		dates := object{"startDate": when(start), "finishDate": when(start.AddDate(0, 0, 11))}
		start = start.AddDate(0, 0, 14)
		id := guid(5, n*1000+i)
		p.iterations = append(p.iterations, object{"id": n*1000 + i + 10, "identifier": id, "name": name, "structureType": "iteration", "hasChildren": false, "path": "\\" + p.name + "\\Iteration\\" + name, "attributes": dates})
		use := object{"id": id, "name": name, "path": p.name + "\\" + name, "attributes": object{"startDate": dates["startDate"], "finishDate": dates["finishDate"], "timeFrame": frame}}
		if i == size-1 { // nobody has planned it yet
			use["attributes"] = object{"startDate": nil, "finishDate": nil, "timeFrame": "future"}
		}
		for t := range 2 {
			if (i+t)%3 != 0 {
				team, _ := p.teams[t]["id"].(string)
				p.used[team] = append(p.used[team], use)
			}
		}
	}
}

// begins is how the long text of a work item does.
const begins = "NUL \x00 and 😀 "

func (s *Server) addItem(r *rand.Rand, p *project, id, i int) {
	it := &item{id: id}
	p.items = append(p.items, it)
	at := s.tick(r)
	fields := object{
		"System.Id": id, "System.TeamProject": p.name, "System.WorkItemType": []string{"User Story", "Bug", "Task"}[i%3], "System.State": "New", "System.Reason": "New",
		"System.Title": "Work item " + strconv.Itoa(id), "System.Description": "<div>a &lt; b</div>", "System.CreatedDate": when(at), "System.CreatedBy": people[r.IntN(len(people))],
		"System.IterationId": 1, "System.IterationPath": p.name, "Microsoft.VSTS.Common.Priority": 2, "System.CommentCount": 0, "System.Tags": "ui; späte Liste",
	}
	switch {
	case i == 1:
		fields["System.CreatedBy"] = nil
	case i == 2 && !s.small:
		fields["System.Description"] = begins + strings.Repeat("x", 100_000)
	}
	s.revise(it, p, fields, people[0], at)
	if i > 0 && i%4 == 0 {
		it.relations = append(it.relations, object{"rel": "System.LinkTypes.Hierarchy-Reverse", "url": "https://fake/_apis/wit/workItems/" + strconv.Itoa(id-1), "attributes": object{"name": "Parent"}},
			object{"rel": "ArtifactLink", "url": "vstfs:///Git/Commit/1%2f2%2f3", "attributes": object{"name": "Fixed in Commit"}})
		s.revise(it, p, object{"System.Parent": id - 1}, people[1], s.tick(r))
	}
	steps := r.IntN(6)
	if i == 2 {
		steps = 1
	}
	if i == 5 && !s.small {
		steps = 405 // more than two pages of revisions
	}
	for step := range steps {
		change := object{}
		switch step % 6 {
		case 0:
			change["System.State"], change["System.Reason"] = "Active", "Work started"
		case 1:
			change["System.AssignedTo"] = people[r.IntN(len(people))]
		case 2:
			it := p.iterations[r.IntN(len(p.iterations))]
			name, _ := it["name"].(string)
			change["System.IterationId"], change["System.IterationPath"] = it["id"], p.name+"\\"+name
		case 3:
			change["Microsoft.VSTS.Scheduling.StoryPoints"] = float64(r.IntN(8)) + 0.5
		case 4:
			change["System.State"], change["System.Reason"] = []string{"Closed", "Removed", "Resolved"}[r.IntN(3)], "Completed"
		default:
			change["System.Tags"] = "label" + strconv.Itoa(step)
		}
		s.revise(it, p, change, people[r.IntN(len(people))], s.tick(r))
	}
	written := r.IntN(3)
	if i == 7 && !s.small {
		written = 230 // two pages of comments
	}
	for n := range written {
		at := s.tick(r)
		it.comments = append(it.comments, object{"id": id*1000 + n, "version": 1, "text": "<p>comment</p>", "createdBy": people[n%len(people)], "createdDate": when(at), "modifiedDate": when(at), "workItemId": id})
		s.revise(it, p, object{"System.CommentCount": n + 1}, people[n%len(people)], at)
	}
}

// revise adds a revision: the fields of the one before with some changes.
func (s *Server) revise(it *item, p *project, change object, by object, at time.Time) {
	fields := object{}
	if n := len(it.revisions); n > 0 {
		before, _ := it.revisions[n-1]["fields"].(object)
		maps.Copy(fields, before)
	}
	maps.Copy(fields, change)
	rev := len(it.revisions) + 1
	fields["System.Rev"], fields["System.ChangedDate"], fields["System.ChangedBy"] = rev, when(at), by
	it.revisions = append(it.revisions, object{"id": it.id, "rev": rev, "fields": fields, "url": "https://fake/" + p.id + "/_apis/wit/workItems/" + strconv.Itoa(it.id) + "/revisions/" + strconv.Itoa(rev)})
	s.mark++
	it.mark = s.mark
}

func (s *Server) build(r *rand.Rand, p *project, id, i int) object {
	queued := s.tick(r)
	b := object{
		"id": id, "buildNumber": "20260105." + strconv.Itoa(id), "status": "completed", "result": []string{"succeeded", "partiallySucceeded", "failed", "canceled"}[i%4],
		"queueTime": when(queued), "startTime": when(queued.Add(time.Second)), "finishTime": when(queued.Add(time.Duration(1+r.IntN(9)) * time.Minute).Truncate(time.Hour)),
		"definition": object{"id": 7, "name": "CI"}, "reason": []string{"individualCI", "schedule", "manual", "pullRequest"}[i%4], "sourceBranch": "refs/heads/main", "sourceVersion": hash(i),
		"requestedFor": people[i%len(people)], "project": object{"id": p.id, "name": p.name}, "lastChangedDate": when(queued), "_links": object{"web": object{"href": "https://fake/build/" + strconv.Itoa(id)}},
	}
	if i%40 == 3 {
		b["status"] = "inProgress"
		delete(b, "result")
		delete(b, "finishTime")
	}
	return b
}

func (s *Server) deployment(r *rand.Rand, id int) object {
	queued := s.tick(r)
	return object{
		"id": id, "attempt": 1, "deploymentStatus": []string{"succeeded", "failed", "inProgress", "notDeployed"}[id%4], "operationStatus": []string{"Approved", "Approved", "PhaseInProgress", "Rejected"}[id%4],
		"queuedOn": when(queued), "startedOn": when(queued), "completedOn": "0001-01-01T00:00:00", "lastModifiedOn": when(queued.Add(time.Minute)),
		"releaseEnvironment": object{"id": 1, "name": "Production"}, "requestedFor": people[id%len(people)],
		"release": object{"id": id, "name": "Release-" + strconv.Itoa(id), "_links": object{"web": object{"href": "https://fake/release/" + strconv.Itoa(id)}}, "artifacts": []object{
			{"type": "Build", "alias": "_ci", "isPrimary": true, "definitionReference": object{"branch": object{"id": "refs/heads/main", "name": "refs/heads/main"}, "sourceVersion": object{"id": hash(id)}, "version": object{"id": "1"}}},
		}},
	}
}

func hash(n int) string { return fmt.Sprintf("%040x", 0xc0ffee0000+n) }
