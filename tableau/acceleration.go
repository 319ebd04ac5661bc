package tableau

import "time"

// Acceleration is the state of a workbook's or view's data acceleration.
type Acceleration struct {
	Enabled       bool               `xml:"accelerationEnabled,attr"`
	AccelerateNow bool               `xml:"accelerateNow,attr"`
	LastUpdatedAt time.Time          `xml:"lastUpdatedAt,attr"`
	Status        AccelerationStatus `xml:"accelerationStatus,attr"`
	Extra         Attributes         `xml:",any,attr"`
}

// AccelerationStatus says how far the acceleration of a view is.
type AccelerationStatus string

// The states of data acceleration.
const (
	AccelerationOn              AccelerationStatus = "On"
	AccelerationOff             AccelerationStatus = "Off"
	AccelerationPending         AccelerationStatus = "Pending"
	AccelerationWaiting         AccelerationStatus = "Waiting"
	AccelerationInProgress      AccelerationStatus = "InProgress"
	AccelerationDone            AccelerationStatus = "Accelerated"
	AccelerationAutomatic       AccelerationStatus = "AutoAccelerated"
	AccelerationFailed          AccelerationStatus = "Failed"
	AccelerationNotUseful       AccelerationStatus = "NotUseful"
	AccelerationSkipped         AccelerationStatus = "SkippedDueToResourceConstraint"
	AccelerationAdminSuspended  AccelerationStatus = "AdminSuspended"
	AccelerationSystemSuspended AccelerationStatus = "SystemSuspended"
	AccelerationUnknown         AccelerationStatus = "Unknown"
)

// AccelerationUpdate says what to change of a workbook's data acceleration;
// what is nil stays as it is.
type AccelerationUpdate struct {
	Enabled       *bool
	AccelerateNow *bool    // instead of at the site's next time for it
	ViewIDs       []string // of the views it is about; all of the workbook when empty
}

type accelerationRequest struct {
	Enabled       *bool `xml:"accelerationEnabled,attr"`
	AccelerateNow *bool `xml:"accelerateNow,attr"`
}
