// Package jvm reads pom.xml, Gradle's build scripts and version catalogs. It
// is pure; it may import analysis/report and the evidence, shell and syntax
// packages beside it.
package jvm

import (
	"bytes"
	"path"
	"regexp"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
)

// Ecosystem names artifacts of Maven repositories in the report, whichever
// tool fetches them.
const Ecosystem = "maven"

// Kind names the kind of a file that Read reads, "" for every other.
func Kind(file string) string {
	base := path.Base(file)
	switch base {
	case "pom.xml", "maven-wrapper.properties", "gradle-wrapper.properties":
		return base
	case "gradle.properties":
		return "gradle"
	}
	switch {
	case isLauncher(file):
		return "launcher"
	case strings.HasSuffix(base, ".gradle"), strings.HasSuffix(base, ".gradle.kts"), strings.HasSuffix(base, ".versions.toml"):
		return "gradle"
	}
	return ""
}

// Read adds what the Maven and Gradle files of a tree say.
func Read(t *evidence.Tree, f *evidence.Findings) {
	poms := readPoms(t)
	for _, p := range poms {
		f.Own["maven:"+p.coordinates(p.doc)] = true
	}
	for _, p := range poms {
		p.addExternal(f)
		if evidence.PlaceOf(p.file) != evidence.Product {
			continue
		}
		p.addRequirements(f)
		p.addCommands(t, f)
		p.addEntries(t, f)
	}
	readGradle(t, f)
	addWrappers(t, f)
	readLaunchers(t, f)
}

var distribution = regexp.MustCompile(`(?m)^distributionUrl\s*=.*/(apache-maven|gradle)-([0-9][0-9.]*(?:-(?:rc|milestone|M)-?[0-9]+)?)-`)

// addWrappers adds the versions of the build tools that wrappers fetch.
func addWrappers(t *evidence.Tree, f *evidence.Findings) {
	for _, file := range t.Named("maven-wrapper.properties", "gradle-wrapper.properties") {
		content := t.Content(file)
		m := distribution.FindSubmatchIndex(content)
		if m == nil {
			continue
		}
		tool := strings.TrimPrefix(string(content[m[2]:m[3]]), "apache-")
		f.AddRequirement(tool, string(content[m[4]:m[5]]), file, 1+bytes.Count(content[:m[4]], []byte{'\n'}))
	}
}

// addClass adds the file of a class that is named as the program's main.
func addClass(t *evidence.Tree, f *evidence.Findings, dir, class string) {
	if class == "" || strings.ContainsAny(class, "${} /") {
		return
	}
	name := class[strings.LastIndexByte(class, '.')+1:]
	rel := strings.ReplaceAll(class, ".", "/")
	stems := []string{rel}
	// Kotlin puts the functions of Main.kt into a class MainKt.
	if stem, ok := strings.CutSuffix(rel, "Kt"); ok {
		stems = append(stems, stem)
	}
	for _, stem := range stems {
		for _, source := range []string{"src/main/java", "src/main/kotlin", "src/main/scala", "src/main/groovy", "src"} {
			base := path.Join(dir, source, stem)
			if file := t.FirstExisting(base+".java", base+".kt", base+".scala", base+".groovy"); file != "" {
				f.AddEntry(file, 1, evidence.EntryProgram, name)
				return
			}
		}
	}
}

// importNames are the packages that an artifact is known to provide: its
// group, and those of the table below.
func importNames(name, group string) []string {
	out := []string{group}
	for _, p := range packages[name] {
		if p != group {
			out = append(out, p)
		}
	}
	return out
}

// packages are well-known artifacts whose packages do not start with their
// group. The names are those of the packages inside each artifact.
var packages = map[string][]string{
	"com.fasterxml.jackson.core:jackson-databind":             {"com.fasterxml.jackson.databind"},
	"com.google.code.gson:gson":                               {"com.google.gson"},
	"com.google.guava:guava":                                  {"com.google.common"},
	"com.google.protobuf:protobuf-java":                       {"com.google.protobuf"},
	"com.h2database:h2":                                       {"org.h2"},
	"com.squareup.okhttp3:okhttp":                             {"okhttp3"},
	"com.squareup.retrofit2:retrofit":                         {"retrofit2"},
	"com.zaxxer:HikariCP":                                     {"com.zaxxer.hikari"},
	"commons-cli:commons-cli":                                 {"org.apache.commons.cli"},
	"commons-codec:commons-codec":                             {"org.apache.commons.codec"},
	"commons-io:commons-io":                                   {"org.apache.commons.io"},
	"commons-lang:commons-lang":                               {"org.apache.commons.lang"},
	"io.jsonwebtoken:jjwt-api":                                {"io.jsonwebtoken"},
	"jakarta.platform:jakarta.jakartaee-api":                  {"jakarta"},
	"jakarta.xml.bind:jakarta.xml.bind-api":                   {"jakarta.xml.bind"},
	"javax.servlet:javax.servlet-api":                         {"javax.servlet"},
	"joda-time:joda-time":                                     {"org.joda.time"},
	"junit:junit":                                             {"org.junit"},
	"log4j:log4j":                                             {"org.apache.log4j"},
	"mysql:mysql-connector-java":                              {"com.mysql"},
	"net.sf.jopt-simple:jopt-simple":                          {"joptsimple"},
	"org.apache.commons:commons-lang3":                        {"org.apache.commons.lang3"},
	"org.apache.logging.log4j:log4j-api":                      {"org.apache.logging.log4j"},
	"org.assertj:assertj-core":                                {"org.assertj.core"},
	"org.hamcrest:hamcrest":                                   {"org.hamcrest"},
	"org.jetbrains.kotlin:kotlin-stdlib":                      {"kotlin"},
	"org.jetbrains.kotlinx:kotlinx-coroutines-core":           {"kotlinx.coroutines"},
	"org.junit.jupiter:junit-jupiter":                         {"org.junit.jupiter.api", "org.junit.jupiter.params"},
	"org.mockito:mockito-core":                                {"org.mockito"},
	"org.postgresql:postgresql":                               {"org.postgresql"},
	"org.projectlombok:lombok":                                {"lombok"},
	"org.slf4j:slf4j-api":                                     {"org.slf4j"},
	"org.springframework.boot:spring-boot-starter-actuator":   {"org.springframework.boot.actuate"},
	"org.springframework.boot:spring-boot-starter-data-jpa":   {"org.springframework.data", "org.springframework.orm", "jakarta.persistence", "javax.persistence"},
	"org.springframework.boot:spring-boot-starter-jdbc":       {"org.springframework.jdbc"},
	"org.springframework.boot:spring-boot-starter-security":   {"org.springframework.security"},
	"org.springframework.boot:spring-boot-starter-test":       {"org.springframework.test", "org.junit.jupiter", "org.mockito", "org.assertj", "org.hamcrest"},
	"org.springframework.boot:spring-boot-starter-validation": {"jakarta.validation", "javax.validation"},
	"org.springframework.boot:spring-boot-starter-web":        {"org.springframework.web", "org.springframework.http"},
	"org.springframework.boot:spring-boot-starter-webflux":    {"org.springframework.web.reactive", "reactor"},
	"org.yaml:snakeyaml":                                      {"org.yaml.snakeyaml"},
}
