package emulator

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

// siteSettings are the attributes of a site that are only kept and shown. The default tells the type: true or false, a
// number, or text; "" shows nothing until it is set.
var siteSettings = []tsxml.Attr{
	{Name: "adminMode", Value: "ContentAndUsers"},
	{Name: "userQuota"}, {Name: "storageQuota"},
	{Name: "tierCreatorCapacity"}, {Name: "tierExplorerCapacity"}, {Name: "tierViewerCapacity"},
	{Name: "disableSubscriptions", Value: "false"},
	{Name: "subscribeOthersEnabled", Value: "true"},
	{Name: "allowSubscriptionAttachments", Value: "true"},
	{Name: "revisionHistoryEnabled", Value: "true"},
	{Name: "revisionLimit", Value: "25"},
	{Name: "guestAccessEnabled", Value: "false"},
	{Name: "cacheWarmupEnabled", Value: "true"},
	{Name: "commentingEnabled", Value: "true"},
	{Name: "commentingMentionsEnabled", Value: "true"},
	{Name: "flowsEnabled", Value: "true"},
	{Name: "editingFlowsEnabled", Value: "true"},
	{Name: "schedulingFlowsEnabled", Value: "true"},
	{Name: "flowAutoSaveEnabled", Value: "true"},
	{Name: "extractEncryptionMode", Value: "disabled"},
	{Name: "catalogingEnabled", Value: "true"},
	{Name: "catalogObfuscationEnabled", Value: "false"},
	{Name: "derivedPermissionsEnabled", Value: "false"},
	{Name: "requestAccessEnabled", Value: "true"},
	{Name: "runNowEnabled", Value: "true"},
	{Name: "dataAlertsEnabled", Value: "true"},
	{Name: "explainDataEnabled", Value: "true"},
	{Name: "askDataMode"},
	{Name: "authoringEnabled", Value: "true"},
	{Name: "webExtractionEnabled", Value: "true"},
	{Name: "namedSharingEnabled", Value: "true"},
	{Name: "mobileBiometricsEnabled", Value: "false"},
	{Name: "sheetImageEnabled", Value: "true"},
	{Name: "userVisibilityMode", Value: "FULL"},
	{Name: "useDefaultTimeZone", Value: "true"},
	{Name: "timeZone"},
	{Name: "autoSuspendRefreshEnabled", Value: "true"},
	{Name: "autoSuspendRefreshInactivityWindow", Value: "30"},
	{Name: "metricsContentTypeEnabled", Value: "false"},
	{Name: "notifySiteAdminsOnThrottle", Value: "false"},
	{Name: "customSubscriptionEmail"}, {Name: "customSubscriptionEmailEnabled", Value: "false"},
	{Name: "customSubscriptionFooter"}, {Name: "customSubscriptionFooterEnabled", Value: "false"},
}

func siteElement(s store.Site, withUsage bool) *tsxml.Element {
	e := tsxml.New("site", "id", s.ID, "name", s.Name, "contentUrl", s.ContentURL, "state", s.State)
	for _, setting := range siteSettings {
		value := setting.Value
		if changed, ok := s.Settings[setting.Name]; ok {
			value = changed
		}
		e.SetIf(setting.Name, value)
	}
	if withUsage {
		e.Add(tsxml.New("usage").SetInt("numUsers", s.Users).SetInt("storage", s.Storage/(1<<20)))
	}
	return e
}

func listSites(c *call) (*tsxml.Element, error) {
	q, err := c.listQuery()
	if err != nil {
		return nil, err
	}
	account := c.user.Account
	if c.user.ServerAdmin {
		account = 0
	}
	var found []store.Site
	var total int64
	err = c.store.Read(c.ctx(), func(tx *store.Tx) error {
		found, total, err = tx.Sites(account, q)
		return err
	})
	if err != nil {
		return nil, err
	}
	list := tsxml.List("sites")
	for _, s := range found {
		list.Add(siteElement(s, c.query.Get("includeUsage") == "true"))
	}
	return list, c.counted(total)
}

// pathSite returns the site of the path, which ?key= lets callers name in other ways. Only a server administrator reaches
// a site without being signed in to it.
func (c *call) pathSite(tx *store.Tx) (s store.Site, err error) {
	id := c.id("site")
	switch key := c.query.Get("key"); key {
	case "":
		s, err = tx.SiteByID(strings.ToLower(id))
	case "name":
		s, err = tx.SiteByName(id)
	case "contentUrl":
		s, err = tx.SiteByContentURL(id)
	default:
		return s, fail(badRequest, "The key '%s' is neither name nor contentUrl.", key)
	}
	if err != nil {
		return s, orNotFound(err, siteNotFound, "Site", id)
	}
	if s.Seq != c.site.Seq && !c.user.ServerAdmin {
		return s, fail(forbidden, "The session is signed in to another site than '%s': switch to that site first.", id)
	}
	return s, nil
}

func getSite(c *call) (*tsxml.Element, error) {
	var s store.Site
	err := c.store.Read(c.ctx(), func(tx *store.Tx) (err error) {
		s, err = c.pathSite(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return siteElement(s, c.query.Get("includeUsage") == "true"), nil
}

// changeSite takes over what a request says about a site.
func changeSite(s *store.Site, change *tsxml.Element) error {
	if s.Settings == nil {
		s.Settings = map[string]string{}
	}
	for _, a := range change.Attrs {
		switch a.Name {
		case "name":
			s.Name = a.Value
		case "contentUrl":
			s.ContentURL = a.Value
		case "state":
			if a.Value != "Active" && a.Value != "Suspended" {
				return fail(badRequest, "The state '%s' is neither Active nor Suspended.", a.Value)
			}
			s.State = a.Value
		default:
			i := slices.IndexFunc(siteSettings, func(known tsxml.Attr) bool { return known.Name == a.Name })
			if i < 0 {
				continue // a setting that this server does not have
			}
			if err := checkSetting(siteSettings[i], a.Value); err != nil {
				return err
			}
			s.Settings[a.Name] = a.Value
		}
	}
	if strings.TrimSpace(s.Name) == "" {
		return fail(badRequest, "A site needs a name.")
	}
	for _, r := range s.ContentURL {
		if r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return fail(badRequest, "The contentUrl '%s' may only have letters, digits, hyphens and underscores.", s.ContentURL)
		}
	}
	return nil
}

func checkSetting(known tsxml.Attr, value string) error {
	number, err := strconv.Atoi(value)
	ok := true
	switch {
	case known.Name == "revisionLimit":
		ok = err == nil && (number == -1 || number >= 2 && number <= 10000)
	case known.Name == "adminMode":
		ok = value == "ContentAndUsers" || value == "ContentOnly"
	case known.Name == "askDataMode":
		ok = value == "DisabledAlways" || value == "DisabledByDefault"
	case strings.HasSuffix(known.Name, "Quota") || strings.HasSuffix(known.Name, "Capacity"):
		ok = err == nil && number >= -1
	case known.Name == "autoSuspendRefreshInactivityWindow":
		ok = err == nil && number >= 0
	case known.Value == "true" || known.Value == "false":
		ok = value == "true" || value == "false"
	}
	if !ok {
		return fail(badValue, "The value '%s' is not valid for '%s'.", value, known.Name)
	}
	return nil
}

// checkFree refuses a name or a content URL that another site has.
func checkFree(tx *store.Tx, s store.Site) error {
	for _, find := range []func() (store.Site, error){
		func() (store.Site, error) { return tx.SiteByName(s.Name) },
		func() (store.Site, error) { return tx.SiteByContentURL(s.ContentURL) },
	} {
		other, err := find()
		if err == nil && other.Seq != s.Seq {
			return fail(siteExists, "Another site has the name '%s' or the contentUrl '%s'.", s.Name, s.ContentURL)
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}

// addSite adds a site with its first user and its default project.
func (s *Server) addSite(tx *store.Tx, site store.Site, account int64, role string) (store.Site, error) {
	site.ID, site.Created = newID(), s.now()
	if site.State == "" {
		site.State = "Active"
	}
	if err := tx.AddSite(&site); err != nil {
		return site, err
	}
	user := store.User{ID: newID(), Site: site.Seq, Account: account, SiteRole: role, AuthSetting: "ServerDefault", Created: s.now()}
	if err := tx.AddUser(&user); err != nil {
		return site, err
	}
	return site, addDefaultProject(tx, site.Seq, store.Project{ID: newID(), Name: "default", ContentPermissions: "ManagedByOwner",
		Description: "The default project that was automatically created by Tableau.", Owner: user, Created: s.now(), Updated: s.now()})
}

func createSite(c *call) (*tsxml.Element, error) {
	wanted, err := c.payload("site")
	if err != nil {
		return nil, err
	}
	var site store.Site
	if err := changeSite(&site, wanted); err != nil {
		return nil, err
	}
	if site.ContentURL == "" {
		return nil, fail(badRequest, "A site needs a contentUrl: only the default site's is empty.")
	}
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		if err := checkFree(tx, site); err != nil {
			return err
		}
		site, err = c.addSite(tx, site, c.user.Account, "ServerAdministrator")
		return err
	})
	if err != nil {
		return nil, err
	}
	c.status = http.StatusCreated
	return siteElement(site, false), nil
}

func updateSite(c *call) (*tsxml.Element, error) {
	change, err := c.payload("site")
	if err != nil {
		return nil, err
	}
	var site store.Site
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		if site, err = c.pathSite(tx); err != nil {
			return err
		}
		isDefault := site.ContentURL == ""
		if err := changeSite(&site, change); err != nil {
			return err
		}
		if isDefault != (site.ContentURL == "") {
			return fail(badRequest, "The contentUrl of the default site is empty, and no other's is.")
		}
		if err := checkFree(tx, site); err != nil {
			return err
		}
		return tx.UpdateSite(&site)
	})
	if err != nil {
		return nil, err
	}
	return siteElement(site, false), nil
}

func deleteSite(c *call) (*tsxml.Element, error) {
	var unused []string
	err := c.store.Write(c.ctx(), func(tx *store.Tx) error {
		site, err := c.pathSite(tx)
		if err != nil {
			return err
		}
		if site.ContentURL == "" {
			return fail(forbidden, "The default site cannot be deleted.")
		}
		unused, err = tx.DeleteSite(site)
		return err
	})
	if err != nil {
		return nil, err
	}
	return nil, c.store.Collect(c.ctx(), unused...)
}
