package emulator

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func userImportRoutes() []route {
	return []route{
		answered("POST", "/sites/{site}/users/import", "Import Users to Site from CSV", "3.15", SiteAdministrator, importUsersFromFile),
		answered("POST", "/sites/{site}/users/delete", "Delete Users from Site with CSV", "3.15", SiteAdministrator, deleteUsersByFile),
	}
}

// userLine is one line of a file of users. Jobs keep lines as JSON in a file until they run.
type userLine struct {
	Number           int
	Name             string
	FullName         string
	Email            string
	SiteRole         string
	AuthSetting      string // "": as it is
	IDPConfiguration string
	PasswordHash     []byte
	Problem          string // why the line cannot be used; ""
	password         string // hashed before anything is kept
}

// The columns of the file. It has no heading, and may end early.
const (
	columnName = iota
	columnPassword
	columnFullName
	columnLicence
	columnAdmin
	columnPublishing
	columnEmail
	columnAuthentication
	columns
)

// readUserLines reads a file of users.
func readUserLines(r io.Reader) ([]*userLine, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		return nil, fail(badValue, "The file of users cannot be read: it is not UTF-8.")
	}
	table := csv.NewReader(bytes.NewReader(data))
	table.FieldsPerRecord = -1
	var lines []*userLine
	for {
		fields, err := table.Read()
		if err == io.EOF {
			return lines, nil
		}
		if err != nil {
			return nil, fail(badValue, "The file of users cannot be read: %s.", err)
		}
		number, _ := table.FieldPos(0)
		for len(fields) < columns {
			fields = append(fields, "")
		}
		for i := range fields {
			if i != columnPassword {
				fields[i] = strings.TrimSpace(fields[i])
			}
		}
		if strings.Join(fields, "") != "" {
			lines = append(lines, newUserLine(number, fields))
		}
	}
}

func newUserLine(number int, fields []string) *userLine {
	line := &userLine{Number: number, Name: strings.ReplaceAll(fields[columnName], `\0x40`, "@"), FullName: fields[columnFullName], Email: fields[columnEmail],
		password: fields[columnPassword]}
	var problem string
	line.SiteRole, problem = siteRoleOfWords(fields[columnLicence], fields[columnAdmin], fields[columnPublishing])
	i := slices.IndexFunc(authSettings, func(known string) bool { return strings.EqualFold(known, fields[columnAuthentication]) })
	if i >= 0 {
		line.AuthSetting = authSettings[i]
	}
	switch {
	case line.Name == "":
		line.Problem = "The user has no name."
	case problem != "":
		line.Problem = problem
	case line.Email != "" && !isEmail(line.Email):
		line.Problem = fmt.Sprintf("The email address '%s' is not valid.", line.Email)
	case i < 0 && fields[columnAuthentication] != "":
		line.Problem = fmt.Sprintf("The authentication '%s' is none of %s.", fields[columnAuthentication], strings.Join(authSettings, ", "))
	}
	return line
}

// siteRoleOfWords returns the site role that a licence, an administrator level and the right to publish make together,
// or what is wrong with them.
func siteRoleOfWords(licence, admin, publishing string) (siteRole, problem string) {
	licence, admin, publishing = strings.ToLower(licence), strings.ToLower(admin), strings.ToLower(publishing)
	publishes := slices.Contains([]string{"yes", "true", "1"}, publishing)
	refused := slices.Contains([]string{"no", "false", "0"}, publishing)
	switch {
	case !slices.Contains([]string{"creator", "explorer", "viewer", "interactor", "unlicensed", ""}, licence):
		return "", fmt.Sprintf("The license level '%s' is none of Creator, Explorer, Viewer and Unlicensed.", licence)
	case !slices.Contains([]string{"system", "site", "none", "no", ""}, admin):
		return "", fmt.Sprintf("The administrator level '%s' is none of System, Site and None.", admin)
	case !publishes && !refused && publishing != "":
		return "", fmt.Sprintf("The publishing capability '%s' is neither yes nor no.", publishing)
	case admin == "system":
		return "ServerAdministrator", ""
	case admin == "site" && licence == "creator":
		return "SiteAdministratorCreator", ""
	case admin == "site":
		return "SiteAdministratorExplorer", ""
	case licence == "creator" && !refused:
		return "Creator", ""
	case licence == "creator" || licence == "explorer" || licence == "interactor":
		if publishes {
			return "ExplorerCanPublish", ""
		}
		return "Explorer", ""
	case licence == "viewer":
		return "Viewer", ""
	}
	return "Unlicensed", ""
}

// userFile reads a multipart request with a file of users, and what its document says about their authentication.
func (c *call) userFile(part string) ([]*userLine, error) {
	var lines []*userLine
	found := false
	described := map[string]*tsxml.Element{}
	describe := func(mediaType string, r io.Reader) error {
		root, err := parseDocument(r, mediaType)
		if err != nil {
			return err
		}
		for _, e := range root.Children {
			if e.Name == "user" {
				described[strings.ToLower(e.Attr("name"))] = e
			}
		}
		return nil
	}
	err := c.fileParts(part, describe, func(_ string, r io.Reader) (err error) {
		found = true
		lines, err = readUserLines(r)
		return err
	})
	if err == nil && !found {
		err = incomplete("The part %s is missing.", part)
	}
	for _, line := range lines {
		name := strings.ToLower(line.Name)
		e := described[name]
		if _, short, ok := strings.Cut(name, `\`); ok && e == nil {
			e = described[short]
		}
		if e == nil {
			continue
		}
		line.IDPConfiguration = e.Attr("idpConfigurationId")
		if setting := e.Attr("authSetting"); slices.Contains(authSettings, setting) {
			line.AuthSetting = setting
		} else if setting != "" {
			line.Problem = fmt.Sprintf("The authSetting '%s' is none of %s.", setting, strings.Join(authSettings, ", "))
		}
	}
	return lines, err
}

// hashPasswords hashes the passwords of the lines, on all processors: it is slow by intention.
func (s *Server) hashPasswords(lines []*userLine) {
	var work sync.WaitGroup
	queue := make(chan *userLine)
	for range runtime.GOMAXPROCS(0) {
		work.Go(func() {
			for line := range queue {
				var err error
				if line.PasswordHash, err = s.hashPassword(line.password); err != nil {
					line.Problem = asAPIError(err).detail
				}
			}
		})
	}
	for _, line := range lines {
		if line.password != "" {
			queue <- line
		}
	}
	close(queue)
	work.Wait()
}

func importUsersFromFile(c *call) (*tsxml.Element, error) {
	if err := c.store.Read(c.ctx(), c.mustManageUsers); err != nil {
		return nil, err
	}
	lines, err := c.userFile("tableau_user_import")
	if err != nil {
		return nil, err
	}
	c.hashPasswords(lines)
	data, err := json.Marshal(lines)
	if err != nil {
		return nil, err
	}
	file, err := c.store.Blobs.Put(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	defer file.Done()
	j := store.Job{JobType: "create_site_users_csv", Site: c.site.Seq, User: c.user.Seq, Title: fmt.Sprintf("%d users", len(lines)), Blob: file.Name}
	c.status = http.StatusAccepted
	return c.startJob(func(tx *store.Tx) (store.Job, error) { return c.addJob(tx, j, struct{}{}) })
}

// runUsersImport adds the users of a file to the site, and changes those who are there already. A line that cannot be used
// does not keep the others from being.
func (s *Server) runUsersImport(ctx context.Context, owner store.User, j *store.Job) (done string, err error) {
	file, err := s.store.Blobs.Open(j.Blob)
	if err != nil {
		return "", err
	}
	defer file.Close()
	var lines []*userLine
	if err := json.NewDecoder(file).Decode(&lines); err != nil {
		return "", err
	}
	known, err := s.directory()
	if err != nil {
		return "", err
	}
	var notes statusNotes
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		for _, line := range lines {
			notes.count("CountOfUsersProcessed")
			err := s.importUser(tx, known, owner, line, &notes)
			if _, told := errors.AsType[*apiError](err); told {
				notes.skip(fmt.Sprintf("Line %d (%s)", line.Number, line.Name), err)
			} else if err != nil {
				return err
			}
		}
		return nil
	})
	return notes.String(), err
}

// importUser brings one user of a file to the site. An error for the user comes before anything is written.
func (s *Server) importUser(tx *store.Tx, known *directory, owner store.User, line *userLine, notes *statusNotes) error {
	if line.Problem != "" {
		return fail(badValue, "%s", line.Problem)
	}
	if line.SiteRole == "ServerAdministrator" && !owner.ServerAdmin {
		return fail(forbidden, "Only a server administrator may make a server administrator.")
	}
	p, err := known.person(line.Name)
	if err != nil {
		return err
	}
	if !strings.Contains(p.login, `\`) || known == nil { // what a directory says of its people stands
		if line.FullName != "" {
			p.fullName = line.FullName
		}
		p.email = line.Email
	}
	account, err := tx.AccountByName(p.login)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	u, err := tx.UserByAccount(owner.Site, account.Seq)
	isNew := errors.Is(err, store.ErrNotFound)
	switch {
	case err != nil && !isNew:
		return err
	case !isNew && u.Seq == owner.Seq && u.SiteRole != line.SiteRole:
		return fail(ownRoleForbidden, "Nobody can change their own site role.")
	case account.ServerAdmin && !owner.ServerAdmin && !isNew:
		return fail(forbidden, "Only a server administrator may change a server administrator.")
	}
	if isNew {
		if account, err = accountOf(tx, p, line.PasswordHash); err != nil {
			return err
		}
		if u, err = s.addMember(tx, owner.Site, account.Seq, "Unlicensed"); err != nil {
			return err
		}
		notes.count("CountOfUsersAddedToSite")
	} else {
		others, err := tx.OnOtherSites(u)
		if err != nil {
			return err
		}
		fullName, email := u.FullName, u.Email
		if line.FullName != "" {
			fullName = p.fullName
		}
		if p.email != "" {
			email = p.email
		}
		if (fullName != u.FullName || email != u.Email) && (!others || owner.ServerAdmin) {
			u.FullName, u.Email = fullName, email
			notes.count("CountOfUsersInformationUpdated")
		}
	}
	if line.AuthSetting != "" {
		u.AuthSetting, u.IDPConfiguration = line.AuthSetting, ""
	}
	if line.IDPConfiguration != "" {
		u.IDPConfiguration = line.IDPConfiguration
	}
	if !u.ServerAdmin {
		given := notes
		if isNew {
			given = &statusNotes{} // a newcomer's site role is no change
		}
		if err := given.giveRole(tx, &u, line.SiteRole); err != nil {
			return err
		}
		if isNew && u.SiteRole != line.SiteRole {
			notes.count("CountOfUsersWithInsufficientLicenses")
		}
		u.ServerAdmin = u.SiteRole == "ServerAdministrator"
	}
	return tx.UpdateUser(u)
}

// deleteUsersByFile removes the users of a file from the site. Who owns something stays, unlicensed, as in Tableau.
func deleteUsersByFile(c *call) (*tsxml.Element, error) {
	lines, err := c.userFile("tableau_user_delete")
	if err != nil {
		return nil, err
	}
	known, err := c.directory()
	if err != nil {
		return nil, err
	}
	c.status = http.StatusOK
	return nil, c.store.Write(c.ctx(), func(tx *store.Tx) error {
		if err := c.mustManageUsers(tx); err != nil {
			return err
		}
		for _, line := range lines {
			login := line.Name
			if p, err := known.person(line.Name); err == nil {
				login = p.login // somebody who has left the directory is found by the name as it stands
			}
			u, err := tx.UserByLogin(c.site.Seq, login)
			if errors.Is(err, store.ErrNotFound) || err == nil && (u.Seq == c.user.Seq || u.ServerAdmin && !c.user.ServerAdmin) {
				continue
			}
			if err != nil {
				return err
			}
			owns, err := tx.OwnsContent(u.Seq)
			switch {
			case err != nil:
			case !owns:
				err = tx.RemoveUser(u)
			case !u.ServerAdmin:
				u.SiteRole = "Unlicensed"
				err = tx.UpdateUser(u)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
