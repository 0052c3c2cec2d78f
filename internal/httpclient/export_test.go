package httpclient

import (
	"context"
	"net"
	"time"
)

// WithSleep lets a test decide what waiting is.
func (o VendorOptions) WithSleep(sleep func(context.Context, time.Duration) error) VendorOptions {
	o.sleep = sleep
	return o
}

// SetDial puts another network behind a guard.
func (g *Guard) SetDial(dial func(ctx context.Context, network, address string) (net.Conn, error)) {
	g.dial = dial
}

// BreakAfter is how many failures in a row open the circuit.
const BreakAfter = breakAfter

// RouteOf is a path without what names anything.
var RouteOf = routeOf
