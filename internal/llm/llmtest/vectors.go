package llmtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// embeddingsPath is where OpenAI's embeddings are.
const embeddingsPath = "/v1/embeddings"

// Embeddings starts a server that speaks OpenAI's embeddings below /v1 and
// answers each request, from number 0, as a function says.
func Embeddings(t testing.TB, answer func(n int) Reply) *Server {
	s := serve(t, openAI{}, answer)
	s.URL += "/v1"
	return s
}

// vectors answers with the vectors of texts.
func (a *answering) vectors(path string, texts []string) {
	a.w.Header().Set("Content-Type", "application/json")
	e := &Embedder{Length: a.reply.Dimensions}
	if a.reply.Fault == Huge {
		e.Length = 1 << 19
	}
	list := make([][]any, len(texts))
	for i, text := range texts {
		for _, x := range e.vector(text) {
			list[i] = append(list[i], x)
		}
	}
	if a.reply.Fault == Malformed || a.reply.Fault == Endless {
		a.whole()
		return
	}
	last := len(list) - 1
	switch a.reply.Fault {
	case Fewer:
		list = list[:last]
	case Shorter:
		list[last] = list[last][1:]
	case NoUnit:
		list[last][0] = noUnit
	case Beyond:
		list[last][0] = 1e300
	case Zeros:
		for i := range list[last] {
			list[last][i] = 0
		}
	}
	text, _ := json.Marshal(a.vendor.vectors(path, list)) // of our own making
	a.write([]byte(strings.ReplaceAll(string(text), `"`+noUnit+`"`, "NaN")))
}

const noUnit = "no number"

func (openAI) texts(path string, body map[string]any) []string {
	if path != embeddingsPath {
		return nil
	}
	return stringsOf(body["input"])
}

func stringsOf(value any) []string {
	list, _ := value.([]any)
	out := make([]string, 0, len(list))
	for _, item := range list {
		text, _ := item.(string)
		out = append(out, text)
	}
	return out
}

func checkEmbeddings(body map[string]any) error {
	for field := range body {
		if !slices.Contains([]string{"model", "input", "dimensions", "encoding_format"}, field) {
			return fmt.Errorf("the field %s is not expected", field)
		}
	}
	texts := stringsOf(body["input"])
	if body["model"] == "" || len(texts) == 0 || len(texts) > 2048 || slices.Contains(texts, "") {
		return errors.New("a model and up to 2048 texts that are not empty are needed")
	}
	if body["encoding_format"] != "float" {
		return fmt.Errorf("the encoding is %v", body["encoding_format"])
	}
	return nil
}

// vectors answers in another order than was asked: the index says whose a
// vector is.
func (openAI) vectors(_ string, list [][]any) any {
	data := make([]any, 0, len(list))
	for i, v := range slices.Backward(list) {
		data = append(data, object{"object": "embedding", "index": i, "embedding": v})
	}
	return object{"object": "list", "model": "test", "data": data, "usage": object{"prompt_tokens": 5 * len(list), "total_tokens": 5 * len(list)}}
}

func isEmbedding(address string) bool {
	return strings.HasSuffix(address, ":predict") || strings.HasSuffix(address, ":batchEmbedContents")
}

// checkEmbedding checks a request as far as there is a document: that of Vertex
// AI says of instances and parameters that they are the model's. What is looked
// for in them, and in a batch of the Gemini API, is what their references list.
func (g *gemini) checkEmbedding(address string, body map[string]any) error {
	if strings.HasSuffix(address, ":batchEmbedContents") {
		return g.checkBatch(address, body)
	}
	request, err := g.document.request(address)
	if err != nil {
		return err
	}
	if err := g.document.check(request, body, "predict"); err != nil {
		return err
	}
	instances, _ := body["instances"].([]any)
	if len(instances) == 0 || strings.Contains(address, "gemini") && len(instances) > 1 {
		return fmt.Errorf("%d texts in one request", len(instances))
	}
	for _, v := range instances {
		if err := checkFields(v, "content", "task_type", "title"); err != nil {
			return err
		}
	}
	if body["parameters"] == nil {
		return nil
	}
	return checkFields(body["parameters"], "outputDimensionality", "autoTruncate")
}

func (g *gemini) checkBatch(address string, body map[string]any) error {
	requests, _ := body["requests"].([]any)
	if len(requests) == 0 || len(requests) > 100 || len(body) != 1 {
		return fmt.Errorf("%d texts in one request of %d fields", len(requests), len(body))
	}
	for _, v := range requests {
		if err := checkFields(v, "model", "content", "taskType", "title", "outputDimensionality"); err != nil {
			return err
		}
		r, _ := v.(map[string]any)
		if model, _ := r["model"].(string); !strings.Contains(address, "/"+model+":") {
			return fmt.Errorf("a request of %s names the model %s", address, model)
		}
		if err := g.document.check("Content", r["content"], "content"); err != nil {
			return err
		}
	}
	return nil
}

func checkFields(value any, known ...string) error {
	fields, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("%v is no object", value)
	}
	for name := range fields {
		if !slices.Contains(known, name) {
			return fmt.Errorf("the field %s is not expected", name)
		}
	}
	if task := cmpOr(fields["taskType"], fields["task_type"]); task != nil && task != "RETRIEVAL_DOCUMENT" && task != "RETRIEVAL_QUERY" {
		return fmt.Errorf("the task is %v", task)
	}
	return nil
}

func cmpOr(a, b any) any {
	if a != nil {
		return a
	}
	return b
}

func (g *gemini) texts(address string, body map[string]any) []string {
	var out []string
	if !isEmbedding(address) {
		return nil
	}
	if instances, ok := body["instances"].([]any); ok {
		for _, v := range instances {
			text, _ := v.(map[string]any)["content"].(string)
			out = append(out, text)
		}
		return out
	}
	requests, _ := body["requests"].([]any)
	for _, v := range requests {
		r, _ := v.(map[string]any)
		content, _ := r["content"].(map[string]any)
		parts, _ := content["parts"].([]any)
		var text strings.Builder
		for _, part := range parts {
			said, _ := part.(map[string]any)["text"].(string)
			text.WriteString(said)
		}
		out = append(out, text.String())
	}
	return out
}

func (g *gemini) vectors(address string, list [][]any) any {
	embeddings, predictions := []any{}, []any{}
	for _, v := range list {
		embeddings = append(embeddings, object{"values": v})
		predictions = append(predictions, object{"embeddings": object{"values": v, "statistics": object{"truncated": false, "token_count": 5}}})
	}
	if strings.HasSuffix(address, ":batchEmbedContents") {
		return object{"embeddings": embeddings}
	}
	answer := object{"predictions": predictions, "metadata": object{"billableCharacterCount": 20}}
	text, _ := json.Marshal(answer) // of our own making
	var plain map[string]any
	_ = json.Unmarshal(text, &plain)
	if err := g.document.check("PredictResponse", plain, "the answer"); err != nil {
		g.t.Errorf("the server does not speak as the vendor does: %v", err)
	}
	return answer
}
