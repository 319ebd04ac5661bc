package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

var subscriptions = kind[tableau.Subscription]{
	name: "subscription", group: "subscriptions",
	columns: []column{
		{title: "SUBJECT", path: "subject"}, {title: "CONTENT", path: "content.name"}, {title: "USER", path: "user.name"},
		{title: "SCHEDULE", path: "schedule.name"}, {title: "SUSPENDED", path: "suspended"}, {title: "ID", path: "id"},
	},
	list: func(ctx context.Context, c *tableau.Client, q tableau.Query) itemsOf[tableau.Subscription] {
		return c.Subscriptions.List(ctx, q)
	},
	get: func(ctx context.Context, c *tableau.Client, id string) (*tableau.Subscription, error) {
		return c.Subscriptions.Get(ctx, id)
	},
	delete: func(ctx context.Context, c *tableau.Client, id string) error { return c.Subscriptions.Delete(ctx, id) },
	id:     func(s *tableau.Subscription) string { return s.ID },
	names:  func(s *tableau.Subscription) []string { return []string{s.Subject} },
	label:  func(s *tableau.Subscription) string { return s.Subject + " to " + s.User.Name },
}

func (a *app) subscriptionsCommand() *cobra.Command {
	return a.groupCommand("subscriptions", "List, create, change and delete subscriptions",
		subscriptions.listCommand(a, "  tabctl subscriptions list"),
		subscriptions.getCommand(a, "  tabctl subscriptions get \"Weekly sales\""),
		a.subscriptionsCreateCommand(), a.subscriptionsUpdateCommand(),
		subscriptions.deleteCommand(a, "", "  tabctl subscriptions delete \"Weekly sales\" --yes"))
}

// subscriptionFlags are what is sent, and how.
type subscriptionFlags struct {
	schedule        string
	when            recurrenceFlags
	image, pdf      bool
	sendEmpty       bool
	page, direction choice
}

func (f *subscriptionFlags) add(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&f.schedule, "schedule", "", "`name` or ID of the schedule, on Tableau Server")
	f.when.add(command)
	flags.BoolVar(&f.image, "attach-image", true, "send a picture")
	flags.BoolVar(&f.pdf, "attach-pdf", false, "send a PDF")
	flags.BoolVar(&f.sendEmpty, "send-if-empty", true, "send a view without data as well")
	f.page, f.direction = pageTypeChoice(), choice{allowed: []string{"Portrait", "Landscape"}}
	choiceFlag(command, &f.page, "page-type", "`size` of the PDF's pages")
	choiceFlag(command, &f.direction, "orientation", "how the PDF's pages are turned")
}

func (a *app) subscriptionsCreateCommand() *cobra.Command {
	var f subscriptionFlags
	var user, message string
	command := &cobra.Command{
		Use: "create SUBJECT workbook|view NAME", Short: "Send a view or workbook to a user, again and again", Args: cobra.ExactArgs(3),
		Example: "  tabctl subscriptions create \"Weekly sales\" view Sales/Overview --user ann --schedule Mondays\n  tabctl subscriptions create Sales workbook Finance/Sales --user ann --frequency weekly --start 07:00 --week-days Monday --attach-pdf",
		RunE: a.withClient(func(ctx context.Context, c *tableau.Client, args []string) error {
			create := tableau.CreateSubscription{Subject: args[0], Message: message, AttachImage: given(a, "attach-image", f.image), AttachPDF: given(a, "attach-pdf", f.pdf),
				SendIfViewEmpty: given(a, "send-if-empty", f.sendEmpty), PageType: tableau.PageType(f.page.value), Orientation: tableau.Orientation(f.direction.value)}
			var err error
			if create.Recurrence, err = f.when.recurrence(a); err != nil {
				return err
			}
			item, label, err := content(ctx, c, args[1], args[2])
			if err != nil {
				return err
			}
			switch item.Type {
			case tableau.ContentWorkbook:
				create.ContentType = tableau.SubscribeToWorkbook
			case tableau.ContentView:
				create.ContentType = tableau.SubscribeToView
			default:
				return usage("a subscription sends views and workbooks, not %s", label)
			}
			create.ContentID = item.ID
			to, err := users.find(ctx, c, user)
			if err != nil {
				return err
			}
			create.UserID = to.ID
			if schedule, err := foundID(ctx, a, c, &schedules, "schedule", f.schedule); err != nil {
				return err
			} else if schedule != nil {
				create.ScheduleID = *schedule
			}
			if a.left("send %s to %s", label, to.Name) {
				return nil
			}
			subscription, err := c.Subscriptions.Create(ctx, create)
			if err != nil {
				return fmt.Errorf("subscribe %s to %s: %w", to.Name, label, err)
			}
			return printList(a, []*tableau.Subscription{subscription}, subscriptions.columns)
		}),
	}
	f.add(command)
	command.Flags().StringVar(&user, "user", "", "`name` or ID of who gets it")
	command.Flags().StringVar(&message, "message", "", "`text` of the mail")
	command.MarkFlagsOneRequired("schedule", "frequency")
	command.MarkFlagsMutuallyExclusive("schedule", "frequency")
	a.dryRunFlag(command)
	mustAdd(command.MarkFlagRequired("user"))
	return command
}

func (a *app) subscriptionsUpdateCommand() *cobra.Command {
	var f subscriptionFlags
	var subject string
	var suspended bool
	command := subscriptions.updateCommand(a, "  tabctl subscriptions update \"Weekly sales\" --suspended\n  tabctl subscriptions update Sales --attach-pdf --page-type A4",
		func(ctx context.Context, c *tableau.Client) (func(id string) (*tableau.Subscription, error), error) {
			recurrence, err := f.when.recurrence(a)
			if err != nil {
				return nil, err
			}
			update := tableau.SubscriptionUpdate{Subject: given(a, "subject", subject), AttachImage: given(a, "attach-image", f.image), AttachPDF: given(a, "attach-pdf", f.pdf),
				SendIfViewEmpty: given(a, "send-if-empty", f.sendEmpty), Suspended: given(a, "suspended", suspended), Recurrence: recurrence,
				PageType: given(a, "page-type", tableau.PageType(f.page.value)), Orientation: given(a, "orientation", tableau.Orientation(f.direction.value))}
			update.ScheduleID, err = foundID(ctx, a, c, &schedules, "schedule", f.schedule)
			return func(id string) (*tableau.Subscription, error) { return c.Subscriptions.Update(ctx, id, update) }, err
		})
	f.add(command)
	command.Flags().StringVar(&subject, "subject", "", "new `subject` of the mail")
	command.Flags().BoolVar(&suspended, "suspended", false, "send nothing for now; =false sends again")
	return command
}
