package render

import (
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// catalogue is one list of what the software does, ready to be shown as a
// table. Every renderer shows the same.
type catalogue struct {
	ID      string // for links in the page
	Title   string
	Caption string
	Columns []string // of Cells; the place comes after them
	Rows    []catalogueRow
}

type catalogueRow struct {
	Cells []string
	Place report.Location
}

// catalogues are the lists that have anything in them, in the order in which a
// newcomer asks.
func catalogues(r *report.CodeReport) []catalogue {
	var out []catalogue
	for _, c := range []catalogue{endpoints(r), pages(r), commandLines(r), procedures(r), jobs(r), models(r)} {
		if len(c.Rows) > 0 {
			out = append(out, c)
		}
	}
	return out
}

func endpoints(r *report.CodeReport) catalogue {
	c := catalogue{ID: "endpoints", Title: "Endpoints", Caption: "What the software answers over HTTP", Columns: []string{"Method", "Path", "Handler", "Feature"}}
	for _, e := range r.Endpoints {
		c.add(e.Location, e.Method, e.Path, orNothing(e.Handler), e.Feature)
	}
	return c
}

func pages(r *report.CodeReport) catalogue {
	c := catalogue{ID: "pages", Title: "Pages", Caption: "The pages of the user interface", Columns: []string{"Path", "Shows", "Feature"}}
	for _, p := range r.Pages {
		c.add(p.Location, p.Path, orNothing(p.Component), p.Feature)
	}
	return c
}

func commandLines(r *report.CodeReport) catalogue {
	c := catalogue{ID: "cli", Title: "Commands", Caption: "What can be called in a terminal", Columns: []string{"Command", "What it does", "Feature"}}
	for _, e := range r.Commands {
		c.add(e.Location, e.Name, orNothing(e.Description), e.Feature)
	}
	return c
}

func procedures(r *report.CodeReport) catalogue {
	c := catalogue{ID: "rpc", Title: "Remote procedures", Caption: "What other programs can call", Columns: []string{"Service", "Procedure", "Protocol", "Feature"}}
	for _, p := range r.RPC {
		c.add(p.Location, p.Service, p.Method, p.Protocol, p.Feature)
	}
	return c
}

func jobs(r *report.CodeReport) catalogue {
	c := catalogue{ID: "jobs", Title: "Jobs", Caption: "What starts by itself: by the clock, by a queue, or by an event", Columns: []string{"Job", "Kind", "When", "Feature"}}
	for _, j := range r.Jobs {
		when := orNothing(j.Schedule)
		if when == "" {
			when = orNothing(j.Queue)
		}
		c.add(j.Location, j.Name, j.Kind, when, j.Feature)
	}
	return c
}

// models leaves the steps of migrations out: their number is enough.
func models(r *report.CodeReport) catalogue {
	c := catalogue{ID: "models", Title: "Data", Caption: "What the software keeps", Columns: []string{"Name", "Kind", "Table", "Feature"}}
	for _, m := range r.Models {
		if m.Kind != kindMigration {
			c.add(m.Location, m.Name, m.Kind, orNothing(m.Table), m.Feature)
		}
	}
	return c
}

// kindMigration is the kind of models that are steps of a migration.
const kindMigration = "migration"

func (c *catalogue) add(at report.Location, cells ...string) {
	c.Rows = append(c.Rows, catalogueRow{cells, at})
}

func orNothing(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// featureWords is the number of features and what they are made of.
func featureWords(n int, r *report.CodeReport) string {
	tables, migrations := 0, 0
	for _, m := range r.Models {
		if m.Kind == kindMigration {
			migrations++
		} else {
			tables++
		}
	}
	var parts []string
	for _, part := range []struct {
		n         int
		one, many string
	}{
		{len(r.Endpoints), "endpoint", "endpoints"}, {len(r.Pages), "page", "pages"}, {len(r.Commands), "command", "commands"},
		{len(r.RPC), "procedure", "procedures"}, {len(r.Jobs), "job", "jobs"}, {tables, "model", "models"}, {migrations, "migration", "migrations"},
	} {
		if part.n > 0 {
			parts = append(parts, plural(part.n, part.one, part.many))
		}
	}
	if len(parts) == 0 {
		return count(n)
	}
	return count(n) + ": " + strings.Join(parts, ", ")
}

// featureStart shows the first entry points of a feature.
func featureStart(f report.Feature, most int) string {
	list, more := head(f.EntryPoints, most)
	text := strings.Join(list, listSeparator)
	if more > 0 {
		text += " and " + count(more) + " more"
	}
	return text
}
