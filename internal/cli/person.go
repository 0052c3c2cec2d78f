package cli

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/auth"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/store"
)

func newUserExport(s *streams) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "export <email>",
		Short: "Write everything that is kept of a person as a ZIP of JSON",
		Long: "Write everything that is kept of a person as a ZIP of JSON: account, sessions, API\n" +
			"tokens (no secrets), conversations, interviews, knowledge, memberships, lines of the\n" +
			"audit log, and the records of services that name them. Who has no account here is\n" +
			"found by the address of their commits or of their accounts at services.",
		Args: exact(1, "one e-mail address"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if output == "" {
				return usageError{errors.New("--output is missing: name the file to write")}
			}
			return withAuth(cmd.Context(), func(_ *auth.Service, records *store.Store) error {
				subject, err := records.Subject(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if err = toFile(s, output, func(w io.Writer) error { return auth.ExportPerson(cmd.Context(), records, subject, w, time.Now()) }); err != nil {
					return err
				}
				if err = records.Audit(cmd.Context(), rampforge.AuditEntry{At: time.Now(), Action: "user.exported", TargetID: subjectID(subject), Address: commandLine, Success: true}); err != nil {
					return err
				}
				_, err = fmt.Fprintf(s.out, "Wrote %s. It holds data about a person: give it to nobody else.\n", output)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&output, "output", "", "the file to write; it must not be there")
	return cmd
}

// subjectID is what the audit log calls a person, without an address.
func subjectID(v store.Subject) string {
	if v.User != nil {
		return v.User.ID
	}
	if len(v.PersonIDs) > 0 {
		return v.PersonIDs[0]
	}
	return ""
}

const notErased = `Not erased, as it is not RampForge's to change: the history of git repositories (change it there), what the
connected services keep (ask there), and backups of this database (erase again after a restore). Texts may
still name the person otherwise than by the whole name, an address or an @handle.
`

func newUserErase(s *streams) *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use:   "erase <email>",
		Short: "Make a person nameless, and keep them from coming back with the next sync",
		Long: "Make a person nameless: sessions and tokens end, conversations, interviews and drafts\n" +
			"are deleted, and name and addresses become a pseudonym in the account, in the people,\n" +
			"in signatures of commits, and in all texts that are kept: records of services, reports,\n" +
			"documents, answers, imported logs, the search and the audit log. What named them is\n" +
			"remembered as digests, so that neither a sync nor an analysis brings it back. It cannot\n" +
			"be undone. Servers may run meanwhile; where it is interrupted, they go on with it.",
		Args: exact(1, "one e-mail address"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withAuth(cmd.Context(), func(_ *auth.Service, records *store.Store) error {
				return erase(cmd, s, records, args[0], dry)
			})
		},
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would be erased, and change nothing")
	return cmd
}

func erase(cmd *cobra.Command, s *streams, records *store.Store, email string, dry bool) error {
	ctx := cmd.Context()
	subject, err := records.Subject(ctx, email)
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound {
		erased, readErr := records.Erased(ctx)
		if readErr != nil || erased.Address(email) == "" {
			return errors.Join(err, readErr)
		}
		subject, err = store.Subject{}, nil // erased before: what is left is looked for again
	}
	if err != nil {
		return err
	}
	if dry {
		return foretell(cmd, s, records, subject)
	}
	if subject.Email == "" {
		err = records.EraseAgain(ctx)
	} else {
		var pseudonym string
		if pseudonym, err = records.Erase(ctx, subject, time.Now()); err == nil {
			fmt.Fprintf(s.out, "The person is %s from now on.\n", pseudonym)
		}
	}
	if err != nil {
		return err
	}
	n, err := eraser(records, s).Run(ctx)
	err = errors.Join(err, records.Audit(ctx, rampforge.AuditEntry{
		At: time.Now(), Action: "user.erased", TargetID: subjectID(subject), Address: commandLine, Success: err == nil, Details: map[string]any{"rows": n},
	}))
	if err != nil {
		return fmt.Errorf("it is not finished: a server goes on with it, or run it again: %w", err)
	}
	fmt.Fprintf(s.out, "%d rows were made nameless. Done.\n%s", n, notErased)
	return nil
}

// eraser rests between two steps, so that a server's requests are not held up.
func eraser(records *store.Store, s *streams) *ingest.Eraser {
	return &ingest.Eraser{Store: records, Now: time.Now, Rest: 5 * time.Millisecond, Unread: func(what string) {
		fmt.Fprintf(s.err, "Damaged, and left as it is; analyse the repository again: %s\n", what)
	}}
}

// foretell says what erasing would change.
func foretell(cmd *cobra.Command, s *streams, records *store.Store, v store.Subject) error {
	if v.Email == "" {
		_, err := fmt.Fprintln(s.out, "The person was erased before. Records that name them still would be made nameless.")
		return err
	}
	account := "no account here"
	if v.User != nil {
		account = "the account " + v.User.ID
	}
	fmt.Fprintf(s.out, "Would be made nameless: %s, %d accounts of services, %d addresses.\n", account, len(v.Accounts), len(v.Addresses))
	err := records.SubjectSections(cmd.Context(), v, func(c store.SubjectSection) error {
		if len(c.Rows) > 0 && c.Name != "account" {
			fmt.Fprintf(s.out, "  %-18s %d\n", c.Name, len(c.Rows))
		}
		return nil
	})
	if err != nil {
		return err
	}
	work := 0
	if err := records.SubjectRecords(cmd.Context(), v, func(store.SubjectRecord) error { work++; return nil }); err != nil {
		return err
	}
	mentions := 0
	if err := records.SubjectMentions(cmd.Context(), v, codeindex.Nameless, func(store.Mention) error { mentions++; return nil }); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "  %-18s %d\n", "mentions", mentions)
	_, err = fmt.Fprintf(s.out, "  %-18s %d\nNothing was changed.\n%s", "records", work, notErased)
	return err
}
