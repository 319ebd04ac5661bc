package tableau

// idRequest names something in a request document.
type idRequest struct {
	ID string `xml:"id,attr"`
}

// refTo names what has the ID; nil for "".
func refTo(id string) *idRequest {
	if id == "" {
		return nil
	}
	return &idRequest{id}
}

// refIf names what has the ID, also ""; nil for nil.
func refIf(id *string) *idRequest {
	if id == nil {
		return nil
	}
	return &idRequest{*id}
}

// unlessZero is nil for the zero value.
func unlessZero[T comparable](v T) *T {
	if v == *new(T) {
		return nil
	}
	return &v
}
