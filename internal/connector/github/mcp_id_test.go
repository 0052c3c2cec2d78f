package github

import (
	"encoding/base64"
	"testing"
)

func TestGlobalID(t *testing.T) {
	t.Parallel()
	packed := func(prefix string, b ...byte) string { return prefix + "_" + base64.RawURLEncoding.EncodeToString(b) }
	classic := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	for node, want := range map[string][2]int64{
		packed("PR", 0x93, 0, 0xce, 0x12, 0x34, 0x56, 0x78, 0xce, 0xff, 0xff, 0xff, 0xff):      {0xffffffff, 0x12345678},
		packed("PR", 0x93, 0, 0xcd, 1, 2, 0xcf, 0, 0, 0, 1, 0, 0, 0, 0):                        {1 << 32, 0x102},
		packed("PR", 0x93, 0, 0xcc, 200, 7):                                                    {7, 200},
		packed("PR", 0x93, 0, 0xcc, 200, 7) + "=":                                              {7, 200},
		classic("011:PullRequest529741"):                                                       {529741, 0},
		packed("I", 0x93, 0, 0xcc, 200, 7):                                                     {},
		classic("05:Issue529741"):                                                              {},
		classic("011:PullRequest"):                                                             {},
		classic("011:PullRequest99999999999999999999"):                                         {},
		packed("PR", 0x92, 0, 7):                                                               {},
		packed("PR", 0x93, 0, 0xcc, 200):                                                       {},
		packed("PR", 0x93, 0, 0xcc, 200, 7, 7):                                                 {},
		packed("PR", 0x93, 0, 0xcc, 200, 0xce, 1, 2, 3):                                        {},
		packed("PR", 0x93, 0, 0xcc, 200, 0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff): {},
		packed("PR", 0x93, 0, 0xcc, 200, 0xd0, 1):                                              {},
		packed("PR", 0x93, 0, 0, 7):                                                            {},
		packed("PR"):                                                                           {},
		"PR_???":                                                                               {}, "": {}, "PR_": {}, "???": {},
	} {
		if id, repository := globalID(node, "PR", "PullRequest"); id != want[0] || repository != want[1] {
			t.Errorf("%q: %d in %d, want %v", node, id, repository, want)
		}
	}
}
