package store

// Subscription sends a view or a workbook to a user when its schedule says so.
type Subscription struct {
	Seq, Site    int64
	ID           string
	Subject      string
	Message      string
	AttachImage  bool
	AttachPDF    bool
	Orientation  string // of the PDF, in capitals; "": not set
	PageSize     string // of the PDF, in capitals; "": not set
	SendIfEmpty  bool   // send a view without data as well
	Suspended    bool
	User         User // Seq, ID and Name
	Schedule     Schedule
	ContentType  string // "View" or "Workbook"
	ContentID    string
	ContentName  string
	WorkbookID   string // of the content
	ContentOwner int64  // seq
	ContentSeq   int64
}

var subscriptions = list[Subscription]{
	columns: `b.seq, b.site, b.id, b.subject, b.message, b.attach_image, b.attach_pdf, b.orientation, b.page_size, b.send_if_empty, b.suspended,
		u.seq, u.id, a.name, CASE WHEN b.view IS NULL THEN 'Workbook' ELSE 'View' END,
		coalesce(v.id, w.id), coalesce(v.name, w.name), w.id, w.owner, coalesce(v.seq, w.seq), ` + schedules.columns,
	from: `subscriptions b JOIN schedules s ON s.seq = b.schedule JOIN users u ON u.seq = b.user JOIN accounts a ON a.seq = u.account
		LEFT JOIN views v ON v.seq = b.view JOIN workbooks w ON w.seq = coalesce(b.workbook, v.workbook)`,
	order: "b.seq",
	scan: func(row scanner) (b Subscription, err error) {
		b.Schedule, err = schedules.scan(prefixed{row, []any{&b.Seq, &b.Site, &b.ID, &b.Subject, &b.Message, &b.AttachImage, &b.AttachPDF,
			&b.Orientation, &b.PageSize, &b.SendIfEmpty, &b.Suspended, &b.User.Seq, &b.User.ID, &b.User.Name, &b.ContentType,
			&b.ContentID, &b.ContentName, &b.WorkbookID, &b.ContentOwner, &b.ContentSeq}})
		return b, err
	},
}

// Subscriptions lists the subscriptions of a site; with user those that one user gets, or that send the user's content.
func (tx *Tx) Subscriptions(site, user int64, q Query) ([]Subscription, int64, error) {
	return subscriptions.page(tx, where{"b.site = ?1 AND (?2 = 0 OR b.user = ?2 OR w.owner = ?2)", []any{site, user}}, q)
}

// SubscriptionsDue returns the subscriptions of a schedule that are not suspended, on all sites that are active and have
// subscriptions enabled.
func (tx *Tx) SubscriptionsDue(schedule int64) ([]Subscription, error) {
	due, _, err := subscriptions.page(tx, where{`b.schedule = ? AND NOT b.suspended AND EXISTS (SELECT 1 FROM sites z WHERE z.seq = b.site
		AND z.state = 'Active' AND coalesce(json_extract(z.settings, '$.disableSubscriptions'), '') <> 'true')`, []any{schedule}}, Query{})
	return due, err
}

// Subscription returns a subscription of a site.
func (tx *Tx) Subscription(site int64, id string) (Subscription, error) {
	return subscriptions.one(tx, "b.site = ? AND b.id = ?", site, id)
}

// AddSubscription adds a subscription to a site and sets its Seq.
func (tx *Tx) AddSubscription(site int64, b *Subscription) (err error) {
	b.Site = site
	workbook, view := b.ContentSeq, int64(0)
	if b.ContentType == "View" {
		workbook, view = 0, b.ContentSeq
	}
	b.Seq, err = tx.insert(`INSERT INTO subscriptions (id, site, schedule, user, workbook, view, subject, message, attach_image, attach_pdf,
		orientation, page_size, send_if_empty, suspended) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, b.ID, site, b.Schedule.Seq,
		b.User.Seq, orNull(workbook), orNull(view), b.Subject, b.Message, b.AttachImage, b.AttachPDF, b.Orientation, b.PageSize,
		b.SendIfEmpty, b.Suspended)
	return err
}

// UpdateSubscription writes what can change of a subscription.
func (tx *Tx) UpdateSubscription(b Subscription) error {
	_, err := tx.exec(`UPDATE subscriptions SET schedule = ?, subject = ?, message = ?, attach_image = ?, attach_pdf = ?, orientation = ?,
		page_size = ?, send_if_empty = ?, suspended = ? WHERE seq = ?`, b.Schedule.Seq, b.Subject, b.Message, b.AttachImage, b.AttachPDF,
		b.Orientation, b.PageSize, b.SendIfEmpty, b.Suspended, b.Seq)
	return err
}

// DeleteSubscription deletes a subscription.
func (tx *Tx) DeleteSubscription(seq int64) error {
	_, err := tx.exec("DELETE FROM subscriptions WHERE seq = ?", seq)
	return err
}

// SiteContentURL returns a site's content URL.
func (tx *Tx) SiteContentURL(site int64) (string, error) {
	return queryOne(tx, scanString, "SELECT content_url FROM sites WHERE seq = ?", site)
}
