package tableau

import (
	"context"
	"time"
)

// QualityWarning is a data quality warning that content carries.
type QualityWarning struct {
	ID              string             `xml:"id,attr"`
	Type            QualityWarningType `xml:"type,attr"`
	Message         string             `xml:"message,attr"`
	Active          bool               `xml:"isActive,attr"`
	Severe          bool               `xml:"isSevere,attr"`
	ContentID       string             `xml:"contentId,attr"`
	ContentType     string             `xml:"contentType,attr"` // such as "DATASOURCE"
	UserDisplayName string             `xml:"userDisplayName,attr"`
	CreatedAt       time.Time          `xml:"createdAt,attr"`
	UpdatedAt       time.Time          `xml:"updatedAt,attr"`
	Owner           UserRef            `xml:"owner"`
	Extra           Attributes         `xml:",any,attr"`
}

// QualityWarningType is what a warning warns of.
type QualityWarningType string

// The types of warnings.
const (
	WarningGeneral       QualityWarningType = "WARNING"
	WarningDeprecated    QualityWarningType = "DEPRECATED"
	WarningStale         QualityWarningType = "STALE"
	WarningSensitiveData QualityWarningType = "SENSITIVE_DATA"
	WarningMaintenance   QualityWarningType = "MAINTENANCE"
)

// AddQualityWarning says what warning to add.
type AddQualityWarning struct {
	Type     QualityWarningType // WarningGeneral when empty
	Message  string
	Severe   bool // shown more prominently
	Inactive bool // kept, but not shown
}

// QualityWarningUpdate says what to change of a warning; what is nil stays as
// it is.
type QualityWarningUpdate struct {
	Type    *QualityWarningType `xml:"type,attr"`
	Message *string             `xml:"message,attr"`
	Active  *bool               `xml:"isActive,attr"`
	Severe  *bool               `xml:"isSevere,attr"`
}

const qualityWarnings = "dataQualityWarningList>dataQualityWarning"

// QualityWarnings returns the data quality warnings of a data source. Minimum
// version 3.5.
//
//tableau:op GET /sites/{site}/dataQualityWarnings/datasource/{datasource} since=3.5 retry=safe tsc=datasources.populate_dqw
func (s *DataSourcesService) QualityWarnings(ctx context.Context, id string) ([]*QualityWarning, error) {
	return fetchAll[QualityWarning](ctx, s.client, qualityWarnings, get("dataQualityWarnings", "datasource", id).since("3.5"))
}

// AddQualityWarning adds a data quality warning to a data source and returns
// what it now carries. Minimum version 3.5.
//
//tableau:op POST /sites/{site}/dataQualityWarnings/datasource/{datasource} since=3.5 retry=unsent tsc=datasources.add_dqw
func (s *DataSourcesService) AddQualityWarning(ctx context.Context, id string, w AddQualityWarning) ([]*QualityWarning, error) {
	if w.Type == "" {
		w.Type = WarningGeneral
	}
	payload := QualityWarningUpdate{Type: &w.Type, Message: unlessZero(w.Message), Active: new(!w.Inactive), Severe: &w.Severe}
	r := post("dataQualityWarnings", "datasource", id).since("3.5").send("dataQualityWarning", payload)
	return fetchAll[QualityWarning](ctx, s.client, qualityWarnings, r)
}

// UpdateQualityWarning changes what is set in u of a data source's warning and
// returns it. Minimum version 3.5.
//
//tableau:op PUT /sites/{site}/dataQualityWarnings/datasource/{datasource} since=3.5 retry=safe tsc=datasources.update_dqw
func (s *DataSourcesService) UpdateQualityWarning(ctx context.Context, id string, u QualityWarningUpdate) ([]*QualityWarning, error) {
	r := put("dataQualityWarnings", "datasource", id).since("3.5").send("dataQualityWarning", u)
	return fetchAll[QualityWarning](ctx, s.client, qualityWarnings, r)
}

// DeleteQualityWarnings deletes the data quality warnings of a data source.
// Minimum version 3.5.
//
//tableau:op DELETE /sites/{site}/dataQualityWarnings/datasource/{datasource} since=3.5 retry=safe tsc=datasources.delete_dqw
func (s *DataSourcesService) DeleteQualityWarnings(ctx context.Context, id string) error {
	return s.client.run(ctx, del("dataQualityWarnings", "datasource", id).since("3.5"))
}
