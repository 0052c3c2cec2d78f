package mcpclient

import "testing"

func TestMisread(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]*MisreadError{
		"Invalid arguments: 404.author: Invalid input: expected object, received null":                  {Field: "author", Listed: true},
		"Invalid arguments: 3.created_at: Invalid input, 4.author: Invalid input: received null":        {Field: "created_at", Listed: true},
		"Invalid arguments: author: Invalid input: expected object, received null":                      {Field: "author"},
		"Invalid arguments: 7: Invalid input: expected object, received string":                         {},
		"GitLab API error: 404 Not Found\nInvalid arguments: 0.author: what the vendor's own text says": nil,
		"not found": nil,
	} {
		got, ok := MisreadOf(refusal(text))
		if ok != (want != nil) || ok && got != *want {
			t.Errorf("%q: %+v, %t", text, got, ok)
		}
	}
}
