package deploy_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

func compose(t *testing.T, file string, env ...string) (*types.Project, error) {
	t.Helper()
	o, err := cli.NewProjectOptions([]string{"../../" + file}, cli.WithEnv(env), cli.WithResolvedPaths(true), cli.WithName("deploy"))
	if err != nil {
		t.Fatal(err)
	}
	return o.LoadProject(t.Context())
}

// TestCompose reads both files as Compose does, and looks at what they open.
func TestCompose(t *testing.T) {
	all := []string{"SECRET_KEY=k", "POSTGRES_PASSWORD=p", "REDIS_PASSWORD=r"}
	for file, want := range map[string][]string{"compose.yaml": {"rampforge"}, "compose.team.yaml": {"api", "postgres", "proxy", "redis", "worker"}} {
		t.Run(file, func(t *testing.T) {
			p, err := compose(t, file, all...)
			if err != nil {
				t.Fatal(err)
			}
			if got := slices.Sorted(maps.Keys(p.Services)); !slices.Equal(got, want) {
				t.Fatalf("the services are %v", got)
			}
			for name, s := range p.Services {
				for _, port := range s.Ports {
					if port.HostIP != "127.0.0.1" {
						t.Errorf("%s is open to other machines at %s", name, port.Published)
					}
				}
				if s.Build == nil {
					continue
				}
				if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
					t.Errorf("%s may do too much", name)
				}
				if len(s.Command) > 0 && !slices.Equal(s.Command, types.ShellCommand{"serve", "--role", name}) {
					t.Errorf("%s runs %v", name, s.Command)
				}
				known(t, file, slices.Sorted(maps.Keys(s.Environment)))
			}
		})
	}
	team, err := compose(t, "compose.team.yaml", all...)
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{"api", "worker"} {
		if s := team.Services[role]; s.Deploy == nil || s.Deploy.Replicas == nil || *s.Deploy.Replicas != 2 || len(s.DependsOn) != 2 {
			t.Errorf("%s: %+v", role, s.Deploy)
		}
	}
	for _, name := range []string{"postgres", "redis"} {
		if s := team.Services[name]; s.HealthCheck == nil || len(s.Ports) > 0 || len(s.Networks) != 1 || !team.Networks["inside"].Internal {
			t.Errorf("%s can be reached from outside, or does not say when it is ready", name)
		}
	}
}

// TestComposeAsksForSecrets: nothing starts with a key that everybody knows.
func TestComposeAsksForSecrets(t *testing.T) {
	for file, secrets := range map[string][]string{"compose.yaml": {"SECRET_KEY"}, "compose.team.yaml": {"SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"}} {
		for _, missing := range secrets {
			var env []string
			for _, name := range secrets {
				if name != missing {
					env = append(env, name+"=x")
				}
			}
			if _, err := compose(t, file, env...); err == nil || !strings.Contains(err.Error(), "write "+missing) {
				t.Errorf("%s without %s: %v", file, missing, err)
			}
		}
	}
}
