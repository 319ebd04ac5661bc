package emulator

import (
	"slices"

	"github.com/tabctl/tableau-go/emulator/internal/store"
)

// Caller says who may call a method.
type Caller string

// Each caller after the first may also call what is open to those before.
const (
	Anyone              Caller = "anyone"
	SignedIn            Caller = "signed in"
	SiteAdministrator   Caller = "site administrator"
	ServerAdministrator Caller = "server administrator"
)

var siteRoles = []string{"Creator", "Explorer", "ExplorerCanPublish", "Guest", "ServerAdministrator", "SiteAdministratorCreator",
	"SiteAdministratorExplorer", "SupportUser", "Unlicensed", "Viewer"}

func isSiteAdmin(u store.User) bool {
	return u.ServerAdmin || u.SiteRole == "SiteAdministratorCreator" || u.SiteRole == "SiteAdministratorExplorer"
}

// includes reports whether u may call what is open to caller.
func (caller Caller) includes(u store.User) bool {
	switch caller {
	case SiteAdministrator:
		return isSiteAdmin(u)
	case ServerAdministrator:
		return u.ServerAdmin
	}
	return true
}

// mayPublish reports whether u's site role allows u to put content on the site.
func mayPublish(u store.User) bool {
	return isSiteAdmin(u) || slices.Contains([]string{"Creator", "ExplorerCanPublish"}, u.SiteRole)
}
