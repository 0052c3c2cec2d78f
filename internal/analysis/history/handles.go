package history

import (
	"strings"

	"github.com/rampforgeai/rampforge"
)

// account is what the private addresses of a code host say of one of its users:
// 123+user@users.noreply.github.com, 123-user@users.noreply.gitlab.com, and of
// old user@users.noreply.github.com. The number stays when the handle changes.
type account struct{ host, number, handle string }

func accountOf(email string) (account, bool) {
	local, domain, _ := strings.Cut(strings.ToLower(strings.TrimSpace(email)), "@")
	host, ok := strings.CutPrefix(domain, "users.noreply.")
	if !ok || local == "" || host == "" {
		return account{}, false
	}
	if number, user, ok := cutAny(local, "+-"); ok && isDigits(number) && user != "" {
		return account{host, number, user}, true
	}
	return account{host: host, handle: local}, true
}

// handles are the accounts of code hosts that a history names, and what may be
// said by them.
type handles struct {
	numbers map[account]map[string]bool // by host and handle: the numbers of those who had it
	hosts   map[string]map[string]bool  // by handle
	words   map[string]bool             // of full names: a handle that is one may be anybody's first name
}

func (r *register) handles() *handles {
	h := &handles{numbers: map[account]map[string]bool{}, hosts: map[string]map[string]bool{}, words: map[string]bool{}}
	for i := range r.pairs {
		p := r.pairs[i].Signature
		if isBot(p) {
			continue
		}
		if a, ok := accountOf(p.Email); ok {
			if h.hosts[a.handle] == nil {
				h.hosts[a.handle] = map[string]bool{}
			}
			h.hosts[a.handle][a.host] = true
			of := account{host: a.host, handle: a.handle}
			if h.numbers[of] == nil {
				h.numbers[of] = map[string]bool{}
			}
			if a.number != "" {
				h.numbers[of][a.number] = true
			}
		}
		for word := range strings.FieldsSeq(fullName(p.Name)) {
			h.words[word] = true
		}
	}
	return h
}

// shared reports whether several accounts of a host had a handle, one after the
// other.
func (h *handles) shared(a account) bool {
	return len(h.numbers[account{host: a.host, handle: a.handle}]) > 1
}

// minHandle is how long a handle is at least that a name is held against.
const minHandle = 4

// known reports whether a handle is that of one account, which nobody else in the history
// can be meant by.
func (h *handles) known(handle string) bool {
	if len(handle) < minHandle || len(h.hosts[handle]) != 1 || placeholders[handle] || h.words[handle] {
		return false
	}
	for host := range h.hosts[handle] {
		return !h.shared(account{host: host, handle: handle})
	}
	return false
}

// keys says what a pair is joined by beside its address and full name: by the
// number of its account, and by the account's handle where that is its whole
// name. A handle with a digit is nobody's first name; another has to stand before
// the @ of the address too.
func (h *handles) keys(p rampforge.Signature) []string {
	if isBot(p) {
		return nil
	}
	if a, ok := accountOf(p.Email); ok {
		var keys []string
		if a.number != "" {
			keys = append(keys, "#"+a.host+" "+a.number)
		}
		if h.known(a.handle) {
			keys = append(keys, "~"+a.handle)
		}
		return keys
	}
	name := strings.ToLower(p.Name)
	if !h.known(name) {
		return nil
	}
	local, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(p.Email)), "@")
	if strings.ContainsAny(name, "0123456789") && !isDigits(name) || local == name {
		return []string{"~" + name}
	}
	return nil
}
