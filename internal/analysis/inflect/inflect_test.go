package inflect_test

import (
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/inflect"
)

func TestInflection(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(string) string
		want   string
	}{
		{"line_items", inflect.Singular, "line_item"},
		{"shop/categories", inflect.Singular, "shop/category"},
		{"old_people", inflect.Singular, "old_person"},
		{"news", inflect.Singular, "news"},
		{"line_item", inflect.Plural, "line_items"},
		{"category", inflect.Plural, "categories"},
		{"day", inflect.Plural, "days"},
		{"people", inflect.Plural, "people"},
		{"shop/line_item", inflect.Camel, "Shop::LineItem"},
		{"HTTPServer::Config", inflect.Underscore, "http_server/config"},
		{"Storage::S3Bucket", inflect.Underscore, "storage/s3_bucket"},
	} {
		if got := tt.change(tt.name); got != tt.want {
			t.Errorf("%s: %s, not %s", tt.name, got, tt.want)
		}
	}
}
