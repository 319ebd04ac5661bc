package tableau

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/tabctl/tableau-go/internal/tsxml"
)

// ImportUser is one line of Tableau's CSV file of users.
type ImportUser struct {
	Name               string // one of a directory is named "domain\name"
	Password           string `json:"-"`
	FullName           string
	Email              string
	SiteRole           SiteRole    // RoleUnlicensed when empty
	AuthSetting        AuthSetting // AuthServerDefault when empty
	IDPConfigurationID string      // instead of AuthSetting; since 3.24
}

// String names the user and the role, without the password.
func (u ImportUser) String() string {
	return "tableau.ImportUser(" + u.Name + ", " + string(u.SiteRole) + ")"
}

// GoString keeps the password out of %#v.
func (u ImportUser) GoString() string { return u.String() }

// The columns of the file.
const (
	columnName = iota
	columnPassword
	columnFullName
	columnLicense
	columnAdmin
	columnPublishing
	columnEmail
	columnAuth
	columnCount
)

// ReadUsers reads Tableau's CSV file of users, which has no heading and up to
// eight columns: name, password, full name, license (Creator, Explorer, Viewer,
// Unlicensed), administrator (System, Site, None), publishing (yes, no), email,
// authentication. Only the name must be there. The words are read without
// regard to case, and blank lines are passed over. A Creator publishes unless
// the file says no. Errors: [ErrInvalidArgument], with the line.
func ReadUsers(r io.Reader) ([]ImportUser, error) {
	text := bufio.NewReader(r)
	if mark, _ := text.Peek(3); string(mark) == "\ufeff" {
		_, _ = text.Discard(3)
	}
	lines := csv.NewReader(text)
	lines.FieldsPerRecord = -1
	var users []ImportUser
	for {
		fields, err := lines.Read()
		if err == io.EOF {
			return users, nil
		}
		if e, ok := errors.AsType[*csv.ParseError](err); ok {
			return nil, invalid("users file: " + e.Error())
		}
		if err != nil {
			return nil, fmt.Errorf("tableau: read the users file: %w", err)
		}
		line, _ := lines.FieldPos(0)
		user, err := importUser(fields)
		if err != nil {
			return nil, invalid(fmt.Sprintf("users file: line %d: %v", line, err))
		}
		if user != nil {
			users = append(users, *user)
		}
	}
}

// importUser reads the fields of one line; the user is nil when it is blank.
func importUser(fields []string) (*ImportUser, error) {
	blank := true
	for i, field := range fields {
		if !utf8.ValidString(field) {
			return nil, errors.New("it is not UTF-8: save the file as CSV UTF-8")
		}
		if i != columnPassword {
			fields[i] = strings.TrimSpace(field)
		}
		blank = blank && fields[i] == ""
	}
	if blank {
		return nil, nil
	}
	if len(fields) > columnCount {
		return nil, fmt.Errorf("it has %d columns instead of %d at most", len(fields), columnCount)
	}
	fields = append(fields, make([]string, columnCount-len(fields))...)
	if fields[columnName] == "" {
		return nil, errors.New("the user name is missing")
	}
	role, err := roleOfWords(fields[columnLicense], fields[columnAdmin], fields[columnPublishing])
	if err != nil {
		return nil, err
	}
	auth, err := authOfWord(fields[columnAuth])
	if err != nil {
		return nil, err
	}
	return &ImportUser{
		Name: fields[columnName], Password: fields[columnPassword], FullName: fields[columnFullName],
		Email: fields[columnEmail], SiteRole: role, AuthSetting: auth,
	}, nil
}

// roleOfWords is the site role that three words of the file stand for.
func roleOfWords(license, admin, publishing string) (SiteRole, error) {
	var mayPublish, mayNot bool
	switch strings.ToLower(publishing) {
	case "yes", "true", "1":
		mayPublish = true
	case "no", "false", "0":
		mayNot = true
	case "":
	default:
		return "", fmt.Errorf("publishing (column %d) is %q instead of yes or no", columnPublishing+1, publishing)
	}
	role := RoleUnlicensed
	switch strings.ToLower(license) {
	case "creator":
		role = RoleCreator
		if mayNot {
			role = RoleExplorer
		}
	case "explorer", "interactor":
		role = RoleExplorer
		if mayPublish {
			role = RoleExplorerCanPublish
		}
	case "viewer":
		role = RoleViewer
	case "unlicensed", "":
	default:
		return "", fmt.Errorf("the license (column %d) is %q instead of Creator, Explorer, Viewer or Unlicensed", columnLicense+1, license)
	}
	switch strings.ToLower(admin) {
	case "system":
		return RoleServerAdministrator, nil
	case "site":
		if strings.EqualFold(license, "creator") {
			return RoleSiteAdministratorCreator, nil
		}
		return RoleSiteAdministratorExplorer, nil
	case "none", "no", "":
		return role, nil
	}
	return "", fmt.Errorf("the administrator level (column %d) is %q instead of System, Site or None", columnAdmin+1, admin)
}

// wordsOfRole is what the file says for a site role.
func wordsOfRole(role SiteRole) (license, admin, publishing string, err error) {
	switch role {
	case RoleUnlicensed, "":
		return "Unlicensed", "", "0", nil
	case RoleUnlicensedWithPublish:
		return "Unlicensed", "", "1", nil
	case RoleViewer, RoleReadOnly:
		return "Viewer", "", "0", nil
	case RoleViewerWithPublish:
		return "Viewer", "", "1", nil
	case RoleExplorer, RoleInteractor:
		return "Explorer", "", "0", nil
	case RoleExplorerCanPublish, RolePublisher:
		return "Explorer", "", "1", nil
	case RoleCreator:
		return "Creator", "", "1", nil
	case RoleSiteAdministratorExplorer, RoleSiteAdministrator:
		return "Explorer", "Site", "1", nil
	case RoleSiteAdministratorCreator:
		return "Creator", "Site", "1", nil
	case RoleServerAdministrator:
		return "Creator", "System", "1", nil
	}
	return "", "", "", fmt.Errorf("the site role %q cannot be said in a users file", string(role))
}

func authOfWord(word string) (AuthSetting, error) {
	if word == "" {
		return "", nil
	}
	for _, setting := range []AuthSetting{AuthServerDefault, AuthSAML, AuthOpenID, AuthTableauIDWithMFA} {
		if strings.EqualFold(word, string(setting)) {
			return setting, nil
		}
	}
	return "", fmt.Errorf("the authentication (column %d) is %q instead of ServerDefault, SAML, OpenID or TableauIDWithMFA", columnAuth+1, word)
}

type importRequest struct {
	Name               string      `xml:"name,attr"`
	AuthSetting        AuthSetting `xml:"authSetting,attr,omitempty"`
	IDPConfigurationID string      `xml:"idpConfigurationId,attr,omitempty"`
}

// BulkAdd adds many users in one call and returns the job that does it; wait for
// it with [JobsService.Wait]. [ReadUsers] reads them from a file. Minimum
// version 3.15.
//
//tableau:op POST /sites/{site}/users/import since=3.15 retry=unsent tsc=users.bulk_add
func (s *UsersService) BulkAdd(ctx context.Context, users []ImportUser) (*Job, error) {
	r := post("users", "import").since("3.15")
	var table [][]string
	var entries []tsxml.Child
	for i, u := range users {
		license, admin, publishing, err := wordsOfRole(u.SiteRole)
		switch {
		case u.Name == "":
			err = errors.New("the name is missing")
		case u.AuthSetting != "" && u.IDPConfigurationID != "":
			err = errors.New("AuthSetting and IDPConfigurationID exclude each other")
		}
		if err != nil {
			return nil, invalid(fmt.Sprintf("add users: user %d (%s): %v", i+1, u.Name, err))
		}
		table = append(table, []string{u.Name, u.Password, u.FullName, license, admin, publishing, u.Email})
		entry := importRequest{u.Name, u.AuthSetting, u.IDPConfigurationID}
		if _, name, ok := strings.Cut(u.Name, `\`); ok {
			entry.Name = name
		}
		if u.AuthSetting == "" && u.IDPConfigurationID == "" {
			entry.AuthSetting = AuthServerDefault
		}
		entries = append(entries, tsxml.Child{Name: "user", Value: entry})
	}
	payload, err := tsxml.EncodeRequest(entries...)
	if err != nil {
		return nil, fmt.Errorf("tableau: write the request: %w", err)
	}
	if payload == nil {
		payload = []byte(emptyRequest)
	}
	return fetch[Job](ctx, s.client, "job", r.carry(usersBody("tableau_user_import", table, payload)))
}

// BulkRemove removes many users from the site in one call. Of the users only
// the names count. Minimum version 3.15.
//
//tableau:op POST /sites/{site}/users/delete since=3.15 retry=unsent tsc=users.bulk_remove
func (s *UsersService) BulkRemove(ctx context.Context, users []ImportUser) error {
	var table [][]string
	for i, u := range users {
		if u.Name == "" {
			return invalid(fmt.Sprintf("remove users: user %d has no name", i+1))
		}
		table = append(table, append([]string{u.Name}, make([]string, columnAuth-1)...))
	}
	return s.client.run(ctx, post("users", "delete").since("3.15").carry(usersBody("tableau_user_delete", table, nil)))
}

// usersBody is the multipart body with the file of users first, and then the
// request's XML if there is any.
func usersBody(part string, table [][]string, payload []byte) *body {
	boundary := rand.Text()
	var b bytes.Buffer
	writePartHead(&b, boundary, part, "tsc_users_file.csv", "file")
	lines := csv.NewWriter(&b)
	lines.UseCRLF = true
	_ = lines.WriteAll(table) // a buffer takes everything
	b.WriteString("\r\n")
	if payload != nil {
		writePartHead(&b, boundary, "request_payload", "", "text/xml")
		b.Write(payload)
		b.WriteString("\r\n")
	}
	b.WriteString("--" + boundary + "--\r\n")
	return bytesBody("multipart/mixed; boundary="+boundary, b.Bytes())
}
