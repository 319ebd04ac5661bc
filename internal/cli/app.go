// Package cli holds the commands of tabctl, one file per resource.
package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// app is one run of tabctl: where it reads and writes, and the flags that the commands share.
type app struct {
	in          io.Reader
	out         io.Writer // data
	err         io.Writer // messages, prompts and progress
	canAsk      bool      // someone sits at a terminal, to be asked
	errTerminal bool      // err is a terminal, where a line can be rewritten
	errWidth    int       // of that terminal; 0 when it is not known
	width       int       // of the terminal that out is; 0 when it is none
	colour      bool      // out may be coloured
	getenv      func(string) string
	ended       <-chan struct{} // closed when the user interrupts the program

	connection connectionFlags
	output     outputFlags
	quiet      bool
	verbose    bool
	debug      bool
	dryRun     bool
	yes        bool
	keeper     string // name of the profile whose session the client uses; "" when it is nobody's
	warned     bool   // of a certificate that is not checked
	running    bool   // the command line has been understood: errors are not about it any more
}

// Main runs the command line of this process and returns the exit code.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	signal.Ignore(syscall.SIGPIPE) // whoever stops reading gets no more, but the session is ended
	context.AfterFunc(ctx, stop)   // a second signal ends the program at once
	errTerminal := term.IsTerminal(int(os.Stderr.Fd()))
	capable := func(file *os.File) bool { return os.Getenv("TERM") != "dumb" && obeysEscapes(file) }
	width, _, err := term.GetSize(int(os.Stdout.Fd()))
	if err != nil {
		width = 0 // no terminal
	}
	errWidth, _, err := term.GetSize(int(os.Stderr.Fd()))
	if err != nil {
		errWidth = 0
	}
	a := &app{
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		canAsk:      errTerminal && term.IsTerminal(int(os.Stdin.Fd())),
		errTerminal: errTerminal && capable(os.Stderr),
		errWidth:    errWidth,
		width:       width,
		colour:      width > 0 && os.Getenv("NO_COLOR") == "" && capable(os.Stdout),
		getenv:      os.Getenv,
		ended:       ctx.Done(),
	}
	if isTabcmd(os.Args[0]) {
		return a.tabcmd(ctx, os.Args[1:])
	}
	return a.run(ctx, os.Args[1:])
}

// Commands returns the tree of commands, for documentation.
func Commands() *cobra.Command {
	return (&app{getenv: func(string) string { return "" }}).rootCommand("")
}

// run runs a command line and returns the exit code.
func (a *app) run(ctx context.Context, args []string) int {
	a.watchOutput()
	var name string
	if len(args) > 0 {
		name = args[0]
	}
	root := a.rootCommand(name)
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetErr(a.err)
	command, err := root.ExecuteContextC(ctx)
	if err = a.settled(err); err == nil {
		return exitDone
	}
	if ended, ok := errors.AsType[*endedError](err); ok {
		return ended.code
	}
	if !a.running {
		err = withHint(&usageError{err}, command.CommandPath()+" --help")
	}
	return a.report(err)
}

// rootCommand makes the command of that name alone, for making all takes a third of
// the time to start; all, when there is none of that name.
func (a *app) rootCommand(name string) *cobra.Command {
	root := &cobra.Command{
		Use:   "tabctl",
		Short: "Work with Tableau Server and Tableau Cloud",
		Long: `Tabctl works with Tableau Server and Tableau Cloud from the command line.

Begin with "tabctl demo", which needs no server, or with "tabctl login".
Data goes to standard output, messages and progress go to standard error.
It never asks a question when standard input is no terminal.`,
		Example: `  tabctl demo
  tabctl login --server https://tableau.example.com --site marketing --token-name ci
  tabctl workbooks publish Sales.twbx --project Finance/EMEA
  tabctl workbooks list -o json`,
		Args:          cobra.NoArgs,
		RunE:          showHelp,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetOut(a.out) // which the commands for completion take as they are made
	flags := root.PersistentFlags()
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "say nothing but errors and warnings of security")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "tell each request on standard error")
	flags.BoolVar(&a.debug, "debug", false, "tell each request and answer with its content, secrets removed")
	root.MarkFlagsMutuallyExclusive("quiet", "verbose", "debug")
	type entry struct {
		name string
		make func(*app) *cobra.Command
	}
	groups := []struct {
		id, title string
		commands  []entry
	}{
		{"begin", "Begin:", []entry{
			{"demo", (*app).demoCommand}, {"login", (*app).loginCommand}, {"logout", (*app).logoutCommand},
			{"whoami", (*app).whoamiCommand}, {"config", (*app).configCommand},
		}},
		{"content", "Content:", []entry{
			{"workbooks", (*app).workbooksCommand}, {"views", (*app).viewsCommand}, {"datasources", (*app).dataSourcesCommand},
			{"projects", (*app).projectsCommand}, {"permissions", (*app).permissionsCommand}, {"favorites", (*app).favoritesCommand},
		}},
		{"people", "People and sites:", []entry{
			{"users", (*app).usersCommand}, {"groups", (*app).groupsCommand}, {"sites", (*app).sitesCommand}, {"server", (*app).serverCommand},
		}},
		{"work", "Work of the server:", []entry{
			{"schedules", (*app).schedulesCommand}, {"tasks", (*app).tasksCommand},
			{"subscriptions", (*app).subscriptionsCommand}, {"jobs", (*app).jobsCommand},
		}},
		{"more", "More:", []entry{
			{"tabcmd", (*app).tabcmdCommand}, {"emulator", (*app).emulatorCommand}, {"version", (*app).versionCommand},
		}},
	}
	for _, group := range groups {
		for _, e := range group.commands {
			if e.name == name {
				root.AddCommand(e.make(a))
				a.completeFlags(root)
				return root
			}
		}
	}
	for _, group := range groups {
		root.AddGroup(&cobra.Group{ID: group.id, Title: group.title})
		for _, e := range group.commands {
			command := e.make(a)
			command.GroupID = group.id
			root.AddCommand(command)
		}
	}
	root.SetHelpCommandGroupID("more")
	root.SetCompletionCommandGroupID("more")
	root.AddCommand(exitCodesTopic(), environmentTopic(), filtersTopic(), outputTopic())
	explainCompletion(root)
	a.completeFlags(root)
	return root
}

// groupCommand holds the verbs of a resource, which share the connection and output flags.
func (a *app) groupCommand(name, short string, verbs ...*cobra.Command) *cobra.Command {
	group := &cobra.Command{Use: name, Short: short, Args: cobra.NoArgs, RunE: showHelp}
	a.connection.add(group.PersistentFlags())
	a.outputFlag(group, group.PersistentFlags())
	group.MarkFlagsMutuallyExclusive("token-name", "username", "jwt-file")
	group.AddCommand(verbs...)
	return group
}

// dryRunFlag makes a command that changes something able to only tell what it would change.
func (a *app) dryRunFlag(command *cobra.Command) {
	command.Flags().BoolVar(&a.dryRun, "dry-run", false, "tell what would be changed, and change nothing")
}

// yesFlag makes a command that cannot be undone able to do without an answer.
func (a *app) yesFlag(command *cobra.Command) {
	command.Flags().BoolVarP(&a.yes, "yes", "y", false, "do not ask")
}

// mustAdd is for what fails only when a flag is not there, which has just been added.
func mustAdd(err error) {
	if err != nil {
		panic(err)
	}
}

func showHelp(command *cobra.Command, _ []string) error { return command.Help() }

// action is a command's work. It marks the point from which errors are no longer about the command line.
func (a *app) action(work func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(command *cobra.Command, args []string) error {
		a.running = true
		return work(command.Context(), args)
	}
}

// interrupted reports whether the user, not the server, ended the work.
func interrupted(err error) bool { return errors.Is(err, context.Canceled) }
