package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

// When the members of a group of a directory get its site role.
const (
	grantOnLogin = "onLogin"
	grantOnSync  = "onSync"
)

// groupImport says which group of the directory a group follows, and how. Jobs keep it as JSON until they run.
type groupImport struct {
	GroupID     string // "": one that is to be made
	Name        string
	Domain      string
	SiteRole    string // the least that members get
	LicenseMode string
}

// importOf reads the element <import> of a group; nil when there is none.
func (c *call) importOf(wanted *tsxml.Element) (*groupImport, error) {
	e := wanted.Child("import")
	if e == nil {
		return nil, nil
	}
	in := groupImport{Name: strings.TrimSpace(wanted.Attr("name")), Domain: e.Attr("domainName"), SiteRole: e.Attr("siteRole"),
		LicenseMode: e.Attr("grantLicenseMode")}
	if in.SiteRole == "" {
		in.SiteRole = e.Attr("minimumSiteRole") // which is what updates call it
	}
	known, err := c.directory()
	switch {
	case err != nil:
		return nil, err
	case e.Attr("source") != "ActiveDirectory" || in.Domain == "":
		return nil, fail(badImport, "The element <import> needs the source 'ActiveDirectory' and a domainName.")
	case known == nil:
		return nil, fail(noDirectory, "The server is not configured to use Active Directory: the group '%s' cannot be imported.", in.Name)
	case in.Name == "":
		return nil, incomplete("A group needs a name.")
	case in.SiteRole == "":
		return nil, fail(badImport, "The element <import> needs a siteRole.")
	case in.LicenseMode == "":
		in.LicenseMode = grantOnSync
	case in.LicenseMode != grantOnLogin && in.LicenseMode != grantOnSync:
		return nil, fail(badImport, "The grantLicenseMode '%s' is neither onLogin nor onSync.", in.LicenseMode)
	}
	if in.SiteRole, err = parseSiteRole(in.SiteRole); err != nil {
		return nil, err
	}
	if !slices.Contains(roleLadder, in.SiteRole) {
		return nil, fail(badSiteRole, "The site role '%s' of the import is not valid: use one of %s.", in.SiteRole, strings.Join(roleLadder, ", "))
	}
	in.Domain, in.Name, _, err = known.group(in.Domain, in.Name)
	return &in, err
}

// importGroup makes a group of one of the directory, or brings it up to date: now, or by a job.
func (c *call) importGroup(in groupImport) (*tsxml.Element, error) {
	asJob, err := c.queryFlag("asJob")
	if err != nil {
		return nil, err
	}
	var g store.Group
	j := store.Job{JobType: "group_sync", Site: c.site.Seq, User: c.user.Seq, Title: in.Name, Subtitle: "Group"}
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		if err := c.mustManageUsers(tx); err != nil {
			return err
		}
		if g, err = groupOf(tx, c.site.Seq, in); err != nil {
			return err
		}
		if asJob {
			j, err = c.addJob(tx, j, in)
			return err
		}
		var notes statusNotes
		g, err = c.syncGroup(tx, c.site.Seq, in, &notes)
		return err
	})
	if err != nil {
		return nil, err
	}
	if asJob {
		c.jobs.wake()
		c.status = http.StatusAccepted
		return c.jobElement(j, nil), nil
	}
	if in.GroupID == "" {
		c.status = http.StatusCreated
	}
	return groupElement(g), nil
}

// groupOf returns the group that an import is for, or the one that it would make, which is not there yet.
func groupOf(tx *store.Tx, site int64, in groupImport) (store.Group, error) {
	if in.GroupID == "" {
		other, err := tx.GroupNamed(site, in.Name)
		if err == nil {
			return other, fail(groupExists, "Group name conflict: there is a group named '%s' on the site.", other.Name)
		}
		return store.Group{ID: newID(), Name: in.Name, Domain: in.Domain}, unlessNotFound(err)
	}
	g, err := tx.Group(site, in.GroupID)
	switch {
	case err != nil:
		return g, orNotFound(err, groupNotFound, "Group", in.GroupID)
	case g.Domain == localDomain:
		return g, fail(badRequest, "The group '%s' is a local one: it follows no group of Active Directory.", g.Name)
	case !strings.EqualFold(g.Name, in.Name) || !strings.EqualFold(g.Domain, in.Domain):
		return g, fail(importedName, "The group '%s' follows %s\\%s of Active Directory, and keeps that name.", g.Name, g.Domain, g.Name)
	}
	return g, nil
}

// syncGroup makes the members of a group those of the directory's. People who are not on the site are added to it.
func (s *Server) syncGroup(tx *store.Tx, site int64, in groupImport, notes *statusNotes) (store.Group, error) {
	g, err := groupOf(tx, site, in)
	if err != nil {
		return g, err
	}
	known, err := s.directory()
	if err != nil {
		return g, err
	}
	_, _, people, err := known.group(in.Domain, in.Name)
	if err != nil {
		return g, err
	}
	g.MinimumSiteRole, g.LicenseMode = in.SiteRole, in.LicenseMode
	if in.GroupID == "" {
		err = tx.AddGroup(site, &g)
	} else {
		err = tx.UpdateGroup(g)
	}
	if err != nil {
		return g, err
	}
	members := map[int64]bool{}
	for _, p := range people {
		notes.count("CountOfUsersInActiveDirectoryGroup")
		u, err := s.syncMember(tx, site, g, p, notes)
		if err != nil {
			return g, err
		}
		members[u.Seq] = true
		added, err := tx.AddToGroup(g.Seq, u.Seq)
		if err != nil {
			return g, err
		}
		if added {
			notes.count("CountOfUsersAddedToGroup")
		}
	}
	before, _, err := tx.GroupUsers(g.Seq, store.Query{})
	for _, u := range before {
		if err == nil && !members[u.Seq] {
			notes.count("CountOfUsersRemovedFromGroup")
			_, err = tx.RemoveFromGroup(g.Seq, u.Seq)
		}
	}
	if err != nil {
		return g, err
	}
	return tx.Group(site, g.ID)
}

// syncMember brings a member of a group of the directory up to date on the site.
func (s *Server) syncMember(tx *store.Tx, site int64, g store.Group, p person, notes *statusNotes) (store.User, error) {
	notes.count("CountOfUsersProcessed")
	account, err := accountOf(tx, p, nil)
	if err != nil {
		return store.User{}, err
	}
	u, err := tx.UserByAccount(site, account.Seq)
	if errors.Is(err, store.ErrNotFound) {
		notes.count("CountOfUsersAddedToSite")
		u, err = s.addMember(tx, site, account.Seq, "Unlicensed")
	}
	if err != nil {
		return u, err
	}
	if u.FullName != p.fullName || u.Email != p.email {
		u.FullName, u.Email = p.fullName, p.email
		notes.count("CountOfUsersInformationUpdated")
	}
	if g.LicenseMode == grantOnSync {
		err := notes.giveRole(tx, &u, atLeast(u.SiteRole, g.MinimumSiteRole))
		if err != nil {
			return u, err
		}
	}
	return u, tx.UpdateUser(u)
}

// giveRole gives a user a site role if the site has a licence for it, and notes what became of it. It does not write the
// user.
func (n *statusNotes) giveRole(tx *store.Tx, u *store.User, role string) error {
	if u.SiteRole == role {
		return nil
	}
	err := setSiteRole(tx, u, role)
	if told, ok := errors.AsType[*apiError](err); ok && told.code == licenceConflict {
		n.count("CountOfUsersWithInsufficientLicenses")
		return nil
	}
	if err == nil {
		n.count("CountOfUsersSiteRoleUpdated")
	}
	return err
}

// runGroupSync imports a group of the directory, or brings it up to date.
func (s *Server) runGroupSync(ctx context.Context, owner store.User, j *store.Job) (done string, err error) {
	var in groupImport
	if err := json.Unmarshal([]byte(j.Request), &in); err != nil {
		return "", err
	}
	var notes statusNotes
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		_, err := s.syncGroup(tx, owner.Site, in, &notes)
		return err
	})
	return notes.String(), err
}
