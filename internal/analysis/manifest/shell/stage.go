package shell

import "regexp"

// Stage is when a command comes among those that set a clone up.
type Stage uint8

// The stages, in the order in which they work: what makes a database needs it to
// run, and what fills one needs its tables.
const (
	StartServices Stage = iota
	Install
	MakeDatabase
	Migrate
	Seed
)

var (
	startsServices = regexp.MustCompile(`(?i)\b(docker|podman)[- ]compose\b.*\bup\b|(^|[\s:_-])(docker|compose|services?|infra|containers?)[:_-](up|start)\b`)
	seeds          = regexp.MustCompile(`(?i)(^|[\s:/_.-])(seed(s|ing|er|data|_fu)?|loaddata|load[-_]?data|fixtures:load|load[-_]?fixtures|populate(db|[-_]db)?|sample[-_]?data)($|[\s:/_.-])`)
	makesDatabase  = regexp.MustCompile(`(?i)(^|\s)createdb\s|(^|[\s:/_.-])(db|database|ecto)[:._-](create|new|init)\b|\b(db|database|ecto)[:._-]?(create)\b|CREATE DATABASE`)
	migrates       = regexp.MustCompile(`(?i)(^|[\s:/_.-])(migrat(e|es|ed|ion|ions|or)|db|dbupdate|schema:load|schema:update)($|[\s:/_.-])|\balembic\s+upgrade\b|\bdatabase update\b`)
)

// StageOf says when a command of setting up comes. What prepares a database in one
// step comes with the migrations.
func StageOf(command string) Stage {
	switch {
	case startsServices.MatchString(command):
		return StartServices
	case makesDatabase.MatchString(command):
		return MakeDatabase
	case migrates.MatchString(command) && !onlySeeds.MatchString(command):
		return Migrate
	case seeds.MatchString(command):
		return Seed
	}
	return Install
}

// onlySeeds is a command of a database that fills it: db:seed, db-seed.
var onlySeeds = regexp.MustCompile(`(?i)(^|[\s/])(\w+[:._-])*(db|database)?[:._ -]?seed(s|er)?(:\w+)?(\s|$)`)
