// Package emulator is a Tableau REST server to embed in tests or to run.
//
// In a test one line starts it, and it cleans up after itself:
//
//	server := emulator.Start(t)
//	site := server.NewSite(t) // a site of its own: tests that share a server do not see each other
//
// The server reads what is published to it: the sheets of a workbook become views, whose data, pictures and pages come
// from the text data packaged with it. It answers XML, or JSON to those who accept it, with Tableau's own error codes.
// [Routes] lists what it serves.
//
// Without [WithDir] everything is gone after [Server.Close]. With it, what the server has acknowledged survives a crash.
package emulator
