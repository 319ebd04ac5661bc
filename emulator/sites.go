package emulator

import (
	"crypto/sha256"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func siteRoutes() []route {
	return []route{
		answered("GET", "/sites", "Query Sites", "2.0", SignedIn, listSites),
		answered("POST", "/sites", "Create Site", "2.0", ServerAdministrator, createSite),
		answered("GET", "/sites/{site}", "Query Site", "2.0", SignedIn, getSite),
		answered("PUT", "/sites/{site}", "Update Site", "2.0", SiteAdministrator, updateSite),
		answered("DELETE", "/sites/{site}", "Delete Site", "2.0", ServerAdministrator, deleteSite),
		answered("GET", "/sites/{site}/site-auth-configurations", "List Authentication Configurations", "3.24", SiteAdministrator, listAuthConfigurations).
			but("every site has one for SAML and one for OpenID; a user's idpConfigurationId is kept as it is given, and nobody signs in by it"),
	}
}

// settingKind is the type of a site's setting.
type settingKind int

const (
	textSetting settingKind = iota
	flagSetting
	numberSetting
	quotaSetting     // a limit that must be positive; -1 takes it away
	capacitySetting  // a limit that can be 0; -1 takes it away
	revisionsSetting // a number of revisions, or -1 for all
	adminModeSetting
	askDataSetting
)

// siteSettings are the attributes of a site that are kept and shown, with their defaults; "" shows nothing until it is set.
var siteSettings = map[string]struct {
	kind  settingKind
	value string
}{
	"adminInsightsPublishFrequency":                       {numberSetting, ""},
	"adminMode":                                           {adminModeSetting, "ContentAndUsers"},
	"allowSubscriptionAttachments":                        {flagSetting, "true"},
	"askDataMode":                                         {askDataSetting, ""},
	"attributeCaptureEnabled":                             {flagSetting, ""},
	"authoringEnabled":                                    {flagSetting, "true"},
	"autoExtractRefreshMonitoringEnabled":                 {flagSetting, ""},
	"autoFlowRunMonitoringEnabled":                        {flagSetting, ""},
	"autoSuspendRefreshEnabled":                           {flagSetting, "true"},
	"autoSuspendRefreshInactivityWindow":                  {numberSetting, "30"},
	"blockNonExtractEnabled":                              {flagSetting, ""},
	"cacheWarmupEnabled":                                  {flagSetting, "true"},
	"catalogObfuscationEnabled":                           {flagSetting, "false"},
	"catalogingEnabled":                                   {flagSetting, "true"},
	"cmekEnabled":                                         {flagSetting, ""},
	"commentingEnabled":                                   {flagSetting, "true"},
	"commentingMentionsEnabled":                           {flagSetting, "true"},
	"contentMigrationToolEnabled":                         {flagSetting, ""},
	"customSubscriptionEmail":                             {textSetting, ""},
	"customSubscriptionEmailEnabled":                      {flagSetting, "false"},
	"customSubscriptionFooter":                            {textSetting, ""},
	"customSubscriptionFooterEnabled":                     {flagSetting, "false"},
	"dashboardInsightsEnabled":                            {flagSetting, ""},
	"dashboardInsightsGroupId":                            {textSetting, ""},
	"dashboardNarrativeEnabled":                           {flagSetting, ""},
	"dataAccelerationMode":                                {textSetting, ""},
	"dataAlertsEnabled":                                   {flagSetting, "true"},
	"dataOrientationEnabled":                              {flagSetting, ""},
	"derivedPermissionsEnabled":                           {flagSetting, "false"},
	"disableSubscriptions":                                {flagSetting, "false"},
	"dqwSubscriptionsEnabled":                             {flagSetting, ""},
	"easEnabled":                                          {flagSetting, ""},
	"editingFlowsEnabled":                                 {flagSetting, "true"},
	"einsteinInFlowEnabled":                               {flagSetting, ""},
	"explainDataEnabled":                                  {flagSetting, "true"},
	"exploreInTableauEnabled":                             {flagSetting, ""},
	"extractEncryptionMode":                               {textSetting, "disabled"},
	"flowAutoSaveEnabled":                                 {flagSetting, "true"},
	"flowFederationStrategySelectedConnectionEnabled":     {flagSetting, ""},
	"flowOutputSubscriptionsDataAsEmailAttachmentEnabled": {flagSetting, ""},
	"flowOutputSubscriptionsDataInEmailBodyEnabled":       {flagSetting, ""},
	"flowOutputSubscriptionsEnabled":                      {flagSetting, ""},
	"flowParametersAnyTypeEnabled":                        {flagSetting, ""},
	"flowParametersEnabled":                               {flagSetting, ""},
	"flowParametersSystemTypeEnabled":                     {flagSetting, ""},
	"flowsEnabled":                                        {flagSetting, "true"},
	"generativeAiDataCatalog":                             {flagSetting, ""},
	"generativeAiDataCatalogGroupId":                      {textSetting, ""},
	"generativeAiEnabled":                                 {flagSetting, ""},
	"generativeAiGroupId":                                 {textSetting, ""},
	"generativeAiPrep":                                    {flagSetting, ""},
	"generativeAiPrepGroupId":                             {textSetting, ""},
	"generativeAiPulse":                                   {flagSetting, ""},
	"generativeAiPulseDiscoverEnabled":                    {flagSetting, ""},
	"generativeAiPulseDiscoverGroupId":                    {textSetting, ""},
	"generativeAiPulseExternalEmbeddingsEnabled":          {flagSetting, ""},
	"generativeAiPulseExternalEmbeddingsGroupId":          {textSetting, ""},
	"generativeAiWebAuthoring":                            {flagSetting, ""},
	"generativeAiWebAuthoringGroupId":                     {textSetting, ""},
	"generativeAiWebAuthoringOnPremEnabled":               {flagSetting, ""},
	"groupAssertionsConnectedAppsEnabled":                 {flagSetting, ""},
	"groupAssertionsEnabled":                              {flagSetting, ""},
	"groupAssertionsOIDCEnabled":                          {flagSetting, ""},
	"groupAssertionsSAMLEnabled":                          {flagSetting, ""},
	"groupSetsEnabled":                                    {flagSetting, ""},
	"guestAccessEnabled":                                  {flagSetting, "false"},
	"idpConfigurationIdForScim":                           {textSetting, ""},
	"linkedTaskRunNowEnabled":                             {flagSetting, ""},
	"linkedTaskSchedulingEnabled":                         {flagSetting, ""},
	"loginBasedLicenseManagementEnabled":                  {flagSetting, ""},
	"maxServiceTokenLimitPerUser":                         {numberSetting, ""},
	"metricsContentTypeEnabled":                           {flagSetting, "false"},
	"mfaEnforcementExemption":                             {flagSetting, ""},
	"mobileBiometricsEnabled":                             {flagSetting, "false"},
	"namedSharingEnabled":                                 {flagSetting, "true"},
	"notifySiteAdminsOnThrottle":                          {flagSetting, "false"},
	"personalSpaceEnabled":                                {flagSetting, ""},
	"personalSpaceStorageQuota":                           {textSetting, ""},
	"publishToSalesforceEnabled":                          {flagSetting, ""},
	"pulseEnabled":                                        {flagSetting, ""},
	"pulseGroupId":                                        {textSetting, ""},
	"pulsePersonalizedRankingEnabled":                     {flagSetting, ""},
	"recycleBinEnabled":                                   {flagSetting, ""},
	"refreshTokenAbsoluteExpiry":                          {numberSetting, ""},
	"requestAccessEnabled":                                {flagSetting, "true"},
	"revisionHistoryEnabled":                              {flagSetting, "true"},
	"revisionLimit":                                       {revisionsSetting, "25"},
	"runNowEnabled":                                       {flagSetting, "true"},
	"schedulingFlowsEnabled":                              {flagSetting, "true"},
	"selfServiceScheduleForRefreshEnabled":                {flagSetting, ""},
	"sheetImageEnabled":                                   {flagSetting, "true"},
	"siteInviteEmailEnabled":                              {flagSetting, ""},
	"sitePromptedLoginFlowEnabled":                        {flagSetting, ""},
	"storageQuota":                                        {quotaSetting, ""},
	"subscribeOthersEnabled":                              {flagSetting, "true"},
	"tagLimit":                                            {numberSetting, ""},
	"tierCreatorCapacity":                                 {capacitySetting, ""},
	"tierExplorerCapacity":                                {capacitySetting, ""},
	"tierViewerCapacity":                                  {capacitySetting, ""},
	"timeZone":                                            {textSetting, ""},
	"useDefaultTimeZone":                                  {flagSetting, "true"},
	"userQuota":                                           {quotaSetting, ""},
	"userVisibilityMode":                                  {textSetting, "FULL"},
	"webExtractionEnabled":                                {flagSetting, "true"},
	"webZoneContentEnabled":                               {flagSetting, ""},
	"workflowExtensionEnabled":                            {flagSetting, ""},
}

// settingNames are the names of siteSettings in the order in which they are shown.
var settingNames = slices.Sorted(maps.Keys(siteSettings))

// siteSetting returns a setting of a site, which is the default unless it was changed.
func siteSetting(changed map[string]string, name string) string {
	if value, ok := changed[name]; ok {
		return value
	}
	return siteSettings[name].value
}

// limit is the value of a setting that is a limit; not ok when there is none.
func limit(settings map[string]string, name string) (n int64, ok bool) {
	n, err := strconv.ParseInt(settings[name], 10, 64)
	return n, err == nil
}

// checkStorage refuses more bytes of content than the site's quota allows.
func checkStorage(tx *store.Tx, site, more int64) error {
	settings, err := tx.SiteSettings(site)
	if err != nil {
		return err
	}
	megabytes, ok := limit(settings, "storageQuota")
	if !ok || more <= 0 {
		return nil
	}
	used, err := tx.SiteStorage(site)
	if err == nil && used+more > megabytes<<20 {
		err = fail(storageFull, "The site has a storage quota of %d MB, and what is published would exceed it.", megabytes)
	}
	return err
}

func siteElement(s store.Site) *tsxml.Element {
	e := tsxml.New("site", "id", s.ID, "name", s.Name, "contentUrl", s.ContentURL, "state", s.State)
	for _, name := range settingNames {
		e.SetIf(name, siteSetting(s.Settings, name))
	}
	return e
}

// withUsage adds what of its quotas a site uses, if the caller asks for it.
func (c *call) withUsage(tx *store.Tx, s store.Site, e *tsxml.Element) error {
	if c.query.Get("includeUsage") != "true" {
		return nil
	}
	roles, err := tx.CountSiteRoles(s.Seq)
	used := map[string]int64{}
	for role, n := range roles {
		used[tierOf(role)] += n
	}
	usage := tsxml.New("usage").SetInt("numUsers", s.Users).SetInt("numCreators", used["Creator"])
	usage.SetInt("numExplorers", used["Explorer"]).SetInt("numViewers", used["Viewer"])
	e.Add(usage.SetInt("storage", s.Storage>>20))
	return err
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
	list := tsxml.List("sites")
	var total int64
	err = c.store.Read(c.ctx(), func(tx *store.Tx) error {
		var found []store.Site
		found, total, err = tx.Sites(account, q)
		for _, s := range found {
			e := siteElement(s)
			list.Add(e)
			err = errors.Join(err, c.withUsage(tx, s, e))
		}
		return err
	})
	if err != nil {
		return nil, err
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
	return read(c, func(tx *store.Tx) (*tsxml.Element, error) {
		s, err := c.pathSite(tx)
		if err != nil {
			return nil, err
		}
		e := siteElement(s)
		return e, c.withUsage(tx, s, e)
	})
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
			setting, known := siteSettings[a.Name]
			if !known {
				continue // a setting that this server does not have
			}
			if err := checkSetting(a.Name, setting.kind, a.Value); err != nil {
				return err
			}
			s.Settings[a.Name] = a.Value
			if setting.kind == flagSetting {
				s.Settings[a.Name] = strings.ToLower(a.Value)
			}
			if setting.kind == askDataSetting && strings.HasPrefix(a.Value, "Enabled") {
				delete(s.Settings, a.Name) // clients still send it; servers have no Ask Data any more, and do not show it
			}
			if a.Value == "-1" && (setting.kind == quotaSetting || setting.kind == capacitySetting) {
				delete(s.Settings, a.Name)
			}
		}
	}
	_, hasQuota := limit(s.Settings, "userQuota")
	switch {
	case !hasQuota:
	case s.Settings["adminMode"] == "ContentOnly":
		return fail(settingsConflict, "The adminMode ContentOnly and a userQuota exclude each other.")
	case s.Settings["tierCreatorCapacity"]+s.Settings["tierExplorerCapacity"]+s.Settings["tierViewerCapacity"] != "":
		return fail(settingsConflict, "A userQuota and tier capacities exclude each other.")
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

func checkSetting(name string, kind settingKind, value string) error {
	number, err := strconv.Atoi(value)
	ok, code := true, badValue
	switch kind {
	case flagSetting:
		_, err := parseFlag(name, value)
		return err
	case numberSetting:
		ok = err == nil
	case quotaSetting:
		ok, code = err == nil && (number > 0 || number == -1), badRequest
	case capacitySetting:
		ok, code = err == nil && number >= -1, badRequest
	case revisionsSetting:
		ok = err == nil && (number == -1 || number >= 2 && number <= 10000)
	case adminModeSetting:
		ok, code = value == "ContentAndUsers" || value == "ContentOnly", badSiteRole
	case askDataSetting:
		ok = slices.Contains([]string{"DisabledAlways", "DisabledByDefault", "EnabledAlways", "EnabledByDefault"}, value)
	}
	if !ok {
		return fail(code, "The value '%s' is not valid for '%s'.", value, name)
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
		if err := unlessNotFound(err); err != nil {
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
	user, err := s.addMember(tx, site.Seq, account, role)
	if err != nil {
		return site, err
	}
	return site, addDefaultProject(tx, site.Seq, store.Project{ID: newID(), Name: "Default", ContentPermissions: "ManagedByOwner",
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
	return siteElement(site), nil
}

// ofTheServer are the attributes of a site that its own administrators may not change.
var ofTheServer = []string{"adminMode", "state", "storageQuota", "tierCreatorCapacity", "tierExplorerCapacity", "tierViewerCapacity", "userQuota"}

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
		before := siteElement(site)
		isDefault := site.ContentURL == ""
		if err := changeSite(&site, change); err != nil {
			return err
		}
		after := siteElement(site)
		for _, name := range ofTheServer {
			if before.Attr(name) != after.Attr(name) && !c.user.ServerAdmin {
				return fail(forbidden, "Only a server administrator may change '%s' of a site.", name)
			}
		}
		if isDefault != (site.ContentURL == "") {
			return fail(badRequest, "The contentUrl of the default site is empty, and no other's is.")
		}
		if err := checkFree(tx, site); err != nil {
			return err
		}
		if site.State == "Suspended" {
			if err := tx.EndSessionsOfSite(site.Seq); err != nil {
				return err
			}
		}
		return tx.UpdateSite(&site)
	})
	if err != nil {
		return nil, err
	}
	c.jobs.reschedule() // the time zone may be another
	return siteElement(site), nil
}

func deleteSite(c *call) (*tsxml.Element, error) {
	var unused []string
	err := c.store.Write(c.ctx(), func(tx *store.Tx) error {
		site, err := c.pathSite(tx)
		if err != nil {
			return err
		}
		if site.ContentURL == "" {
			return fail(deleteForbidden, "The default site cannot be deleted.")
		}
		unused, err = tx.DeleteSite(site)
		return err
	})
	if err != nil {
		return nil, err
	}
	return nil, c.store.Collect(c.ctx(), unused...)
}

// authConfigurations are the ways to sign in to a site. Their ids are always the same for a site.
func authConfigurations(site store.Site) []*tsxml.Element {
	var all []*tsxml.Element
	for _, setting := range authSettings {
		if setting == "ServerDefault" {
			continue
		}
		sum := sha256.Sum256([]byte(site.ID + setting))
		all = append(all, tsxml.New("siteAuthConfiguration", "authSetting", setting, "enabled", "true",
			"idpConfigurationId", luid([16]byte(sum[:])), "idpConfigurationName", setting))
	}
	return all
}

func listAuthConfigurations(c *call) (*tsxml.Element, error) {
	return tsxml.List("siteAuthConfigurations", authConfigurations(c.site)...), nil
}
