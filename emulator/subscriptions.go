package emulator

import (
	"net/http"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func subscriptionRoutes() []route {
	return []route{
		answered("GET", "/sites/{site}/subscriptions", "List Subscriptions", "2.3", SignedIn, listSubscriptions),
		answered("POST", "/sites/{site}/subscriptions", "Create Subscription", "2.3", SignedIn, createSubscription),
		answered("GET", "/sites/{site}/subscriptions/{subscription}", "Get Subscription", "2.3", SignedIn, getSubscription),
		answered("PUT", "/sites/{site}/subscriptions/{subscription}", "Update Subscription", "2.3", SignedIn, updateSubscription),
		answered("DELETE", "/sites/{site}/subscriptions/{subscription}", "Delete Subscription", "2.3", SignedIn, deleteSubscription),
	}
}

func (s *Server) subscriptionElement(b store.Subscription) *tsxml.Element {
	e := tsxml.New("subscription", "id", b.ID, "subject", b.Subject, "message", b.Message)
	e.SetBool("attachImage", b.AttachImage).SetBool("attachPdf", b.AttachPDF).SetBool("suspended", b.Suspended)
	e.SetIf("pageOrientation", b.Orientation).SetIf("pageSizeOption", b.PageSize).SetBool("refreshExtractTriggered", false)
	content := tsxml.New("content", "id", b.ContentID, "type", b.ContentType, "name", b.ContentName).SetBool("sendIfViewEmpty", b.SendIfEmpty)
	schedule := tsxml.New("schedule", "id", b.Schedule.ID, "name", b.Schedule.Name)
	if b.Schedule.Site != 0 {
		schedule = s.scheduleElement(b.Schedule)
	}
	return e.Add(content, schedule, tsxml.New("user", "id", b.User.ID, "name", b.User.Name))
}

func listSubscriptions(c *call) (*tsxml.Element, error) {
	return pageOf(c, "subscriptions", c.subscriptionElement, func(tx *store.Tx, q store.Query) ([]store.Subscription, int64, error) {
		return tx.Subscriptions(c.site.Seq, c.ownOnly(), q)
	})
}

// mayManage reports whether the caller may see and change what is sent to a user.
func (c *call) mayManage(b store.Subscription) bool {
	return isSiteAdmin(c.user) || b.User.Seq == c.user.Seq || b.ContentOwner == c.user.Seq
}

// pathSubscription returns the subscription of the path, if the caller may see it.
func (c *call) pathSubscription(tx *store.Tx) (store.Subscription, error) {
	b, err := tx.Subscription(c.site.Seq, c.id("subscription"))
	if err == nil && !c.mayManage(b) {
		err = store.ErrNotFound
	}
	return b, orNotFound(err, subscriptionNotFound, "Subscription", c.id("subscription"))
}

func getSubscription(c *call) (*tsxml.Element, error) {
	b, err := read(c, c.pathSubscription)
	return c.subscriptionElement(b), err
}

// changeSubscription takes over what a request says about a subscription, save for its content and its user. own is the schedule
// that it gets for itself, or nil.
func changeSubscription(tx *store.Tx, b *store.Subscription, change *tsxml.Element, own *store.Schedule) (err error) {
	if subject, ok := change.Lookup("subject"); ok {
		b.Subject = subject
	}
	if strings.TrimSpace(b.Subject) == "" {
		return incomplete("A subscription needs a subject.")
	}
	if message, ok := change.Lookup("message"); ok {
		b.Message = message
	}
	content := change.Child("content")
	if content == nil {
		content = &tsxml.Element{}
	}
	for _, one := range []struct {
		from *tsxml.Element
		name string
		into *bool
	}{{change, "attachImage", &b.AttachImage}, {change, "attachPdf", &b.AttachPDF}, {change, "suspended", &b.Suspended},
		{content, "sendIfViewEmpty", &b.SendIfEmpty}} {
		if *one.into, err = flag(one.from, one.name, *one.into); err != nil {
			return err
		}
	}
	for _, one := range []struct {
		name  string
		into  *string
		known []string
	}{{"pageOrientation", &b.Orientation, []string{"Portrait", "Landscape"}}, {"pageSizeOption", &b.PageSize, pageTypes}} {
		if text, ok := change.Lookup(one.name); ok {
			known := matching(one.known, text)
			if known == "" {
				return fail(badValue, "The value '%s' of '%s' is not valid: use one of %s.", text, one.name, strings.Join(one.known, ", "))
			}
			*one.into = strings.ToUpper(known) // as Tableau shows them
		}
	}
	if id := change.Child("schedule").Attr("id"); id != "" {
		if b.Schedule, err = findSchedule(tx, id); err != nil {
			return err
		}
		if b.Schedule.Type != "Subscription" {
			return fail(subscriptionRefused, "The schedule '%s' is of the type %s: a subscription needs one of the type Subscription.",
				b.Schedule.Name, b.Schedule.Type)
		}
	}
	if own != nil {
		if err := tx.AddSchedule(own); err != nil { // the one before goes with the update
			return err
		}
		b.Schedule = *own
	}
	return nil
}

// subscriptionRequest reads a subscription and, beside it or in it, the schedule that it has for itself, nil when it has none.
func (c *call) subscriptionRequest() (wanted *tsxml.Element, own *store.Schedule, err error) {
	root, err := c.documentIfAny()
	if err != nil {
		return nil, nil, err
	}
	if wanted, err = childOf(root, "subscription"); err != nil {
		return nil, nil, err
	}
	schedule := root.Child("schedule")
	if inside := wanted.Child("schedule"); schedule == nil && inside.Attr("frequency") != "" {
		schedule = inside
	}
	if schedule == nil {
		return wanted, nil, nil
	}
	s, err := c.ownSchedule("Subscription", schedule)
	return wanted, &s, err
}

func createSubscription(c *call) (*tsxml.Element, error) {
	wanted, own, err := c.subscriptionRequest()
	if err != nil {
		return nil, err
	}
	content, userID := wanted.Child("content"), wanted.Child("user").Attr("id")
	if content.Attr("id") == "" || userID == "" || own == nil && wanted.Child("schedule").Attr("id") == "" {
		return nil, incomplete("A subscription needs content, a schedule and a user.")
	}
	b := store.Subscription{ID: newID(), AttachImage: true, SendIfEmpty: true, ContentID: content.Attr("id"),
		ContentType: matching([]string{"View", "Workbook"}, content.Attr("type"))}
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		what, err := c.findContent(tx, &b)
		if err != nil {
			return err
		}
		if b.User, err = findUser(tx, c.site.Seq, userID); err != nil {
			return err
		}
		if !c.mayManage(b) {
			return fail(forbidden, "Only the owner of '%s' or an administrator may subscribe somebody else to it.", b.ContentName)
		}
		reads, err := may(tx, b.User, "Read", what)
		if err != nil {
			return err
		}
		if !reads {
			return fail(subscriptionRefused, "The user '%s' may not see the %s.", b.User.Name, what.title)
		}
		if err := changeSubscription(tx, &b, wanted, own); err != nil {
			return err
		}
		return tx.AddSubscription(c.site.Seq, &b)
	})
	if err != nil {
		return nil, err
	}
	c.jobs.expect(b.Schedule)
	c.status = http.StatusCreated
	return c.subscriptionElement(b), nil
}

// findContent fills in the view or workbook that a subscription sends, which the caller may read.
func (c *call) findContent(tx *store.Tx, b *store.Subscription) (secured, error) {
	switch b.ContentType {
	case "View":
		v, err := c.viewByID(tx, b.ContentID, "Read")
		if err != nil {
			return secured{}, err
		}
		b.ContentSeq, b.ContentName, b.ContentOwner = v.Seq, v.Name, v.Workbook.Owner.Seq
		return securedView(v), nil
	case "Workbook":
		w, err := c.workbookByID(tx, b.ContentID, "Read")
		if err != nil {
			return secured{}, err
		}
		b.ContentSeq, b.ContentName, b.ContentOwner = w.Seq, w.Name, w.Owner.Seq
		return securedWorkbook(w), nil
	}
	return secured{}, fail(subscriptionRefused, "The type of the content is neither View nor Workbook.")
}

func updateSubscription(c *call) (*tsxml.Element, error) {
	change, own, err := c.subscriptionRequest()
	if err != nil {
		return nil, err
	}
	var b store.Subscription
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		if b, err = c.pathSubscription(tx); err != nil {
			return err
		}
		if err := changeSubscription(tx, &b, change, own); err != nil {
			return err
		}
		return tx.UpdateSubscription(b)
	})
	if err != nil {
		return nil, err
	}
	c.jobs.expect(b.Schedule)
	return c.subscriptionElement(b), nil
}

func deleteSubscription(c *call) (*tsxml.Element, error) {
	return nil, c.store.Write(c.ctx(), func(tx *store.Tx) error {
		b, err := c.pathSubscription(tx)
		if err != nil {
			return err
		}
		return tx.DeleteSubscription(b.Seq)
	})
}
