package feature

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Migrations are steps of a database, one after the other. What a step calls a
// model is a stand-in for the real one as it was then, and is none.

// isMigration reports whether a path is that of a step in a folder of
// migrations: the name begins with a number, or a V or Version and a number, or
// a revision of Alembic lies in versions.
func isMigration(file string) bool {
	dir := strings.ToLower("/" + folderOf(file) + "/")
	ext := path.Ext(file)
	switch ext {
	case ".sql", ".go", ".py", ".rb", ".php", ".ts", ".js", ".cs", ".java", ".kt", ".exs":
	default:
		return false
	}
	name := path.Base(file)
	if strings.Contains(dir, "/alembic/versions/") || ext == ".py" && strings.HasSuffix(dir, "/migrations/versions/") {
		return !strings.HasPrefix(name, "_")
	}
	if !strings.Contains(dir, "/migrations/") && !strings.Contains(dir, "/migrate/") && !strings.Contains(dir, "/migration/") {
		return false
	}
	if name == "migration.sql" || name == "up.sql" { // Prisma and Diesel number the folder
		name = path.Base(folderOf(file))
	}
	name = strings.TrimLeft(strings.TrimPrefix(name, "Version"), "VvmMRU")
	return name != "" && name[0] >= '0' && name[0] <= '9'
}

// migrationBases are what steps extend: ActiveRecord, Django, Laravel and EF
// Core's Migration with its snapshot, Doctrine, Phinx, TypeORM, Flyway.
var migrationBases = map[string]bool{
	"ActiveRecord::Migration": true, "migrations.Migration": true, "Migration": true, "ModelSnapshot": true,
	"AbstractMigration": true, "MigrationInterface": true, "BaseJavaMigration": true,
}

// isStep reports whether a file holds a step, by its path, by a class that
// extends one, or by Alembic's names.
func (f *file) isStep() bool {
	if isMigration(f.Path) {
		return true
	}
	if f.Facts == nil {
		return false
	}
	if f.Language == "Python" {
		for i := range f.Facts.Imports {
			if imp := &f.Facts.Imports[i]; imp.Path == "alembic" && slices.Contains(imp.Names, "op") || imp.Path == "alembic.op" {
				return true
			}
		}
	}
	for i := range f.Facts.Declares {
		for _, base := range f.Facts.Declares[i].Bases {
			if base = strings.TrimPrefix(base, "::"); migrationBases[base] || f.Language != "Ruby" && migrationBases[lastName(strings.ReplaceAll(base, `\`, "."))] {
				return true
			}
		}
	}
	return false
}

// readMigrations lists the steps of migrations, and the tables that SQL of
// theirs creates.
func readMigrations(m *model, r *rule) bool {
	found := false
	for i := range m.files {
		f := &m.files[i]
		if f.Test || f.Aside || !isMigration(f.Path) {
			continue
		}
		name := path.Base(f.Path)
		if strings.Contains(name, ".down.") || strings.HasSuffix(name, "_down.sql") {
			continue
		}
		found = true
		if name == "migration.sql" || name == "up.sql" {
			name = path.Base(folderOf(f.Path))
		}
		sc := m.at(f, r)
		sc.model(report.Model{Name: strings.TrimSuffix(strings.TrimSuffix(name, path.Ext(name)), ".up"), Kind: kindMigration}, 1)
		if path.Ext(f.Path) == ".sql" {
			sc.tables(string(f.Content))
		}
	}
	return found
}

// tables reads CREATE TABLE statements, line by line.
func (s *scan) tables(src string) {
	line := 0
	for text := range strings.Lines(src) {
		line++
		fields := strings.Fields(text)
		if len(fields) < 3 || !strings.EqualFold(fields[0], "create") || !strings.EqualFold(fields[1], "table") {
			continue
		}
		rest := fields[2:]
		if len(rest) > 3 && strings.EqualFold(rest[0], "if") {
			rest = rest[3:]
		}
		name, _, _ := strings.Cut(rest[0], "(")
		name = strings.Trim(name[strings.LastIndexByte(name, '.')+1:], "`\"[];")
		if name != "" && !s.m.tables[name] {
			if s.m.tables == nil {
				s.m.tables = map[string]bool{}
			}
			s.m.tables[name] = true
			s.model(report.Model{Name: name, Kind: kindTable, Table: &name}, line)
		}
	}
}
