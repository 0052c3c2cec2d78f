package config

import (
	"fmt"
	"net/netip"
	"reflect"
	"strings"
)

// Variable describes one environment variable.
type Variable struct {
	Name    string
	Default string // as it is written in the environment, "" for none
	Doc     string
	Secret  bool // VAR_FILE works too, and the value is never shown
	field   int
}

// Variables lists every variable in the order of Config.
func Variables() []Variable {
	t := reflect.TypeFor[Config]()
	vars := make([]Variable, 0, t.NumField())
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		vars = append(vars, Variable{
			Name: tag.Get("env"), Default: tag.Get("envDefault"), Doc: tag.Get("doc"),
			Secret: tag.Get("secret") == "true", field: i,
		})
	}
	return vars
}

// Value returns the variable's value in c as it would be written in the
// environment. A secret that is set reads "(set)".
func (v Variable) Value(c *Config) string {
	value := reflect.ValueOf(*c).Field(v.field)
	switch {
	case v.Name == "DATABASE_URL":
		return withoutPassword(c.DatabaseURL)
	case v.Secret && !value.IsZero():
		return "(set)"
	case value.Kind() == reflect.Pointer:
		if value.IsNil() {
			return ""
		}
		value = value.Elem()
	}
	switch list := value.Interface().(type) {
	case []string:
		return strings.Join(list, ",")
	case []netip.Prefix:
		parts := make([]string, len(list))
		for i, p := range list {
			parts[i] = p.String()
		}
		return strings.Join(parts, ",")
	}
	return fmt.Sprint(value.Interface())
}

// withoutPassword shows the kind and the place of a database and nothing that
// signs in: everything between :// and the last @, and every query parameter,
// is dropped.
func withoutPassword(raw string) string {
	raw, _, _ = strings.Cut(raw, "?")
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return "(set)"
	}
	if i := strings.LastIndex(rest, "@"); i >= 0 {
		rest = "…@" + rest[i+1:]
	}
	return scheme + "://" + rest
}
