package wiretest

import (
	"context"
	"maps"

	"github.com/tabctl/tableau-go/tableau"
)

func init() {
	maps.Copy(aliases, map[string]string{
		"SubscriptionItem.page_orientation":   "Orientation",
		"SubscriptionItem.page_size_option":   "PageType",
		"SubscriptionItem.send_if_view_empty": "Content.SendIfViewEmpty",
		"SubscriptionItem.target":             "Content",
		"SubscriptionItem.user_id":            "User.ID",
	})
}

// A subscriptionResult is a subscription with its schedule as Python shows it:
// an ID, or a list of one when there is none.
type subscriptionResult struct {
	*tableau.Subscription
	ScheduleID string
	Schedule   []*scheduleResult
}

func subscriptionOf(s *tableau.Subscription) *subscriptionResult {
	result := &subscriptionResult{Subscription: s, ScheduleID: s.Schedule.ID}
	if s.Schedule.ID == "" && s.Schedule.Frequency != "" {
		result.Schedule = []*scheduleResult{scheduleOf(&s.Schedule)}
	}
	return result
}

func subscriptionsOf(s *tableau.Subscription, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return subscriptionOf(s), nil
}

// switched is a flag of a Python item, which has a default there.
func switched(item arguments, name string, byDefault bool) *bool {
	if item.has(name) {
		return new(item.flag(name))
	}
	return &byDefault
}

var _ = register(listAdapters("subscriptions", func(c *call) (lister, error) {
	return listingAs(c.client.Subscriptions.Page, c.client.Subscriptions.List, subscriptionOf), nil
}))

var _ = register(map[string]adapter{
	"subscriptions.get_by_id": func(ctx context.Context, c *call) (any, error) {
		return subscriptionsOf(c.client.Subscriptions.Get(ctx, c.args.text("subscription_id")))
	},
	"subscriptions.create": func(ctx context.Context, c *call) (any, error) {
		return subscriptionsOf(c.client.Subscriptions.Create(ctx, createSubscription(c.args.item("subscription_item"))))
	},
	"subscriptions.update": func(ctx context.Context, c *call) (any, error) {
		if !c.args.has("subscription_item") {
			return nil, noCounterpart("sending back a whole item: an update here holds only what changes")
		}
		item := c.args.item("subscription_item")
		return subscriptionsOf(c.client.Subscriptions.Update(ctx, item.text("id"), subscriptionUpdate(item)))
	},
	"subscriptions.delete": func(ctx context.Context, c *call) (any, error) {
		return nil, c.client.Subscriptions.Delete(ctx, c.args.text("subscription_id"))
	},
	// What Python refuses in an item is refused here by the update that holds it.
	"model.SubscriptionItem": func(ctx context.Context, c *call) (any, error) {
		return subscriptionsOf(c.client.Subscriptions.Update(ctx, "s", subscriptionUpdate(c.args.item("item"))))
	},
})

func createSubscription(item arguments) tableau.CreateSubscription {
	return tableau.CreateSubscription{
		Subject: item.text("subject"), Message: item.text("message"), UserID: item.text("user_id"), ScheduleID: item.text("schedule_id"),
		ContentID: item.item("target").text("id"), ContentType: tableau.SubscriptionContentType(item.item("target").text("type")),
		AttachImage: switched(item, "attach_image", true), AttachPDF: switched(item, "attach_pdf", false),
		SendIfViewEmpty: switched(item, "send_if_view_empty", true),
		PageType:        tableau.PageType(item.text("page_size_option")), Orientation: tableau.Orientation(item.text("page_orientation")),
	}
}

func subscriptionUpdate(item arguments) tableau.SubscriptionUpdate {
	return tableau.SubscriptionUpdate{
		Subject: optional[string](item, "subject"), ScheduleID: optional[string](item, "schedule_id"),
		AttachImage: switched(item, "attach_image", true), AttachPDF: switched(item, "attach_pdf", false),
		SendIfViewEmpty: switched(item, "send_if_view_empty", true), Suspended: switched(item, "suspended", false),
		PageType: optional[tableau.PageType](item, "page_size_option"), Orientation: optional[tableau.Orientation](item, "page_orientation"),
	}
}
