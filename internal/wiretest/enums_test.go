package wiretest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tabctl/tableau-go/tableau"
)

// ourValues are our constants for Python's classes of constants.
var ourValues = map[string][]string{
	"RequestOptions.Operator": texts(tableau.OpEqual, tableau.OpEqualFold, tableau.OpGreater, tableau.OpGreaterOrEqual,
		tableau.OpLess, tableau.OpLessOrEqual, tableau.OpIn, tableau.OpHas),
	"ProjectItem.ContentPermissions": texts(tableau.LockedToProject, tableau.ManagedByOwner, tableau.LockedToProjectWithoutNested),
	"BackgroundJobItem.Status":       texts(tableau.JobPending, tableau.JobInProgress, tableau.JobSuccess, tableau.JobFailed, tableau.JobCancelled),
	"JobItem.FinishCode":             texts(tableau.FinishSuccess, tableau.FinishFailed, tableau.FinishCancelled, tableau.FinishBridge),
	"PDFRequestOptions.PageType": texts(tableau.PageA3, tableau.PageA4, tableau.PageA5, tableau.PageB4, tableau.PageB5, tableau.PageExecutive,
		tableau.PageFolio, tableau.PageLedger, tableau.PageLegal, tableau.PageLetter, tableau.PageNote, tableau.PageQuarto, tableau.PageTabloid, tableau.PageUnspecified),
	"Permission.Capability": texts(tableau.CapabilityAddComment, tableau.CapabilityAIAccess, tableau.CapabilityChangeHierarchy,
		tableau.CapabilityChangePermissions, tableau.CapabilityConnect, tableau.CapabilityCreateRefreshMetrics, tableau.CapabilityDelete,
		tableau.CapabilityExecute, tableau.CapabilityExportData, tableau.CapabilityExportImage, tableau.CapabilityExportXML,
		tableau.CapabilityExtractRefresh, tableau.CapabilityFilter, tableau.CapabilityInheritedProjectLeader, tableau.CapabilityOverwrite,
		tableau.CapabilityProjectLeader, tableau.CapabilityPulseMetricDefine, tableau.CapabilityRead, tableau.CapabilityRunExplainData,
		tableau.CapabilitySaveAs, tableau.CapabilityShareView, tableau.CapabilityViewComments, tableau.CapabilityViewUnderlyingData,
		tableau.CapabilityVizqlDataAPIAccess, tableau.CapabilityWebAuthoring, tableau.CapabilityWebAuthoringForFlows, tableau.CapabilityWrite),
	"Permission.Mode": texts(tableau.ModeAllow, tableau.ModeDeny),
	"Resource": texts(tableau.ContentDatabase, tableau.ContentDataRole, tableau.ContentTable, tableau.ContentDataSource, tableau.ContentFlow,
		tableau.ContentLens, tableau.ContentMetric, tableau.ContentProject, tableau.ContentView, tableau.ContentVirtualConnection, tableau.ContentWorkbook),
	"DataFreshnessPolicyItem.Option":               texts(tableau.FreshAlwaysLive, tableau.FreshSiteDefault, tableau.FreshEveryPeriod, tableau.FreshAtTime),
	"DataFreshnessPolicyItem.FreshEvery.Frequency": texts(tableau.FreshEveryMinutes, tableau.FreshEveryHours, tableau.FreshEveryDays, tableau.FreshEveryWeeks),
	"DataFreshnessPolicyItem.FreshAt.Frequency":    texts(tableau.FreshAtDay, tableau.FreshAtWeek, tableau.FreshAtMonth),
	"PDFRequestOptions.Orientation":                texts(tableau.Portrait, tableau.Landscape),
	"DQWItem.WarningType":                          texts(tableau.WarningGeneral, tableau.WarningDeprecated, tableau.WarningStale, tableau.WarningSensitiveData, tableau.WarningMaintenance),
	"Server.PublishMode":                           texts(tableau.CreateNew, tableau.Overwrite, tableau.Append, tableau.Replace),
	"DatasourceItem.AskDataEnablement":             texts(tableau.AskDataEnabled, tableau.AskDataDisabled, tableau.AskDataSiteDefault),
}

// texts writes constants as texts.
func texts[T any](values ...T) []string {
	var list []string
	for _, value := range values {
		list = append(list, fmt.Sprint(value))
	}
	return list
}

// checkEnums finds values of Python that we have no constant for. Tableau reads
// these without regard to case.
func checkEnums(t *testing.T, enums map[string]map[string]any) {
	for class, ours := range ourValues {
		for name, value := range enums[class] {
			found := false
			for _, text := range ours {
				found = found || strings.EqualFold(text, plainText(value))
			}
			if !found {
				t.Errorf("%s.%s = %v has no constant", class, name, value)
			}
		}
	}
}
