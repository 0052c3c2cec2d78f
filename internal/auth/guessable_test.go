package auth

import (
	"strings"
	"testing"

	"github.com/trustelem/zxcvbn/frequency"
)

// mostUsed is read before any service lets the lists go.
var mostUsed = frequency.FrequencyLists["passwords"]

// TestMostUsedPasswordsAreRefused takes what ASVS asks for, the 3000 most used
// passwords that are long enough, each also in capitals.
func TestMostUsedPasswordsAreRefused(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, p := range mostUsed {
		if len(p) < minPassword {
			continue
		}
		if tried++; tried > 3000 {
			break
		}
		if passwordIssue(p) == "" || passwordIssue(strings.ToUpper(p)) == "" {
			t.Errorf("%s is taken", p)
		}
	}
	if tried < 3000 {
		t.Errorf("the list has %d passwords of %d characters and more", tried, minPassword)
	}
	for _, p := range []string{"password", "password1", "password123", "12345678", "87654321", "qwertyuiop", "poiuytrewq", "1q2w3e4r", "trustno1", "letmein1", "iloveyou", "Elizabeth", "INTERNATIONAL"} {
		if passwordIssue(p) == "" {
			t.Errorf("%s is taken", p)
		}
	}
}

func TestPasswordsOfContextAreRefused(t *testing.T) {
	t.Parallel()
	about := []string{"grace.hopper-42@navy.example.com", "Grace Brewster Hopper"}
	for _, p := range []string{
		"rampforge", "RampForge2026", "ramp forge 1!", "rampforge-admin", "Administrator1", "team_lead_2026",
		"Grace1906", "hopper hopper", "GraceHopper1!", "grace.hopper-42", "navy.example.com", "Brewster99", "grace.hopper-42@navy.example.com",
	} {
		if passwordIssue(p, about...) == "" {
			t.Errorf("%s is taken", p)
		}
	}
	for _, p := range []string{
		"correct horse battery", "a long password", "grace walks the dog at noon", "rampforge has nine lives", "hop hop hop over it", "ramps and forges",
		"пароль из пяти слов", "🐎🔋📎🐎🔋📎🐎🔋", "!@#$ %^&* ()_+", strings.Repeat("long words ", 7),
	} {
		if issue := passwordIssue(p, about...); issue != "" {
			t.Errorf("%s %s", p, issue)
		}
	}
	// Short words are in good passwords by chance.
	if issue := passwordIssue("thelowland", "lo@al.example", "Lo We"); issue != "" {
		t.Errorf("a word of two letters refuses a password: %s", issue)
	}
}
