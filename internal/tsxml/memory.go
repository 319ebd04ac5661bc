package tsxml

import "unsafe"

// at returns the field of type T that lies offset bytes into a struct. Most values are strings and times, and
// going to them by reflection makes the whole of Decode a sixth slower.
func at[T any](structure unsafe.Pointer, offset uintptr) *T {
	return (*T)(unsafe.Add(structure, offset))
}

// shared returns data as a string without copying it: nobody may change data any more.
func shared(data []byte) string { return unsafe.String(unsafe.SliceData(data), len(data)) }
