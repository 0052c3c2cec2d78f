package nameless_test

import (
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/nameless"
)

const pseudonym = "Erased person 01020304"

func register() *nameless.Register {
	return nameless.Of([]byte("key"), nameless.Known{
		Addresses: []string{"Ada@corp.test", "12+abyron@users.noreply.example"}, Names: []string{"Ada Byron", "Zoë de la Croix", "countess"}, Handles: []string{"abyron"},
		Accounts: []string{nameless.Account("svc_1", "7")},
	}, pseudonym)
}

func TestText(t *testing.T) {
	t.Parallel()
	r := register()
	mail := nameless.PseudonymAddress(pseudonym)
	for text, want := range map[string]string{
		"Ada Byron wrote it":                        pseudonym + " wrote it",
		"ask ADA  BYRON, please":                    "ask " + pseudonym + ", please",
		"by Ada\n  Byron.":                          "by " + pseudonym + ".",
		"Byron, Ada; Byron Ada":                     pseudonym + "; " + pseudonym,
		"Ada, Byron and Carl":                       "Ada, Byron and Carl",
		"fix/ada-byron/cart":                        "fix/" + pseudonym + "/cart",
		"zoe de la croix and Zoe\u0308 de la Croix": pseudonym + " and " + pseudonym,
		"Zoë de la Croixant":                        "Zoë de la Croixant",
		"Adam Byron; Ada Byrons; MyAda Byron":       "Adam Byron; Ada Byrons; MyAda Byron",
		"Ada Ada Byron Byron":                       "Ada " + pseudonym + " Byron",
		"mail <ADA@corp.test>.":                     "mail <" + mail + ">.",
		"see 12+abyron@users.noreply.example.":      "see " + mail + ".",
		"nada@corp.test, ada@corp.test.uk":          "nada@corp.test, ada@corp.test.uk",
		"'ada@corp.test'":                           "'" + mail + "'",
		"ada.byron@elsewhere.test":                  "ada.byron@elsewhere.test",
		"@abyron: @ABYRON. (@abyron)":               pseudonym + ": " + pseudonym + ". (" + pseudonym + ")",
		"@abyron/ui and @abyrons, abyron":           "@abyron/ui and @abyrons, abyron",
		"the countess is a word":                    "the countess is a word",
		"@":                                         "@",
		"@@@abyron@":                                "@@" + pseudonym + "@",
		"\xffAda Byron\xff":                         "\xff" + pseudonym + "\xff",
		"":                                          "",
	} {
		got, changed := r.Text(text)
		if got != want || changed != (text != want) {
			t.Errorf("%q became %q (%v), want %q", text, got, changed, want)
		}
		if again, twice := r.Text(got); twice {
			t.Errorf("%q became %q the second time", got, again)
		}
	}
	long := strings.Repeat("Ada and a long line without end ", 10_000) + "Ada Byron"
	if got, changed := r.Text(long); !changed || !strings.HasSuffix(got, "end "+pseudonym) {
		t.Error("the end of a long text is not looked at")
	}
}

func TestMessage(t *testing.T) {
	t.Parallel()
	r := register()
	got, changed := r.Message("Cart\n\nThanks to Ada Byron.\nSigned-off-by: The Countess <ada@corp.test>\nCo-authored-by: Bo <bo@corp.test>")
	want := "Cart\n\nThanks to " + pseudonym + ".\nSigned-off-by: " + pseudonym + " <" + nameless.PseudonymAddress(pseudonym) + ">\nCo-authored-by: Bo <bo@corp.test>"
	if !changed || got != want {
		t.Errorf("it became %q", got)
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	r := register()
	for text, want := range map[string]string{
		`{"a": "by \u0041da Byron <b>" , "n": 1.50}`:               `{"a": "by ` + pseudonym + ` <b>" , "n": 1.50}`,
		`{"owners":["countess","Bo"],"words":["countess"]}`:        `{"owners":["` + pseudonym + `","Bo"],"words":["countess"]}`,
		`{"people":{"joined":["countess"]},"x":[["Ada Byron",2]]}`: `{"people":{"joined":["` + pseudonym + `"]},"x":[["` + pseudonym + `",2]]}`,
		`"\"@abyron\""`:    `"\"` + pseudonym + `\""`,
		`{"Ada Byron":{}}`: `{"` + pseudonym + `":{}}`,
	} {
		got, changed, err := r.JSON([]byte(text))
		if err != nil || !changed || string(got) != want {
			t.Errorf("%s became %s, %v", text, got, err)
		}
	}
	same := `{"a":"<nobody>","b":[1,2,{"c":null}]}`
	if got, changed, err := r.JSON([]byte(same)); err != nil || changed || string(got) != same {
		t.Errorf("it became %s, %v", got, err)
	}
	for _, text := range []string{`{"a":"Ada Byron`, `{"a":[`, `]`} {
		if _, _, err := r.JSON([]byte(text)); err == nil {
			t.Errorf("%s was taken for JSON", text)
		}
	}
}

func TestWholeAndSignature(t *testing.T) {
	t.Parallel()
	r := register()
	for text, want := range map[string]string{"Countess": pseudonym, "abyron": pseudonym, " ada@corp.test ": pseudonym, "Ada Byron wrote": "", "": "", "Bo": ""} {
		if got := r.Whole(text); got != want {
			t.Errorf("%q is %q", text, got)
		}
	}
	for _, s := range []rampforge.Signature{{Name: "x", Email: "ada@corp.test"}, {Name: "Ada Byron", Email: "ada@new.test"}} {
		if got, changed := r.Signature(s); !changed || got.Name != pseudonym {
			t.Errorf("%v became %v", s, got)
		}
	}
	for _, s := range []rampforge.Signature{{Name: "countess", Email: "c@new.test"}, {Name: "Bo", Email: "bo@corp.test"}, {}} {
		if got, changed := r.Signature(s); changed {
			t.Errorf("%v became %v", s, got)
		}
	}
	if r.Account("svc_1", "7") != pseudonym || r.Account("svc_2", "7") != "" {
		t.Error("accounts are of one service")
	}
	if !r.Name("ada byron") || !r.Name(pseudonym) || r.Name("Erased person 99999999") || r.Name("Bo") {
		t.Error("names are not told apart")
	}
	var nobody *nameless.Register
	if text, changed := nobody.Text("Ada Byron"); changed || text != "Ada Byron" || nobody.Any() || nobody.Tag() != "" || nobody.Whole("x") != "" || nobody.Name("x") {
		t.Error("nobody is known")
	}
	if r.Tag() == "" || r.Tag() == nameless.Of([]byte("key"), nameless.Known{Names: []string{"Bo"}}, pseudonym).Tag() {
		t.Error("the tag tells nothing")
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"Ada Byron <ada@corp.test>", "@abyron@@", "Ada\xff Byron", "a@b@ada@corp.test"} {
		f.Add(s)
	}
	r := register()
	f.Fuzz(func(t *testing.T, text string) {
		once, changed := r.Text(text)
		if changed == (once == text) {
			t.Errorf("%q became %q, %v", text, once, changed)
		}
	})
}
