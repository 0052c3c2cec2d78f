package assistant

import "testing"

// TestAnswers tells which requests an endpoint is for.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		endpoint, request string
		want              bool
	}{
		{"/orders", "/orders", true},
		{"/orders/", "/Orders", true},
		{"/orders/{id}", "/orders/7", true},
		{"/orders/{id}", "/orders/{order_id}", true},
		{"/orders/{id}", "/orders", false},
		{"/orders", "/orders/7", false},
		{"/static/{path...}", "/static/css/a.css", true},
		{"/", "/orders", false},
	} {
		if got := answers(c.endpoint, c.request); got != c.want {
			t.Errorf("%s for %s: %v", c.endpoint, c.request, got)
		}
	}
}
