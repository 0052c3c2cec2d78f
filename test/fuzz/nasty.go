package fuzz

import (
	"math/rand/v2"
	"strings"
)

// texts are what programs stumble over.
var texts = []string{
	"", " ", "\t\n", "0", "-1", "null", "true", "undefined", "NaN", "[]", "{}", "%", "_", "%%", "\\", "'", "\"", "`", ";", "--", "/*", "*", "?", "$1", "?1", ":id", "{{7*7}}", "${jndi:x}",
	"' OR '1'='1", "'; DROP TABLE users; --", "1) UNION SELECT password_hash FROM users --", "\" OR \"\"=\"", "a' AND pg_sleep(0)--", "') OR 1=1 --",
	"a AND", "NEAR(", "NEAR(a b, 5)", "a*", "\"unclosed", "col:value", "-a", "^a", "a OR OR b", "(", ")", "((((((((", "{title}:x", "a + b", "a & | !", "a <-> b", ":*", "!!",
	"%_%", "\\%", "100%", "[a-", "(a+)+$", "(?P<n>a)", "a{1,100000}", ".*.*.*.*", "\\p{L}", "[[:alpha:]]",
	"../../../etc/passwd", "..\\..\\windows", "/etc/passwd", "....//....//", "%2e%2e%2f", "file:///etc/passwd", "/dev/zero", "CON", "a/../b", "./", "//", "~root",
	"http://169.254.169.254/latest/", "https://[::1]/x", "http://0/", "ext::sh -c id", "--upload-pack=id", "-c", "git@host:a/b", "https://user:pass@example.com/x", "ssh://-oProxyCommand=id/x", "javascript:alert(1)", "https://example.com:99999/x", "https://%41/",
	"<script>alert(1)</script>", "<!--", "]]>", "&amp;", "=1+1", "@SUM(1)", "a,b\r\nc", "a\r\nSet-Cookie: x=y", "\u0000", "a\u0000b", "\u0001", "\u001b[31m", "\u007f", "\u0085", "\u00a0",
	"é", "é", "ﬀ", "İ", "ı", "ß", "ſ", "K", "Ω", "中文", "日本語のテキスト", "العربية", "עברית", "ไทย", "हिन्दी", "👩‍👩‍👧‍👦", "🏳️‍🌈", "𝕏", "\U0010FFFF", "\uFFFD", "\uFFFE", "\uFEFF", "\u202e\u202d", "\u200b", "\u2028\u2029", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙", "\u0300",
	"2024-01-01", "2024-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "-0001-01-01", "2024-01-01T00:00:00Z", "2024-01-01T25:61:61Z", "9999-12-31T23:59:59.999999999Z", "0001-01-01T00:00:00Z", "2024-01-01T00:00:00+23:59", "2024-01-01T00:00:00+99:99", "1e400", "2262-04-12T00:00:00Z", "1677-09-20T00:00:00Z", "-292277022399-01-01T00:00:00Z", "2016-12-31T23:59:60Z", "now", "yesterday",
	"9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551616", "2147483648", "1e10", "0x10", "0b1", "1_000", "+1", "1.0", "1.5", "٣", "-0", "Infinity", "1e-400", "00", " 1", "1 ",
	"a@b", "a@@b.c", "\"a b\"@example.com", "a@[127.0.0.1]", "Ä@exämple.com", "a@example.com\r\nBcc: b@example.com", "<a@example.com>", strings.Repeat("a", 64) + "@" + strings.Repeat("b", 200) + ".com",
	"Europe/Vienna", "UTC", "Local", "../UTC", "Etc/GMT+99", "prj_", "usr_0000000000000000", "prj_aaaaaaaaaaaaaaaaaaaaaaaaaa", "svc_' OR 1=1", "admin", "root", "main", "HEAD", "HEAD~99999", "refs/heads/../x", "@{-1}", "a..b", "-rf",
}

// numbers are JSON numbers at the bounds of what programs hold.
var numbers = []string{
	"0", "-0", "1", "-1", "2", "99", "100", "101", "1000000", "1000001", "2147483647", "2147483648", "-2147483649", "4294967296", "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775809",
	"18446744073709551616", "1e19", "1e308", "1e309", "-1e309", "1e-400", "0.1", "1.0", "1e0", "3.999999999999999999", "123456789012345678901234567890123456789012345678901234567890",
}

// text returns something to stumble over, mostly short.
func text(r *rand.Rand) string {
	switch r.IntN(20) {
	case 0:
		return strings.Repeat("a", []int{63, 64, 65, 100, 101, 200, 201, 255, 256, 320, 321, 1000, 1001, 2000, 2001, 4000, 4001, 10001, 20001, 70000}[r.IntN(20)])
	case 1:
		return strings.Repeat([]string{"é", "👍", "a ", "%", "\"", "(", "a,", "\n"}[r.IntN(8)], 1+r.IntN(3000))
	case 2:
		return texts[r.IntN(len(texts))] + texts[r.IntN(len(texts))]
	case 3:
		runes := make([]rune, r.IntN(30))
		for i := range runes {
			runes[i] = rune(r.IntN(0x3000))
		}
		return string(runes)
	}
	return texts[r.IntN(len(texts))]
}

// literals returns JSON of a kind that was not asked for, or that no decoder
// likes.
func literal(r *rand.Rand) string {
	switch r.IntN(12) {
	case 0:
		return "null"
	case 1:
		return []string{"true", "false"}[r.IntN(2)]
	case 2, 3:
		return numbers[r.IntN(len(numbers))]
	case 4:
		return []string{"[]", "{}", "[[]]", "[null]", "[{}]", `{"a":null}`, `[1,"a",null]`, `{"":""}`, `{"a":1,"a":2}`}[r.IntN(9)]
	case 5:
		depth := []int{10, 63, 64, 65, 500, 9000}[r.IntN(6)]
		return strings.Repeat("[", depth) + strings.Repeat("]", depth)
	case 6:
		depth := []int{10, 63, 64, 65, 500}[r.IntN(5)]
		return strings.Repeat(`{"a":`, depth) + "1" + strings.Repeat("}", depth)
	case 7:
		return []string{`"\ud800"`, `"\udc00\ud800"`, `"\u0000"`, `"a\u0000b"`, `"\ud83d\ude00"`, `"\uFFFF"`, "\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\""}[r.IntN(10)]
	case 8:
		n := []int{10, 100, 101, 501, 1001, 5000}[r.IntN(6)]
		return "[" + strings.TrimSuffix(strings.Repeat([]string{`"a",`, `1,`, `null,`, `{},`}[r.IntN(4)], n), ",") + "]"
	}
	return quote(text(r))
}
