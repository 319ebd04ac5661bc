package tableau_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/tabctl/tableau-go/tableau"
)

func TestRealSubscriptions(t *testing.T) {
	t.Parallel()
	all, err := tableau.Collect(serveAsset(t, "subscription_get.xml").Subscriptions.List(t.Context(), tableau.Query{}), -1)
	user := tableau.UserRef{ID: "c0d5fc44-ad8c-4957-bec0-b70ed0f8df1e", Name: "jonsnow@winterfell.com"}
	decoded(t, []*tableau.Subscription{
		{
			ID: "382e9a6e-0c08-4a95-b6c1-c14df7bac3e4", Subject: "Not Found Alert", Message: "NOT FOUND!", AttachImage: new(true), AttachPDF: new(false),
			Content:  tableau.SubscriptionContent{ID: "cdd716ca-5818-470e-8bec-086885dbadee", Type: tableau.SubscribeToView},
			Schedule: tableau.Schedule{ID: "7617c389-cdca-4940-a66e-69956fcebf3e", Name: "Subscribe daily [00:00 - 04:00, Pacific US] [migrated at 1490824351877]"},
			User:     user,
		},
		{
			ID: "23cb7630-afc8-4c8e-b6cd-83ae0322ec66", Subject: "Last 7 Days", Message: "overview", AttachImage: new(false), AttachPDF: new(true),
			Suspended: true, PageType: "A5", Orientation: "PORTRAIT",
			Content:  tableau.SubscriptionContent{ID: "2e6b4e8f-22dd-4061-8f75-bf33703da7e5", Type: tableau.SubscribeToWorkbook, SendIfViewEmpty: true},
			Schedule: tableau.Schedule{ID: "3407cd38-7b39-4983-86a6-67a1506a5e3f", Name: "SSS_27212a85-6b28-41f6-8c69-29b02043d7a5"},
			User:     user,
		},
	}, all, err)
	one, err := serveAsset(t, "subscription_get_by_id.xml").Subscriptions.Get(t.Context(), "s")
	if err != nil || one.AttachImage != nil || one.AttachPDF != nil {
		t.Errorf("subscription = %+v, %v; want it not to know what is attached", one, err)
	}
}

func TestSubscriptionOfCloud(t *testing.T) {
	t.Parallel()
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		answer(w, 200, `<subscription id="s" refreshExtractTriggered="true"><content id="w" type="Workbook" customViewId="c"/>`+
			`<schedule frequency="Daily" nextRunAt="2024-02-21T02:20:00Z"><frequencyDetails start="18:20:00"><intervals><interval weekDay="Tuesday"/></intervals></frequencyDetails></schedule></subscription>`)
	}).client(t)
	subscription, err := client.Subscriptions.Get(t.Context(), "s")
	if err != nil {
		t.Fatal(err)
	}
	if !subscription.OnRefresh || subscription.Content.CustomViewID != "c" {
		t.Errorf("subscription = %+v", subscription)
	}
	decoded(t, tableau.Recurrence(tableau.Daily{Start: "18:20:00", Days: []tableau.WeekDay{tableau.Tuesday}}), subscription.Schedule.Recurrence(), nil)
}

func TestSubscriptionsAreSent(t *testing.T) {
	t.Parallel()
	full := tableau.CreateSubscription{
		Subject: "News", Message: "of today", ContentID: "v", ContentType: tableau.SubscribeToView, UserID: "u", ScheduleID: "s",
		AttachImage: new(false), AttachPDF: new(true), PageType: tableau.PageA4, Orientation: tableau.Landscape, SendIfViewEmpty: new(false),
	}
	onCloud := tableau.CreateSubscription{
		Subject: "News", ContentID: "w", ContentType: tableau.SubscribeToWorkbook, UserID: "u",
		Recurrence: tableau.Weekly{Start: "07:00:00", Days: []tableau.WeekDay{tableau.Monday}},
	}
	tests := map[string]struct {
		call func(*tableau.Client) error
		want string
	}{
		"on Server": {func(c *tableau.Client) error { _, err := c.Subscriptions.Create(t.Context(), full); return err },
			`<tsRequest><subscription subject="News" attachImage="false" attachPdf="true" message="of today" pageOrientation="Landscape" pageSizeOption="A4">` +
				`<content id="v" type="View" sendIfViewEmpty="false"></content><schedule id="s"></schedule><user id="u"></user></subscription></tsRequest>`},
		"on Cloud": {func(c *tableau.Client) error { _, err := c.Subscriptions.Create(t.Context(), onCloud); return err },
			`<tsRequest><subscription subject="News"><content id="w" type="Workbook"></content><user id="u"></user></subscription>` +
				`<schedule frequency="Weekly"><frequencyDetails start="07:00:00"><intervals><interval weekDay="Monday"></interval></intervals></frequencyDetails></schedule></tsRequest>`},
		"suspended": {func(c *tableau.Client) error {
			_, err := c.Subscriptions.Update(t.Context(), "s", tableau.SubscriptionUpdate{Suspended: new(true)})
			return err
		}, `<tsRequest><subscription suspended="true"></subscription></tsRequest>`},
		"moved": {func(c *tableau.Client) error {
			_, err := c.Subscriptions.Update(t.Context(), "s", tableau.SubscriptionUpdate{ScheduleID: new("s-2"), SendIfViewEmpty: new(true)})
			return err
		}, `<tsRequest><subscription><content sendIfViewEmpty="true"></content><schedule id="s-2"></schedule></subscription></tsRequest>`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if body, err := sentTo(t, test.call); err != nil || body != test.want {
				t.Errorf("sent %s, %v; want %s", body, err, test.want)
			}
		})
	}
}

func TestSubscriptionRefusals(t *testing.T) {
	t.Parallel()
	whole := func() tableau.CreateSubscription {
		return tableau.CreateSubscription{Subject: "News", ContentID: "v", ContentType: tableau.SubscribeToView, UserID: "u", ScheduleID: "s"}
	}
	tests := map[string]func(*tableau.CreateSubscription){
		"Subject":     func(c *tableau.CreateSubscription) { c.Subject = "" },
		"ContentID":   func(c *tableau.CreateSubscription) { c.ContentID = "" },
		"ContentType": func(c *tableau.CreateSubscription) { c.ContentType = "" },
		"UserID":      func(c *tableau.CreateSubscription) { c.UserID = "" },
		"ScheduleID":  func(c *tableau.CreateSubscription) { c.ScheduleID = "" },
		"not both": func(c *tableau.CreateSubscription) {
			c.Recurrence = tableau.Weekly{Start: "07:00:00", Days: []tableau.WeekDay{tableau.Monday}}
		},
	}
	for says, spoil := range tests {
		t.Run(says, func(t *testing.T) {
			t.Parallel()
			create := whole()
			spoil(&create)
			body, err := sentTo(t, func(c *tableau.Client) error { _, err := c.Subscriptions.Create(t.Context(), create); return err })
			if !errors.Is(err, tableau.ErrInvalidArgument) || !strings.Contains(err.Error(), says) || body != "" {
				t.Errorf("error %v after sending %q; want ErrInvalidArgument that says %q after nothing", err, body, says)
			}
		})
	}
}
