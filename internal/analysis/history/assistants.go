package history

import (
	"slices"
	"strings"
	"unicode"
)

// assistantDomains are the domains that coding assistants sign with, and the
// parts before the @ that are theirs: the people of these companies have
// addresses there too. None means every one.
var assistantDomains = map[string][]string{
	"aider.chat":         nil,
	"all-hands.dev":      {"openhands", "noreply"},
	"ampcode.com":        {"amp", "noreply"},
	"anthropic.com":      {"noreply", "no-reply", "claude", "claude-code"},
	"augmentcode.com":    {"augment", "agent", "noreply"},
	"block.xyz":          {"goose", "goose-oss", "opensource-goose"},
	"charm.land":         {"crush"},
	"cline.bot":          nil,
	"codeium.com":        {"windsurf", "noreply"},
	"cognition-labs.com": {"devin", "noreply"},
	"cognition.ai":       {"devin", "noreply"},
	"coderabbit.ai":      {"noreply", "support"},
	"cursor.com":         {"cursoragent", "cursor", "agent", "noreply"},
	"cursor.sh":          {"cursoragent", "cursor", "agent", "noreply"},
	"devin.ai":           {"devin", "noreply"},
	"factory.ai":         {"droid", "noreply"},
	"google.com":         {"gemini-cli", "gemini-code-assist", "jules", "noreply"},
	"jetbrains.com":      {"junie"},
	"kilocode.ai":        nil,
	"lovable.dev":        {"noreply", "no-reply"},
	"openai.com":         {"codex", "chatgpt", "noreply", "no-reply"},
	"opencode.ai":        {"noreply", "no-reply", "opencode"},
	"openhands.dev":      {"openhands", "noreply"},
	"replit.com":         {"agent", "replit-agent", "noreply"},
	"roocode.com":        {"roomote", "noreply"},
	"sourcegraph.com":    {"amp", "cody"},
	"sweep.dev":          {"sweep", "noreply"},
	"tabnine.com":        {"noreply"},
	"warp.dev":           {"agent", "noreply"},
	"windsurf.com":       {"windsurf", "cascade", "noreply"},
	"x.ai":               {"grok", "noreply"},
	"zed.dev":            {"agent", "noreply"},
}

// assistants are whole names of coding assistants that no person has.
var assistants = map[string]bool{
	"aider": true, "amazon q": true, "amazon q developer": true, "anthropic claude": true, "augment code": true, "autogpt": true, "chatgpt": true,
	"claude code": true, "cline": true, "code rabbit": true, "coderabbit": true, "coderabbitai": true, "codex cli": true, "cody ai": true,
	"copilot": true, "copilot agent": true, "copilot autofix": true, "copilot autofix powered by ai": true, "copilot coding agent": true,
	"copilot swe agent": true, "cursor agent": true, "cursor ai": true, "cursor background agent": true, "cursor bot": true, "cursoragent": true,
	"devin ai": true, "devin ai integration": true, "factory droid": true, "gemini cli": true, "gemini code assist": true, "gemini pro": true,
	"github copilot": true, "github copilot chat": true, "github copilot cli": true, "google gemini": true, "google jules": true, "google labs jules": true,
	"gpt engineer": true, "gpt engineer app": true, "grok code": true, "junie by jetbrains": true, "jetbrains junie": true, "kilo code": true,
	"kimi cli": true, "lovable dev": true, "openai": true, "openai chatgpt": true, "openai codex": true, "opencode": true, "openhands": true,
	"qwen code": true, "qwen coder": true, "replit agent": true, "roo code": true, "roomote": true, "swe agent": true, "sweep ai": true,
	"windsurf": true, "windsurf ai": true, "windsurf cascade": true, "zencoder": true,
}

// models are first words of names of language models: with the name or the
// number of a version behind it, as in "Claude Opus 4.5", it is no person's.
var models = map[string][]string{
	"claude":    {"code", "opus", "sonnet", "haiku", "fable", "instant", "agent", "ai"},
	"codex":     {"cli", "agent", "gpt"},
	"codestral": nil, "deepseek": {"coder", "chat", "ai"},
	"gemini":  {"pro", "flash", "ultra", "nano", "cli", "ai"},
	"glm":     nil,
	"gpt":     {"turbo", "mini", "codex"},
	"grok":    {"code", "fast", "ai"},
	"kimi":    {"cli", "code", "ai"},
	"llama":   {"code"},
	"mistral": {"large", "small", "medium", "ai", "vibe"},
	"o1":      {"mini", "preview"}, "o3": {"mini"}, "o4": {"mini"},
	"qwen": {"coder", "code", "ai"},
}

// accounts are the accounts that assistants have at code hosts, where the
// address is NUMBER+ACCOUNT@users.noreply.HOST.
var accounts = map[string]bool{
	"aider-ai": true, "chatgpt-codex-connector": true, "claude": true, "coderabbitai": true, "copilot": true, "copilot-swe-agent": true, "cursoragent": true,
	"devin-ai-integration": true, "gemini-code-assist": true, "google-labs-jules": true, "jetbrains-junie": true, "openhands-agent": true, "opencode-agent": true,
	"roomote": true, "sourcery-ai": true,
}

// isAssistant reports whether a signature is a coding assistant's. They stand
// in trailers of commits as co-authors, and nobody can ask them. The name and
// the address are in lower case. What may be a person's first name counts only
// by the address, or with a model's name behind it.
func isAssistant(name, local, domain string) bool {
	if locals, ok := assistantDomains[domain]; ok && (locals == nil || slices.Contains(locals, local)) {
		return true
	}
	if strings.HasPrefix(domain, "users.noreply.") {
		if number, account, ok := cutAny(local, "+-"); ok && isDigits(number) && accounts[account] {
			return true
		}
	}
	name, _, _ = strings.Cut(name, "(") // aider (model), Claude Opus 4.6 (1M context)
	words := nameWords(name)
	if len(words) == 0 {
		return false
	}
	if assistants[strings.Join(words, " ")] || words[0] == "aider" && len(words) > 1 && local == "aider" {
		return true
	}
	variants, ok := models[words[0]]
	return ok && len(words) > 1 && (slices.Contains(variants, words[1]) || isVersion(words[1])) || len(words) == 1 && isModel(words[0])
}

// isVersion reports whether a word is a version, as 4, 4.5 or v3.
func isVersion(word string) bool {
	word = strings.TrimPrefix(word, "v")
	return word != "" && unicode.IsDigit(rune(word[0])) && strings.Trim(word, "0123456789.") == ""
}

// isModel reports whether a word is a model with its version, as claude3 or
// qwen2.5.
func isModel(word string) bool {
	at := strings.IndexFunc(word, unicode.IsDigit)
	if at < 2 {
		return false
	}
	_, ok := models[word[:at]]
	return ok && isVersion(word[at:])
}
