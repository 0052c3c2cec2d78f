package config

import (
	"net/url"
	"slices"
	"time"
)

// minTokens is a budget that one question with its sources fits into.
const minTokens = 20_000

// checkAI refuses what no model can be asked with. Whether one answers is not
// looked at here: answers are composed without it when it does not.
func (c *Config) checkAI(fault func(variable, problem string)) {
	if !slices.Contains([]string{ProviderAuto, ProviderGemini, ProviderOpenAI, ProviderExtractive}, c.AIProvider) {
		fault("AI_PROVIDER", "must be auto, gemini, openai or extractive")
	}
	if c.AIProvider == ProviderGemini && c.VertexProject == "" && c.GeminiKey == "" {
		fault("AI_PROVIDER", "is gemini, which needs VERTEX_AI_PROJECT_ID or GEMINI_API_KEY")
	}
	if c.AIProvider == ProviderOpenAI && c.Model() == "" {
		fault("AI_PROVIDER", "is openai, which needs OPENAI_MODEL")
	}
	for variable, address := range map[string]string{"GEMINI_BASE_URL": c.GeminiURL, "OPENAI_BASE_URL": c.OpenAIURL} {
		if address != "" && !isEndpoint(address) {
			fault(variable, "must be an address such as https://host/v1, without user, query and fragment") // it may hold a key
		}
	}
	c.checkAIBounds(fault)
	c.checkEmbeddings(fault)
}

// minVectors is memory that the vectors of a small repository fit into.
const minVectors = 1 << 20

func (c *Config) checkEmbeddings(fault func(variable, problem string)) {
	if !slices.Contains([]string{EmbeddingsOff, ProviderGemini, ProviderOpenAI}, c.AIEmbeddings) {
		fault("AI_EMBEDDINGS", "must be off, gemini or openai")
	}
	if c.AIEmbeddings == ProviderGemini && c.VertexProject == "" && c.GeminiKey == "" {
		fault("AI_EMBEDDINGS", "is gemini, which needs VERTEX_AI_PROJECT_ID or GEMINI_API_KEY")
	}
	if c.AIEmbedNumbers != 0 && (c.AIEmbedNumbers < 16 || c.AIEmbedNumbers > 4096) {
		fault("AI_EMBEDDING_DIMENSIONS", "must be between 16 and 4096, or 0 for the model's own")
	}
	if c.AIEmbedMemory < minVectors {
		fault("AI_EMBEDDING_MEMORY", "must be 1MiB or more")
	}
}

func isEndpoint(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil && u.RawQuery == "" && u.Fragment == ""
}

func (c *Config) checkAIBounds(fault func(variable, problem string)) {
	if c.AITimeout < 5*time.Second || c.AITimeout > 30*time.Minute {
		fault("AI_TIMEOUT", "must be between 5s and 30m")
	}
	if c.AIConcurrency < 1 || c.AIConcurrency > 256 {
		fault("AI_CONCURRENCY", "must be between 1 and 256")
	}
	for variable, tokens := range map[string]int64{"AI_TOKENS_PER_USER_DAY": c.AIUserTokens, "AI_TOKENS_PER_DAY": c.AIDayTokens} {
		if tokens != 0 && tokens < minTokens {
			fault(variable, "must be 20000 or more, so that one question fits, or 0 for no limit")
		}
	}
	for variable, price := range map[string]float64{"AI_PRICE_INPUT": c.AIPriceInput, "AI_PRICE_OUTPUT": c.AIPriceOutput} {
		if !(price >= 0 && price < 1e6) { // NaN is neither
			fault(variable, "must be a price of 0 or more")
		}
	}
	if c.AICacheFor < 0 {
		fault("AI_CACHE_FOR", "must not be negative")
	}
	if c.AINarrativeMax < 0 || c.AINarrativeMax > 500 {
		fault("AI_NARRATIVE_REQUESTS", "must be between 0 and 500")
	}
	if c.AINarrativeTok < 0 {
		fault("AI_NARRATIVE_TOKENS", "must not be negative")
	}
	if c.AIKeepSent < 0 || c.AIKeepSent > 200 {
		fault("AI_KEEP_SENT", "must be between 0 and 200")
	}
}
