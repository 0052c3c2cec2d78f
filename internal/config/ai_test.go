package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/config"
)

func TestProvider(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		environ         []string
		provider, model string
	}{
		{nil, "extractive", ""},
		{[]string{"VERTEX_AI_PROJECT_ID=p"}, "gemini", ""},
		{[]string{"GEMINI_API_KEY=k", "AI_MODEL=gemini-2.5-pro"}, "gemini", "gemini-2.5-pro"},
		{[]string{"OPENAI_API_KEY=k"}, "extractive", ""}, // for another program, it may be
		{[]string{"OPENAI_MODEL=llama3"}, "openai", "llama3"},
		{[]string{"OPENAI_MODEL=llama3", "VERTEX_AI_PROJECT_ID=p"}, "gemini", ""},
		{[]string{"AI_PROVIDER=openai", "AI_MODEL=qwen", "VERTEX_AI_PROJECT_ID=p"}, "openai", "qwen"},
		{[]string{"AI_PROVIDER=extractive", "VERTEX_AI_PROJECT_ID=p", "OPENAI_MODEL=llama3"}, "extractive", ""},
	} {
		got, err := config.Load(c.environ, "")
		if err != nil || got.Provider() != c.provider || got.Model() != c.model {
			t.Errorf("%v: %s, %q, %v", c.environ, got.Provider(), got.Model(), err)
		}
	}
}

func TestFaultsOfAI(t *testing.T) {
	t.Parallel()
	for setting, variable := range map[string]string{
		"AI_PROVIDER=claude": "AI_PROVIDER", "AI_PROVIDER=gemini": "AI_PROVIDER", "AI_PROVIDER=openai": "AI_PROVIDER",
		"OPENAI_BASE_URL=localhost:11434": "OPENAI_BASE_URL", "OPENAI_BASE_URL=https://me:hunter2@host/v1": "OPENAI_BASE_URL",
		"GEMINI_BASE_URL=ftp://host": "GEMINI_BASE_URL", "GEMINI_BASE_URL=https://host/?key=hunter2": "GEMINI_BASE_URL",
		"AI_TIMEOUT=1s": "AI_TIMEOUT", "AI_CONCURRENCY=0": "AI_CONCURRENCY", "AI_TOKENS_PER_USER_DAY=100": "AI_TOKENS_PER_USER_DAY",
		"AI_TOKENS_PER_DAY=-1": "AI_TOKENS_PER_DAY", "AI_PRICE_INPUT=-1": "AI_PRICE_INPUT", "AI_PRICE_OUTPUT=NaN": "AI_PRICE_OUTPUT",
		"AI_NARRATIVE_REQUESTS=-1": "AI_NARRATIVE_REQUESTS", "AI_NARRATIVE_TOKENS=-1": "AI_NARRATIVE_TOKENS",
		"AI_CACHE_FOR=-1s": "AI_CACHE_FOR", "AI_KEEP_SENT=1000": "AI_KEEP_SENT",
		"AI_EMBEDDINGS=on": "AI_EMBEDDINGS", "AI_EMBEDDINGS=gemini": "AI_EMBEDDINGS", "AI_EMBEDDING_DIMENSIONS=5": "AI_EMBEDDING_DIMENSIONS",
		"AI_EMBEDDING_DIMENSIONS=-1": "AI_EMBEDDING_DIMENSIONS", "AI_EMBEDDING_MEMORY=1kB": "AI_EMBEDDING_MEMORY",
	} {
		_, err := config.Load([]string{setting}, "")
		faults, ok := errors.AsType[*config.FaultsError](err)
		if !ok || len(faults.Faults) != 1 || faults.Faults[0].Variable != variable || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", setting, err)
		}
	}
	if _, err := config.Load([]string{"OPENAI_BASE_URL=http://localhost:11434/v1", "OPENAI_MODEL=llama3", "AI_TOKENS_PER_DAY=0"}, ""); err != nil {
		t.Errorf("a model on this machine: %v", err)
	}
}

func TestEmbeddingNumbers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		environ []string
		want    int
	}{
		{[]string{"AI_EMBEDDINGS=openai"}, 512},
		{[]string{"AI_EMBEDDINGS=openai", "AI_EMBEDDING_MODEL=nomic-embed-text"}, 0},
		{[]string{"AI_EMBEDDINGS=gemini", "GEMINI_API_KEY=k", "AI_EMBEDDING_MODEL=gemini-embedding-001", "AI_EMBEDDING_DIMENSIONS=256"}, 256},
	} {
		if got, err := config.Load(c.environ, ""); err != nil || got.EmbeddingNumbers() != c.want {
			t.Errorf("%v: %d, %v", c.environ, got.EmbeddingNumbers(), err)
		}
	}
}
