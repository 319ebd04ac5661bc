package tableau

import (
	"context"
	"iter"

	"github.com/tabctl/tableau-go/internal/tsxml"
)

// SubscriptionsService calls the subscription methods.
type SubscriptionsService service

// Subscription sends a view or workbook to a user by e-mail.
type Subscription struct {
	ID          string              `xml:"id,attr"`
	Subject     string              `xml:"subject,attr"`
	Message     string              `xml:"message,attr"`
	Suspended   bool                `xml:"suspended,attr"`
	AttachImage *bool               `xml:"attachImage,attr"`             // nil when the server does not tell
	AttachPDF   *bool               `xml:"attachPdf,attr"`               // nil when the server does not tell
	PageType    PageType            `xml:"pageSizeOption,attr"`          // of the PDF; servers write it in capitals
	Orientation Orientation         `xml:"pageOrientation,attr"`         // of the PDF; servers write it in capitals
	OnRefresh   bool                `xml:"refreshExtractTriggered,attr"` // sent when the extract is refreshed
	Content     SubscriptionContent `xml:"content"`
	// Schedule says when. On Tableau Server it has an ID and a name; on Tableau
	// Cloud it is the subscription's own, with Details.
	Schedule Schedule   `xml:"schedule"`
	User     UserRef    `xml:"user"` // who gets it
	Extra    Attributes `xml:",any,attr"`
}

func (s *Subscription) id() string { return s.ID }

// SubscriptionContent is what a subscription sends.
type SubscriptionContent struct {
	ID              string                  `xml:"id,attr"`
	Type            SubscriptionContentType `xml:"type,attr"`
	Name            string                  `xml:"name,attr"`
	CustomViewID    string                  `xml:"customViewId,attr"`
	SendIfViewEmpty bool                    `xml:"sendIfViewEmpty,attr"`
	Extra           Attributes              `xml:",any,attr"`
}

// SubscriptionContentType says what a subscription sends. Servers read it
// without regard to case.
type SubscriptionContentType string

// The types of content that can be sent.
const (
	SubscribeToView     SubscriptionContentType = "View"
	SubscribeToWorkbook SubscriptionContentType = "Workbook"
)

// CreateSubscription says what to send to whom, and when.
type CreateSubscription struct {
	Subject     string
	Message     string
	ContentID   string
	ContentType SubscriptionContentType
	UserID      string

	// ScheduleID names a schedule of Tableau Server, Recurrence the times on
	// Tableau Cloud, by Cloud's rules (minimum version 3.20): one of the two.
	ScheduleID string
	Recurrence Recurrence

	// Options that are not set are the server's to choose.
	AttachImage     *bool       // the default of servers is true
	AttachPDF       *bool       // the default of servers is false
	PageType        PageType    // of the PDF
	Orientation     Orientation // of the PDF
	SendIfViewEmpty *bool       // the default of servers is true
}

// SubscriptionUpdate says what to change; what is nil stays as it is. What is
// sent, and to whom, cannot be changed.
type SubscriptionUpdate struct {
	Subject         *string
	AttachImage     *bool
	AttachPDF       *bool
	PageType        *PageType
	Orientation     *Orientation
	Suspended       *bool
	SendIfViewEmpty *bool
	ScheduleID      *string    // on Tableau Server
	Recurrence      Recurrence // on Tableau Cloud; minimum version 3.20
}

type subscriptionRequest struct {
	Subject     *string                     `xml:"subject,attr"`
	AttachImage *bool                       `xml:"attachImage,attr"`
	AttachPDF   *bool                       `xml:"attachPdf,attr"`
	Message     string                      `xml:"message,attr,omitempty"`
	Orientation *Orientation                `xml:"pageOrientation,attr"`
	PageType    *PageType                   `xml:"pageSizeOption,attr"`
	Suspended   *bool                       `xml:"suspended,attr"`
	Content     *subscriptionContentRequest `xml:"content"`
	Schedule    *idRequest                  `xml:"schedule"`
	User        *idRequest                  `xml:"user"`
}

type subscriptionContentRequest struct {
	ID              string                  `xml:"id,attr,omitempty"`
	Type            SubscriptionContentType `xml:"type,attr,omitempty"`
	SendIfViewEmpty *bool                   `xml:"sendIfViewEmpty,attr"`
}

// List returns the subscriptions of the site that the query chooses. Minimum
// version 2.3.
//
//tableau:op GET /sites/{site}/subscriptions since=2.3 retry=safe tsc=subscriptions.get
func (s *SubscriptionsService) List(ctx context.Context, q Query) iter.Seq2[*Subscription, error] {
	return list[Subscription](ctx, s.client, "subscriptions>subscription", get("subscriptions").since("2.3"), q)
}

// Page returns one page of the list. Minimum version 2.3.
//
//tableau:op GET /sites/{site}/subscriptions since=2.3 retry=safe tsc=subscriptions.get
func (s *SubscriptionsService) Page(ctx context.Context, q Query) (*Page[Subscription], error) {
	return fetchPage[Subscription](ctx, s.client, "subscriptions>subscription", get("subscriptions").since("2.3"), q)
}

// Get returns one subscription. Minimum version 2.3.
//
//tableau:op GET /sites/{site}/subscriptions/{subscription} since=2.3 retry=safe tsc=subscriptions.get_by_id
func (s *SubscriptionsService) Get(ctx context.Context, id string) (*Subscription, error) {
	return fetch[Subscription](ctx, s.client, "subscription", get("subscriptions", id).since("2.3"))
}

// Create subscribes a user to a view or workbook. Errors:
// [ErrInvalidArgument] when something is missing or the recurrence breaks
// Cloud's rules. Minimum version 2.3.
//
//tableau:op POST /sites/{site}/subscriptions since=2.3 retry=unsent tsc=subscriptions.create
func (s *SubscriptionsService) Create(ctx context.Context, c CreateSubscription) (*Subscription, error) {
	payload := subscriptionRequest{
		Subject: &c.Subject, Message: c.Message, AttachImage: c.AttachImage, AttachPDF: c.AttachPDF,
		Content: &subscriptionContentRequest{c.ContentID, c.ContentType, c.SendIfViewEmpty},
		User:    &idRequest{c.UserID}, Schedule: refTo(c.ScheduleID),
		PageType: unlessZero(c.PageType), Orientation: unlessZero(c.Orientation),
	}
	r := sendSubscription(post("subscriptions"), payload, c.Recurrence).fail(c.check())
	return fetch[Subscription](ctx, s.client, "subscription", r)
}

func (c CreateSubscription) check() error {
	switch {
	case c.Subject == "":
		return invalid("the subscription needs a Subject")
	case c.ContentID == "" || c.ContentType == "":
		return invalid("the subscription needs a ContentID and a ContentType")
	case c.UserID == "":
		return invalid("the subscription needs a UserID")
	case (c.ScheduleID == "") == (c.Recurrence == nil):
		return invalid("the subscription needs a ScheduleID, or on Tableau Cloud a Recurrence, and not both")
	}
	return nil
}

// sendSubscription completes a request; a recurrence stands beside the
// subscription.
func sendSubscription(r request, payload subscriptionRequest, recurrence Recurrence) request {
	if recurrence == nil {
		return r.since("2.3").send("subscription", payload)
	}
	schedule, err := ownRecurrence("the subscription", recurrence, Recurrence.checkForCloud)
	return r.since("3.20").sendAll(tsxml.Child{Name: "subscription", Value: payload}, tsxml.Child{Name: "schedule", Value: schedule}).fail(err)
}

// Update changes what is set in u and leaves the rest alone. Errors:
// [ErrInvalidArgument] when the recurrence breaks Cloud's rules. Minimum
// version 2.3.
//
//tableau:op PUT /sites/{site}/subscriptions/{subscription} since=2.3 retry=safe tsc=subscriptions.update
func (s *SubscriptionsService) Update(ctx context.Context, id string, u SubscriptionUpdate) (*Subscription, error) {
	payload := subscriptionRequest{
		Subject: u.Subject, AttachImage: u.AttachImage, AttachPDF: u.AttachPDF, Orientation: u.Orientation, PageType: u.PageType, Suspended: u.Suspended,
		Schedule: refIf(u.ScheduleID),
	}
	if u.SendIfViewEmpty != nil {
		payload.Content = &subscriptionContentRequest{SendIfViewEmpty: u.SendIfViewEmpty}
	}
	r := sendSubscription(put("subscriptions", id), payload, u.Recurrence)
	if u.ScheduleID != nil && u.Recurrence != nil {
		r = r.fail(invalid("the update of a subscription has a ScheduleID and a Recurrence: only one of them can be set"))
	}
	return fetch[Subscription](ctx, s.client, "subscription", r)
}

// Delete deletes a subscription. Minimum version 2.3.
//
//tableau:op DELETE /sites/{site}/subscriptions/{subscription} since=2.3 retry=safe tsc=subscriptions.delete
func (s *SubscriptionsService) Delete(ctx context.Context, id string) error {
	return s.client.run(ctx, del("subscriptions", id).since("2.3"))
}
