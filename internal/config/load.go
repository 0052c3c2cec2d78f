package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"
	"github.com/joho/godotenv"
)

// Fault is one thing that is wrong with the configuration.
type Fault struct {
	Variable string
	Problem  string
}

// FaultsError is everything that is wrong with the configuration.
type FaultsError struct{ Faults []Fault }

// Error lists every fault on a line of its own.
func (e *FaultsError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "the configuration has %d fault(s):", len(e.Faults))
	for _, f := range e.Faults {
		fmt.Fprintf(&b, "\n  %s: %s", f.Variable, f.Problem)
	}
	return b.String()
}

// Rule is what only the part that uses a variable knows of its values. The
// wiring hands the rules to Load, so that their faults are reported together
// with all others, before anything starts.
type Rule struct {
	Variable string
	// Check says what is wrong, without the variable's name; joined errors are
	// one fault each.
	Check func(*Config) error
}

// Load reads the configuration from environ ("KEY=value" pairs as os.Environ
// gives them) over the file dotenv, which may be missing. It fails with a
// FaultsError that holds every fault, those that the rules find included.
func Load(environ []string, dotenv string, rules ...Rule) (*Config, error) {
	vars, faults := gather(environ, dotenv)
	faults = append(faults, readSecretFiles(vars)...)

	var c Config
	err := env.ParseWithOptions(&c, env.Options{Environment: vars, FuncMap: map[reflect.Type]env.ParserFunc{
		reflect.TypeFor[[]string]():       func(v string) (any, error) { return parseList(v) },
		reflect.TypeFor[[]netip.Prefix](): func(v string) (any, error) { return parsePrefixes(v) },
	}})
	faults = append(faults, parseFaults(err)...)
	c.setDefaults()
	faults = append(faults, c.check(faults)...)
	faults = append(faults, c.apply(rules, faults)...)
	if len(faults) > 0 {
		slices.SortStableFunc(faults, func(a, b Fault) int { return strings.Compare(a.Variable, b.Variable) })
		return nil, &FaultsError{Faults: faults}
	}
	return &c, nil
}

// gather lays the environment over the .env file. An empty value counts as not
// set, as compose files write VAR= for "the default".
func gather(environ []string, dotenv string) (map[string]string, []Fault) {
	vars := map[string]string{}
	var faults []Fault
	if dotenv != "" {
		fromFile, err := godotenv.Read(dotenv)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			faults = append(faults, Fault{dotenv, "cannot be read: " + reason(err)})
		}
		maps.Copy(vars, fromFile)
	}
	for _, kv := range environ {
		if k, v, ok := strings.Cut(kv, "="); ok && v != "" {
			vars[k] = v
		}
	}
	maps.DeleteFunc(vars, func(_, v string) bool { return v == "" })
	return vars, faults
}

// reason keeps the file's content out of the message: godotenv quotes the
// line that it could not read, which may hold a secret.
func reason(err error) string {
	if pathErr, ok := errors.AsType[*os.PathError](err); ok {
		return pathErr.Err.Error()
	}
	return "a line is not of the form NAME=value"
}

// readSecretFiles puts the content of the file that VAR_FILE names under VAR,
// for every secret variable.
func readSecretFiles(vars map[string]string) []Fault {
	var faults []Fault
	for _, v := range Variables() {
		path, named := vars[v.Name+"_FILE"]
		if !v.Secret || !named {
			continue
		}
		if _, both := vars[v.Name]; both {
			faults = append(faults, Fault{v.Name, "is set, and so is " + v.Name + "_FILE: keep one of them"})
			continue
		}
		content, err := readSecret(path)
		if err != nil {
			faults = append(faults, Fault{v.Name + "_FILE", "cannot be read: " + reason(err)})
			continue
		}
		if len(content) > maxSecret {
			faults = append(faults, Fault{v.Name + "_FILE", "names a file of more than 64 KiB, which is no secret"})
			continue
		}
		value := strings.TrimRight(string(content), "\r\n")
		if value == "" {
			faults = append(faults, Fault{v.Name + "_FILE", "names an empty file"})
			continue
		}
		vars[v.Name] = value
	}
	return faults
}

// maxSecret is the size of the largest file that holds a secret, in bytes.
const maxSecret = 64 << 10

// readSecret reads a little more than the largest secret at most: a name by mistake
// may be that of a device without an end.
func readSecret(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxSecret+1))
}

// parseFaults takes env's aggregate apart, one fault for each variable.
func parseFaults(err error) []Fault {
	if err == nil {
		return nil
	}
	aggregate, ok := errors.AsType[env.AggregateError](err)
	if !ok {
		return []Fault{{"configuration", err.Error()}}
	}
	var faults []Fault
	for _, one := range aggregate.Errors {
		parse, ok := errors.AsType[env.ParseError](one)
		if !ok {
			faults = append(faults, Fault{"configuration", one.Error()})
			continue
		}
		faults = append(faults, Fault{variableOf(parse.Name), problemOf(parse)})
	}
	return faults
}

func variableOf(field string) string {
	if f, ok := reflect.TypeFor[Config]().FieldByName(field); ok {
		return f.Tag.Get("env")
	}
	return field
}

// problemOf says what a value of the field's type looks like. The value itself
// stays out of it: a secret pasted under the wrong name must not reach a log.
func problemOf(e env.ParseError) string {
	switch e.Type.String() {
	case "int":
		return "must be a whole number"
	case "bool", "*bool":
		return "must be true or false"
	case "time.Duration":
		return "must be a duration such as 30s, 5m or 12h"
	case "slog.Level":
		return "must be DEBUG, INFO, WARN or ERROR"
	}
	return e.Err.Error()
}

// parseList reads "a,b" or, as the Python service's users write it, ["a","b"].
func parseList(v string) ([]string, error) {
	if strings.HasPrefix(strings.TrimSpace(v), "[") {
		var list []string
		if err := json.Unmarshal([]byte(v), &list); err != nil {
			return nil, errors.New("begins with [ and is no JSON list of strings")
		}
		return list, nil
	}
	list := []string{}
	for item := range strings.SplitSeq(v, ",") {
		if item = strings.TrimSpace(item); item != "" {
			list = append(list, item)
		}
	}
	return list, nil
}

func parsePrefixes(v string) ([]netip.Prefix, error) {
	items, err := parseList(v)
	if err != nil {
		return nil, err
	}
	prefixes := make([]netip.Prefix, 0, len(items))
	for _, item := range items {
		if addr, err := netip.ParseAddr(item); err == nil {
			prefixes = append(prefixes, netip.PrefixFrom(addr, addr.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(item)
		if err != nil {
			return nil, fmt.Errorf("%q is neither an address nor a network such as 10.0.0.0/8", item)
		}
		prefixes = append(prefixes, p)
	}
	return prefixes, nil
}

// setDefaults fills what depends on other variables.
func (c *Config) setDefaults() {
	if c.DatabaseURL == "" {
		c.DatabaseURL = "sqlite:///" + filepath.ToSlash(filepath.Join(c.DataDir, "rampforge.db"))
	}
	// A list that is given and empty is a fault, and no wish for the default.
	if c.LocalRoots == nil {
		if home, err := os.UserHomeDir(); err == nil && filepath.IsAbs(home) {
			c.LocalRoots = []string{home}
		}
	}
}
