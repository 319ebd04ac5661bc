package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tabctl/tableau-go/emulator"
)

func (a *app) emulatorCommand() *cobra.Command {
	var address, dir, user, password, token, directory string
	var background backgroundFlags
	command := &cobra.Command{
		Use:   "emulator",
		Short: "Run a Tableau REST server on this machine, for tests",
		Long: `Runs a server that answers Tableau's REST API, to test automation against.
The first line on standard output says where it listens, as soon as it is ready.
It runs until it is interrupted. The password and the token are those of this
throw-away server: anyone on this machine can read them from the process list.`,
		Example: `  tabctl emulator --password secret
  tabctl emulator --addr 127.0.0.1:0 --data ./tableau-data --user admin --password secret --pat ci:tokensecret`,
		Args: cobra.NoArgs,
		RunE: a.action(func(ctx context.Context, _ []string) error {
			options := []emulator.Option{
				emulator.WithAdmin(user, password),
				emulator.WithLogger(slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: slog.LevelWarn}))),
			}
			if dir != "" {
				options = append(options, emulator.WithDir(dir))
			}
			if directory != "" {
				options = append(options, emulator.WithDirectory(directory))
			}
			if token != "" {
				name, secret, ok := strings.Cut(token, ":")
				if !ok || name == "" || secret == "" {
					return usage("--pat is not of the form NAME:SECRET")
				}
				options = append(options, emulator.WithToken(name, secret))
			}
			more, err := background.options()
			if err != nil {
				return err
			}
			return a.serve(ctx, address, append(options, more...))
		}),
	}
	flags := command.Flags()
	flags.StringVar(&address, "addr", "127.0.0.1:8850", "`address` to listen on; port 0 picks a free one")
	flags.StringVar(&dir, "data", "", "`directory` to keep everything in; default is memory")
	flags.StringVar(&user, "user", "admin", "`name` of the server administrator")
	flags.StringVar(&password, "password", "", "the administrator's `password`")
	flags.StringVar(&token, "pat", "", "a personal access token of the administrator, as `NAME:SECRET`")
	flags.StringVar(&directory, "directory", "", "`file` with an Active Directory: domains with users and groups")
	background.register(flags)
	command.MarkFlagsOneRequired("password", "pat")
	return command
}

// backgroundFlags say how the server does what it does by itself: jobs, and the mails of subscriptions.
type backgroundFlags struct {
	jobTime                 time.Duration
	failures                []string
	smtp, smtpFrom, mailDir string
}

func (b *backgroundFlags) register(flags *pflag.FlagSet) {
	flags.DurationVar(&b.jobTime, "job-time", 0, "how long each job takes, such as 2s")
	flags.StringArrayVar(&b.failures, "fail", nil, "let the jobs fail that match `KIND:NAME`, such as refresh:Sales*; repeatable")
	flags.StringVar(&b.smtp, "smtp", "", "`HOST:PORT` of an SMTP server for the mails of subscriptions")
	flags.StringVar(&b.smtpFrom, "smtp-from", "", "`address` that these mails come from")
	flags.StringVar(&b.mailDir, "maildir", "", "maildir (a `directory`) to put these mails into")
}

func (b *backgroundFlags) options() ([]emulator.Option, error) {
	options := []emulator.Option{emulator.WithJobTime(b.jobTime)}
	if b.jobTime < 0 {
		return nil, usage("--job-time is negative")
	}
	for _, rule := range b.failures {
		options = append(options, emulator.WithFailure(rule))
	}
	if b.smtp != "" {
		if _, _, err := net.SplitHostPort(b.smtp); err != nil {
			return nil, usage("--smtp: %w", err)
		}
		options = append(options, emulator.WithSMTP(b.smtp, b.smtpFrom))
	}
	if b.mailDir != "" {
		options = append(options, emulator.WithMailDir(b.mailDir))
	}
	return options, nil
}

// serve runs a server until ctx ends.
func (a *app) serve(ctx context.Context, address string, options []emulator.Option) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return usage("--addr: %w", err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		fmt.Fprintln(a.err, "tabctl: warning: other machines can reach this server, and it speaks plain HTTP")
	}
	server, err := emulator.New(options...)
	if err != nil {
		return err
	}
	url, err := server.Listen(address)
	if err != nil {
		return errors.Join(err, server.Close())
	}
	fmt.Fprintln(a.out, "listening on "+url)
	<-ctx.Done()
	return shutDown(ctx, server)
}

// shutDown lets requests under way finish, for a while.
func shutDown(ctx context.Context, server *emulator.Server) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return server.Shutdown(ctx)
}
