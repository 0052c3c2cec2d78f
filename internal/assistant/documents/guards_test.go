package documents_test

import (
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
)

const django = `-- manage.py --
import os
-- requirements.txt --
django==5.0
-- shop/__init__.py --
-- shop/urls.py --
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.urls import path

from . import views

urlpatterns = [
    path("login", views.login, name="login"),
    path("signin", views.enter, {"next": settings.LOGIN_URL}, name="auth_enter"),
    path("orders", login_required(views.orders), name="orders"),
    path("orders/<int:pk>", views.order, name="order-detail"),
    path("hook", views.hook, name="hook"),
    path("quiet", views.quiet, name="quiet"),
]
-- shop/views.py --
from django.contrib.auth.decorators import permission_required
from django.views.decorators.csrf import csrf_exempt


def login(request):
    return render(request)


def enter(request):
    return render(request)


def orders(request):
    return listed(request)


def listed(request):
    return None


@permission_required("orders.view")
def order(request, pk):
    return listed(request)


@csrf_exempt
def hook(request):
    return listed(request)


def quiet(request):
    return listed(request)
-- tests/test_views.py --
from django.urls import reverse

from shop import views
from shop.views import listed


def test_orders(client):
    assert client.get("/orders").status_code == 200


def test_order(client):
    assert client.get(reverse("order-detail", args=[1])).status_code == 200


def test_listed():
    assert listed(None) is None


def test_hook():
    assert views.hook(None) is None
-- commit: Sell things --
`

// TestGuardsOfDjango shows what is around a view and above it, and nothing else
// that stands in the line that registers it.
func TestGuardsOfDjango(t *testing.T) {
	t.Parallel()
	text := says(t, rampforge.DocumentAPIReference, of(t, gittest.Build(t, django)))
	want(t, text, "before it: `login_required`", "before it: `permission_required(\"orders.view\")`", "!before it: `views", "!before it: `login`", "!auth_enter`", "!LOGIN_URL", "!before it: `csrf", "/signin")
}

// TestTestsOfEndpoint cites lines that ask for a route by its path or name, or call
// its handler, and no test that comes to it over others.
func TestTestsOfEndpoint(t *testing.T) {
	t.Parallel()
	text := says(t, rampforge.DocumentAPIReference, of(t, gittest.Build(t, django)))
	want(t, text, "tests: `tests/test_views.py`", "!tests by what they call")
	for _, v := range []struct{ path, says string }{{"/orders`", "line 8"}, {"/orders/{", "line 12"}, {"/hook`", "line 20"}, {"/quiet`", ""}, {"/login`", ""}} {
		if got := testsLine(text, v.path); (got == "") != (v.says == "") || v.says != "" && !sourceSays(text, got, "`tests/test_views.py`, "+v.says) {
			t.Errorf("of %s: %q, want %q in:\n%s", v.path, got, v.says, text)
		}
	}
}
