package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

// ServiceFilter narrows a list of services; a zero field narrows nothing.
type ServiceFilter struct {
	Enabled *bool
	Type    rampforge.ServiceType
}

// SealedCredentials are a service's credentials as they are kept: the store
// cannot read them.
type SealedCredentials struct {
	KeyID string // names the key that opens them
	Text  []byte
}

// ServiceSecret is a service with what nobody but who connects to it needs.
type ServiceSecret struct {
	Service  rampforge.Service
	Sealed   SealedCredentials
	Watched  bool // it was connected, and not disconnected since
	Failures int  // checks that failed since the last that did not
	Revision int64
	// Moved is set by a change whose credentials lead to another site, which the
	// endpoint does not show.
	Moved bool
}

// ServiceState is a service as the last check left it.
type ServiceState struct {
	Service   rampforge.Service
	LastCheck *time.Time
	Took      *time.Duration
}

// ServiceResult is what a check of a service found.
type ServiceResult struct {
	At   time.Time
	Took time.Duration
	// Error is a sentence with the reason why the service cannot be used; "" is
	// that it can.
	Error      string
	AuthNeeded bool // it is the credentials that are refused
	Tolerated  bool // the failure says nothing about whether the service is up
	Server     *rampforge.ServiceServer
	Next       *time.Time // when to look again; nil is never
}

const (
	serviceColumns = `id, service_type, name, endpoint, transport, enabled, status, auth_needed, last_connected, last_error, last_synced,
		requests_per_minute, requests_per_hour, timeout_seconds, retry_attempts, scope, credentials, server,
		sync_interval, sync_ended, sync_failures, created_by, created_at, updated_at`
	secretColumns = serviceColumns + `, sealed, sealed_key, next_check IS NOT NULL, failures, revision`

	serviceMatches = `($1 = '' OR service_type = $1) AND ($2 OR enabled = $3)`

	insertService = `INSERT INTO services (id, service_type, name, name_key, endpoint, transport, enabled, requests_per_minute, requests_per_hour,
		timeout_seconds, retry_attempts, scope, credentials, sealed, sealed_key, created_by, created_at, updated_at, sync_interval)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17, $18)`
	selectService        = `SELECT ` + serviceColumns + ` FROM services WHERE id = $1`
	selectServices       = `SELECT ` + serviceColumns + ` FROM services WHERE ` + serviceMatches + ` ORDER BY created_at DESC, id DESC LIMIT $4 OFFSET $5`
	countServices        = `SELECT count(*) FROM services WHERE ` + serviceMatches
	selectServiceSecret  = `SELECT ` + secretColumns + ` FROM services WHERE id = $1`
	selectServiceStates  = `SELECT ` + serviceColumns + `, last_check, last_check_ms FROM services WHERE enabled ORDER BY created_at, id`
	selectServicesSealed = `SELECT ` + secretColumns + ` FROM services WHERE sealed_key <> $1 ORDER BY id`
	allServices          = `SELECT ` + serviceColumns + ` FROM services ORDER BY created_at, id`
	connectedServices    = `SELECT ` + serviceColumns + ` FROM services WHERE enabled AND status = 'connected' ORDER BY created_at, id`
	// Vendors' own tokens before those of MCP servers, which may be good for the
	// server alone.
	hostingServices = `SELECT ` + secretColumns + ` FROM services WHERE enabled AND service_type IN ('github', 'gitlab', 'azure_devops')
		ORDER BY CASE WHEN transport = 'rest' THEN 0 ELSE 1 END, created_at, id`
	deleteService = `DELETE FROM services WHERE id = $1`
	cancelSyncs   = `UPDATE sync_tasks SET cancel_requested = TRUE WHERE service_id = $1 AND status IN ('queued', 'running')`
	// The update takes the row's lock on both databases.
	lockService     = `UPDATE services SET name = name WHERE id = $1`
	lockSameService = `UPDATE services SET name = name WHERE id = $1 AND endpoint = $2 AND transport = $3 AND sealed = $4`
	updateService   = `UPDATE services SET name = $2, name_key = $3, endpoint = $4, transport = $5, enabled = $6, requests_per_minute = $7,
		requests_per_hour = $8, timeout_seconds = $9, retry_attempts = $10, scope = $11, credentials = $12, sealed = $13, sealed_key = $14,
		updated_at = $15, sync_interval = $16, failures = 0, revision = revision + 1, next_check = CASE WHEN next_check IS NULL THEN next_check ELSE $15 END WHERE id = $1`
	// Credentials that somebody entered meanwhile are not overwritten.
	resealService = `UPDATE services SET sealed = $3, sealed_key = $4 WHERE id = $1 AND sealed = $2`

	// Should this process die, the checks find out what became of the service.
	connectingService = `UPDATE services SET status = 'connecting', revision = revision + 1, next_check = $2 WHERE id = $1 RETURNING ` + secretColumns
	disconnectService = `UPDATE services SET status = 'disconnected', auth_needed = FALSE, last_error = NULL, failures = 0, next_check = NULL,
		revision = revision + 1 WHERE id = $1`
	serviceWorks = `UPDATE services SET status = 'connected', auth_needed = FALSE, last_error = NULL, failures = 0, last_connected = $3,
		last_check = $3, last_check_ms = $4, server = COALESCE($5, server), next_check = $6 WHERE id = $1 AND revision = $2`
	// $3 more failures are too many when there are $4 then.
	serviceFails = `UPDATE services SET failures = failures + $3,
		status = CASE WHEN failures + $3 >= $4 THEN 'error' ELSE status END,
		auth_needed = CASE WHEN failures + $3 >= $4 THEN $5 ELSE auth_needed END,
		last_error = CASE WHEN failures + $3 >= $4 THEN $6 ELSE last_error END,
		last_check = $7, last_check_ms = $8, next_check = $9 WHERE id = $1 AND revision = $2`
	serviceLookedAt = `UPDATE services SET last_check = $3, last_check_ms = $4 WHERE id = $1 AND revision = $2`
	// The condition stands twice: PostgreSQL looks again at the outer one when
	// another replica was first.
	claimServices = `UPDATE services SET next_check = $2 WHERE next_check <= $1 AND enabled AND id IN (
		SELECT id FROM services WHERE next_check <= $1 AND enabled ORDER BY next_check, id LIMIT $3) RETURNING ` + secretColumns
)

// MaxServiceFailures is how many checks in a row must fail before a service
// that worked counts as down.
const MaxServiceFailures = 3

// serviceKey is the form of a name that tells services apart.
func serviceKey(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// CreateService inserts a service that nobody connected yet. It fails with
// RESOURCE_CONFLICT when there is one of the same name.
func (s *Store) CreateService(ctx context.Context, v rampforge.Service, sealed SealedCredentials) error {
	scope, credentials, err := serviceTexts(v)
	if err != nil {
		return err
	}
	_, err = s.db.Write().ExecContext(ctx, insertService, v.ID, v.Type, v.Name, serviceKey(v.Name), v.Endpoint, v.Transport, v.Enabled,
		v.Rates.PerMinute, v.Rates.PerHour, v.Timeout, v.RetryAttempts, scope, credentials, sealed.Text, sealed.KeyID, v.CreatedBy, v.CreatedAt, v.SyncInterval)
	return uniqueService(err)
}

func uniqueService(err error) error {
	if database.IsUniqueViolation(err) {
		return rampforge.Wrap(rampforge.CodeConflict, err, "There is a service of this name already: choose another name.")
	}
	return err
}

func serviceTexts(v rampforge.Service) (scope, credentials string, err error) {
	if v.Scope == nil {
		v.Scope = []string{}
	}
	if v.Credentials == nil {
		v.Credentials = map[string]string{}
	}
	if scope, err = jsonText(v.Scope); err != nil {
		return "", "", err
	}
	credentials, err = jsonText(v.Credentials)
	return scope, credentials, err
}

// Service returns a service, its credentials masked.
func (s *Store) Service(ctx context.Context, id string) (rampforge.Service, error) {
	v, err := scanService(s.queryRow(ctx, selectService, id))
	return v, found(err, "service")
}

// Services returns a page of the services, newest first, and how many there
// are on all pages.
func (s *Store) Services(ctx context.Context, f ServiceFilter, p Page) ([]rampforge.Service, int, error) {
	var total int
	enabled := f.Enabled != nil && *f.Enabled
	if err := s.queryRow(ctx, countServices, f.Type, f.Enabled == nil, enabled).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := s.query(ctx, selectServices, f.Type, f.Enabled == nil, enabled, p.Limit, p.Offset)
	list, err := collect(rows, err, func(r row) (rampforge.Service, error) { return scanService(r) })
	return list, total, err
}

// ServiceStates returns every enabled service as its last check left it, the
// oldest service first.
func (s *Store) ServiceStates(ctx context.Context) ([]ServiceState, error) {
	rows, err := s.query(ctx, selectServiceStates)
	return collect(rows, err, func(r row) (ServiceState, error) {
		var state ServiceState
		var took sql.NullInt64
		var err error
		state.Service, err = scanService(r, database.ScanNullTime(&state.LastCheck), &took)
		if took.Valid {
			state.Took = new(time.Duration(took.Int64) * time.Millisecond)
		}
		return state, err
	})
}

// AllServices returns every service, the oldest first.
func (s *Store) AllServices(ctx context.Context) ([]rampforge.Service, error) {
	rows, err := s.query(ctx, allServices)
	return collect(rows, err, func(r row) (rampforge.Service, error) { return scanService(r) })
}

// ConnectedServices returns every service that is enabled and connected, the
// oldest first.
func (s *Store) ConnectedServices(ctx context.Context) ([]rampforge.Service, error) {
	rows, err := s.query(ctx, connectedServices)
	return collect(rows, err, func(r row) (rampforge.Service, error) { return scanService(r) })
}

// ServiceSecret returns a service with its credentials, sealed.
func (s *Store) ServiceSecret(ctx context.Context, id string) (ServiceSecret, error) {
	v, err := scanServiceSecret(s.queryRow(ctx, selectServiceSecret, id))
	return v, found(err, "service")
}

// HostingServices returns every enabled service of a type that hosts
// repositories: those by REST before those by MCP servers, and of each the
// oldest first.
func (s *Store) HostingServices(ctx context.Context) ([]ServiceSecret, error) {
	rows, err := s.query(ctx, hostingServices)
	return collect(rows, err, scanServiceSecret)
}

// ServicesSealedOtherwise returns the services whose credentials are sealed
// under another key than the given one.
func (s *Store) ServicesSealedOtherwise(ctx context.Context, keyID string) ([]ServiceSecret, error) {
	rows, err := s.query(ctx, selectServicesSealed, keyID)
	return collect(rows, err, scanServiceSecret)
}

// ResealService replaces the sealed form of a service's credentials. It
// reports false when they are no longer what they were.
func (s *Store) ResealService(ctx context.Context, id string, before, after SealedCredentials) (bool, error) {
	return changed(s.db.Write().ExecContext(ctx, resealService, id, before.Text, after.Text, after.KeyID))
}

// UpdateService reads a service, lets change change it, and writes it back,
// while nobody else changes it. A service that is watched is checked soon. One
// that leads to another site now is read from the beginning, see leaveSiteTx.
func (s *Store) UpdateService(ctx context.Context, id string, now time.Time, change func(*ServiceSecret) error) (rampforge.Service, error) {
	var row ServiceSecret
	err := s.InTx(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, lockService, id)
		if err := changedOne(result, err, "service"); err != nil {
			return err
		}
		if row, err = scanServiceSecret(tx.QueryRowContext(ctx, selectServiceSecret, id)); err != nil {
			return found(err, "service")
		}
		before := row.Service
		if err := change(&row); err != nil {
			return err
		}
		v, sealed := &row.Service, row.Sealed
		if err := s.followChangeTx(ctx, tx, before, &row); err != nil {
			return err
		}
		scope, credentials, err := serviceTexts(*v)
		if err != nil {
			return err
		}
		v.UpdatedAt = now
		_, err = tx.ExecContext(ctx, updateService, id, v.Name, serviceKey(v.Name), v.Endpoint, v.Transport, v.Enabled, v.Rates.PerMinute,
			v.Rates.PerHour, v.Timeout, v.RetryAttempts, scope, credentials, sealed.Text, sealed.KeyID, now, v.SyncInterval)
		return uniqueService(err)
	})
	return row.Service, err
}

// DeleteServiceTx removes a service and its credentials. What was synced stays,
// and so do the repositories that name it: another service of their host may
// take its place.
func (s *Store) DeleteServiceTx(ctx context.Context, tx *sql.Tx, id string) error {
	result, err := tx.ExecContext(ctx, deleteService, id)
	if err := changedOne(result, err, "service"); err != nil {
		return err
	}
	// Before anything is purged: a page that is kept meanwhile is kept before.
	for _, text := range []string{unnameService, cancelSyncs, purgeDeliveries, purgeWebhookQueues} {
		if _, err := tx.ExecContext(ctx, text, id); err != nil {
			return err
		}
	}
	return nil
}

// ConnectingService marks a service as one that somebody connects just now. At
// next the checks take over, if nothing was heard of it until then.
func (s *Store) ConnectingService(ctx context.Context, id string, next time.Time) (ServiceSecret, error) {
	v, err := scanServiceSecret(s.db.Write().QueryRowContext(ctx, connectingService, id, next))
	return v, found(err, "service")
}

// DisconnectService marks a service as not connected, and ends its checks.
func (s *Store) DisconnectService(ctx context.Context, id string) error {
	result, err := s.db.Write().ExecContext(ctx, disconnectService, id)
	return changedOne(result, err, "service")
}

// ServiceConnected keeps what an attempt to connect found; one failure is
// enough. It reports false when somebody changed the service meanwhile: then
// what was found is of one that no longer is.
func (s *Store) ServiceConnected(ctx context.Context, id string, revision int64, r ServiceResult) (bool, error) {
	return s.serviceResult(ctx, id, revision, r, 0)
}

// ServiceChecked keeps what a check of a watched service found; see
// MaxServiceFailures and ServiceConnected.
func (s *Store) ServiceChecked(ctx context.Context, id string, revision int64, r ServiceResult) (bool, error) {
	return s.serviceResult(ctx, id, revision, r, MaxServiceFailures)
}

func (s *Store) serviceResult(ctx context.Context, id string, revision int64, r ServiceResult, most int) (bool, error) {
	if r.Error == "" {
		var server *string
		if r.Server != nil {
			text, err := jsonText(r.Server)
			if err != nil {
				return false, err
			}
			server = &text
		}
		return changed(s.db.Write().ExecContext(ctx, serviceWorks, id, revision, r.At, r.Took.Milliseconds(), server, r.Next))
	}
	more := 1
	if r.Tolerated && most > 0 {
		more, most = 0, 1<<30
	}
	return changed(s.db.Write().ExecContext(ctx, serviceFails, id, revision, more, most, r.AuthNeeded, r.Error, r.At, r.Took.Milliseconds(), r.Next))
}

// ServiceLookedAt keeps that a service which is not watched was checked. Its
// status stays.
func (s *Store) ServiceLookedAt(ctx context.Context, id string, revision int64, at time.Time, took time.Duration) (bool, error) {
	return changed(s.db.Write().ExecContext(ctx, serviceLookedAt, id, revision, at, took.Milliseconds()))
}

// ClaimServices returns services whose check is due, and puts their next one
// off: of several replicas one gets each. Services that are disabled, or that
// nobody connected, are never due.
func (s *Store) ClaimServices(ctx context.Context, now, next time.Time, limit int) ([]ServiceSecret, error) {
	rows, err := s.db.Write().QueryContext(ctx, claimServices, now, next, limit)
	return collect(rows, err, scanServiceSecret)
}

func scanService(row row, more ...any) (rampforge.Service, error) {
	var v rampforge.Service
	var connected, synced, ended, created, updated database.Time
	var server *string
	err := row.Scan(append([]any{
		&v.ID, &v.Type, &v.Name, &v.Endpoint, &v.Transport, &v.Enabled, &v.Status, &v.AuthNeeded, &connected, &v.LastError, &synced,
		&v.Rates.PerMinute, &v.Rates.PerHour, &v.Timeout, &v.RetryAttempts, jsonColumn{&v.Scope}, jsonColumn{&v.Credentials}, &server,
		&v.SyncInterval, &ended, &v.SyncFailures, &v.CreatedBy, &created, &updated,
	}, more...)...)
	if err == nil && server != nil {
		err = jsonColumn{&v.Server}.Scan(*server)
	}
	v.SyncEnded = ended.Ptr()
	v.LastConnected, v.LastSynced, v.CreatedAt, v.UpdatedAt = connected.Ptr(), synced.Ptr(), created.Time, updated.Time
	return v, err
}

func scanServiceSecret(row row) (ServiceSecret, error) {
	var v ServiceSecret
	var err error
	v.Service, err = scanService(row, &v.Sealed.Text, &v.Sealed.KeyID, &v.Watched, &v.Failures, &v.Revision)
	return v, err
}
