// Package tsxml turns Tableau's tsRequest and tsResponse documents into Go values and back.
//
// A client reads answers with [Decode] into structs with encoding/xml tags, and writes requests with [EncodeRequest].
// A server reads requests with [ParseXML] or [ParseJSON] into trees of [Element], and answers with trees
// that write themselves as XML or JSON.
//
// Names are compared without prefix and namespace, as servers of different age use different ones.
// Hostile input costs an error, never much time or memory: no document type declarations, no entities but XML's
// own five, and bounds on depth and on the number of namespaces and attributes.
package tsxml
