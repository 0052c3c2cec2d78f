// Package rampforge is the vocabulary of the product: the records that every
// other package speaks about, their enums, and the one error type.
//
// It holds data and the rules that belong to the data alone. It imports the
// standard library only, knows no database, no network and no clock, and
// declares no interface.
package rampforge
