// Package house holds the tests of the repository's own rules: which package
// may import which, and that the tables in docs are what the code says.
package house
