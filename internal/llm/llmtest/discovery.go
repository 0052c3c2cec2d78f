package llmtest

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// document is the discovery document of Vertex AI in Google's module.
const document = "aiplatform/v1/aiplatform-api.json"

// prefix is of the schemas' names.
const prefix = "GoogleCloudAiplatformV1"

// discovery is what a discovery document says of a service.
type discovery struct {
	methods map[string]string
	schemas map[string]*schema
}

type schema struct {
	Ref                  string             `json:"$ref"`
	Type                 string             `json:"type"`
	Format               string             `json:"format"`
	Enum                 []string           `json:"enum"`
	Properties           map[string]*schema `json:"properties"`
	AdditionalProperties *schema            `json:"additionalProperties"`
	Items                *schema            `json:"items"`
}

type resource struct {
	Resources map[string]resource `json:"resources"`
	Methods   map[string]struct {
		FlatPath string `json:"flatPath"`
		Request  struct {
			Ref string `json:"$ref"`
		} `json:"request"`
	} `json:"methods"`
}

var moduleDir = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "google.golang.org/api").Output()
	if dir := strings.TrimSpace(string(out)); err == nil && dir != "" {
		return dir, nil
	}
	return "", errors.Join(errors.New("google.golang.org/api is not in the module cache: run go mod download"), err)
})

func readDiscovery(t testing.TB) *discovery {
	t.Helper()
	dir, err := moduleDir()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(document)))
	if err != nil {
		t.Fatal(err)
	}
	var parsed struct {
		resource
		Schemas map[string]*schema `json:"schemas"`
	}
	if err := json.Unmarshal(content, &parsed); err != nil {
		t.Fatal(err)
	}
	d := &discovery{schemas: parsed.Schemas, methods: map[string]string{}}
	d.collect(parsed.resource)
	return d
}

// collect gathers the methods of a resource and of those in it.
func (d *discovery) collect(r resource) {
	for _, m := range r.Methods {
		if m.Request.Ref != "" {
			d.methods[m.FlatPath] = m.Request.Ref
		}
	}
	for _, inner := range r.Resources {
		d.collect(inner)
	}
}

// request names the schema of what is sent to an address.
func (d *discovery) request(address string) (string, error) {
	for path, ref := range d.methods {
		if fits(strings.Split(path, "/"), strings.Split(strings.TrimPrefix(address, "/"), "/")) {
			return strings.TrimPrefix(ref, prefix), nil
		}
	}
	return "", errors.New("no method of the document has this path")
}

// fits compares a path with one that has {names} in it, a method's name behind
// the last of them.
func fits(path, address []string) bool {
	return slices.EqualFunc(path, address, func(p, a string) bool {
		if !strings.HasPrefix(p, "{") {
			return p == a
		}
		_, verb, _ := strings.Cut(p, "}")
		given, verbGiven, _ := strings.Cut(a, ":")
		return given != "" && (verb == "" || verb == ":"+verbGiven)
	})
}

// check compares a value with a schema of the document. Fields that it does not
// know are faults: the real service refuses them.
func (d *discovery) check(name string, value any, at string) error {
	s := d.schemas[prefix+name]
	if s == nil {
		return fmt.Errorf("the document has no schema %s", name)
	}
	return d.value(s, value, at)
}

func (d *discovery) value(s *schema, value any, at string) error {
	switch {
	case s.Ref != "":
		return d.check(strings.TrimPrefix(s.Ref, prefix), value, at)
	case s.Type == "any":
		return nil
	case s.Type == "object":
		return d.object(s, value, at)
	case s.Type == "array":
		items, ok := value.([]any)
		if !ok {
			return fmt.Errorf("%s is no array", at)
		}
		for i, item := range items {
			if err := d.value(s.Items, item, fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
		return nil
	}
	return plain(s, value, at)
}

func (d *discovery) object(s *schema, value any, at string) error {
	fields, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("%s is no object", at)
	}
	for name, field := range fields {
		of := s.Properties[name]
		if of == nil {
			of = s.AdditionalProperties
		}
		if of == nil {
			return fmt.Errorf("%s.%s is not known", at, name)
		}
		if err := d.value(of, field, at+"."+name); err != nil {
			return err
		}
	}
	return nil
}

func plain(s *schema, value any, at string) error {
	fits := false
	switch v := value.(type) {
	case string:
		_, decoded := base64.StdEncoding.DecodeString(v)
		fits = s.Type == "string" && (len(s.Enum) == 0 || slices.Contains(s.Enum, v)) && (s.Format != "byte" || decoded == nil)
	case float64:
		fits = s.Type == "number" || s.Type == "integer" && v == float64(int64(v))
	case bool:
		fits = s.Type == "boolean"
	}
	if !fits {
		return fmt.Errorf("%s is %v, which is no %s %s %v", at, value, s.Type, s.Format, s.Enum)
	}
	return nil
}
