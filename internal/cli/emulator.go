package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tabctl/tableau-go/emulator"
)

func (a *app) emulatorCommand() *cobra.Command {
	var address, dir, user, password, token, directory, version, seed, certificate, key string
	var control bool
	var background backgroundFlags
	command := &cobra.Command{
		Use:   "emulator",
		Short: "Run a Tableau REST server on this machine, for tests",
		Long: `Runs a server that answers Tableau's REST API, to test automation against.
The first line on standard output says where it listens, as soon as it is ready.
It runs until it is interrupted. The password and the token are those of this
throw-away server: anyone on this machine can read them from the process list.`,
		Example: `  tabctl emulator --password secret
  tabctl emulator --addr 127.0.0.1:0 --data ./tableau-data --user admin --password secret --pat ci:tokensecret
  tabctl emulator --pat ci:tokensecret --seed ./sites.yaml`,
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
			if version != "" {
				options = append(options, emulator.WithAPIVersion(version))
			}
			more, err := background.options()
			if err != nil {
				return err
			}
			options = append(options, more...)
			if (certificate == "") != (key == "") {
				return usage("--tls-cert and --tls-key need each other")
			}
			if certificate != "" {
				pair, err := tls.LoadX509KeyPair(certificate, key)
				if err != nil {
					return fmt.Errorf("reading the certificate: %w", err)
				}
				options = append(options, emulator.WithTLS(pair))
			}
			if control {
				options = append(options, emulator.WithControlPlane())
			}
			debug.SetGCPercent(400) // with some MB of memory it would be collecting most of the time
			return a.serve(ctx, serving{address: address, seed: seed, plain: certificate == ""}, options)
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
	flags.StringVar(&version, "api-version", "", "act as a server of this REST API `version`, such as 3.4; default is the newest known")
	flags.StringVar(&seed, "seed", "", "`file`, in YAML or JSON, with the sites, users and content to begin with")
	flags.StringVar(&certificate, "tls-cert", "", "`file` with the certificate, in PEM, to speak HTTPS")
	flags.StringVar(&key, "tls-key", "", "`file` with the certificate's private key, in PEM")
	flags.BoolVar(&control, "control", false, "let other machines use the control plane under /_emulator/ too, which needs no sign-in")
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
	flags.DurationVar(&b.jobTime, "job-time", 0, "`time` that each job takes, such as 2s")
	flags.StringArrayVar(&b.failures, "fail", nil, "let the jobs fail that match `KIND:NAME`, such as refresh:Sales*; may be repeated")
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

// serving is how a server is to be reached, and what it begins with.
type serving struct {
	address string
	seed    string // name of a file, or ""
	plain   bool   // HTTP, not HTTPS
}

// serve runs a server until ctx ends.
func (a *app) serve(ctx context.Context, how serving, options []emulator.Option) error {
	host, _, err := net.SplitHostPort(how.address)
	if err != nil {
		return usage("--addr: %w", err)
	}
	if ip := net.ParseIP(host); how.plain && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		fmt.Fprintln(a.err, "tabctl: warning: other machines can reach this server, and it speaks plain HTTP")
	}
	server, err := emulator.New(options...)
	if err != nil {
		return err
	}
	if how.seed != "" {
		if err := server.SeedFile(ctx, how.seed); err != nil {
			return errors.Join(err, server.Close())
		}
	}
	url, err := server.Listen(how.address)
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
