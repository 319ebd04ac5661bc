package emulator

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

// The error codes that the server answers with. The HTTP status is the code's first three digits.
const (
	badRequest             = 400000
	badPayload             = 400003
	badPageNumber          = 400006
	badPageSize            = 400007
	badValue               = 400008
	badCapability          = 400009
	badPublish             = 400011
	badSiteRole            = 400013
	badImport              = 400019
	jobUnreadable          = 400031
	deleteFailed           = 400032
	subscriptionRefused    = 400063
	badFilter              = 400065
	noCredentials          = 401000
	signInFailed           = 401001
	deadToken              = 401002
	switchFailed           = 401003
	deleteForbidden        = 403002
	forbidden              = 403004
	overwriteForbidden     = 403007
	storageFull            = 403008
	ownRoleForbidden       = 403009
	noDirectory            = 403011
	pageSizeExceeded       = 403014
	importedName           = 403020
	createProjectForbidden = 403045
	sameSite               = 403070
	queryUserForbidden     = 403133
	featureDisabled        = 403157
	siteNotFound           = 404000
	versionNotFound        = 404001
	userNotFound           = 404002
	resourceNotFound       = 404003
	dataSourceNotFound     = 404004
	projectNotFound        = 404005
	workbookNotFound       = 404006
	tagNotFound            = 404007
	viewNotFound           = 404011
	groupNotFound          = 404012
	domainNotFound         = 404016
	directoryGroupNotFound = 404017
	jobNotFound            = 404018
	subscriptionNotFound   = 404025
	wrongMethod            = 405000
	siteExists             = 409001
	userOwnsContent        = 409003
	scheduleInvalid        = 409004
	settingsConflict       = 409004
	guestForbidden         = 409005
	projectExists          = 409006
	groupExists            = 409009
	userInGroup            = 409011
	licenceConflict        = 409014
	userAlreadyOnSite      = 409017
	extractRefused         = 409090
	jobQueued              = 409093
	payloadTooLarge        = 413000
	internalError          = 500000
)

// summaries holds what each code means, in Tableau's words where they are known.
var summaries = map[int]string{
	badRequest:             "Bad Request",
	badPayload:             "Bad Request",
	badPageNumber:          "Invalid page number",
	badPageSize:            "Invalid page size",
	badValue:               "Bad Request",
	badCapability:          "Bad Request",
	badPublish:             "Bad Request",
	badSiteRole:            "Invalid site role",
	badImport:              "Bad Request",
	jobUnreadable:          "Bad Request",
	deleteFailed:           "Bad Request",
	subscriptionRefused:    "Bad Request",
	badFilter:              "Invalid filter or sort",
	noCredentials:          "Unauthorized Access",
	signInFailed:           "Signin Error",
	deadToken:              "Unauthorized Access",
	switchFailed:           "Switch Site Error",
	deleteForbidden:        "Forbidden",
	forbidden:              "Forbidden",
	overwriteForbidden:     "Forbidden",
	storageFull:            "Forbidden",
	ownRoleForbidden:       "Forbidden",
	noDirectory:            "Forbidden",
	pageSizeExceeded:       "Page size limit exceeded",
	importedName:           "Forbidden",
	createProjectForbidden: "Forbidden",
	sameSite:               "Forbidden",
	queryUserForbidden:     "Forbidden",
	featureDisabled:        "Forbidden",
	siteNotFound:           "Resource Not Found",
	versionNotFound:        "Resource Not Found",
	userNotFound:           "Resource Not Found",
	resourceNotFound:       "Resource Not Found",
	dataSourceNotFound:     "Resource Not Found",
	projectNotFound:        "Resource Not Found",
	workbookNotFound:       "Resource Not Found",
	tagNotFound:            "Resource Not Found",
	viewNotFound:           "Resource Not Found",
	groupNotFound:          "Resource Not Found",
	domainNotFound:         "Resource Not Found",
	directoryGroupNotFound: "Resource Not Found",
	jobNotFound:            "Resource Not Found",
	subscriptionNotFound:   "Resource Not Found",
	wrongMethod:            "Invalid Request Method",
	siteExists:             "Resource Conflict",
	userOwnsContent:        "Resource Conflict",
	scheduleInvalid:        "Resource Conflict",
	guestForbidden:         "Resource Conflict",
	projectExists:          "Resource Conflict",
	groupExists:            "Resource Conflict",
	userInGroup:            "Resource Conflict",
	licenceConflict:        "Resource Conflict",
	userAlreadyOnSite:      "Resource Conflict",
	extractRefused:         "Bad Request",
	jobQueued:              "Resource Conflict",
	payloadTooLarge:        "Payload Too Large",
	internalError:          "Internal Server Error",
}

// apiError is an error that the caller is told as it is.
type apiError struct {
	code   int
	detail string
}

func (e *apiError) Error() string { return fmt.Sprintf("%d: %s", e.code, e.detail) }

func (e *apiError) status() int { return e.code / 1000 }

func (e *apiError) element() *tsxml.Element {
	return tsxml.New("error", "code", fmt.Sprint(e.code)).Add(
		&tsxml.Element{Name: "summary", Text: summaries[e.code]},
		&tsxml.Element{Name: "detail", Text: e.detail})
}

func fail(code int, format string, args ...any) error {
	return &apiError{code, fmt.Sprintf(format, args...)}
}

// incomplete says what a document lacks, or holds and must not.
func incomplete(format string, args ...any) error {
	return fail(badPayload, "Payload is either malformed or incomplete. "+format, args...)
}

// orNotFound turns the store's ErrNotFound into the code for this kind of thing.
func orNotFound(err error, code int, kind, id string) error {
	if errors.Is(err, store.ErrNotFound) {
		return fail(code, "%s '%s' could not be found.", kind, id)
	}
	return err
}

// unlessNotFound returns an error, but not the store's ErrNotFound: that something may be missing.
func unlessNotFound(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// asAPIError returns what the caller is told about any error: known mistakes as they are, anything else as an internal
// error without details.
func asAPIError(err error) *apiError {
	if e, ok := errors.AsType[*apiError](err); ok {
		return e
	}
	if e, ok := errors.AsType[*store.QueryError](err); ok {
		return &apiError{badFilter, e.Reason}
	}
	if e, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &apiError{payloadTooLarge, fmt.Sprintf("The request is larger than the %d bytes allowed.", e.Limit)}
	}
	return &apiError{internalError, "The server failed; its log says why."}
}
