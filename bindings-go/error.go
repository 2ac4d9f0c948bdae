package imageflow

import "encoding/json"

// Error is what the engine reports when a job fails.
type Error struct {
	// Code is the category: one of the Code constants.
	Code int
	// HTTP is the status a server should answer with.
	HTTP int
	// Message begins with the names of the category and the kind, and says what is wrong where.
	Message string
	// Response is the engine's JSON response, if the failure came with one.
	Response json.RawMessage
}

func (e *Error) Error() string { return e.Message }

// Categories of errors. Some are reserved: this version of the engine does not report them.
const (
	CodeOutOfMemory               = 1
	CodeArgumentInvalid           = 2
	CodeInvalidJSON               = 3
	CodeImageMalformed            = 4
	CodeImageTypeNotSupported     = 5
	CodeNodeArgumentInvalid       = 6
	CodeGraphInvalid              = 7
	CodeActionNotSupported        = 8
	CodeActionForbidden           = 9
	CodeAuthorizationRequired     = 10
	CodeLicenseError              = 11
	CodePrimaryResourceNotFound   = 12
	CodeSecondaryResourceNotFound = 13
	CodeUpstreamTimeout           = 14
	CodeUpstreamError             = 15
	CodeIOError                   = 16
	CodeNoSolutionFound           = 17
	CodeInternalError             = 18
	CodeUnknown                   = 19
	CodeCustom                    = 20
	CodeOperationCancelled        = 21
)
