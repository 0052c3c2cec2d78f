package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

// Subject is a person as far as they are known by an e-mail address: as a user,
// by accounts of services and by signatures of commits. Either of the last two
// may be without the first.
type Subject struct {
	Email     string
	User      *rampforge.User
	PersonIDs []string         // who they are, and who they were before they were merged
	Accounts  []SubjectAccount // of services
	Addresses []string         // every e-mail address they are known by, in the form that compares
	Names     []string
}

// SubjectAccount is an account of a service.
type SubjectAccount struct {
	ServiceID string `json:"service_id"`
	ID        string `json:"id"`
	Login     string `json:"login"`
	Name      string `json:"name"`
	Email     string `json:"email"`
}

const (
	// Who is who by an address: as a user's, an account's or a commit's.
	personsOfAddress = `SELECT DISTINCT i.person_id FROM identities i WHERE lower(i.email) = $1 OR i.kind = 'git' AND i.subject = $1 OR i.kind = 'user' AND i.subject = $2`
	mergedInto       = `SELECT p.id FROM people p WHERE p.merged_into = $1`
	identitiesOfOne  = `SELECT i.kind, i.service_id, i.subject, i.login, i.name, i.email FROM identities i WHERE i.person_id = $1 ORDER BY i.id`
	personOfAccount  = `SELECT i.person_id FROM identities i WHERE i.kind = 'account' AND i.service_id = $1 AND i.subject = $2`
	accountsAddress  = `SELECT a.service_id, a.id, a.login, a.name, a.email FROM accounts a WHERE lower(a.email) = $1`
)

// Subject finds who is meant by an e-mail address. An address that nothing knows
// is RESOURCE_NOT_FOUND.
func (s *Store) Subject(ctx context.Context, email string) (Subject, error) {
	key := EmailKey(email)
	v := Subject{Email: key, Addresses: []string{key}}
	userID := ""
	if user, _, err := s.UserByEmail(ctx, key); err == nil {
		v.User, userID = &user, user.ID
		v.Names = append(v.Names, user.Name)
	} else if rampforge.ErrorCode(err) != rampforge.CodeNotFound {
		return v, err
	}
	rows, err := s.query(ctx, personsOfAddress, key, userID)
	people, err := scanAll(rows, err, func(id *string) []any { return []any{id} })
	if err != nil {
		return v, err
	}
	for _, id := range people {
		if err := s.addPerson(ctx, &v, id); err != nil {
			return v, err
		}
	}
	for _, address := range slices.Clone(v.Addresses) { // accounts whose person was not looked for yet
		rows, err := s.query(ctx, accountsAddress, address)
		more, err := scanAll(rows, err, func(a *SubjectAccount) []any { return []any{&a.ServiceID, &a.ID, &a.Login, &a.Name, &a.Email} })
		if err != nil {
			return v, err
		}
		for _, a := range more {
			v.add(a)
			rows, err := s.query(ctx, personOfAccount, a.ServiceID, a.ID)
			people, err := scanAll(rows, err, func(id *string) []any { return []any{id} })
			if err != nil {
				return v, err
			}
			for _, id := range people {
				if slices.Contains(v.PersonIDs, id) {
					continue
				}
				if err := s.addPerson(ctx, &v, id); err != nil {
					return v, err
				}
			}
		}
	}
	if v.User == nil && len(v.Accounts) == 0 && len(v.PersonIDs) == 0 {
		return v, rampforge.Errorf(rampforge.CodeNotFound, "Nobody is known by the address %s: neither an account here, nor one of a service, nor a signature of a commit.", key)
	}
	slices.Sort(v.Addresses)
	slices.Sort(v.Names)
	v.Addresses, v.Names = slices.Compact(v.Addresses), slices.Compact(v.Names)
	return v, nil
}

func (v *Subject) add(a SubjectAccount) {
	if !slices.ContainsFunc(v.Accounts, func(k SubjectAccount) bool { return k.ServiceID == a.ServiceID && k.ID == a.ID }) {
		v.Accounts = append(v.Accounts, a)
	}
	if a.Email != "" {
		v.Addresses = append(v.Addresses, EmailKey(a.Email))
	}
	if strings.TrimSpace(a.Name) != "" {
		v.Names = append(v.Names, a.Name)
	}
}

func (s *Store) addPerson(ctx context.Context, v *Subject, id string) error {
	v.PersonIDs = append(v.PersonIDs, id)
	rows, err := s.query(ctx, mergedInto, id)
	before, err := scanAll(rows, err, func(id *string) []any { return []any{id} })
	if err != nil {
		return err
	}
	v.PersonIDs = append(v.PersonIDs, before...)
	type known struct {
		SubjectAccount

		kind rampforge.IdentityKind
	}
	rows, err = s.query(ctx, identitiesOfOne, id)
	all, err := scanAll(rows, err, func(k *known) []any { return []any{&k.kind, &k.ServiceID, &k.ID, &k.Login, &k.Name, &k.Email} })
	for _, k := range all {
		switch k.kind {
		case rampforge.IdentityAccount:
			v.add(k.SubjectAccount)
			continue
		case rampforge.IdentityGit:
			v.Addresses = append(v.Addresses, EmailKey(k.ID))
		}
		if k.Email != "" {
			v.Addresses = append(v.Addresses, EmailKey(k.Email))
		}
		if strings.TrimSpace(k.Name) != "" {
			v.Names = append(v.Names, k.Name)
		}
	}
	return err
}

// services are those that the person has an account of.
func (v *Subject) services() []string {
	var ids []string
	for _, a := range v.Accounts {
		ids = append(ids, a.ServiceID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

const (
	putErasureKey = `INSERT INTO erasure_key (id, key) VALUES (1, $1) ON CONFLICT (id) DO NOTHING`
	putErasure    = `INSERT INTO erasures (digest, pseudonym, erased_at) VALUES ($1, $2, $3) ON CONFLICT (digest) DO NOTHING`

	eraseUser = `UPDATE users SET email = $2, email_key = $2, name = $3, password_hash = '', is_active = FALSE, skills = '[]', learning_progress = '{}',
		timezone = 'UTC', named_as_expert = FALSE, last_active = NULL, updated_at = $4 WHERE id = $1`
	eraseMembership    = `DELETE FROM project_members WHERE email_key = $1 OR user_id = $2`
	eraseAccount       = `UPDATE accounts SET login = $3, name = $3, email = $4, email_verified = TRUE WHERE service_id = $1 AND id = $2`
	eraseAuditTarget   = `UPDATE audit_log SET target_id = $2 WHERE target_id = $1`
	eraseAuditAddress  = `UPDATE audit_log SET address = '' WHERE actor_id = $1`
	eraseAuditDetails  = `UPDATE audit_log SET details = replace(details, $1, $2) WHERE details LIKE $3 ESCAPE '\'`
	eraseFigures       = `UPDATE team_figures SET value = replace(value, $1, $2) WHERE value LIKE $3 ESCAPE '\'`
	signaturesOf       = `SELECT s.source, s.email, s.name, s.account_id, s.proper FROM signatures s WHERE lower(s.email) = $1 OR lower(s.proper) = $1`
	signaturesBy       = `SELECT s.source, s.email, s.name, s.account_id, s.proper FROM signatures s WHERE s.source = $1 AND s.account_id = $2`
	goSignature        = `DELETE FROM signatures WHERE source = $1 AND email = $2 AND name = $3 AND account_id = $4`
	eraseIdentity      = `UPDATE identities SET login = $2, name = $2, email = $3, subject = CASE WHEN kind = 'git' THEN $3 ELSE subject END WHERE id = $1`
	identityKinds      = `SELECT i.id, i.kind FROM identities i WHERE i.person_id = $1 ORDER BY i.id`
	joinIdentities     = `INSERT INTO identity_decisions (a, b, together, decided_by, decided_at) VALUES ($1, $2, TRUE, '', $3) ON CONFLICT (a, b) DO UPDATE SET together = TRUE`
	erasePerson        = `UPDATE people SET name = $2, name_key = $3 WHERE id = $1`
	goPersonSuggestion = `DELETE FROM person_suggestions WHERE a = $1 OR b = $1`

	eraseSessions      = `DELETE FROM user_sessions WHERE user_id = $1`
	eraseAPITokens     = `DELETE FROM api_tokens WHERE user_id = $1`
	eraseConversations = `DELETE FROM conversations WHERE user_id = $1`
	eraseDrafts        = `DELETE FROM knowledge_items WHERE author_id = $1 AND state <> 'approved' AND NOT revised`
	disownKnowledge    = `UPDATE knowledge_items SET author_id = NULL WHERE author_id = $1`
	eraseInterviews    = `DELETE FROM interviews WHERE user_id = $1`
	disownPerson       = `UPDATE people SET user_id = NULL WHERE user_id = $1`
	eraseInvitation    = `DELETE FROM invitations WHERE email_key = $1`
	eraseInterviewed   = `DELETE FROM interviews WHERE email_key = $1`

	roleOfUser = `SELECT u.role, u.is_active FROM users u WHERE u.id = $1`
)

// eraseOwn is what goes with an account: $1 is its id.
var eraseOwn = []string{eraseSessions, eraseAPITokens, eraseConversations, eraseDrafts, disownKnowledge, eraseInterviews, disownPerson}

// eraseAddressed is what goes with an address: $1 is the form that compares.
var eraseAddressed = []string{eraseInvitation, eraseInterviewed}

// Erase makes a person nameless, all or nothing: the account stays as the
// pseudonym's, as others refer to it, without anything that says who it was, and
// cannot be used; sessions, tokens, conversations, interviews and drafts go; the
// names in accounts, signatures and the audit log become the pseudonym. What
// named the person is remembered as digests, so that no sync brings it back. It
// returns the pseudonym. The records that name them are made nameless by
// EraseRecords. The last active administrator is RESOURCE_CONFLICT.
func (s *Store) Erase(ctx context.Context, v Subject, now time.Time) (pseudonym string, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		var raw [32]byte
		_, _ = rand.Read(raw[:]) // never fails: crypto/rand ends the program instead
		if _, err := tx.ExecContext(ctx, putErasureKey, hex.EncodeToString(raw[:])); err != nil {
			return err
		}
		e, err := erasedFrom(ctx, tx)
		if err != nil {
			return err
		}
		pseudonym = "Erased person " + hex.EncodeToString(raw[:4])
		for _, address := range v.Addresses { // who was erased before, in part, stays who they are
			if known := e.Address(address); known != "" {
				pseudonym = known
			}
		}
		if err := s.rememberErasedTx(ctx, tx, e, v, pseudonym, now); err != nil {
			return err
		}
		if v.User != nil {
			if err := s.eraseUserTx(ctx, tx, v.User.ID, pseudonym, now); err != nil {
				return err
			}
		}
		if err := s.eraseNamesTx(ctx, tx, v, pseudonym, now); err != nil {
			return err
		}
		return s.StalePeopleTx(ctx, tx)
	})
	return pseudonym, err
}

func (s *Store) rememberErasedTx(ctx context.Context, tx *sql.Tx, e *Erased, v Subject, pseudonym string, now time.Time) error {
	var rows [][]any
	add := func(kind, value string) { rows = append(rows, []any{e.digest(kind, value), pseudonym, now}) }
	for _, a := range v.Addresses {
		add(erasedAddress, a)
	}
	for _, a := range v.Accounts {
		add(erasedAccount, a.ServiceID+"/"+a.ID)
	}
	for _, n := range v.Names {
		add(erasedName, erasedNameKey(n))
	}
	return s.runEach(ctx, tx, putErasure, rows)
}

func (s *Store) eraseUserTx(ctx context.Context, tx *sql.Tx, userID, pseudonym string, now time.Time) error {
	if _, err := tx.ExecContext(ctx, touchAdmins); err != nil {
		return err
	}
	var active bool
	var role rampforge.Role
	if err := tx.QueryRowContext(ctx, roleOfUser, userID).Scan(&role, &active); err != nil {
		return found(err, "user")
	}
	var others int
	if err := tx.QueryRowContext(ctx, countOtherAdmins, userID).Scan(&others); err != nil {
		return err
	}
	if role == rampforge.RoleAdmin && active && others == 0 {
		return rampforge.Errorf(rampforge.CodeConflict, "This is the last active administrator: make another one first.")
	}
	for _, text := range eraseOwn {
		if _, err := tx.ExecContext(ctx, text, userID); err != nil {
			return fmt.Errorf("erasing an account: %w", err)
		}
	}
	if _, err := tx.ExecContext(ctx, eraseUser, userID, pseudonymAddress(pseudonym)+"."+strings.ToLower(userID), pseudonym, now); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, eraseAuditAddress, userID)
	return err
}

func (s *Store) eraseNamesTx(ctx context.Context, tx *sql.Tx, v Subject, pseudonym string, now time.Time) error {
	userID := "-"
	if v.User != nil {
		userID = v.User.ID
	}
	mail := pseudonymAddress(pseudonym)
	var signed []KeptSignature
	take := func(rows *sql.Rows, err error) error {
		more, err := scanAll(rows, err, func(k *KeptSignature) []any { return []any{&k.Source, &k.Email, &k.Name, &k.AccountID, &k.Proper} })
		signed = append(signed, more...)
		return err
	}
	for _, address := range v.Addresses {
		for _, text := range eraseAddressed {
			if _, err := tx.ExecContext(ctx, text, address); err != nil {
				return err
			}
		}
		like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(address) + "%"
		for _, c := range []struct {
			text string
			args []any
		}{{eraseMembership, []any{address, userID}}, {eraseAuditTarget, []any{address, mail}}, {eraseAuditDetails, []any{address, mail, like}}, {eraseFigures, []any{address, mail, like}}} {
			if _, err := tx.ExecContext(ctx, c.text, c.args...); err != nil {
				return err
			}
		}
		if err := take(tx.QueryContext(ctx, signaturesOf, address)); err != nil {
			return err
		}
	}
	for _, a := range v.Accounts {
		if _, err := tx.ExecContext(ctx, eraseAccount, a.ServiceID, a.ID, pseudonym, mail); err != nil {
			return err
		}
		if err := take(tx.QueryContext(ctx, signaturesBy, a.ServiceID, a.ID)); err != nil {
			return err
		}
	}
	for _, k := range signed {
		if _, err := tx.ExecContext(ctx, goSignature, k.Source, k.Email, k.Name, k.AccountID); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, insertSignature, k.Source, mail, pseudonym, k.AccountID); err != nil {
			return err
		}
	}
	return s.eraseIdentitiesTx(ctx, tx, v, pseudonym, now)
}

// eraseIdentitiesTx gives the pseudonym to what the person is known by, and joins
// it by a decision: the evidence for it was in the names. The addresses of their
// commits become one.
func (s *Store) eraseIdentitiesTx(ctx context.Context, tx *sql.Tx, v Subject, pseudonym string, now time.Time) error {
	type kept struct{ id, kind string }
	var all []kept
	committed := false
	for _, person := range v.PersonIDs {
		if _, err := tx.ExecContext(ctx, goPersonSuggestion, person); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, erasePerson, person, pseudonym, strings.ToLower(pseudonym)); err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, identityKinds, person)
		found, err := scanAll(rows, err, func(k *kept) []any { return []any{&k.id, &k.kind} })
		if err != nil {
			return err
		}
		for _, k := range found {
			if k.kind == string(rampforge.IdentityGit) && committed {
				if _, err := tx.ExecContext(ctx, goIdentity, k.id); err != nil {
					return err
				}
				continue
			}
			committed = committed || k.kind == string(rampforge.IdentityGit)
			all = append(all, k)
		}
	}
	for n, k := range all {
		if _, err := tx.ExecContext(ctx, eraseIdentity, k.id, pseudonym, pseudonymAddress(pseudonym)); err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		if _, err := tx.ExecContext(ctx, joinIdentities, min(all[0].id, k.id), max(all[0].id, k.id), now); err != nil {
			return err
		}
	}
	return nil
}

const (
	recordServices = `SELECT DISTINCT r.service_id FROM records r ORDER BY r.service_id`
	pageOfRecords  = `SELECT r.stream, r.id, r.resource_id, r.updated_at, r.synced_at, r.content FROM records r
		WHERE r.service_id = $1 AND (r.stream > $2 OR r.stream = $2 AND r.id > $3) ORDER BY r.stream, r.id LIMIT $4`
	eraseRecord = `UPDATE records SET content = $4, assignees = $5, search = $6, title = $7, raw = NULL WHERE service_id = $1 AND stream = $2 AND id = $3 AND synced_at = $8`
)

// recordsAtOnce is how many records are looked through in one step.
const recordsAtOnce = 500

// keptRecord is a record of the database, as it is looked through.
type keptRecord struct {
	rampforge.Record

	synced time.Time
}

// eachRecord hands on the records of a service, tombstones too.
func (s *Store) eachRecord(ctx context.Context, serviceID string, visit func([]keptRecord) error) error {
	var stream rampforge.Stream
	id := ""
	for {
		rows, err := s.query(ctx, pageOfRecords, serviceID, stream, id, recordsAtOnce)
		page, err := collect(rows, err, func(r row) (k keptRecord, err error) {
			var content string
			if err = r.Scan(&k.Stream, &k.ID, &k.ResourceID, database.ScanTime(&k.UpdatedAt), database.ScanTime(&k.synced), &content); err == nil {
				err = decodeContent(&k.Record, []byte(content))
			}
			return k, err
		})
		if err != nil || len(page) == 0 {
			return err
		}
		stream, id = page[len(page)-1].Stream, page[len(page)-1].ID
		if err := visit(page); err != nil {
			return err
		}
	}
}

// decodeContent reads the content of a record into the field of its stream.
func decodeContent(r *rampforge.Record, content []byte) error {
	var into any
	switch r.Stream {
	case rampforge.StreamWorkItems:
		r.WorkItem = &rampforge.WorkItem{}
		into = r.WorkItem
	case rampforge.StreamSprints:
		r.Sprint = &rampforge.Sprint{}
		into = r.Sprint
	case rampforge.StreamPullRequests:
		r.PullRequest = &rampforge.PullRequest{}
		into = r.PullRequest
	case rampforge.StreamCommits:
		r.Commit = &rampforge.VendorCommit{}
		into = r.Commit
	case rampforge.StreamPipelineRuns:
		r.PipelineRun = &rampforge.PipelineRun{}
		into = r.PipelineRun
	case rampforge.StreamDeployments:
		r.Deployment = &rampforge.Deployment{}
		into = r.Deployment
	case rampforge.StreamDocuments:
		r.Document = &rampforge.Document{}
		into = r.Document
	default:
		return nil
	}
	return json.Unmarshal(content, into)
}

// EraseRecords makes nameless, in all records that are kept, whoever was erased,
// and has what is made of them made anew. It works in steps, may be interrupted
// and run again, and returns how many records it changed. A record that is read
// from the vendor meanwhile is made nameless as it is written.
func (s *Store) EraseRecords(ctx context.Context, now time.Time) (int, error) {
	rows, err := s.query(ctx, recordServices)
	services, err := scanAll(rows, err, func(id *string) []any { return []any{id} })
	if err != nil {
		return 0, err
	}
	total := 0
	for _, service := range services {
		changedHere := 0
		err := s.eachRecord(ctx, service, func(page []keptRecord) error {
			n, err := s.eraseRecordPage(ctx, service, page)
			changedHere += n
			return err
		})
		total += changedHere
		if err == nil && changedHere > 0 {
			err = s.db.InTx(ctx, func(tx *sql.Tx) error { return s.remakeTx(ctx, tx, service, now) })
		}
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// remakeTx has what is made of a service's records made anew: the facts of work
// and the search.
func (s *Store) remakeTx(ctx context.Context, tx *sql.Tx, serviceID string, now time.Time) error {
	if err := s.RemakeWorkflowsTx(ctx, tx, serviceID, now); err != nil {
		return err
	}
	return s.againServiceSearchTx(ctx, tx, serviceID)
}

func (s *Store) eraseRecordPage(ctx context.Context, service string, page []keptRecord) (n int, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		n = 0
		erased, err := erasedFrom(ctx, tx)
		if err != nil {
			return err
		}
		for i := range page {
			r := &page[i].Record
			if named, err := erased.Record(service, r); err != nil {
				return err
			} else if !named {
				continue
			}
			m, err := mappedOf(r)
			if err != nil {
				return err
			}
			won, err := changed(tx.ExecContext(ctx, eraseRecord, service, r.Stream, r.ID, m.content, m.assignees, m.search, m.title, page[i].synced))
			if err != nil {
				return err
			}
			if won {
				n++
			}
		}
		return nil
	})
	return n, err
}
