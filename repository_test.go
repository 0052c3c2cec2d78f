package rampforge_test

import (
	"testing"

	"github.com/rampforgeai/rampforge"
)

// TestRepositoryKey has, in each line, addresses of one repository.
func TestRepositoryKey(t *testing.T) {
	t.Parallel()
	for want, addresses := range map[string][]string{
		"github.com/team/pay": {
			"https://github.com/team/pay", "https://GitHub.com/Team/Pay.git", "http://github.com/team/pay/", "git@github.com:team/pay.git", "ssh://git@github.com/team/pay",
			"ssh://git@ssh.github.com:443/team/pay.git", "https://name:secret@github.com:443/team/pay", " git@github.com:/team/pay.git\n", "git://github.com/team/pay.git",
		},
		"git.example.com/group/sub/app":      {"https://git.example.com/group/sub/app", "ssh://git@git.example.com:2222/group/sub/app.git"},
		"git.example.com:8443/group/sub/app": {"https://git.example.com:8443/group/sub/app.git"},
		"dev.azure.com/org/my project/_git/app": {
			"https://dev.azure.com/org/My%20Project/_git/app", "https://org@dev.azure.com/org/My%20Project/_git/app", "git@ssh.dev.azure.com:v3/org/My%20Project/app",
			"https://org.visualstudio.com/My%20Project/_git/app", "https://org.visualstudio.com/DefaultCollection/My%20Project/_git/app", "org@vs-ssh.visualstudio.com:v3/org/My%20Project/app",
		},
		"dev.azure.com/org/app/_git/app": {"https://dev.azure.com/org/_git/app", "https://dev.azure.com/org/app/_git/app"},
		"":                               {"", "/home/me/app", "app", "https://github.com", "https://github.com/", "://", "mailto:me@example.com"},
	} {
		for _, address := range addresses {
			if got := rampforge.RepositoryKey(address); got != want {
				t.Errorf("%q: %q, want %q", address, got, want)
			}
		}
	}
}
