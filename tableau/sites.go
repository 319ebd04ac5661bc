package tableau

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"regexp"
	"sync"
)

// SitesService calls the site methods.
type SitesService service

// Site is a site of a server with its settings. Settings that an answer leaves
// out are zero.
type Site struct {
	ID                                                  string     `xml:"id,attr"`
	Name                                                string     `xml:"name,attr"`
	ContentURL                                          string     `xml:"contentUrl,attr"`
	State                                               SiteState  `xml:"state,attr"`
	AdminMode                                           AdminMode  `xml:"adminMode,attr"`
	UserQuota                                           *int       `xml:"userQuota,attr"`           // users; nil when there is no limit
	TierCreatorCapacity                                 *int       `xml:"tierCreatorCapacity,attr"` // Creator licences; nil when there is no limit
	TierExplorerCapacity                                *int       `xml:"tierExplorerCapacity,attr"`
	TierViewerCapacity                                  *int       `xml:"tierViewerCapacity,attr"`
	StorageQuota                                        *int       `xml:"storageQuota,attr"` // megabytes; nil when there is no limit
	AdminInsightsPublishFrequency                       int        `xml:"adminInsightsPublishFrequency,attr"`
	AllowSubscriptionAttachments                        bool       `xml:"allowSubscriptionAttachments,attr"`
	AskDataMode                                         string     `xml:"askDataMode,attr"`
	AttributeCaptureEnabled                             bool       `xml:"attributeCaptureEnabled,attr"`
	AuthoringEnabled                                    bool       `xml:"authoringEnabled,attr"`
	AutoExtractRefreshMonitoringEnabled                 bool       `xml:"autoExtractRefreshMonitoringEnabled,attr"`
	AutoFlowRunMonitoringEnabled                        bool       `xml:"autoFlowRunMonitoringEnabled,attr"`
	AutoSuspendRefreshEnabled                           bool       `xml:"autoSuspendRefreshEnabled,attr"`
	AutoSuspendRefreshInactivityWindow                  int        `xml:"autoSuspendRefreshInactivityWindow,attr"` // days
	BlockNonExtractEnabled                              bool       `xml:"blockNonExtractEnabled,attr"`
	CacheWarmupEnabled                                  bool       `xml:"cacheWarmupEnabled,attr"`
	CatalogObfuscationEnabled                           bool       `xml:"catalogObfuscationEnabled,attr"`
	CatalogingEnabled                                   bool       `xml:"catalogingEnabled,attr"`
	CMEKEnabled                                         bool       `xml:"cmekEnabled,attr"`
	CommentingEnabled                                   bool       `xml:"commentingEnabled,attr"`
	CommentingMentionsEnabled                           bool       `xml:"commentingMentionsEnabled,attr"`
	ContentMigrationToolEnabled                         bool       `xml:"contentMigrationToolEnabled,attr"`
	CustomSubscriptionEmail                             string     `xml:"customSubscriptionEmail,attr"`
	CustomSubscriptionEmailEnabled                      bool       `xml:"customSubscriptionEmailEnabled,attr"`
	CustomSubscriptionFooter                            string     `xml:"customSubscriptionFooter,attr"`
	CustomSubscriptionFooterEnabled                     bool       `xml:"customSubscriptionFooterEnabled,attr"`
	DashboardInsightsEnabled                            bool       `xml:"dashboardInsightsEnabled,attr"`
	DashboardInsightsGroupID                            string     `xml:"dashboardInsightsGroupId,attr"`
	DashboardNarrativeEnabled                           bool       `xml:"dashboardNarrativeEnabled,attr"`
	DataAccelerationMode                                string     `xml:"dataAccelerationMode,attr"`
	DataAlertsEnabled                                   bool       `xml:"dataAlertsEnabled,attr"`
	DataOrientationEnabled                              bool       `xml:"dataOrientationEnabled,attr"`
	DerivedPermissionsEnabled                           bool       `xml:"derivedPermissionsEnabled,attr"`
	DisableSubscriptions                                bool       `xml:"disableSubscriptions,attr"`
	DQWSubscriptionsEnabled                             bool       `xml:"dqwSubscriptionsEnabled,attr"`
	EASEnabled                                          bool       `xml:"easEnabled,attr"`
	EditingFlowsEnabled                                 bool       `xml:"editingFlowsEnabled,attr"`
	EinsteinInFlowEnabled                               bool       `xml:"einsteinInFlowEnabled,attr"`
	ExplainDataEnabled                                  bool       `xml:"explainDataEnabled,attr"`
	ExploreInTableauEnabled                             bool       `xml:"exploreInTableauEnabled,attr"`
	ExtractEncryptionMode                               string     `xml:"extractEncryptionMode,attr"`
	FlowAutoSaveEnabled                                 bool       `xml:"flowAutoSaveEnabled,attr"`
	FlowFederationStrategySelectedConnectionEnabled     bool       `xml:"flowFederationStrategySelectedConnectionEnabled,attr"`
	FlowOutputSubscriptionsDataAsEmailAttachmentEnabled bool       `xml:"flowOutputSubscriptionsDataAsEmailAttachmentEnabled,attr"`
	FlowOutputSubscriptionsDataInEmailBodyEnabled       bool       `xml:"flowOutputSubscriptionsDataInEmailBodyEnabled,attr"`
	FlowOutputSubscriptionsEnabled                      bool       `xml:"flowOutputSubscriptionsEnabled,attr"`
	FlowParametersAnyTypeEnabled                        bool       `xml:"flowParametersAnyTypeEnabled,attr"`
	FlowParametersEnabled                               bool       `xml:"flowParametersEnabled,attr"`
	FlowParametersSystemTypeEnabled                     bool       `xml:"flowParametersSystemTypeEnabled,attr"`
	FlowsEnabled                                        bool       `xml:"flowsEnabled,attr"`
	GenerativeAIDataCatalog                             bool       `xml:"generativeAiDataCatalog,attr"`
	GenerativeAIDataCatalogGroupID                      string     `xml:"generativeAiDataCatalogGroupId,attr"`
	GenerativeAIEnabled                                 bool       `xml:"generativeAiEnabled,attr"`
	GenerativeAIGroupID                                 string     `xml:"generativeAiGroupId,attr"`
	GenerativeAIPrep                                    bool       `xml:"generativeAiPrep,attr"`
	GenerativeAIPrepGroupID                             string     `xml:"generativeAiPrepGroupId,attr"`
	GenerativeAIPulse                                   bool       `xml:"generativeAiPulse,attr"`
	GenerativeAIPulseDiscoverEnabled                    bool       `xml:"generativeAiPulseDiscoverEnabled,attr"`
	GenerativeAIPulseDiscoverGroupID                    string     `xml:"generativeAiPulseDiscoverGroupId,attr"`
	GenerativeAIPulseExternalEmbeddingsEnabled          bool       `xml:"generativeAiPulseExternalEmbeddingsEnabled,attr"`
	GenerativeAIPulseExternalEmbeddingsGroupID          string     `xml:"generativeAiPulseExternalEmbeddingsGroupId,attr"`
	GenerativeAIWebAuthoring                            bool       `xml:"generativeAiWebAuthoring,attr"`
	GenerativeAIWebAuthoringGroupID                     string     `xml:"generativeAiWebAuthoringGroupId,attr"`
	GenerativeAIWebAuthoringOnPremEnabled               bool       `xml:"generativeAiWebAuthoringOnPremEnabled,attr"`
	GroupAssertionsConnectedAppsEnabled                 bool       `xml:"groupAssertionsConnectedAppsEnabled,attr"`
	GroupAssertionsEnabled                              bool       `xml:"groupAssertionsEnabled,attr"`
	GroupAssertionsOIDCEnabled                          bool       `xml:"groupAssertionsOIDCEnabled,attr"`
	GroupAssertionsSAMLEnabled                          bool       `xml:"groupAssertionsSAMLEnabled,attr"`
	GroupSetsEnabled                                    bool       `xml:"groupSetsEnabled,attr"`
	GuestAccessEnabled                                  bool       `xml:"guestAccessEnabled,attr"`
	IDPConfigurationIDForSCIM                           string     `xml:"idpConfigurationIdForScim,attr"`
	LinkedTaskRunNowEnabled                             bool       `xml:"linkedTaskRunNowEnabled,attr"`
	LinkedTaskSchedulingEnabled                         bool       `xml:"linkedTaskSchedulingEnabled,attr"`
	LoginBasedLicenseManagementEnabled                  bool       `xml:"loginBasedLicenseManagementEnabled,attr"`
	MaxServiceTokenLimitPerUser                         int        `xml:"maxServiceTokenLimitPerUser,attr"`
	MetricsContentTypeEnabled                           bool       `xml:"metricsContentTypeEnabled,attr"`
	MFAEnforcementExemption                             bool       `xml:"mfaEnforcementExemption,attr"`
	MobileBiometricsEnabled                             bool       `xml:"mobileBiometricsEnabled,attr"`
	NamedSharingEnabled                                 bool       `xml:"namedSharingEnabled,attr"`
	NotifySiteAdminsOnThrottle                          bool       `xml:"notifySiteAdminsOnThrottle,attr"`
	PersonalSpaceEnabled                                bool       `xml:"personalSpaceEnabled,attr"`
	PersonalSpaceStorageQuota                           string     `xml:"personalSpaceStorageQuota,attr"`
	PublishToSalesforceEnabled                          bool       `xml:"publishToSalesforceEnabled,attr"`
	PulseEnabled                                        bool       `xml:"pulseEnabled,attr"`
	PulseGroupID                                        string     `xml:"pulseGroupId,attr"`
	PulsePersonalizedRankingEnabled                     bool       `xml:"pulsePersonalizedRankingEnabled,attr"`
	RecycleBinEnabled                                   bool       `xml:"recycleBinEnabled,attr"`
	RefreshTokenAbsoluteExpiry                          int        `xml:"refreshTokenAbsoluteExpiry,attr"`
	RequestAccessEnabled                                bool       `xml:"requestAccessEnabled,attr"`
	RevisionHistoryEnabled                              bool       `xml:"revisionHistoryEnabled,attr"`
	RevisionLimit                                       int        `xml:"revisionLimit,attr"` // revisions kept; -1 is all
	RunNowEnabled                                       bool       `xml:"runNowEnabled,attr"`
	SchedulingFlowsEnabled                              bool       `xml:"schedulingFlowsEnabled,attr"`
	SelfServiceScheduleForRefreshEnabled                bool       `xml:"selfServiceScheduleForRefreshEnabled,attr"`
	SheetImageEnabled                                   bool       `xml:"sheetImageEnabled,attr"`
	SiteInviteEmailEnabled                              bool       `xml:"siteInviteEmailEnabled,attr"`
	SitePromptedLoginFlowEnabled                        bool       `xml:"sitePromptedLoginFlowEnabled,attr"`
	SubscribeOthersEnabled                              bool       `xml:"subscribeOthersEnabled,attr"`
	TagLimit                                            int        `xml:"tagLimit,attr"`
	TimeZone                                            string     `xml:"timeZone,attr"`
	UseDefaultTimeZone                                  bool       `xml:"useDefaultTimeZone,attr"`
	UserVisibilityMode                                  string     `xml:"userVisibilityMode,attr"`
	WebExtractionEnabled                                bool       `xml:"webExtractionEnabled,attr"`
	WebZoneContentEnabled                               bool       `xml:"webZoneContentEnabled,attr"`
	WorkflowExtensionEnabled                            bool       `xml:"workflowExtensionEnabled,attr"`
	StatusReason                                        string     `xml:"statusReason,attr"`
	Usage                                               SiteUsage  `xml:"usage"` // only when the server tells it
	Extra                                               Attributes `xml:",any,attr"`
}

func (s *Site) id() string { return s.ID }

// SiteUsage says how much of a site's quotas is taken.
type SiteUsage struct {
	Users     int   `xml:"numUsers,attr"`
	Creators  int   `xml:"numCreators,attr"`
	Explorers int   `xml:"numExplorers,attr"`
	Viewers   int   `xml:"numViewers,attr"`
	Storage   int64 `xml:"storage,attr"` // megabytes
}

// AdminMode says what the administrators of a site may manage.
type AdminMode string

// The admin modes.
const (
	AdminContentAndUsers AdminMode = "ContentAndUsers"
	AdminContentOnly     AdminMode = "ContentOnly" // server administrators manage the users
)

// SiteState says whether a site can be used.
type SiteState string

// The states of a site.
const (
	SiteActive    SiteState = "Active"
	SiteSuspended SiteState = "Suspended"
)

// SiteSettings are the settings of a site that can be given; nil leaves them as
// they are, or at the server's default for a new site.
type SiteSettings struct {
	AdminMode                                           *AdminMode `xml:"adminMode,attr"`
	UserQuota                                           *int       `xml:"userQuota,attr"`           // users
	TierCreatorCapacity                                 *int       `xml:"tierCreatorCapacity,attr"` // Creator licences, instead of UserQuota
	TierExplorerCapacity                                *int       `xml:"tierExplorerCapacity,attr"`
	TierViewerCapacity                                  *int       `xml:"tierViewerCapacity,attr"`
	StorageQuota                                        *int       `xml:"storageQuota,attr"` // megabytes
	AdminInsightsPublishFrequency                       *int       `xml:"adminInsightsPublishFrequency,attr"`
	AllowSubscriptionAttachments                        *bool      `xml:"allowSubscriptionAttachments,attr"`
	AskDataMode                                         *string    `xml:"askDataMode,attr"`
	AttributeCaptureEnabled                             *bool      `xml:"attributeCaptureEnabled,attr"`
	AuthoringEnabled                                    *bool      `xml:"authoringEnabled,attr"`
	AutoExtractRefreshMonitoringEnabled                 *bool      `xml:"autoExtractRefreshMonitoringEnabled,attr"`
	AutoFlowRunMonitoringEnabled                        *bool      `xml:"autoFlowRunMonitoringEnabled,attr"`
	AutoSuspendRefreshEnabled                           *bool      `xml:"autoSuspendRefreshEnabled,attr"`
	AutoSuspendRefreshInactivityWindow                  *int       `xml:"autoSuspendRefreshInactivityWindow,attr"` // days
	BlockNonExtractEnabled                              *bool      `xml:"blockNonExtractEnabled,attr"`
	CacheWarmupEnabled                                  *bool      `xml:"cacheWarmupEnabled,attr"`
	CatalogObfuscationEnabled                           *bool      `xml:"catalogObfuscationEnabled,attr"`
	CatalogingEnabled                                   *bool      `xml:"catalogingEnabled,attr"`
	CMEKEnabled                                         *bool      `xml:"cmekEnabled,attr"`
	CommentingEnabled                                   *bool      `xml:"commentingEnabled,attr"`
	CommentingMentionsEnabled                           *bool      `xml:"commentingMentionsEnabled,attr"`
	ContentMigrationToolEnabled                         *bool      `xml:"contentMigrationToolEnabled,attr"`
	CustomSubscriptionEmail                             *string    `xml:"customSubscriptionEmail,attr"`
	CustomSubscriptionEmailEnabled                      *bool      `xml:"customSubscriptionEmailEnabled,attr"`
	CustomSubscriptionFooter                            *string    `xml:"customSubscriptionFooter,attr"`
	CustomSubscriptionFooterEnabled                     *bool      `xml:"customSubscriptionFooterEnabled,attr"`
	DashboardInsightsEnabled                            *bool      `xml:"dashboardInsightsEnabled,attr"`
	DashboardInsightsGroupID                            *string    `xml:"dashboardInsightsGroupId,attr"`
	DashboardNarrativeEnabled                           *bool      `xml:"dashboardNarrativeEnabled,attr"`
	DataAccelerationMode                                *string    `xml:"dataAccelerationMode,attr"`
	DataAlertsEnabled                                   *bool      `xml:"dataAlertsEnabled,attr"`
	DataOrientationEnabled                              *bool      `xml:"dataOrientationEnabled,attr"`
	DerivedPermissionsEnabled                           *bool      `xml:"derivedPermissionsEnabled,attr"`
	DisableSubscriptions                                *bool      `xml:"disableSubscriptions,attr"`
	DQWSubscriptionsEnabled                             *bool      `xml:"dqwSubscriptionsEnabled,attr"`
	EASEnabled                                          *bool      `xml:"easEnabled,attr"`
	EditingFlowsEnabled                                 *bool      `xml:"editingFlowsEnabled,attr"` // since 3.10
	EinsteinInFlowEnabled                               *bool      `xml:"einsteinInFlowEnabled,attr"`
	ExplainDataEnabled                                  *bool      `xml:"explainDataEnabled,attr"`
	ExploreInTableauEnabled                             *bool      `xml:"exploreInTableauEnabled,attr"`
	ExtractEncryptionMode                               *string    `xml:"extractEncryptionMode,attr"`
	FlowAutoSaveEnabled                                 *bool      `xml:"flowAutoSaveEnabled,attr"`
	FlowFederationStrategySelectedConnectionEnabled     *bool      `xml:"flowFederationStrategySelectedConnectionEnabled,attr"`
	FlowOutputSubscriptionsDataAsEmailAttachmentEnabled *bool      `xml:"flowOutputSubscriptionsDataAsEmailAttachmentEnabled,attr"`
	FlowOutputSubscriptionsDataInEmailBodyEnabled       *bool      `xml:"flowOutputSubscriptionsDataInEmailBodyEnabled,attr"`
	FlowOutputSubscriptionsEnabled                      *bool      `xml:"flowOutputSubscriptionsEnabled,attr"`
	FlowParametersAnyTypeEnabled                        *bool      `xml:"flowParametersAnyTypeEnabled,attr"`
	FlowParametersEnabled                               *bool      `xml:"flowParametersEnabled,attr"`
	FlowParametersSystemTypeEnabled                     *bool      `xml:"flowParametersSystemTypeEnabled,attr"`
	FlowsEnabled                                        *bool      `xml:"flowsEnabled,attr"` // until 3.9; later it stands for the two that replace it
	GenerativeAIDataCatalog                             *bool      `xml:"generativeAiDataCatalog,attr"`
	GenerativeAIDataCatalogGroupID                      *string    `xml:"generativeAiDataCatalogGroupId,attr"`
	GenerativeAIEnabled                                 *bool      `xml:"generativeAiEnabled,attr"`
	GenerativeAIGroupID                                 *string    `xml:"generativeAiGroupId,attr"`
	GenerativeAIPrep                                    *bool      `xml:"generativeAiPrep,attr"`
	GenerativeAIPrepGroupID                             *string    `xml:"generativeAiPrepGroupId,attr"`
	GenerativeAIPulse                                   *bool      `xml:"generativeAiPulse,attr"`
	GenerativeAIPulseDiscoverEnabled                    *bool      `xml:"generativeAiPulseDiscoverEnabled,attr"`
	GenerativeAIPulseDiscoverGroupID                    *string    `xml:"generativeAiPulseDiscoverGroupId,attr"`
	GenerativeAIPulseExternalEmbeddingsEnabled          *bool      `xml:"generativeAiPulseExternalEmbeddingsEnabled,attr"`
	GenerativeAIPulseExternalEmbeddingsGroupID          *string    `xml:"generativeAiPulseExternalEmbeddingsGroupId,attr"`
	GenerativeAIWebAuthoring                            *bool      `xml:"generativeAiWebAuthoring,attr"`
	GenerativeAIWebAuthoringGroupID                     *string    `xml:"generativeAiWebAuthoringGroupId,attr"`
	GenerativeAIWebAuthoringOnPremEnabled               *bool      `xml:"generativeAiWebAuthoringOnPremEnabled,attr"`
	GroupAssertionsConnectedAppsEnabled                 *bool      `xml:"groupAssertionsConnectedAppsEnabled,attr"`
	GroupAssertionsEnabled                              *bool      `xml:"groupAssertionsEnabled,attr"`
	GroupAssertionsOIDCEnabled                          *bool      `xml:"groupAssertionsOIDCEnabled,attr"`
	GroupAssertionsSAMLEnabled                          *bool      `xml:"groupAssertionsSAMLEnabled,attr"`
	GroupSetsEnabled                                    *bool      `xml:"groupSetsEnabled,attr"`
	GuestAccessEnabled                                  *bool      `xml:"guestAccessEnabled,attr"`
	IDPConfigurationIDForSCIM                           *string    `xml:"idpConfigurationIdForScim,attr"`
	LinkedTaskRunNowEnabled                             *bool      `xml:"linkedTaskRunNowEnabled,attr"`
	LinkedTaskSchedulingEnabled                         *bool      `xml:"linkedTaskSchedulingEnabled,attr"`
	LoginBasedLicenseManagementEnabled                  *bool      `xml:"loginBasedLicenseManagementEnabled,attr"`
	MaxServiceTokenLimitPerUser                         *int       `xml:"maxServiceTokenLimitPerUser,attr"`
	MetricsContentTypeEnabled                           *bool      `xml:"metricsContentTypeEnabled,attr"`
	MFAEnforcementExemption                             *bool      `xml:"mfaEnforcementExemption,attr"`
	MobileBiometricsEnabled                             *bool      `xml:"mobileBiometricsEnabled,attr"`
	NamedSharingEnabled                                 *bool      `xml:"namedSharingEnabled,attr"`
	NotifySiteAdminsOnThrottle                          *bool      `xml:"notifySiteAdminsOnThrottle,attr"`
	PersonalSpaceEnabled                                *bool      `xml:"personalSpaceEnabled,attr"`
	PersonalSpaceStorageQuota                           *string    `xml:"personalSpaceStorageQuota,attr"`
	PublishToSalesforceEnabled                          *bool      `xml:"publishToSalesforceEnabled,attr"`
	PulseEnabled                                        *bool      `xml:"pulseEnabled,attr"`
	PulseGroupID                                        *string    `xml:"pulseGroupId,attr"`
	PulsePersonalizedRankingEnabled                     *bool      `xml:"pulsePersonalizedRankingEnabled,attr"`
	RecycleBinEnabled                                   *bool      `xml:"recycleBinEnabled,attr"`
	RefreshTokenAbsoluteExpiry                          *int       `xml:"refreshTokenAbsoluteExpiry,attr"`
	RequestAccessEnabled                                *bool      `xml:"requestAccessEnabled,attr"`
	RevisionHistoryEnabled                              *bool      `xml:"revisionHistoryEnabled,attr"`
	RevisionLimit                                       *int       `xml:"revisionLimit,attr"` // revisions kept, 2 to 10000; -1 is all
	RunNowEnabled                                       *bool      `xml:"runNowEnabled,attr"`
	SchedulingFlowsEnabled                              *bool      `xml:"schedulingFlowsEnabled,attr"` // since 3.10
	SelfServiceScheduleForRefreshEnabled                *bool      `xml:"selfServiceScheduleForRefreshEnabled,attr"`
	SheetImageEnabled                                   *bool      `xml:"sheetImageEnabled,attr"`
	SiteInviteEmailEnabled                              *bool      `xml:"siteInviteEmailEnabled,attr"`
	SitePromptedLoginFlowEnabled                        *bool      `xml:"sitePromptedLoginFlowEnabled,attr"`
	SubscribeOthersEnabled                              *bool      `xml:"subscribeOthersEnabled,attr"`
	TagLimit                                            *int       `xml:"tagLimit,attr"`
	TimeZone                                            *string    `xml:"timeZone,attr"`
	UseDefaultTimeZone                                  *bool      `xml:"useDefaultTimeZone,attr"`
	UserVisibilityMode                                  *string    `xml:"userVisibilityMode,attr"`
	WebExtractionEnabled                                *bool      `xml:"webExtractionEnabled,attr"`
	WebZoneContentEnabled                               *bool      `xml:"webZoneContentEnabled,attr"`
	WorkflowExtensionEnabled                            *bool      `xml:"workflowExtensionEnabled,attr"`
}

// CreateSite says what site to make.
type CreateSite struct {
	Name       string `xml:"name,attr"`
	ContentURL string `xml:"contentUrl,attr"` // letters, digits, dashes and underscores
	SiteSettings
}

// SiteUpdate says what to change; what is nil stays as it is.
type SiteUpdate struct {
	Name       *string    `xml:"name,attr"`
	ContentURL *string    `xml:"contentUrl,attr"` // letters, digits, dashes and underscores
	State      *SiteState `xml:"state,attr"`
	SiteSettings
}

// AuthConfiguration is a way to sign in that a site offers.
type AuthConfiguration struct {
	AuthSetting          AuthSetting `xml:"authSetting,attr"`
	Enabled              bool        `xml:"enabled,attr"`
	IDPConfigurationID   string      `xml:"idpConfigurationId,attr"`
	IDPConfigurationName string      `xml:"idpConfigurationName,attr"`
	KnownProviderAlias   string      `xml:"knownProviderAlias,attr"` // such as "Salesforce"
	Extra                Attributes  `xml:",any,attr"`
}

// List returns the sites of the server that the query chooses. It takes a
// server administrator, and Tableau Cloud refuses it.
//
//tableau:op GET /sites since=2.0 retry=safe tsc=sites.get,sites.filter
func (s *SitesService) List(ctx context.Context, q Query) iter.Seq2[*Site, error] {
	return list[Site](ctx, s.client, "sites>site", get("sites").onServer(), q)
}

// Page returns one page of the list.
//
//tableau:op GET /sites since=2.0 retry=safe tsc=sites.get
func (s *SitesService) Page(ctx context.Context, q Query) (*Page[Site], error) {
	return fetchPage[Site](ctx, s.client, "sites>site", get("sites").onServer(), q)
}

// Get returns the site with this ID. Unless a server administrator asks, it
// must be the one that the client is signed in to.
//
//tableau:op GET /sites/{site} since=2.0 retry=safe tsc=sites.get_by_id
func (s *SitesService) Get(ctx context.Context, id string) (*Site, error) {
	return fetch[Site](ctx, s.client, "site", get("sites", id).onServer())
}

// GetByName returns the site with this name.
//
//tableau:op GET /sites/{site} since=2.0 retry=safe tsc=sites.get_by_name
func (s *SitesService) GetByName(ctx context.Context, name string) (*Site, error) {
	return fetch[Site](ctx, s.client, "site", get("sites", name).onServer().param("key", "name"))
}

// GetByContentURL returns the site with this ContentURL. The site named Default
// has none: get it by name.
//
//tableau:op GET /sites/{site} since=2.0 retry=safe tsc=sites.get_by_content_url
func (s *SitesService) GetByContentURL(ctx context.Context, contentURL string) (*Site, error) {
	return fetch[Site](ctx, s.client, "site", get("sites", contentURL).onServer().param("key", "contentUrl"))
}

// Create makes a site. It takes a server administrator, and Tableau Cloud
// refuses it. Errors: [ErrConflict] when the name or ContentURL is taken.
//
//tableau:op POST /sites since=2.0 retry=unsent tsc=sites.create
func (s *SitesService) Create(ctx context.Context, site CreateSite) (*Site, error) {
	err := site.check(site.ContentURL)
	if site.Name == "" {
		err = invalid("the site needs a name")
	}
	return s.set(ctx, post("sites").fail(err), &site.SiteSettings, &site)
}

// Update changes what is set in u and leaves the rest alone. The site must be
// the one that the client is signed in to.
//
//tableau:op PUT /sites/{site} since=2.0 retry=safe tsc=sites.update
func (s *SitesService) Update(ctx context.Context, siteID string, u SiteUpdate) (*Site, error) {
	err := u.check(*cmp.Or(u.ContentURL, new("")))
	switch {
	case u.Name != nil && *u.Name == "":
		err = invalid("the site's name cannot be empty")
	case u.State != nil && *u.State != SiteActive && *u.State != SiteSuspended:
		err = invalid(fmt.Sprintf("the State %q is neither Active nor Suspended", *u.State))
	}
	if err == nil {
		err = s.signedInTo(ctx, siteID)
	}
	return s.set(ctx, put("sites", siteID).fail(err), &u.SiteSettings, &u)
}

// set sends a site with its settings.
func (s *SitesService) set(ctx context.Context, r request, settings *SiteSettings, payload any) (*Site, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	version, err := s.client.APIVersion(ctx)
	if err != nil {
		return nil, err
	}
	if version.Less("3.10") {
		if settings.EditingFlowsEnabled != nil || settings.SchedulingFlowsEnabled != nil {
			r = r.since("3.10")
		}
	} else if settings.FlowsEnabled != nil {
		settings.EditingFlowsEnabled = cmp.Or(settings.EditingFlowsEnabled, settings.FlowsEnabled)
		settings.SchedulingFlowsEnabled = cmp.Or(settings.SchedulingFlowsEnabled, settings.FlowsEnabled)
		settings.FlowsEnabled = nil
	}
	return fetch[Site](ctx, s.client, "site", r.onServer().send("site", payload))
}

var contentURLCharacters = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_-]*$`) })

// check refuses settings that contradict each other or cannot be.
func (s *SiteSettings) check(contentURL string) error {
	switch {
	case !contentURLCharacters().MatchString(contentURL):
		return invalid(fmt.Sprintf("the ContentURL %q holds more than letters, digits, dashes and underscores", contentURL))
	case s.AdminMode != nil && *s.AdminMode != AdminContentAndUsers && *s.AdminMode != AdminContentOnly:
		return invalid(fmt.Sprintf("the AdminMode %q is neither ContentAndUsers nor ContentOnly", *s.AdminMode))
	case s.AdminMode != nil && *s.AdminMode == AdminContentOnly && s.UserQuota != nil:
		return invalid("the AdminMode ContentOnly and a UserQuota exclude each other")
	case s.UserQuota != nil && (s.TierCreatorCapacity != nil || s.TierExplorerCapacity != nil || s.TierViewerCapacity != nil):
		return invalid("a UserQuota and tier capacities exclude each other")
	case s.RevisionLimit != nil && *s.RevisionLimit != -1 && (*s.RevisionLimit < 2 || *s.RevisionLimit > 10000):
		return invalid(fmt.Sprintf("the RevisionLimit %d is neither -1 nor 2 to 10000", *s.RevisionLimit))
	}
	return nil
}

// signedInTo refuses a site that the client is not signed in to.
func (s *SitesService) signedInTo(ctx context.Context, siteID string) error {
	if siteID == "" {
		return invalid("the site ID is empty")
	}
	session, err := s.client.signedIn(ctx)
	if err == nil && session.SiteID != siteID {
		err = invalid(fmt.Sprintf("the site %s is not the one that the client is signed in to: switch to it first", siteID))
	}
	return err
}

// Delete deletes a site with all it holds, which ends the session. The site
// must be the one that the client is signed in to.
//
//tableau:op DELETE /sites/{site} since=2.0 retry=safe tsc=sites.delete
func (s *SitesService) Delete(ctx context.Context, siteID string) error {
	if err := s.signedInTo(ctx, siteID); err != nil {
		return err
	}
	err := s.client.run(ctx, del("sites", siteID).onServer())
	if err == nil {
		s.client.setSession(nil)
	}
	return err
}

// emptyRequest is what the server wants where there is nothing to say.
const emptyRequest = "<tsRequest/>"

// EncryptExtracts encrypts all extracts of a site. Minimum version 3.5.
//
//tableau:op POST /sites/{site}/encrypt-extracts since=3.5 retry=unsent tsc=sites.encrypt_extracts
func (s *SitesService) EncryptExtracts(ctx context.Context, siteID string) error {
	return s.extracts(ctx, siteID, "encrypt-extracts")
}

// DecryptExtracts decrypts all extracts of a site. Minimum version 3.5.
//
//tableau:op POST /sites/{site}/decrypt-extracts since=3.5 retry=unsent tsc=sites.decrypt_extracts
func (s *SitesService) DecryptExtracts(ctx context.Context, siteID string) error {
	return s.extracts(ctx, siteID, "decrypt-extracts")
}

// ReencryptExtracts encrypts all extracts of a site anew, with a new key.
// Minimum version 3.5.
//
//tableau:op POST /sites/{site}/reencrypt-extracts since=3.5 retry=unsent tsc=sites.re_encrypt_extracts
func (s *SitesService) ReencryptExtracts(ctx context.Context, siteID string) error {
	return s.extracts(ctx, siteID, "reencrypt-extracts")
}

func (s *SitesService) extracts(ctx context.Context, siteID, what string) error {
	return s.client.run(ctx, post("sites", siteID, what).onServer().since("3.5").carry(bytesBody("text/xml", []byte(emptyRequest))))
}

// AuthConfigurations returns the ways to sign in that the client's site offers.
// Minimum version 3.24.
//
//tableau:op GET /sites/{site}/site-auth-configurations since=3.24 retry=safe tsc=sites.list_auth_configurations
func (s *SitesService) AuthConfigurations(ctx context.Context) ([]*AuthConfiguration, error) {
	return fetchAll[AuthConfiguration](ctx, s.client, "siteAuthConfigurations>siteAuthConfiguration", get("site-auth-configurations").since("3.24"))
}
