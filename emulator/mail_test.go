package emulator_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"image/png"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/emulator"
)

// envelope is a mail as an SMTP server receives it.
type envelope struct {
	from, to string
	message  []byte
}

// mailSink is a small SMTP server that keeps what it gets. It refuses mail to addresses that begin with "no".
func mailSink(t *testing.T) (addr string, received <-chan envelope) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	mails := make(chan envelope, 10)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go receive(conn, mails)
		}
	}()
	return listener.Addr().String(), mails
}

func receive(conn net.Conn, mails chan<- envelope) {
	defer conn.Close()
	lines := bufio.NewReader(conn)
	say := func(line string) { io.WriteString(conn, line+"\r\n") }
	say("220 sink")
	var e envelope
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		command, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch strings.ToUpper(command) {
		case "EHLO", "HELO":
			say("250 sink")
		case "MAIL":
			e.from = strings.Trim(strings.TrimPrefix(rest, "FROM:"), "<>")
			say("250 ok")
		case "RCPT":
			if e.to = strings.Trim(strings.TrimPrefix(rest, "TO:"), "<>"); strings.HasPrefix(e.to, "no") {
				say("550 no such mailbox")
			} else {
				say("250 ok")
			}
		case "DATA":
			say("354 go on")
			var message bytes.Buffer
			for {
				line, err := lines.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				message.WriteString(strings.TrimPrefix(line, "."))
			}
			e.message = message.Bytes()
			mails <- e
			say("250 kept")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("502 unknown")
		}
	}
}

// letter is a mail, read as a mail program reads it.
type letter struct {
	header map[string]string
	text   string
	files  []string // disposition, name, type
	bodies [][]byte
}

func readLetter(t *testing.T, message []byte) letter {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(message))
	if err != nil {
		t.Fatalf("%v in %s", err, message)
	}
	l := letter{header: map[string]string{}}
	for name, values := range m.Header {
		if len(values) != 1 {
			t.Errorf("the header %s is there %d times", name, len(values))
		}
		if l.header[name], err = new(mime.WordDecoder).DecodeHeader(values[0]); err != nil {
			t.Errorf("the header %s: %v", name, err)
		}
	}
	kind, parameters, err := mime.ParseMediaType(l.header["Content-Type"])
	if err != nil || kind != "multipart/mixed" {
		t.Fatalf("the mail is %s: %v", kind, err)
	}
	parts := multipart.NewReader(m.Body, parameters["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return l
		}
		if err != nil {
			t.Fatal(err)
		}
		if disposition := part.Header.Get("Content-Disposition"); disposition == "" {
			text, err := io.ReadAll(quotedprintable.NewReader(part))
			if err != nil {
				t.Fatal(err)
			}
			l.text = strings.ReplaceAll(string(text), "\r\n", "\n")
			continue
		}
		how, named, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, part))
		if err != nil {
			t.Fatal(err)
		}
		l.files = append(l.files, strings.Join([]string{how, named["filename"], part.Header.Get("Content-Type")}, " "))
		l.bodies = append(l.bodies, body)
	}
}

// isWhole checks that a file in a mail is what its type says.
func (l letter) isWhole(t *testing.T) {
	t.Helper()
	for i, file := range l.files {
		switch {
		case strings.HasSuffix(file, "image/png"):
			picture, err := png.Decode(bytes.NewReader(l.bodies[i]))
			if err != nil || picture.Bounds().Dx() < 100 {
				t.Errorf("%s is no picture: %v", file, err)
			}
		case !bytes.HasPrefix(l.bodies[i], []byte("%PDF")):
			t.Errorf("%s begins with %.10q", file, l.bodies[i])
		}
	}
}

// subscribed makes a schedule for seven o'clock and a subscription on it; attributes are more of the subscription's own.
func (u *user) subscribed(root *user, subject, attributes, kind, content, flags, to string) {
	u.t.Helper()
	s, _ := root.xml(201, "POST", "/schedules", scheduleDocument("Mornings", "Subscription", "Daily", `start="07:00:00"`)).find("schedule")
	u.xml(201, "POST", "/sites/{site}/subscriptions", `<tsRequest><subscription subject="`+subject+`" `+attributes+`><content id="`+content+`" type="`+kind+`" `+flags+`/><schedule id="`+
		s.attr("id")+`"/><user id="`+to+`"/></subscription></tsRequest>`)
}

// addressed gives the user of a site a name and an address.
func (u *user) addressed(id, fullName, email string) {
	u.t.Helper()
	u.xml(200, "PUT", "/sites/{site}/users/"+id, `<tsRequest><user fullName="`+fullName+`" email="`+email+`"/></tsRequest>`)
}

func TestSubscriptionsBySMTP(t *testing.T) {
	t.Parallel()
	addr, received := mailSink(t)
	server, root, admin := frozen(t, "2024-03-01T06:00:00Z", emulator.WithSMTP(addr, "bakery@example.com"))
	w := admin.published("Bakery")
	view, _ := w.find("view")
	admin.addressed(admin.id, "Ännchen &lt;x&gt;, B", "a@example.com")
	// A header line for each line of the subject would be an injected header.
	const subject = "Grüße&#13;&#10;Bcc: everybody@example.com"
	admin.subscribed(root, subject, `message="First line&#10;Ünd more" attachPdf="true" pageSizeOption="A5" pageOrientation="landscape"`, "View", view.attr("id"), "", admin.id)
	server.Advance(time.Hour)
	var got envelope
	select {
	case got = <-received:
	default:
		t.Fatalf("no mail has come: %v", admin.jobs())
	}
	l := readLetter(t, got.message)
	if got.from != "bakery@example.com" || got.to != "a@example.com" {
		t.Errorf("from %s to %s", got.from, got.to)
	}
	want := map[string]string{"From": `"Tableau" <bakery@example.com>`, "To": "Ännchen <x>, B <a@example.com>",
		"Subject": "Grüße\r\nBcc: everybody@example.com", "Date": "Fri, 01 Mar 2024 07:00:00 +0000", "Mime-Version": "1.0"}
	for name := range l.header {
		if _, known := want[name]; !known && name != "Content-Type" && name != "Message-Id" {
			t.Errorf("the mail has the header %s: %s", name, l.header[name])
		}
	}
	for name, value := range want {
		if l.header[name] != value {
			t.Errorf("%s is %q, want %q", name, l.header[name], value)
		}
	}
	if site := admin.siteContentURL(); !strings.HasPrefix(l.text, "First line\nÜnd more\n\n"+server.URL+"/#/site/"+site+"/views/Bakery/") {
		t.Errorf("the text is %q", l.text)
	}
	name := view.attr("name")
	if diff := cmp.Diff([]string{"inline " + name + ".png image/png", "attachment " + name + ".pdf application/pdf"}, l.files); diff != "" {
		t.Errorf("files (-want +got)\n%s", diff)
	}
	l.isWhole(t)
	if got := admin.xml(200, "GET", "/sites/{site}/jobs?filter=jobType:eq:single_subscription_notify", "").all("backgroundJob"); len(got) != 1 || got[0].attr("status") != "Success" {
		t.Errorf("the jobs are %+v", got)
	}
}

func TestSubscriptionsInMaildir(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "mail")
	server, root, admin := frozen(t, "2024-03-01T06:00:00Z", emulator.WithMailDir(dir))
	w := admin.published("Bakery")
	admin.addressed(admin.id, "", "a@example.com")
	long := strings.Repeat("So long ", 100) + "."
	admin.subscribed(root, long, "", "workbook", w.attr("id"), "", admin.id)
	server.Advance(time.Hour)
	files, err := filepath.Glob(filepath.Join(dir, "new", "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the maildir has %v: %v; jobs %v", files, err, admin.jobs())
	}
	if info, err := os.Stat(files[0]); err != nil || info.Mode() != fs.FileMode(0o600) {
		t.Errorf("the mail's mode is %v: %v", info.Mode(), err)
	}
	for _, name := range []string{"cur", "tmp"} {
		if entries, err := os.ReadDir(filepath.Join(dir, name)); err != nil || len(entries) > 0 {
			t.Errorf("%s holds %v: %v", name, entries, err)
		}
	}
	message, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	l := readLetter(t, message)
	if l.header["Subject"] != long || l.header["From"] != `"Tableau" <tableau@localhost>` {
		t.Errorf("from %s: %s", l.header["From"], l.header["Subject"])
	}
	for line := range strings.Lines(string(message)) {
		if len(line) > 998 {
			t.Errorf("a line has %d characters", len(line))
		}
	}
	var want []string
	for _, v := range admin.xml(200, "GET", "/sites/{site}/workbooks/"+w.attr("id")+"/views", "").all("view") {
		want = append(want, "inline "+v.attr("name")+".png image/png")
	}
	if diff := cmp.Diff(want, l.files); diff != "" || len(want) < 2 {
		t.Errorf("pictures of a workbook (-want +got)\n%s", diff)
	}
	l.isWhole(t)
}

// TestUnsentSubscriptions has subscriptions that send nothing, each for a reason of its own.
func TestUnsentSubscriptions(t *testing.T) {
	t.Parallel()
	addr, received := mailSink(t)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	live := `<workbook version="18.1"><datasources><datasource caption="D" name="d"><connection class="postgres" server="db" dbname="x"/>` +
		`<column name="[a]" datatype="string" role="dimension" type="nominal"/></datasource></datasources><worksheets><worksheet name="Empty"><table><view>` +
		`<datasources><datasource caption="D" name="d"/></datasources></view><rows/><cols/></table></worksheet></worksheets></workbook>`
	tests := []struct {
		name    string
		options []emulator.Option
		email   string
		later   func(admin *user, reader, workbook string) // what changes after the user has subscribed
		content string                                     // "" is a view of the sample
		flags   string
		status  string
		notes   string
	}{
		{name: "no address", options: []emulator.Option{emulator.WithSMTP(addr, "")}, status: "Failed", notes: "has no e-mail address"},
		{name: "no server", email: "a@example.com", status: "Failed", notes: "sends no mail"},
		{name: "a server that is down", options: []emulator.Option{emulator.WithSMTP(closed.Addr().String(), "")}, email: "a@example.com", status: "Failed", notes: "could not be sent"},
		{name: "an address that is refused", options: []emulator.Option{emulator.WithSMTP(addr, "")}, email: "nobody@example.com", status: "Failed", notes: "no such mailbox"},
		{name: "an unlicensed user", options: []emulator.Option{emulator.WithSMTP(addr, "")}, email: "a@example.com", status: "Failed", notes: "unlicensed",
			later: func(admin *user, reader, _ string) {
				admin.xml(200, "PUT", "/sites/{site}/users/"+reader, `<tsRequest><user siteRole="Unlicensed"/></tsRequest>`)
			}},
		{name: "what may not be seen any more", options: []emulator.Option{emulator.WithSMTP(addr, "")}, email: "a@example.com", status: "Failed", notes: "could not be found",
			later: func(admin *user, reader, workbook string) {
				admin.xml(200, "PUT", "/sites/{site}/workbooks/"+workbook+"/permissions", `<tsRequest><permissions><granteeCapabilities><user id="`+reader+
					`"/><capabilities><capability name="Read" mode="Deny"/></capabilities></granteeCapabilities></permissions></tsRequest>`)
				admin.xml(200, "PUT", "/sites/{site}/workbooks/"+workbook, `<tsRequest><workbook showTabs="true"/></tsRequest>`)
			}},
		{name: "an empty view", options: []emulator.Option{emulator.WithSMTP(addr, "")}, email: "a@example.com", content: live, flags: `sendIfViewEmpty="false"`, status: "Success", notes: "Nothing was sent"},
		{name: "told to fail", options: []emulator.Option{emulator.WithSMTP(addr, ""), emulator.WithFailure("subscription:told*")}, email: "a@example.com", status: "Failed", notes: "told to let it"},
	}
	for _, test := range tests {
		server, root, admin := frozen(t, "2024-03-01T06:00:00Z", test.options...)
		u, _ := admin.xml(201, "POST", "/sites/{site}/users", `<tsRequest><user name="reader" siteRole="Viewer"/></tsRequest>`).find("user")
		if test.email != "" {
			admin.addressed(u.attr("id"), "", test.email)
		}
		w := admin.published("Bakery")
		if test.content != "" {
			contentType, body := mixed(`<tsRequest><workbook name="Live"/></tsRequest>`, "tableau_workbook", "a.twb", []byte(test.content))
			w, _ = admin.do("POST", "/sites/{site}/workbooks", contentType, body).must(t, 201).find("workbook")
		}
		view, _ := w.find("view")
		admin.subscribed(root, test.name, "", "View", view.attr("id"), test.flags, u.attr("id"))
		if test.later != nil {
			test.later(admin, u.attr("id"), w.attr("id"))
		}
		server.Advance(2 * time.Hour)
		jobs := admin.xml(200, "GET", "/sites/{site}/jobs?filter=jobType:eq:single_subscription_notify", "").all("backgroundJob")
		if len(jobs) != 1 || jobs[0].attr("status") != test.status {
			t.Errorf("%s: the jobs are %+v, want one that is %s", test.name, jobs, test.status)
			continue
		}
		notes, _ := admin.xml(200, "GET", "/sites/{site}/jobs/"+jobs[0].attr("id"), "").find("notes")
		if !strings.Contains(notes.Text, test.notes) {
			t.Errorf("%s: the notes are %q, want %q in them", test.name, notes.Text, test.notes)
		}
	}
	select {
	case got := <-received:
		t.Errorf("a mail was sent to %s", got.to)
	default:
	}
}

// TestSuspendedSubscriptions sends nothing while a subscription is suspended, and to nobody who may not be written to.
func TestSuspendedSubscriptions(t *testing.T) {
	t.Parallel()
	addr, received := mailSink(t)
	server, _, admin := frozen(t, "2024-03-01T06:00:00Z", emulator.WithSMTP(addr, ""))
	w := admin.published("Bakery")
	admin.addressed(admin.id, "", "a@example.com")
	b, _ := admin.xml(201, "POST", "/sites/{site}/subscriptions",
		cloudSubscription("Workbook", w.attr("id"), admin.id, "Daily", `start="07:00:00"`, `weekDay="Friday"`, `weekDay="Saturday"`, `weekDay="Sunday"`,
			`weekDay="Monday"`, `weekDay="Tuesday"`)).find("subscription")
	if s, _ := b.find("schedule"); s.attr("nextRunAt") != "2024-03-01T07:00:00Z" {
		t.Errorf("the schedule is %+v", s)
	}
	path := "/sites/{site}/subscriptions/" + b.attr("id")
	count := func() (n int) {
		for {
			select {
			case <-received:
				n++
			default:
				return n
			}
		}
	}
	for _, step := range []struct {
		update string
		want   int
	}{{"", 1}, {`<subscription suspended="true"/>`, 0}, {`<subscription suspended="false"/>`, 1}, {`<site disableSubscriptions="true"/>`, 0}, {`<site disableSubscriptions="false"/>`, 1}, {`<subscription subject="Other"/>` + ownSchedule("Weekly", `start="07:00:00"`, `weekDay="Friday"`), 0}} {
		if step.update != "" {
			at := path
			if strings.HasPrefix(step.update, "<site ") {
				at = "/sites/{site}"
			}
			admin.xml(200, "PUT", at, "<tsRequest>"+step.update+"</tsRequest>")
		}
		server.Advance(24 * time.Hour)
		if got := count(); got != step.want {
			t.Errorf("after %q: %d mails, want %d", step.update, got, step.want)
		}
	}
	admin.xml(204, "DELETE", path, "")
	server.Advance(30 * 24 * time.Hour)
	if got := count(); got != 0 {
		t.Errorf("deleted, it sends %d mails", got)
	}
}
