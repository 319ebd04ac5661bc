package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/mail"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/render"
	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

// notification is what a job does that sends a subscription. Jobs keep it as JSON until they run.
type notification struct{ SubscriptionID string }

// queueSubscription adds the job that sends a subscription.
func (s *Server) queueSubscription(tx *store.Tx, b store.Subscription) error {
	j := store.Job{JobType: "single_subscription_notify", Site: b.Site, User: b.User.Seq, Title: b.Subject, Subtitle: b.ContentType,
		Priority: b.Schedule.Priority}
	_, err := s.addJob(tx, j, notification{b.ID})
	return err
}

func showSubscription(e *tsxml.Element, j store.Job, _ *tsxml.Element) {
	var n notification
	if json.Unmarshal([]byte(j.Request), &n) != nil {
		return
	}
	e.Add(tsxml.New("subscriptionJobType").Add(notesElement(j), &tsxml.Element{Name: "subscriptionId", Text: n.SubscriptionID},
		&tsxml.Element{Name: "subscriptionSubject", Text: j.Title}))
}

// sendSubscription draws what a subscription is for and mails it.
func (s *Server) sendSubscription(ctx context.Context, user store.User, j *store.Job) (done string, err error) {
	var n notification
	if err := json.Unmarshal([]byte(j.Request), &n); err != nil {
		return "", err
	}
	to, err := mail.ParseAddress(user.Email)
	switch {
	case len(s.config.mailers) == 0:
		return "", fail(subscriptionRefused, "This server sends no mail: it was started without an SMTP server or a maildir.")
	case user.Email == "" || err != nil:
		return "", fail(subscriptionRefused, "The user '%s' has no e-mail address.", user.Name)
	case user.SiteRole == "Unlicensed":
		return "", fail(subscriptionRefused, "The user '%s' is unlicensed.", user.Name)
	}
	to.Name = user.FullName
	subscription, sheets, page, err := s.drawn(ctx, user, n.SubscriptionID)
	if err != nil {
		return "", err
	}
	if sheets.empty() && !subscription.SendIfEmpty {
		return "Nothing was sent: there is nothing in the view.", nil
	}
	m := message{from: s.config.mailFrom, to: to, subject: subscription.Subject, text: subscription.Message, date: s.now()}
	if s.URL != "" {
		m.text = strings.TrimSpace(m.text + "\n\n" + s.URL + page)
	}
	if subscription.AttachImage {
		for _, one := range sheets {
			var png bytes.Buffer
			if err := render.PNG(&png, one.Title, one.Tables, imageWidth, imageHeight); err != nil {
				return "", err
			}
			m.files = append(m.files, mailFile{one.Title + ".png", "image/png", true, png.Bytes()})
		}
	}
	if subscription.AttachPDF {
		paper := render.Page{Type: subscription.PageSize, Orientation: subscription.Orientation}
		if paper.Type == "" {
			paper.Type = "Letter"
		}
		var pdf bytes.Buffer
		if err := render.PDF(&pdf, paper, sheets); err != nil {
			return "", err
		}
		m.files = append(m.files, mailFile{subscription.ContentName + ".pdf", "application/pdf", false, pdf.Bytes()})
	}
	text, err := m.bytes()
	if err != nil {
		return "", err
	}
	for _, deliver := range s.config.mailers {
		if err := deliver(ctx, m.from, to.Address, text); err != nil {
			return "", fail(subscriptionRefused, "The mail to %s could not be sent: %s.", to.Address, err)
		}
	}
	return "The mail was sent to " + to.Address + ".", nil
}

// drawing is what a subscription shows.
type drawing []render.Sheet

// empty reports whether there are no data in it.
func (d drawing) empty() bool {
	for _, one := range d {
		for _, t := range one.Tables {
			if len(t.Rows) > 0 {
				return false
			}
		}
	}
	return true
}

// drawn returns a subscription, the data of the views that it is for and that the user may see, and the address of its page
// below the server's.
func (s *Server) drawn(ctx context.Context, user store.User, id string) (b store.Subscription, d drawing, page string, err error) {
	// A publish that ends between the two steps may have put another file in the place of the one found.
	for range 3 {
		var w store.Workbook
		var views []store.View
		var siteURL string
		site := user.Site
		err = s.store.Read(ctx, func(tx *store.Tx) (err error) {
			if b, err = tx.Subscription(site, id); err != nil {
				return orNotFound(err, subscriptionNotFound, "Subscription", id)
			}
			if siteURL, err = tx.SiteContentURL(site); err != nil {
				return err
			}
			if w, err = tx.Workbook(site, b.WorkbookID); err != nil {
				return err
			}
			what := securedWorkbook(w)
			if b.ContentType == "Workbook" {
				views, _, err = tx.Views(site, w.Seq, store.Query{Reader: readerOf(user)})
			} else {
				views = make([]store.View, 1)
				views[0], err = tx.View(site, b.ContentID)
				what = securedView(views[0])
			}
			if err != nil {
				return err
			}
			return must(tx, user, "Read", what)
		})
		if err != nil {
			return b, nil, "", err
		}
		if page = "/#/"; siteURL != "" {
			page += "site/" + siteURL + "/"
		}
		page += "views/" + w.ContentURL
		if b.ContentType == "View" && len(views) > 0 {
			page += "/" + views[0].URLName
		}
		if d, err = s.draw(w, views); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return b, d, page, err
}

// draw reads the data of a workbook's views.
func (s *Server) draw(w store.Workbook, views []store.View) (drawing, error) {
	f, err := s.store.Blobs.Open(w.Blob)
	if err != nil {
		return nil, err
	}
	open := &sheets{workbook: w, f: f}
	defer open.close()
	if open.file, err = s.readWorkbook(w.Blob, w.Bytes, w.Kind); err != nil {
		return nil, err
	}
	return open.pages(views)
}
