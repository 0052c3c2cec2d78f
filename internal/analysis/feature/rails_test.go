package feature

import (
	"slices"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestNamesOfRoutes holds the names of Rails' path helpers against those that
// its guide gives.
func TestNamesOfRoutes(t *testing.T) {
	t.Parallel()
	in := inputOf(t, txtar.Parse([]byte(`
-- config/routes.rb --
Rails.application.routes.draw do
  root to: "pages#home"
  get "/login/2fa" => "pages#login"
  get "/t/:tag", to: "pages#tag", as: :tag
  get "/plain/:id", to: "pages#plain"
  get "exit", to: "pages#exit", as: :logout
  resources :photos do
    member do
      get :preview
    end
    get :search, on: :collection
    post "share"
    resources :comments, only: [:index, :show]
  end
  resource :profile, only: [:show, :edit]
  resources :news, only: [:index]
  namespace :admin do
    resources :photos, only: [:index, :edit]
  end
  scope as: "old", path: "o" do
    resources :photos, only: :index
  end
  resources :shops, shallow: true, only: [] do
    resources :offers, only: [:index, :show], controller: "comments"
  end
end
-- app/controllers/pages_controller.rb --
class PagesController
end
-- app/controllers/photos_controller.rb --
class PhotosController
end
-- app/controllers/comments_controller.rb --
class CommentsController
end
-- app/controllers/profiles_controller.rb --
class ProfilesController
end
-- app/controllers/news_controller.rb --
class NewsController
end
-- app/controllers/admin/photos_controller.rb --
class Admin::PhotosController
end
`)).Files)
	got := Read(in).RouteNames
	for name, controller := range map[string]string{
		"root": "pages", "login_2fa": "pages", "tag": "pages", "logout": "pages",
		"photos": "photos", "photo": "photos", "new_photo": "photos", "edit_photo": "photos", "preview_photo": "photos", "search_photos": "photos", "photo_share": "photos",
		"photo_comments": "comments", "photo_comment": "comments", "profile": "profiles", "edit_profile": "profiles", "news_index": "news",
		"admin_photos": "admin/photos", "edit_admin_photo": "admin/photos", "old_photos": "photos", "shop_offers": "comments", "offer": "comments",
	} {
		if want := []string{"app/controllers/" + controller + "_controller.rb"}; !slices.Equal(got[name], want) {
			t.Errorf("%s leads to %q, want %q", name, got[name], want)
		}
	}
	for _, name := range []string{"plain", "plain_id", "exit", "photos_share", "new_profile", ""} {
		if got[name] != nil {
			t.Errorf("%q leads to %q, and there is no such route", name, got[name])
		}
	}
}
