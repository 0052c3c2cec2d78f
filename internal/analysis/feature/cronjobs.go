package feature

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// CronJobs of Kubernetes, in manifests and in charts of Helm. They are read line
// by line, as a template of a chart is no YAML.

// clusterFolders are the folders in which manifests lie.
var clusterFolders = map[string]bool{
	"k8s": true, "kubernetes": true, "kube": true, "manifests": true, "kustomize": true, "helm": true, "chart": true, "charts": true, "cronjobs": true,
}

// mayBeCronJob reports whether a YAML file can be a manifest of a CronJob, by
// its path.
func mayBeCronJob(file string) bool {
	if ext := path.Ext(file); ext != ".yaml" && ext != ".yml" {
		return false
	}
	lower := strings.ToLower(file)
	return strings.Contains(path.Base(lower), "cron") ||
		slices.ContainsFunc(strings.Split(folderOf(lower), "/"), func(folder string) bool { return clusterFolders[folder] })
}

// readCronJobs reads the manifests of a tree.
func readCronJobs(m *model, r *rule) bool {
	return m.documents(func(f *file) {
		if mayBeCronJob(f.Path) {
			m.at(f, r).cronJobs(string(f.Content))
		}
	}, ".yaml", ".yml")
}

// cronJob is what a document has said so far.
type cronJob struct {
	is       bool
	name     string
	schedule string
	line     int
	metadata int // indentation of what stands in metadata: -1 outside of it, 0 before the first line there
}

func (s *scan) cronJobs(src string) {
	job, line := cronJob{metadata: -1}, 0
	tell := func() {
		if !job.is || job.line == 0 {
			return
		}
		j := report.Job{Name: job.name, Kind: kindScheduled}
		if j.Name == "" {
			j.Name = strings.TrimSuffix(path.Base(s.Path), path.Ext(s.Path))
		}
		if schedule := job.schedule; schedule != "" {
			j.Schedule = &schedule
		}
		s.job(j, job.line)
	}
	for text := range strings.Lines(src) {
		line++
		if strings.HasPrefix(text, "---") {
			tell()
			job = cronJob{metadata: -1}
			continue
		}
		words := strings.TrimSpace(text)
		indent := len(text) - len(strings.TrimLeft(text, " "))
		switch {
		case job.metadata < 0 || words == "":
		case indent == 0:
			job.metadata = -1
		case job.metadata == 0:
			job.metadata = indent
		}
		key, value, ok := strings.Cut(words, ":")
		if value = plainScalar(value); !ok || strings.HasPrefix(words, "#") {
			continue
		}
		switch {
		case key == "kind" && indent == 0:
			job.is = value == "CronJob"
		case key == "metadata" && indent == 0:
			job.metadata = 0
		case key == "name" && job.metadata > 0 && indent == job.metadata && job.name == "":
			job.name = value
		case key == "schedule" && job.line == 0:
			job.schedule, job.line = value, line
		}
	}
	tell()
}

// plainScalar is a value without quotation marks and a comment, "" for what a
// template computes.
func plainScalar(value string) string {
	value = strings.TrimSpace(value)
	if strings.Contains(value, "{{") || len(value) > maxPathBytes {
		return ""
	}
	if len(value) > 1 && (value[0] == '"' || value[0] == '\'') {
		inner, _, _ := strings.Cut(value[1:], value[:1])
		return inner
	}
	value, _, _ = strings.Cut(value, " #")
	return strings.TrimSpace(value)
}
