package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
)

// observedConnector opens connections to SQLite whose statements are observed.
type observedConnector struct {
	dsn      string
	driver   driver.Driver
	observer *observer
}

// openObserved is sql.Open("sqlite", dsn), observed.
func openObserved(dsn string, o *observer) (*sql.DB, error) {
	plain, err := sql.Open("sqlite", dsn)
	if err != nil || o == nil {
		return plain, err
	}
	return sql.OpenDB(&observedConnector{dsn: dsn, driver: plain.Driver(), observer: o}), plain.Close()
}

// Driver implements driver.Connector.
func (c *observedConnector) Driver() driver.Driver { return c.driver }

// Connect implements driver.Connector.
func (c *observedConnector) Connect(context.Context) (driver.Conn, error) {
	conn, err := c.driver.Open(c.dsn)
	if err != nil {
		return nil, err
	}
	able, ok := conn.(sqliteConn)
	if !ok {
		return nil, errors.Join(errors.New("the SQLite driver's connection lacks what database/sql asks for"), conn.Close())
	}
	return &observedConn{sqliteConn: able, observer: c.observer}, nil
}

// sqliteConn is what the driver's connections can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type observedConn struct {
	sqliteConn

	observer *observer
}

// ExecContext implements driver.ExecerContext.
func (c *observedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	r := c.observer.begin(ctx, c.observer.of(query))
	result, err := c.sqliteConn.ExecContext(ctx, query, args)
	r.end(err)
	return result, err
}

// QueryContext implements driver.QueryerContext.
func (c *observedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	r := c.observer.begin(ctx, c.observer.of(query))
	return observeRows(r)(c.sqliteConn.QueryContext(ctx, query, args))
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *observedConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	s, err := c.sqliteConn.PrepareContext(ctx, query)
	able, ok := s.(sqliteStmt)
	if err != nil || !ok {
		return s, err
	}
	return &observedStmt{sqliteStmt: able, observer: c.observer, of: c.observer.of(query)}, nil
}

// BeginTx implements driver.ConnBeginTx.
func (c *observedConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	r := c.observer.begin(ctx, c.observer.of("begin"))
	tx, err := c.sqliteConn.BeginTx(ctx, o)
	r.end(err)
	if err != nil {
		return nil, err
	}
	return &observedTx{Tx: tx, ctx: ctx, observer: c.observer}, nil
}

// observedTx keeps the context of its beginning, as the driver's own does: it is
// where the end of a transaction belongs.
type observedTx struct {
	driver.Tx

	ctx      context.Context //nolint:containedctx // see above
	observer *observer
}

// Commit implements driver.Tx.
func (t *observedTx) Commit() error {
	r := t.observer.begin(t.ctx, t.observer.of("commit"))
	err := t.Tx.Commit()
	r.end(err)
	return err
}

// Rollback implements driver.Tx.
func (t *observedTx) Rollback() error {
	r := t.observer.begin(t.ctx, t.observer.of("rollback"))
	err := t.Tx.Rollback()
	r.end(err)
	return err
}

// sqliteStmt is what the driver's statements can do.
type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type observedStmt struct {
	sqliteStmt

	observer *observer
	of       *statement
}

// ExecContext implements driver.StmtExecContext.
func (s *observedStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	r := s.observer.begin(ctx, s.of)
	result, err := s.sqliteStmt.ExecContext(ctx, args)
	r.end(err)
	return result, err
}

// QueryContext implements driver.StmtQueryContext.
func (s *observedStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	r := s.observer.begin(ctx, s.of)
	return observeRows(r)(s.sqliteStmt.QueryContext(ctx, args))
}

// sqliteRows is what the driver's rows can do.
type sqliteRows interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeLength
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypePrecisionScale
	driver.RowsColumnTypeScanType
}

// observedRows end the run with the last row: SQLite finds most of them while
// they are read.
type observedRows struct {
	sqliteRows

	run run
	err error
}

func observeRows(r run) func(driver.Rows, error) (driver.Rows, error) {
	return func(rows driver.Rows, err error) (driver.Rows, error) {
		able, ok := rows.(sqliteRows)
		if err != nil || !ok {
			r.end(err)
			return rows, err
		}
		return &observedRows{sqliteRows: able, run: r}, nil
	}
}

// Next implements driver.Rows.
func (r *observedRows) Next(dest []driver.Value) error {
	err := r.sqliteRows.Next(dest)
	if err != nil {
		r.err = err
	}
	return err
}

// Close implements driver.Rows. database/sql calls it once.
func (r *observedRows) Close() error {
	err := r.sqliteRows.Close()
	r.run.end(errors.Join(r.err, err))
	return err
}
