package database

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// postgresTracer tells an observer of PostgreSQL's statements.
type postgresTracer struct{ observer *observer }

type runKey struct{}

// TraceQueryStart implements pgx.QueryTracer.
func (t postgresTracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, runKey{}, t.observer.begin(ctx, t.observer.of(data.SQL)))
}

// TraceQueryEnd implements pgx.QueryTracer. It comes after the last row.
func (t postgresTracer) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	if r, ok := ctx.Value(runKey{}).(run); ok {
		r.end(data.Err)
	}
}
