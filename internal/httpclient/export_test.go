package httpclient

import (
	"context"
	"time"
)

// WithSleep lets a test decide what waiting is.
func (o VendorOptions) WithSleep(sleep func(context.Context, time.Duration) error) VendorOptions {
	o.sleep = sleep
	return o
}
