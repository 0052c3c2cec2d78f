package view_test

import (
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/language/languagetest"
	"github.com/rampforgeai/rampforge/internal/analysis/language/view"
)

func TestViews(t *testing.T) {
	t.Parallel()
	languagetest.Run(t, view.New(), languagetest.Cases{
		Path:         "app/views/a/sample.html.erb",
		Comment:      "<p>Only text.</p>\n<%# And a comment. %>\n",
		LineFeedOnly: true,
		Deep: []languagetest.Nest{
			{Open: "<% a do |b| %>", Close: "<% end %>"},
			{Open: "<div>", Close: "</div>"},
			{Open: "<% if a %>", Close: "<% end %>"},
			{Open: "<%= f(", Close: ") %>"},
			{Open: "<%"},
		},
	})
}

func TestIndentedViewsThatNest(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"a.haml", "a.slim"} {
		languagetest.Run(t, view.New(), languagetest.Cases{
			Path: path, Comment: "/ Only a comment.\n", LineFeedOnly: true,
			Deep: []languagetest.Nest{{Open: "%a{b: ", Close: "}"}, {Open: "= f(", Close: ")"}, {Open: "#{", Close: "}"}, {Open: "- if a\n "}},
		})
	}
}

func FuzzViews(f *testing.F) {
	languagetest.Fuzz(f, view.New(), "a.html.haml", "%a{b: c}= d do\n  - if x\n- else", "= f(a,\n b)\n/ c\n  d", ":ruby\n  a = 1", "p #{a #{b")
}
