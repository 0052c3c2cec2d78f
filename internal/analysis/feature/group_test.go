package feature

import (
	"path"
	"testing"

	"github.com/google/go-cmp/cmp"

	lang "github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// TestWhatAPathIsAbout takes the first word of a path that tells something.
func TestWhatAPathIsAbout(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ path, handler, want string }{
		{"/orders/{id}", "", "orders"},
		{"/api/v2/orders", "", "orders"},
		{"/v2beta1/orders", "", "orders"},
		{"/v2_beta/orders", "", "orders"},
		{"/v1.1-rc/orders", "", "orders"},
		{"/vat/{id}", "", "vat"},
		{"/v/{id}", "videos#show", "videos"},
		{"/t/{tag}", "home#tagged", "tag"},
		{"/s/{id}/{title}", "stories#show", "stories"},
		{"/s/{id}", "items#show", ""}, // show is what is done, not what it is about
		{"/u", "", ""},
		{"/x/reports/{id}", "", "reports"},
		{"/{id}", "", ""},
	} {
		var handler *string
		if tt.handler != "" {
			handler = &tt.handler
		}
		if got := pathItem("endpoint", "", tt.path, handler, report.Location{}).label; got != tt.want {
			t.Errorf("%s, handled by %q, is about %q, want %q", tt.path, tt.handler, got, tt.want)
		}
	}
}

// TestNoFeatureIsNamedForAPlace groups a job, whose own words say nothing, by its
// component, where that says what it does.
func TestNoFeatureIsNamedForAPlace(t *testing.T) {
	t.Parallel()
	for component, want := range map[string]string{
		"root files": "Other", "src": "Other", "internal/utils": "Other", "pkg/{a,b,+3}": "Other", "tests (own files)": "Other", "internal/billing": "Billing",
	} {
		r := Result{Jobs: []report.Job{{Name: "1", Kind: kindScheduled, Location: report.Location{Path: "x/y.c"}}}}
		got := r.Group(Input{}, func(string) string { return component })
		if len(got) != 1 || got[0].Name != want {
			t.Errorf("%s: %+v, want %s", component, got, want)
		}
	}
}

// TestCommandsOfDocumentsAreGrouped takes the group that a document puts a command
// in.
func TestCommandsOfDocumentsAreGrouped(t *testing.T) {
	t.Parallel()
	at := report.Location{Path: "src/set.c", Line: 3}
	r := Result{
		Commands: []report.CLICommand{{Name: "SADD", Location: at}, {Name: "SREM", Location: at}, {Name: "DUMP", Location: at}},
		groups:   map[commandKey]string{{"SADD", at}: "sorted-set", {"SREM", at}: "sorted-set"},
	}
	got := r.Group(Input{}, nil)
	if len(got) != 2 || r.Commands[0].Feature != "Sorted set" || r.Commands[1].Feature != "Sorted set" || r.Commands[2].Feature != "Dump" {
		t.Errorf("%+v", r.Commands)
	}
}

// TestFeaturesOfCommandsSayWhatTheCommandDoes takes the command's own words before
// those of a file beside it, and no type's that is not what the feature is about.
func TestFeaturesOfCommandsSayWhatTheCommandDoes(t *testing.T) {
	t.Parallel()
	at := func(p string) report.Location { return report.Location{Path: p, Line: 1} }
	in := Input{}
	for p, doc := range map[string]string{
		"cmd/backup.go": "BackupOptions bundles all options for the backup command.", "cmd/repair.go": "RepairOptions bundles options.",
		"api/VideoController.cs": "The controller of videos.", "api/VideoAttribute.cs": "Marks what is a video.", "core/Video.cs": "A video.",
		"key/key.go": "Key is an encrypted master key.", "prune/prune.go": "Package prune removes what nobody needs.", "mount.py": "Mounts a store.",
	} {
		language := "Go"
		switch path.Ext(p) {
		case ".py":
			language = "Python"
		case ".cs":
			language = "C#"
		}
		in.Files = append(in.Files, File{Path: p, Language: language, Facts: &lang.Facts{Doc: doc}})
	}
	r := Result{Commands: []report.CLICommand{
		{Name: "backup", Location: at("cmd/backup.go"), Description: new("Create a backup")}, {Name: "backup list", Location: at("cmd/backup.go"), Description: new("List backups")},
		{Name: "repair index", Location: at("cmd/repair.go"), Description: new("Repair the index")}, {Name: "repair packs", Location: at("cmd/repair.go"), Description: new("Repair packs")},
		{Name: "key add", Location: at("key/key.go")}, {Name: "video play", Location: at("api/VideoController.cs")}, {Name: "prune", Location: at("prune/prune.go")}, {Name: "mount", Location: at("mount.py")},
	}}
	got := map[string]string{}
	for _, f := range r.Group(in, func(string) string { return "x" }) {
		got[f.Name] = ""
		if f.Description != nil {
			got[f.Name] = *f.Description
		}
	}
	want := map[string]string{"Backup": "Create a backup", "Repair": "", "Video": "The controller of videos.", "Key": "Key is an encrypted master key.", "Prune": "Package prune removes what nobody needs.", "Mount": "Mounts a store."}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestFeatureNames names features for what is typed, in whatever letters, and
// none for a pattern or for what is done to a resource.
func TestFeatureNames(t *testing.T) {
	t.Parallel()
	var r Result
	for _, name := range []string{"ls", "stats", "key list", "snapshots", "--"} {
		r.Commands = append(r.Commands, report.CLICommand{Name: name})
	}
	paths := []string{
		"/übersicht", "/.*", "/owners", "/owners/new", "/owners/find", "/owners/{id}/edit", "/owners/{id}", "/owners/{id}/delete",
		"/owners/{id}/pets/new", "/owners/{id}/pets/{pet}/edit", "/owners/{id}/visits", "/owners/{id}/bills", "/owners/{id}/notes", "/owners/{id}/notes/{note}",
	}
	for _, path := range paths {
		r.Endpoints = append(r.Endpoints, report.Endpoint{Method: "GET", Path: path})
	}
	r.Group(Input{}, nil)
	want := []string{"Übersicht", "Home and static files", "Owners", "Owners", "Owners", "Owners", "Owners", "Owners", "Pets", "Pets", "Visits", "Bills", "Notes", "Notes"}
	for i, e := range r.Endpoints {
		if e.Feature != want[i] {
			t.Errorf("%s is of %q, want %q", e.Path, e.Feature, want[i])
		}
	}
	for i, want := range []string{"Ls", "Stats", "Key", "Snapshots", "Other"} {
		if c := r.Commands[i]; c.Feature != want {
			t.Errorf("%s is of %q, want %q", c.Name, c.Feature, want)
		}
	}
}
