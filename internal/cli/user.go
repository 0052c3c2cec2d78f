package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/auth"
	"github.com/rampforgeai/rampforge/internal/config"
	"github.com/rampforgeai/rampforge/internal/secret"
	"github.com/rampforgeai/rampforge/internal/store"
)

func newUser(s *streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "user",
		Short: "Make and change accounts, without a server",
		Long: "Make and change accounts in the database that the configuration names. A server\n" +
			"that uses the same database sees the change at once.",
		Args: cobra.ArbitraryArgs,
		RunE: groupOnly,
	}
	cmd.AddCommand(newUserCreate(s), newUserList(s), newUserUpdate(s), newUserPassword(s), newUserExport(s), newUserErase(s))
	return cmd
}

// withAuth runs fn with the part of the product that accounts live in.
func withAuth(ctx context.Context, fn func(*auth.Service, *store.Store) error) error {
	c, err := loadConfig()
	if err != nil {
		return err
	}
	logger := slog.New(slog.DiscardHandler)
	db, err := openMigrated(ctx, c, nil, logger)
	if err != nil {
		return err
	}
	defer db.Close()
	records := store.New(db)
	service, err := newAuth(c, records, logger) //nolint:contextcheck // its workers end with close
	if err != nil {
		return err
	}
	defer service.Close()
	return fn(service, records)
}

// newAuth builds the sign-in from the configuration. The key is derived, so
// that the same SECRET_KEY serves other purposes under other keys.
func newAuth(c *config.Config, records *store.Store, logger *slog.Logger) (*auth.Service, error) {
	key, err := secretKey(c)
	if err != nil {
		return nil, err
	}
	signing, err := secret.Derive(key, "access tokens")
	if err != nil {
		return nil, err
	}
	others := make([][]byte, 0, len(c.PreviousKeys))
	for _, other := range c.SigningKeys() {
		derived, err := secret.Derive(other, "access tokens")
		if err != nil {
			return nil, err
		}
		others = append(others, derived)
	}
	return auth.New(auth.Options{
		Store: records, Logger: logger, Key: signing, OtherKeys: others, Algorithm: c.Algorithm,
		AccessTTL: time.Duration(c.AccessMinutes) * time.Minute, RefreshTTL: c.RefreshTTL, SessionTTL: c.SessionTTL,
		Registration: c.Registration, BcryptCost: c.BcryptCost, Now: time.Now,
	})
}

func newUserCreate(s *streams) *cobra.Command {
	var account auth.NewAccount
	var role string
	cmd := &cobra.Command{
		Use:     "create",
		Short:   "Make an account; the first one is an administrator",
		Long:    "Make an account; the first one is an administrator whatever --role says. The\npassword is asked for on a terminal, and read as one line from standard input\notherwise.",
		Example: "  rampforge user create --email admin@example.com --name Admin --role admin",
		Args:    exact(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			account.Role = rampforge.Role(role)
			var err error
			if account.Password, err = readPassword(s, "Password: "); err != nil {
				return err
			}
			return withAuth(cmd.Context(), func(service *auth.Service, _ *store.Store) error {
				user, err := service.CreateUser(cmd.Context(), account)
				if err != nil {
					return allIssues(err)
				}
				_, err = fmt.Fprintf(s.out, "Made %s for %s with the role %s.\n", user.ID, user.Email, user.Role)
				return err
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&account.Email, "email", "", "e-mail address to sign in with (required)")
	f.StringVar(&account.Name, "name", "", "name that others see (required)")
	f.StringVar(&role, "role", "", "admin, team_lead, developer or observer (default: developer)")
	_ = cmd.MarkFlagRequired("email") // the flags exist: they stand above
	_ = cmd.MarkFlagRequired("name")
	completeFlag(cmd, "role", "admin", "team_lead", "developer", "observer")
	return cmd
}

func newUserList(s *streams) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the accounts", Args: exact(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withAuth(cmd.Context(), func(_ *auth.Service, records *store.Store) error {
				for page := (store.Page{Limit: 100}); ; page.Offset += page.Limit {
					users, total, err := records.Users(cmd.Context(), page)
					if err != nil {
						return err
					}
					for _, u := range users {
						active := "active"
						if !u.IsActive {
							active = "deactivated"
						}
						fmt.Fprintf(s.out, "%s\t%s\t%s\t%s\t%s\n", u.ID, u.Email, u.Role, active, u.Name)
					}
					if page.Offset+page.Limit >= total {
						return nil
					}
				}
			})
		},
	}
}

func newUserUpdate(s *streams) *cobra.Command {
	var role string
	var activate, deactivate bool
	cmd := &cobra.Command{
		Use: "update <email>", Short: "Change an account's role, or (de)activate it", Args: exact(1, "one e-mail address"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var change store.AccountChange
			if role != "" {
				change.Role = new(rampforge.Role(role))
			}
			switch {
			case activate && deactivate:
				return usageError{errors.New("--activate and --deactivate exclude each other")}
			case activate || deactivate:
				change.IsActive = &activate
			case role == "":
				return usageError{errors.New("nothing to change: give --role, --activate or --deactivate")}
			}
			return withAuth(cmd.Context(), func(service *auth.Service, records *store.Store) error {
				user, _, err := records.UserByEmail(cmd.Context(), args[0])
				if err == nil {
					user, err = service.UpdateAccount(cmd.Context(), auth.Identity{}, user.ID, change, auth.Client{Address: commandLine})
				}
				if err != nil {
					return allIssues(err)
				}
				_, err = fmt.Fprintf(s.out, "%s has the role %s; active: %t.\n", user.Email, user.Role, user.IsActive)
				return err
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&role, "role", "", "admin, team_lead, developer or observer")
	f.BoolVar(&activate, "activate", false, "let the person sign in again")
	f.BoolVar(&deactivate, "deactivate", false, "end the person's sessions and tokens, and refuse new ones")
	completeFlag(cmd, "role", "admin", "team_lead", "developer", "observer")
	return cmd
}

func newUserPassword(s *streams) *cobra.Command {
	return &cobra.Command{
		Use: "password <email>", Short: "Set a new password and end every session of the account", Args: exact(1, "one e-mail address"),
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := readPassword(s, "New password: ")
			if err != nil {
				return err
			}
			return withAuth(cmd.Context(), func(service *auth.Service, records *store.Store) error {
				user, _, err := records.UserByEmail(cmd.Context(), args[0])
				if err == nil {
					err = service.ResetPassword(cmd.Context(), user.ID, password)
				}
				if err != nil {
					return allIssues(err)
				}
				_, err = fmt.Fprintf(s.out, "The password of %s was set, and every session was ended.\n", user.Email)
				return err
			})
		},
	}
}

// readPassword asks on a terminal, without showing what is typed, and reads a
// line otherwise. It is never a flag: every user of the machine could read it.
func readPassword(s *streams, prompt string) (string, error) {
	if f, isFile := s.in.(*os.File); isFile && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(s.err, prompt)
		typed, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(s.err)
		return string(typed), err
	}
	line, err := bufio.NewReader(io.LimitReader(s.in, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("reading the password from standard input: %w", err)
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", usageError{errors.New("no password on standard input: pipe one in, or run the command on a terminal")}
	}
	return line, nil
}

// allIssues tells every fault of the input, one on a line.
func allIssues(err error) error {
	e, ok := errors.AsType[*rampforge.Error](err)
	if !ok || len(e.Fields) < 2 {
		return err
	}
	var b strings.Builder
	for _, f := range e.Fields {
		fmt.Fprintf(&b, "\n  %s: %s", f.Field, f.Issue)
	}
	return errors.New("the account has faults:" + b.String())
}
