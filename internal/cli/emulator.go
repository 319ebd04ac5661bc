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

	"github.com/tabctl/tableau-go/emulator"
)

func (a *app) emulatorCommand() *cobra.Command {
	var address, dir, user, password, token, directory string
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
			return a.serve(ctx, address, options)
		}),
	}
	flags := command.Flags()
	flags.StringVar(&address, "addr", "127.0.0.1:8850", "`address` to listen on; port 0 picks a free one")
	flags.StringVar(&dir, "data", "", "`directory` to keep everything in; default is memory")
	flags.StringVar(&user, "user", "admin", "`name` of the server administrator")
	flags.StringVar(&password, "password", "", "the administrator's `password`")
	flags.StringVar(&token, "pat", "", "a personal access token of the administrator, as `NAME:SECRET`")
	flags.StringVar(&directory, "directory", "", "`file` with an Active Directory: domains with users and groups")
	command.MarkFlagsOneRequired("password", "pat")
	return command
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
