package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tabctl/tableau-go/tableau"
)

// extractItem is what an extract command is about: a workbook or a data source.
type extractItem struct {
	kind, id, name string
}

func (i extractItem) String() string { return fmt.Sprintf("the %s %q", i.kind, i.name) }

func tabcmdExtractItem(ctx context.Context, c *tableau.Client, args *tabcmdArgs) (extractItem, error) {
	if address := args.value("--url"); address != "" {
		w, err := workbookAt(ctx, c, strings.TrimPrefix(strings.Trim(address, "/"), "workbooks/"))
		if err != nil {
			return extractItem{}, err
		}
		return extractItem{"workbook", w.ID, w.Name}, nil
	}
	in, err := tabcmdIn(ctx, c, args)
	if err != nil {
		return extractItem{}, err
	}
	if name := args.value("--datasource"); name != "" {
		d, err := inProject(ctx, c, &dataSources, name, in)
		if err != nil {
			return extractItem{}, err
		}
		return extractItem{"data source", d.ID, in.Path + "/" + d.Name}, nil
	}
	w, err := inProject(ctx, c, &workbooks, args.value("--workbook"), in)
	if err != nil {
		return extractItem{}, err
	}
	return extractItem{"workbook", w.ID, in.Path + "/" + w.Name}, nil
}

// embeddedSources are the data sources of a workbook that --include-all and --embedded-datasources choose.
func embeddedSources(ctx context.Context, c *tableau.Client, args *tabcmdArgs, item extractItem) (tableau.EmbeddedDataSources, error) {
	names := args.value("--embedded-datasources")
	switch {
	case args.on("--include-all"):
		return tableau.EmbeddedDataSources{All: true}, nil
	case names == "":
		return tableau.EmbeddedDataSources{}, errors.New("of a workbook, give --include-all or --embedded-datasources")
	}
	connections, err := c.Workbooks.Connections(ctx, item.id)
	if err != nil {
		return tableau.EmbeddedDataSources{}, err
	}
	var chosen tableau.EmbeddedDataSources
	for _, name := range embeddedNames(names, connections) {
		i := slices.IndexFunc(connections, func(x *tableau.Connection) bool { return x.DataSource.Name == name || x.DataSource.ID == name })
		if i < 0 {
			var known []string
			for _, x := range connections {
				known = append(known, x.DataSource.Name)
			}
			return chosen, withHint(&missingError{"embedded data source", name}, "one of "+strings.Join(known, ", "))
		}
		if id := connections[i].DataSource.ID; !slices.Contains(chosen.IDs, id) {
			chosen.IDs = append(chosen.IDs, id)
		}
	}
	return chosen, nil
}

// embeddedNames splits a list of names, which may hold spaces themselves, with commas or spaces between them.
func embeddedNames(text string, connections []*tableau.Connection) []string {
	if slices.ContainsFunc(connections, func(x *tableau.Connection) bool { return x.DataSource.Name == text }) {
		return []string{text}
	}
	split := strings.Fields
	if strings.Contains(text, ",") {
		split = func(text string) []string { return strings.Split(text, ",") }
	}
	var names []string
	for _, name := range split(text) {
		names = append(names, strings.TrimSpace(name))
	}
	return names
}

func (a *app) tabcmdCreateExtracts(ctx context.Context, c *tableau.Client, args *tabcmdArgs) error {
	encrypt := args.on("--encrypt")
	return a.changeExtracts(ctx, c, args, "create extracts of", func(item extractItem, sources tableau.EmbeddedDataSources) (*tableau.Job, error) {
		if item.kind == "workbook" {
			return c.Workbooks.CreateExtract(ctx, item.id, sources, encrypt)
		}
		return c.DataSources.CreateExtract(ctx, item.id, encrypt)
	})
}

func (a *app) tabcmdDeleteExtracts(ctx context.Context, c *tableau.Client, args *tabcmdArgs) error {
	return a.changeExtracts(ctx, c, args, "delete the extracts of", func(item extractItem, sources tableau.EmbeddedDataSources) (*tableau.Job, error) {
		if item.kind == "workbook" {
			return c.Workbooks.DeleteExtract(ctx, item.id, sources)
		}
		return nil, c.DataSources.DeleteExtract(ctx, item.id)
	})
}

func (a *app) changeExtracts(ctx context.Context, c *tableau.Client, args *tabcmdArgs, what string, change func(extractItem, tableau.EmbeddedDataSources) (*tableau.Job, error)) error {
	item, err := tabcmdExtractItem(ctx, c, args)
	if err != nil {
		return err
	}
	var sources tableau.EmbeddedDataSources
	if item.kind == "workbook" {
		if sources, err = embeddedSources(ctx, c, args, item); err != nil {
			return err
		}
	}
	job, err := change(item, sources)
	if err != nil {
		return a.tabcmdExists(args, fmt.Errorf("%s %s: %w", what, item, err))
	}
	a.sayJob(job, what+" "+item.String())
	return nil
}

// sayJob tells that the server does something, by a job when it is not nil.
func (a *app) sayJob(job *tableau.Job, what string) {
	if job == nil {
		a.say("Done: %s", what)
		return
	}
	a.say("Queued the job %s: %s", job.ID, what)
}

func (a *app) tabcmdRefreshExtracts(ctx context.Context, c *tableau.Client, args *tabcmdArgs) error {
	item, err := tabcmdExtractItem(ctx, c, args)
	if err != nil {
		return err
	}
	refresh := map[string]func(context.Context, string) (*tableau.Job, error){"workbook": c.Workbooks.Refresh, "data source": c.DataSources.Refresh}
	if args.on("--incremental") {
		refresh["workbook"], refresh["data source"] = c.Workbooks.RefreshIncremental, c.DataSources.RefreshIncremental
	}
	job, err := refresh[item.kind](ctx, item.id)
	if errors.Is(err, tableau.ErrConflict) {
		return a.tabcmdExists(args, fmt.Errorf("refresh %s: it is queued already: %w", item, err))
	}
	if err != nil {
		return fmt.Errorf("refresh %s: %w", item, err)
	}
	a.sayJob(job, "refresh "+item.String())
	if !args.on("--synchronous") {
		return nil
	}
	if seconds, err := strconv.Atoi(args.value("--timeout")); err == nil && seconds > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(seconds)*time.Second)
		defer cancel()
	}
	_, err = a.waitForJob(ctx, c, job.ID, "Refresh of "+item.String())
	return err
}

// tabcmdRunSchedule runs what the schedule refreshes on this site. The REST API runs tasks, not schedules.
func (a *app) tabcmdRunSchedule(ctx context.Context, c *tableau.Client, args *tabcmdArgs) error {
	name := args.arguments[0]
	found, err := matching(c.Schedules.List(ctx, tableau.Query{}), func(s *tableau.Schedule) bool { return s.Name == name })
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return &missingError{"schedule", name}
	}
	tasks, err := tableau.Collect(c.Schedules.ExtractRefreshes(ctx, found[0].ID, tableau.Query{}), -1)
	if err != nil {
		return err
	}
	if len(tasks) == 0 {
		a.say("The schedule %q refreshes nothing on this site", name)
		return nil
	}
	for _, task := range tasks {
		what := "refresh the workbook " + task.Workbook.ID
		if task.Workbook.ID == "" {
			what = "refresh the data source " + task.DataSource.ID
		}
		job, err := c.Tasks.Run(ctx, tableau.TaskExtractRefresh, task.ID)
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		a.sayJob(job, what)
	}
	return nil
}
