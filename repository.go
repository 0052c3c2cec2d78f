package rampforge

import (
	"net/url"
	"regexp"
	"strings"
	"time"
)

// RepositoryType says where a repository is hosted.
type RepositoryType string

// The repository types of the contract.
const (
	RepositoryGitHub      RepositoryType = "github"
	RepositoryGitLab      RepositoryType = "gitlab"
	RepositoryAzureDevOps RepositoryType = "azure_devops"
	RepositoryGit         RepositoryType = "git"
	RepositoryLocal       RepositoryType = "local"
)

// AnalysisStatus is the state of an analysis, and of a repository as seen
// through its latest analysis.
type AnalysisStatus string

// The states of an analysis. AnalysisPending is a repository that was never
// analysed; a run itself starts as queued.
const (
	AnalysisPending   AnalysisStatus = "pending"
	AnalysisQueued    AnalysisStatus = "queued"
	AnalysisRunning   AnalysisStatus = "running"
	AnalysisCompleted AnalysisStatus = "completed"
	AnalysisFailed    AnalysisStatus = "failed"
	AnalysisCancelled AnalysisStatus = "cancelled"
)

// Finished reports whether an analysis in this state will not change again.
func (s AnalysisStatus) Finished() bool {
	return s == AnalysisCompleted || s == AnalysisFailed || s == AnalysisCancelled
}

// Repository is a git repository that the product knows.
type Repository struct {
	ID             string         `json:"id"`
	Name           string         `json:"name"`
	URL            string         `json:"url"`
	Type           RepositoryType `json:"type"`
	ServiceID      *string        `json:"service_id"`
	DefaultBranch  *string        `json:"default_branch"`
	LastAnalyzed   *time.Time     `json:"last_analyzed"`
	AnalysisStatus AnalysisStatus `json:"analysis_status"`
	AnalysisError  *string        `json:"analysis_error"`
	CreatedBy      string         `json:"-"`
	CreatedAt      time.Time      `json:"created_at"`
}

// AnalysisType says how deep an analysis goes.
type AnalysisType string

// The analysis types of the contract. A quick analysis reads the tree and
// leaves the history out.
const (
	AnalysisFull  AnalysisType = "full"
	AnalysisQuick AnalysisType = "quick"
)

// AnalysisOptions are what the asker of an analysis may choose.
type AnalysisOptions struct {
	Type                AnalysisType `json:"analysis_type"`
	ForceRefresh        bool         `json:"force_refresh"`
	IncludeDependencies bool         `json:"include_dependencies"`
	Ref                 string       `json:"ref"` // branch, tag or commit; "" is the default branch
}

// Analysis is one run of the analysis of a repository. The report itself is
// kept as bytes beside it.
type Analysis struct {
	ID           string          `json:"id"`
	RepositoryID string          `json:"repository_id"`
	Status       AnalysisStatus  `json:"status"`
	Options      AnalysisOptions `json:"options"`
	Commit       *string         `json:"commit"`
	Error        *string         `json:"error"`
	Progress     Progress        `json:"progress"`
	RequestedBy  string          `json:"-"`
	CreatedAt    time.Time       `json:"created_at"`
	StartedAt    *time.Time      `json:"started_at"`
	FinishedAt   *time.Time      `json:"finished_at"`
}

// Progress says how far long work has come. Total is 0 while it is unknown.
type Progress struct {
	Done  int64  `json:"done"`
	Total int64  `json:"total"`
	Unit  string `json:"unit"`  // what is counted, e.g. "files"
	Stage string `json:"stage"` // what is being done, e.g. "history"
}

// scpAddress is git@host:path.
var scpAddress = regexp.MustCompile(`^[A-Za-z0-9._-]+@([A-Za-z0-9.-]+):(.+)$`)

// RepositoryKey returns the form of a repository's address in which all of its
// addresses are the same: by https and by ssh, with and without .git, in any
// case. It is for comparing and leads nowhere; of what is no address it is "".
func RepositoryKey(address string) string {
	address = strings.TrimSpace(address)
	if m := scpAddress.FindStringSubmatch(address); m != nil && !strings.Contains(address, "://") {
		address = "ssh://" + m[1] + "/" + strings.TrimPrefix(m[2], "/")
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	host, path := strings.ToLower(u.Hostname()), strings.Trim(strings.ToLower(u.Path), "/")
	if port := u.Port(); port != "" && (u.Scheme == "http" && port != "80" || u.Scheme == "https" && port != "443") {
		host += ":" + port
	}
	path = strings.TrimSuffix(path, ".git")
	if path == "" {
		return ""
	}
	return azureKey(strings.TrimPrefix(host, "ssh."), path)
}

// azureKey joins a host and a path. Azure DevOps has several forms of one
// address: the organisation as a host, the project left out where the
// repository has its name, and v3 for ssh.
func azureKey(host, path string) string {
	const azure = "dev.azure.com"
	organisation, old := strings.CutSuffix(host, ".visualstudio.com")
	switch {
	case old && organisation == "vs-ssh", host == azure && strings.HasPrefix(path, "v3/"):
		parts := strings.Split(strings.TrimPrefix(path, "v3/"), "/")
		if len(parts) != 3 {
			return host + "/" + path
		}
		return azure + "/" + parts[0] + "/" + parts[1] + "/_git/" + parts[2]
	case old:
		host, path = azure, organisation+"/"+strings.TrimPrefix(path, "defaultcollection/")
	case host != azure:
		return host + "/" + path
	}
	if parts := strings.Split(path, "/"); len(parts) == 3 && parts[1] == "_git" {
		path = parts[0] + "/" + parts[2] + "/_git/" + parts[2]
	}
	return host + "/" + path
}
