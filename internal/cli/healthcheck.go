package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/rampforgeai/rampforge/internal/config"
)

// healthTimeout is how long a server may take to say how it is.
const healthTimeout = 4 * time.Second

func newHealthcheck(s *streams) *cobra.Command {
	var address string
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask the server of this configuration whether it works",
		Long: "Ask the server that API_HOST and API_PORT name, on this machine, whether it works. Ends\n" +
			"with 1 when it does not. Containers ask so, which have no other program to ask with.",
		Args: exact(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if address == "" {
				c, err := loadConfig()
				if err != nil {
					return err
				}
				address = ownAddress(c)
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), healthTimeout)
			defer cancel()
			status, err := askHealth(ctx, address)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(s.out, "The server at %s is %s.\n", address, status)
			return err
		},
	}
	cmd.Flags().StringVar(&address, "url", "", "address of the server, as http://127.0.0.1:8000; default: what the configuration says")
	return cmd
}

// ownAddress is where a server of this configuration is reached from its own
// machine: what listens on every address is asked on loopback.
func ownAddress(c *config.Config) string {
	host := c.Host
	if addr, err := netip.ParseAddr(host); err == nil && addr.IsUnspecified() {
		host = "127.0.0.1"
		if addr.Is6() {
			host = "::1"
		}
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(c.Port))
}

// askHealth returns what a server says of itself, and fails where that is not
// that it works.
func askHealth(ctx context.Context, address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", usageError{fmt.Errorf("%q is no address of a server: write it as http://127.0.0.1:8000", address)}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.JoinPath("/api/health").String(), nil)
	if err != nil {
		return "", err
	}
	// Never by a proxy of the environment: it is this machine's own server.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error {
		return errors.New("it sends elsewhere")
	}}
	res, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("the server at %s does not answer: %w", address, err)
	}
	defer res.Body.Close()
	var answer struct {
		Status string `json:"status"`
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, 64<<10)).Decode(&answer); err != nil || answer.Status == "" {
		return "", fmt.Errorf("what answers at %s with %d is not this product's server", address, res.StatusCode)
	}
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the server at %s is %s (%d)", address, answer.Status, res.StatusCode)
	}
	return answer.Status, nil
}
