package tableau

// WorkbookUpdate says what to change of a workbook; what is nil stays as it is.
type WorkbookUpdate struct {
	Name            *string
	Description     *string // needs REST API 3.21
	ProjectID       *string // moves the workbook
	OwnerID         *string
	ShowTabs        *bool
	EncryptExtracts *bool
	Acceleration    *AccelerationUpdate
	Freshness       *FreshnessPolicy
	// IncludeViewAcceleration asks for the acceleration of each view in the
	// answer.
	IncludeViewAcceleration bool
}

// workbookUpdateRequest has its elements in the schema's order.
type workbookUpdateRequest struct {
	Name            *string              `xml:"name,attr"`
	Description     *string              `xml:"description,attr"`
	ShowTabs        *bool                `xml:"showTabs,attr"`
	EncryptExtracts *bool                `xml:"encryptExtracts,attr"`
	Project         *idRequest           `xml:"project"`
	Owner           *idRequest           `xml:"owner"`
	Views           *viewsRequest        `xml:"views"`
	Acceleration    *accelerationRequest `xml:"dataAccelerationConfig"`
	Freshness       *freshnessRequest    `xml:"dataFreshnessPolicy"`
}

type viewsRequest struct {
	Views []idRequest `xml:"view"`
}

// apply checks the changes and puts them into the request.
func (u WorkbookUpdate) apply(r request) request {
	payload := workbookUpdateRequest{
		Name: u.Name, Description: u.Description, ShowTabs: u.ShowTabs, EncryptExtracts: u.EncryptExtracts,
	}
	if u.Description != nil {
		r = r.since("3.21")
	}
	for _, field := range []struct {
		name  string
		value *string
		to    **idRequest
	}{{"ProjectID", u.ProjectID, &payload.Project}, {"OwnerID", u.OwnerID, &payload.Owner}} {
		if field.value == nil {
			continue
		}
		if *field.value == "" {
			return r.fail(invalid("update a workbook: " + field.name + " is empty"))
		}
		*field.to = &idRequest{*field.value}
	}
	if a := u.Acceleration; a != nil {
		payload.Acceleration = &accelerationRequest{a.Enabled, a.AccelerateNow}
		for _, id := range a.ViewIDs {
			if payload.Views == nil {
				payload.Views = &viewsRequest{}
			}
			payload.Views.Views = append(payload.Views.Views, idRequest{id})
		}
	}
	if u.Freshness != nil {
		var err error
		if payload.Freshness, err = u.Freshness.request(); err != nil {
			return r.fail(err)
		}
	}
	if u.IncludeViewAcceleration {
		r = r.param("includeViewAccelerationStatus", "true")
	}
	return r.send("workbook", payload)
}
