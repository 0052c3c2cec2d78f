// Package deploy_test holds what is delivered against what it is for: the chart
// against Kubernetes' own types, the compose files against Compose's own reader,
// the Dockerfile against BuildKit's parser and linter, and all of them against
// the variables and flags that the program knows. It is a module of its own,
// since the product needs none of these libraries.
package deploy_test

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

const chartDir = "../../deploy/helm/rampforge"

// manifests are the objects of a rendered chart, by kind and name.
type manifests struct {
	deployments map[string]*appsv1.Deployment
	services    map[string]*corev1.Service
	configs     map[string]*corev1.ConfigMap
	secrets     map[string]*corev1.Secret
	accounts    map[string]*corev1.ServiceAccount
	budgets     map[string]*policyv1.PodDisruptionBudget
	scalers     map[string]*autoscalingv2.HorizontalPodAutoscaler
	policies    map[string]*networkingv1.NetworkPolicy
	ingresses   map[string]*networkingv1.Ingress
	others      []string // kinds
}

// render renders the chart as helm template does.
func render(t *testing.T, values map[string]any) (*manifests, error) {
	t.Helper()
	chart, err := loader.Load(chartDir)
	if err != nil {
		t.Fatal(err)
	}
	capabilities := chartutil.DefaultCapabilities.Copy()
	capabilities.KubeVersion = chartutil.KubeVersion{Version: "v1.30.0", Major: "1", Minor: "30"}
	v, err := chartutil.ToRenderValues(chart, values, chartutil.ReleaseOptions{Name: "shop", Namespace: "tools", IsInstall: true}, capabilities)
	if err != nil {
		return nil, err
	}
	files, err := engine.Render(chart, v)
	if err != nil {
		return nil, err
	}
	m := &manifests{
		deployments: map[string]*appsv1.Deployment{}, services: map[string]*corev1.Service{}, configs: map[string]*corev1.ConfigMap{},
		secrets: map[string]*corev1.Secret{}, accounts: map[string]*corev1.ServiceAccount{}, budgets: map[string]*policyv1.PodDisruptionBudget{},
		scalers: map[string]*autoscalingv2.HorizontalPodAutoscaler{}, policies: map[string]*networkingv1.NetworkPolicy{}, ingresses: map[string]*networkingv1.Ingress{},
	}
	for name, text := range files {
		if path.Ext(name) == ".yaml" {
			m.read(t, name, text)
		}
	}
	return m, nil
}

func (m *manifests) read(t *testing.T, file, text string) {
	t.Helper()
	for document := range strings.SplitSeq("\n"+text, "\n---") {
		if strings.TrimSpace(document) == "" {
			continue
		}
		var kind struct {
			APIVersion string `json:"apiVersion"`
			Kind       string `json:"kind"`
		}
		raw := []byte(document)
		if err := yaml.Unmarshal(raw, &kind); err != nil {
			t.Fatalf("%s: %v\n%s", file, err, document)
		}
		switch kind.APIVersion + " " + kind.Kind {
		case "apps/v1 Deployment":
			strict(t, file, raw, m.deployments, func(o *appsv1.Deployment) string { return o.Name })
		case "v1 Service":
			strict(t, file, raw, m.services, func(o *corev1.Service) string { return o.Name })
		case "v1 ConfigMap":
			strict(t, file, raw, m.configs, func(o *corev1.ConfigMap) string { return o.Name })
		case "v1 Secret":
			strict(t, file, raw, m.secrets, func(o *corev1.Secret) string { return o.Name })
		case "v1 ServiceAccount":
			strict(t, file, raw, m.accounts, func(o *corev1.ServiceAccount) string { return o.Name })
		case "policy/v1 PodDisruptionBudget":
			strict(t, file, raw, m.budgets, func(o *policyv1.PodDisruptionBudget) string { return o.Name })
		case "autoscaling/v2 HorizontalPodAutoscaler":
			strict(t, file, raw, m.scalers, func(o *autoscalingv2.HorizontalPodAutoscaler) string { return o.Name })
		case "networking.k8s.io/v1 NetworkPolicy":
			strict(t, file, raw, m.policies, func(o *networkingv1.NetworkPolicy) string { return o.Name })
		case "networking.k8s.io/v1 Ingress":
			strict(t, file, raw, m.ingresses, func(o *networkingv1.Ingress) string { return o.Name })
		default:
			m.others = append(m.others, kind.APIVersion+" "+kind.Kind)
		}
	}
}

func strict[T any](t *testing.T, file string, document []byte, into map[string]*T, name func(*T) string) {
	t.Helper()
	var object T
	if err := yaml.UnmarshalStrict(document, &object); err != nil {
		t.Errorf("%s: %v\n%s", file, err, document)
		return
	}
	if into[name(&object)] != nil {
		t.Errorf("%s: %s is there twice", file, name(&object))
	}
	into[name(&object)] = &object
}

// everything turns on what is off.
func everything() map[string]any {
	return map[string]any{
		"secrets":        map[string]any{"SECRET_KEY": strings.Repeat("k", 40), "DATABASE_URL": "postgresql://u:p@db:5432/r", "REDIS_URL": "redis://cache:6379"},
		"config":         map[string]any{"REGISTRATION": "invite", "JOB_HEARTBEAT": "5s", "BCRYPT_COST": 11},
		"trustedProxies": []any{"10.0.0.0/8", "192.168.0.0/16"},
		"api":            map[string]any{"autoscaling": map[string]any{"enabled": true}, "nodeSelector": map[string]any{"disk": "ssd"}, "podAnnotations": map[string]any{"a": "b"}},
		"worker": map[string]any{
			"autoscaling": map[string]any{"enabled": true},
			"tolerations": []any{map[string]any{"key": "jobs", "operator": "Exists"}},
		},
		"ingress":       map[string]any{"enabled": true, "className": "nginx", "host": "ramp.example.com", "tlsSecret": "cert"},
		"metrics":       map[string]any{"serviceMonitor": map[string]any{"enabled": true, "labels": map[string]any{"release": "prometheus"}}},
		"networkPolicy": map[string]any{"ingressFrom": []any{map[string]any{"namespaceSelector": map[string]any{"matchLabels": map[string]any{"name": "ingress"}}}}},
	}
}

// TestChart renders the chart in its least and in its fullest form, and holds
// each object against Kubernetes' types, and all of them against each other.
func TestChart(t *testing.T) {
	for name, values := range map[string]map[string]any{"least": {"existingSecret": "mine"}, "everything": everything()} {
		t.Run(name, func(t *testing.T) {
			m, err := render(t, values)
			if err != nil {
				t.Fatal(err)
			}
			if got := slices.Sorted(maps.Keys(m.deployments)); !slices.Equal(got, []string{"shop-rampforge-api", "shop-rampforge-worker"}) {
				t.Fatalf("the deployments are %v", got)
			}
			for _, d := range m.deployments {
				checkDeployment(t, m, d, values)
			}
			for name, b := range m.budgets {
				if d := m.deployments[name]; d == nil || !selects(b.Spec.Selector.MatchLabels, d.Spec.Template.Labels) || b.Spec.MaxUnavailable == nil {
					t.Errorf("the budget %s is of no deployment", name)
				}
			}
			for name, s := range m.scalers {
				d := m.deployments[s.Spec.ScaleTargetRef.Name]
				if d == nil || name != d.Name || d.Spec.Replicas != nil || len(s.Spec.Metrics) != 1 {
					t.Errorf("the autoscaler %s does not fit: %+v", name, s.Spec)
				}
			}
			full := name == "everything"
			if (len(m.scalers) == 2) != full || (len(m.ingresses) == 1) != full || (len(m.secrets) == 1) != full || len(m.budgets) != 2 || len(m.policies) != 1 || len(m.accounts) != 1 {
				t.Errorf("%d autoscalers, %d ingresses, %d secrets, %d budgets, %d policies", len(m.scalers), len(m.ingresses), len(m.secrets), len(m.budgets), len(m.policies))
			}
			if full != slices.Equal(m.others, []string{"monitoring.coreos.com/v1 ServiceMonitor"}) {
				t.Errorf("besides: %v", m.others)
			}
			for _, c := range m.configs {
				known(t, "the chart", slices.Sorted(maps.Keys(c.Data)))
			}
			for _, i := range m.ingresses {
				to := i.Spec.Rules[0].HTTP.Paths[0].Backend.Service
				if s := m.services[to.Name]; s == nil || s.Spec.Ports[0].Name != to.Port.Name {
					t.Errorf("the ingress leads to %+v", to)
				}
			}
		})
	}
}

func checkDeployment(t *testing.T, m *manifests, d *appsv1.Deployment, values map[string]any) {
	t.Helper()
	pod := d.Spec.Template.Spec
	role := strings.TrimPrefix(d.Name, "shop-rampforge-")
	if !selects(d.Spec.Selector.MatchLabels, d.Spec.Template.Labels) {
		t.Errorf("%s does not select its own pods", d.Name)
	}
	c := pod.Containers[0]
	if !slices.Equal(c.Args, []string{"serve", "--role", role}) {
		t.Errorf("%s runs %v", d.Name, c.Args)
	}
	security := c.SecurityContext
	if !*pod.SecurityContext.RunAsNonRoot || *pod.SecurityContext.RunAsUser == 0 || !*security.ReadOnlyRootFilesystem || *security.AllowPrivilegeEscalation ||
		!slices.Equal(security.Capabilities.Drop, []corev1.Capability{"ALL"}) || *pod.AutomountServiceAccountToken || pod.SecurityContext.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
		t.Errorf("%s may do too much: %+v %+v", d.Name, pod.SecurityContext, security)
	}
	for what, probe := range map[string]*corev1.Probe{"startup": c.StartupProbe, "liveness": c.LivenessProbe, "readiness": c.ReadinessProbe} {
		if probe == nil || !strings.HasPrefix(probe.HTTPGet.Path, "/api/health/") || probe.HTTPGet.Port.StrVal != "http" {
			t.Errorf("the %s probe of %s is %+v", what, d.Name, probe)
		}
	}
	config := m.configs[c.EnvFrom[0].ConfigMapRef.Name]
	secret := c.EnvFrom[1].SecretRef.Name
	if config == nil || (m.secrets[secret] == nil && secret != values["existingSecret"]) {
		t.Errorf("%s reads %+v", d.Name, c.EnvFrom)
	}
	if account := pod.ServiceAccountName; m.accounts[account] == nil {
		t.Errorf("%s runs as %q", d.Name, account)
	}
	// A pod is killed after the server has given up by itself.
	if *pod.TerminationGracePeriodSeconds < 10+30+10 || config.Data["SHUTDOWN_DELAY"] != "10s" || config.Data["SHUTDOWN_TIMEOUT"] != "30s" {
		t.Errorf("%s is killed after %d s, with %v", d.Name, *pod.TerminationGracePeriodSeconds, config.Data)
	}
	mounted := map[string]string{}
	for _, v := range c.VolumeMounts {
		mounted[v.MountPath] = v.Name
	}
	if mounted[config.Data["DATA_DIR"]] == "" || mounted["/tmp"] == "" {
		t.Errorf("%s cannot write where it must: %v", d.Name, mounted)
	}
	if s := m.services["shop-rampforge"]; s == nil || selects(s.Spec.Selector, d.Spec.Template.Labels) != (role == "api") {
		t.Errorf("requests reach %s: %v", d.Name, s)
	}
	if s := m.services["shop-rampforge-metrics"]; s == nil || !selects(s.Spec.Selector, d.Spec.Template.Labels) {
		t.Errorf("the metrics of %s are not reached", d.Name)
	}
	known(t, d.Name, envNames(c.Env))
}

func envNames(env []corev1.EnvVar) (names []string) {
	for _, e := range env {
		names = append(names, e.Name)
	}
	return names
}

func selects(selector, labels map[string]string) bool {
	for k, v := range selector {
		if labels[k] != v {
			return false
		}
	}
	return len(selector) > 0
}

// TestChartRefuses what would start and then not work.
func TestChartRefuses(t *testing.T) {
	for says, values := range map[string]map[string]any{
		"give existingSecret, or secrets.SECRET_KEY":   {},
		"give existingSecret, or secrets.DATABASE_URL": {"secrets": map[string]any{"SECRET_KEY": "k"}},
		"must be of PostgreSQL":                        {"secrets": map[string]any{"SECRET_KEY": "k", "DATABASE_URL": "sqlite:///x.db"}},
		"replicas":                                     {"existingSecret": "s", "api": map[string]any{"replicas": "two"}},
		"jobWorkers":                                   {"existingSecret": "s", "worker": map[string]any{"jobWorkers": 0}},
	} {
		if _, err := render(t, values); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: %v", values, err)
		}
	}
}
