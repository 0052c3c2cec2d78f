package render

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// count writes n with thousands separators: 12,345.
func count[T int | int64](n T) string {
	digits := strconv.FormatInt(int64(n), 10)
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// short writes n in few characters for tight places: 950, 4.1k, 35M.
func short(n int64) string {
	value, unit := float64(n), ""
	for _, next := range []string{"k", "M", "G"} {
		if math.Abs(value) < 999.5 {
			break
		}
		value, unit = value/1000, next
	}
	if unit == "" || math.Abs(value) >= 9.95 {
		return strconv.FormatFloat(value, 'f', 0, 64) + unit
	}
	return strconv.FormatFloat(value, 'f', 1, 64) + unit
}

// size writes a number of bytes: 3.4 MB, with decimal units.
func size(n int64) string {
	if n < 1000 {
		return plural(n, "byte", "bytes")
	}
	text := short(n)
	return text[:len(text)-1] + " " + map[byte]string{'k': "kB", 'M': "MB", 'G': "GB"}[text[len(text)-1]]
}

// percent writes a share of 0–1. What is more than nothing never reads as 0 %.
func percent(share float64) string {
	switch {
	case share > 0 && share < 0.005:
		return "< 1 %"
	case share < 1 && share >= 0.995:
		return "> 99 %"
	}
	return strconv.FormatFloat(share*100, 'f', 0, 64) + " %"
}

// decimal writes x with at most one digit after the point.
func decimal(x float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(x, 'f', 1, 64), ".0")
}

// plural writes a number with its noun: 1 file, 2,000 files.
func plural[T int | int64](n T, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + many
}

// date writes a day in UTC: 2 Jan 2026.
func date(t time.Time) string { return t.UTC().Format("2 Jan 2006") }

// shortCommit is as much of a commit's id as people say.
func shortCommit(id string) string { return strings.ToValidUTF8(id[:min(len(id), 10)], "") }

// sentenceCase gives s a capital at its beginning.
func sentenceCase(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 || first == utf8.RuneError {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// at writes a place as path:line, or the path alone for a whole file.
func at(path string, line int) string {
	if line < 1 {
		return path
	}
	return path + ":" + strconv.Itoa(line)
}

// head returns at most n elements, and how many were left out.
func head[T any](list []T, n int) ([]T, int) {
	if len(list) <= n {
		return list, 0
	}
	return list[:n], len(list) - n
}
