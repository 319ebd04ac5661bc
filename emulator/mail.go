package emulator

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// mailer delivers a message to one address.
type mailer func(ctx context.Context, from, to string, message []byte) error

// message is a mail. Whatever stands in its fields, it can add no header.
type message struct {
	from    string
	to      *mail.Address
	subject string
	text    string
	date    time.Time
	files   []mailFile
}

// mailFile is a picture in a mail, or an attachment.
type mailFile struct {
	name, contentType string
	inline            bool
	content           []byte
}

// bytes is the message as it is sent: a text and files, as multipart/mixed.
func (m message) bytes() ([]byte, error) {
	var out bytes.Buffer
	parts := multipart.NewWriter(&out)
	for _, header := range [][2]string{
		{"From", (&mail.Address{Name: "Tableau", Address: m.from}).String()},
		{"To", m.to.String()},
		{"Subject", encoded(m.subject)},
		{"Date", m.date.UTC().Format(time.RFC1123Z)},
		{"Message-ID", "<" + newID() + "@tableau.invalid>"},
		{"MIME-Version", "1.0"},
		{"Content-Type", "multipart/mixed; boundary=" + parts.Boundary()},
	} {
		fmt.Fprintf(&out, "%s: %s\r\n", header[0], header[1])
	}
	out.WriteString("\r\n")
	text, err := parts.CreatePart(textproto.MIMEHeader{"Content-Type": {"text/plain; charset=utf-8"}, "Content-Transfer-Encoding": {"quoted-printable"}})
	if err != nil {
		return nil, err
	}
	lines := quotedprintable.NewWriter(text)
	if _, err := io.WriteString(lines, m.text+"\n"); err != nil {
		return nil, err
	}
	if err := lines.Close(); err != nil {
		return nil, err
	}
	for _, file := range m.files {
		if err := file.write(parts); err != nil {
			return nil, err
		}
	}
	err = parts.Close()
	return out.Bytes(), err
}

// maxPlainSubject keeps a header's line below what mail allows.
const maxPlainSubject = 200

// encoded is text as a header may hold it: everything that is not printable ASCII, line ends above all, in encoded words.
func encoded(text string) string {
	word := mime.QEncoding.Encode("utf-8", text)
	if word == text && len(text) > maxPlainSubject {
		var parts []string // encoded words fold, plain text would not
		for ; len(text) > 50; text = text[50:] {
			parts = append(parts, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(text[:50]))+"?=")
		}
		parts = append(parts, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(text))+"?=")
		return strings.Join(parts, "\r\n ")
	}
	return word
}

func (f mailFile) write(parts *multipart.Writer) error {
	disposition := "attachment"
	if f.inline {
		disposition = "inline"
	}
	part, err := parts.CreatePart(textproto.MIMEHeader{
		"Content-Type":              {f.contentType},
		"Content-Transfer-Encoding": {"base64"},
		"Content-Disposition":       {mime.FormatMediaType(disposition, map[string]string{"filename": f.name})},
	})
	if err != nil {
		return err
	}
	text := base64.StdEncoding.EncodeToString(f.content)
	for len(text) > 76 {
		if _, err := io.WriteString(part, text[:76]+"\r\n"); err != nil {
			return err
		}
		text = text[76:]
	}
	_, err = io.WriteString(part, text+"\r\n")
	return err
}

// smtpServer is the address of a mail server.
type smtpServer string

// smtpTimeout bounds one delivery: jobs wait for it.
const smtpTimeout = 10 * time.Second

func (addr smtpServer) deliver(ctx context.Context, from, to string, message []byte) error {
	ctx, cancel := context.WithTimeout(ctx, smtpTimeout)
	defer cancel()
	host, _, err := net.SplitHostPort(string(addr))
	if err != nil {
		return err
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", string(addr))
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() }) // net/smtp knows no contexts
	defer stop()
	client, err := smtp.NewClient(conn, host)
	if err != nil {
		return err
	}
	if err := client.Mail(from); err != nil {
		return err
	}
	if err := client.Rcpt(to); err != nil {
		return err
	}
	body, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := body.Write(message); err != nil {
		return err
	}
	if err := body.Close(); err != nil {
		return err
	}
	client.Quit() // the mail has been taken
	return nil
}

// mailDir is a directory that keeps each mail in a file of its own.
type mailDir string

func (dir mailDir) deliver(_ context.Context, _, _ string, message []byte) error {
	for _, name := range []string{"tmp", "new", "cur"} {
		if err := os.MkdirAll(filepath.Join(string(dir), name), 0o700); err != nil {
			return err
		}
	}
	name := fmt.Sprintf("%d.%s.tableau", time.Now().Unix(), newID())
	unfinished := filepath.Join(string(dir), "tmp", name)
	if err := os.WriteFile(unfinished, message, 0o600); err != nil {
		return err
	}
	return os.Rename(unfinished, filepath.Join(string(dir), "new", name))
}
