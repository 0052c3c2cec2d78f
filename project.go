package rampforge

import "time"

// ProjectStatus is whether a project is in use.
type ProjectStatus string

// The project states.
const (
	ProjectActive   ProjectStatus = "active"
	ProjectArchived ProjectStatus = "archived"
)

// PMTool is the tracker that a project's work lives in.
type PMTool string

// The project-management tools of the contract.
const (
	PMToolJira        PMTool = "jira"
	PMToolAzureDevOps PMTool = "azure_devops"
	PMToolGitHub      PMTool = "github"
	PMToolGitLab      PMTool = "gitlab"
)

// Project binds a repository, a tracker and the people who work on both.
type Project struct {
	ID           string        `json:"id"`
	Name         string        `json:"name"`
	Description  string        `json:"description"`
	Status       ProjectStatus `json:"status"`
	RepositoryID *string       `json:"repository_id"`
	// RepositoryURL is the URL that the project was created with; it stays
	// when the repository is unbound.
	RepositoryURL *string   `json:"repository_url"`
	PMTool        *PMTool   `json:"pm_tool"`
	PMProjectKey  *string   `json:"pm_project_key"`
	AICode        bool      `json:"ai_code"` // what stands in the repository may be sent to a model
	CreatedBy     string    `json:"created_by"`
	CreatedAt     time.Time `json:"created_at"`
	UpdatedAt     time.Time `json:"updated_at"`
}

// ProjectMember is a person's place in a project. UserID is nil while the
// e-mail address was invited and has not registered.
type ProjectMember struct {
	ProjectID string    `json:"-"`
	UserID    *string   `json:"user_id"`
	Email     string    `json:"email"`
	Name      string    `json:"name"`
	AddedAt   time.Time `json:"added_at"`
}

// The ways in which a source came to its project.
const (
	BoundByMatch = "match" // it is what the project's tracker or repository address names
	BoundByHand  = "hand"
)

// ProjectSource is a resource of a service that a project's work lives in.
type ProjectSource struct {
	ServiceID   string      `json:"service_id"`
	ServiceType ServiceType `json:"service_type"` // "" when the service was removed
	ResourceID  string      `json:"resource_id"`
	Key         string      `json:"key"`
	Name        string      `json:"name"`
	Kind        string      `json:"kind"`
	URL         string      `json:"url"`
	BoundBy     string      `json:"bound_by"`
	LastSynced  *time.Time  `json:"last_synced"` // since when nothing of it is older; nil before it was read
	Wish        string      `json:"-"`           // what of the project it was matched with
}

// What of a project is matched with resources.
const (
	WishTracker    = "tracker"
	WishRepository = "repository"
)

// ProjectWish is what a project names and no source of it is.
type ProjectWish struct {
	Wish    string `json:"wish"`  // tracker or repository
	Value   string `json:"value"` // as the project names it
	Message string `json:"message"`
}
