package emulator

import (
	"slices"
	"strings"

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

// formerRoles holds what the site roles of before 2018.1, which clients still send, have become.
var formerRoles = map[string]string{"Interactor": "Explorer", "Publisher": "ExplorerCanPublish", "ReadOnly": "Viewer",
	"SiteAdministrator": "SiteAdministratorExplorer", "UnlicensedWithPublish": "Unlicensed", "ViewerWithPublish": "Viewer"}

// parseSiteRole returns a site role by today's name.
func parseSiteRole(text string) (string, error) {
	if now, ok := formerRoles[text]; ok {
		return now, nil
	}
	if !slices.Contains(siteRoles, text) {
		return "", fail(badSiteRole, "The site role '%s' is not valid: use one of %s.", text, strings.Join(siteRoles, ", "))
	}
	return text, nil
}

// tierOf is the licence that a site role takes: Creator, Explorer, Viewer, or "" for none.
func tierOf(siteRole string) string {
	switch siteRole {
	case "Creator", "SiteAdministratorCreator", "ServerAdministrator":
		return "Creator"
	case "Explorer", "ExplorerCanPublish", "SiteAdministratorExplorer":
		return "Explorer"
	case "Viewer":
		return "Viewer"
	}
	return ""
}

// setSiteRole gives a user a site role, unless the site has no licence left for it. It does not write the user. Server
// administrators do not count.
func setSiteRole(tx *store.Tx, u *store.User, siteRole string) error {
	before, after := tierOf(u.SiteRole), tierOf(siteRole)
	if after != "" && before != after && siteRole != "ServerAdministrator" {
		settings, err := tx.SiteSettings(u.Site)
		if err != nil {
			return err
		}
		quota, hasQuota := limit(settings, "userQuota")
		capacity, hasCapacity := limit(settings, "tier"+after+"Capacity")
		var used map[string]int64
		if hasQuota || hasCapacity {
			if used, err = licencesUsed(tx, u.Site); err != nil {
				return err
			}
		}
		if all := used["Creator"] + used["Explorer"] + used["Viewer"]; hasQuota && before == "" && all >= quota {
			return fail(licenceConflict, "The site has a quota of %d users, and has them already.", quota)
		}
		if hasCapacity && used[after] >= capacity {
			return fail(licenceConflict, "The site has a capacity of %d for the licence %s, and uses it already.", capacity, after)
		}
	}
	u.SiteRole = siteRole
	return nil
}

// licencesUsed counts the licences of a site's users by tier, without those of server administrators.
func licencesUsed(tx *store.Tx, site int64) (map[string]int64, error) {
	roles, err := tx.CountSiteRoles(site)
	used := map[string]int64{}
	for role, n := range roles {
		if role != "ServerAdministrator" {
			used[tierOf(role)] += n
		}
	}
	return used, err
}

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
