package tableau

import (
	"context"
	"iter"
)

// SitesService calls the site methods.
type SitesService service

// Site is a site of a server with its settings. Settings that an answer leaves
// out are zero.
type Site struct {
	ID                                                  string     `xml:"id,attr"`
	Name                                                string     `xml:"name,attr"`
	ContentURL                                          string     `xml:"contentUrl,attr"`
	State                                               string     `xml:"state,attr"`               // "Active" or "Suspended"
	AdminMode                                           string     `xml:"adminMode,attr"`           // "ContentAndUsers" or "ContentOnly"
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
