package jvm

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
)

func read(content map[string]string, paths ...string) *evidence.Findings {
	var files []evidence.File
	for name, text := range content {
		files = append(files, evidence.File{Path: name, Content: []byte(text)})
	}
	f := evidence.NewFindings()
	Read(evidence.NewTree(paths, files), f)
	return f
}

func dependencies(f *evidence.Findings) []string {
	var out []string
	for _, e := range f.External {
		out = append(out, fmt.Sprintf("%s %q %s %d", e.Name, e.Version, e.Scope, e.Line))
	}
	return out
}

// TestGradleDependencies reads the spellings that build scripts have.
func TestGradleDependencies(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		`implementation 'g:a:1'`:                             `g:a "1" runtime 1`,
		`  implementation("g:a:1") {`:                        `g:a "1" runtime 1`,
		`"implementation"("g:a:1")`:                          `g:a "1" runtime 1`,
		`api "g.h:a-b:1.2.3-rc"`:                             `g.h:a-b "1.2.3-rc" runtime 1`,
		`compileOnly 'g:a'`:                                  `g:a "" runtime 1`,
		`runtimeOnly 'g:a:1:classifier@jar'`:                 `g:a "1" runtime 1`,
		`testImplementation 'g:a:1'`:                         `g:a "1" test 1`,
		`androidTestImplementation("g:a:1")`:                 `g:a "1" test 1`,
		`integrationTestRuntimeOnly 'g:a:1'`:                 `g:a "1" test 1`,
		`annotationProcessor 'g:a:1'`:                        `g:a "1" development 1`,
		`kapt("g:a:1")`:                                      `g:a "1" development 1`,
		`classpath 'g:a:1'`:                                  `g:a "1" development 1`,
		`implementation platform('g:a:1')`:                   `g:a "1" runtime 1`,
		`implementation(enforcedPlatform("g:a:1"))`:          `g:a "1" runtime 1`,
		`implementation group: 'g', name: 'a', version: '1'`: `g:a "1" runtime 1`,
		`implementation(group = "g", name = "a")`:            `g:a "" runtime 1`,
		`implementation project(':core')`:                    "",
		`implementation(project(":core"))`:                   "",
		`// implementation 'g:a:1'`:                          "",
		`implementation files('libs/a.jar')`:                 "",
		`implementation libs.unknown`:                        "",
		`implementation "$group:a:1"`:                        "",
		`println 'g:a:1'`:                                    "",
		`url "https://example.org:80"`:                       "",
		`exclude group: 'g', module: 'a'`:                    "",
	} {
		got := ""
		if all := dependencies(read(map[string]string{"build.gradle": line})); len(all) > 0 {
			got = all[0]
		}
		if got != want {
			t.Errorf("%s gives %s, want %s", line, got, want)
		}
	}
}

// TestGradleVersions fills in what other lines and files define.
func TestGradleVersions(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		files map[string]string
		want  string
	}{
		"def":               {map[string]string{"build.gradle": "def v = '1.5'\napi \"g:a:$v\"\n"}, "1.5"},
		"ext":               {map[string]string{"build.gradle": "ext.v = \"1.5\"\napi \"g:a:${ext.v}\"\n"}, "1.5"},
		"set":               {map[string]string{"build.gradle": "ext {\n set('v', '1.5')\n}\napi \"g:a:${v}\"\n"}, "1.5"},
		"val":               {map[string]string{"build.gradle.kts": "val v = \"1.5\"\napi(\"g:a:$v\")\n"}, "1.5"},
		"extra":             {map[string]string{"build.gradle.kts": "extra[\"v\"] = \"1.5\"\napi(\"g:a:${v}\")\n"}, "1.5"},
		"properties":        {map[string]string{"gradle.properties": "v=1.5\n", "build.gradle": "api \"g:a:$v\"\n"}, "1.5"},
		"a map of versions": {map[string]string{"v.gradle": "versions += [\n  v: '1.5',\n]\n", "build.gradle": "api \"g:a:$versions.v\"\n"}, "1.5"},
		"unknown":           {map[string]string{"build.gradle": "api \"g:a:$v\"\n"}, "$v"},
		"of the root":       {map[string]string{"build.gradle": "ext.v = '1.5'\n", "app/build.gradle": "ext.v = '2.0'\napi \"g:a:${rootProject.v}\"\n"}, "1.5"},
	} {
		f := read(tc.files)
		if len(f.External) != 1 || f.External[0].Version != tc.want {
			t.Errorf("%s: %v, want %s", name, dependencies(f), tc.want)
		}
	}
}

func TestCatalog(t *testing.T) {
	t.Parallel()
	f := read(map[string]string{
		"gradle/libs.versions.toml": `[versions]
a = "1"
rich = { require = "2", prefer = "3" }
[libraries]
plain = "g:plain:0.1"
no-version = { module = "g:none" }
by_ref = { module = "g:ref", version.ref = "a" }
by-group = { group = "g", name = "group", version = "5" }
richly = { module = "g:rich", version = { ref = "rich" } }
wrong = "nonsense"
`,
		"build.gradle.kts": "api(libs.plain)\napi(libs.no.version)\napi(libs.byRef)\napi(libs.by.group)\napi(libs.richly)\napi(libs.wrong)\n",
	})
	want := []string{`g:plain "0.1" runtime 1`, `g:none "" runtime 2`, `g:ref "1" runtime 3`, `g:group "5" runtime 4`, `g:rich "2" runtime 5`}
	if diff := cmp.Diff(want, dependencies(f)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestJavaVersion(t *testing.T) {
	t.Parallel()
	for file, tests := range map[string]map[string]string{
		"build.gradle": {
			"java { toolchain { languageVersion = JavaLanguageVersion.of(21) } }": "21", "sourceCompatibility = 17": "17", "sourceCompatibility = '1.8'": "1.8",
			"sourceCompatibility = JavaVersion.VERSION_1_8": "1.8", "kotlin { jvmToolchain(17) }": "17", "options.release = 11": "11", "version = 3": "",
		},
		"pom.xml": {
			"<project><artifactId>a</artifactId><properties><java.version>21</java.version></properties></project>":                                                                                                      "21",
			"<project><artifactId>a</artifactId><properties><x>17</x><maven.compiler.source>${x}</maven.compiler.source></properties></project>":                                                                         "17",
			"<project><build><plugins><plugin><artifactId>maven-compiler-plugin</artifactId><configuration><release>11</release></configuration></plugin></plugins></build></project>":                                   "11",
			"<project><build><pluginManagement><plugins><plugin><artifactId>maven-compiler-plugin</artifactId><configuration><source>8</source></configuration></plugin></plugins></pluginManagement></build></project>": "8",
			"<project/>": "",
		},
	} {
		for content, want := range tests {
			got := ""
			if f := read(map[string]string{file: content}); len(f.Requirements) > 0 {
				got = f.Requirements[0].Version
			}
			if got != want {
				t.Errorf("%s asks for Java %q, want %q", content, got, want)
			}
		}
	}
}

// TestMavenProperties resolves what it can, and ends.
func TestMavenProperties(t *testing.T) {
	t.Parallel()
	dependency := func(version string) string {
		return "<dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><version>" + version + "</version></dependency></dependencies>"
	}
	for name, tc := range map[string]struct{ project, want string }{
		"plain":               {dependency("1"), "1"},
		"a property":          {"<properties><v>1</v></properties>" + dependency("${v}"), "1"},
		"a chain":             {"<properties><v>${w}</v><w>1</w></properties>" + dependency("${v}-x"), "1-x"},
		"of the project":      {"<version>2</version>" + dependency("${project.version}"), "2"},
		"of the parent":       {"<parent><version>3</version></parent>" + dependency("${project.parent.version}"), "3"},
		"inherited":           {"<parent><version>3</version></parent>" + dependency("${project.version}"), "3"},
		"unknown":             {dependency("${v}"), "${v}"},
		"a cycle":             {"<properties><v>${w}</v><w>${v}</w></properties>" + dependency("${v}"), "${v}"},
		"one that only grows": {"<properties><v>${v}${v}</v></properties>" + dependency("${v}"), ""},
	} {
		f := read(map[string]string{"pom.xml": "<project>" + tc.project + "</project>"})
		if len(f.External) != 1 || f.External[0].Version != tc.want {
			t.Errorf("%s: %v, want %q", name, dependencies(f), tc.want)
		}
	}
}

// TestMavenParents follows parents in the tree only.
func TestMavenParents(t *testing.T) {
	t.Parallel()
	parent := "<project><groupId>g</groupId><artifactId>parent</artifactId><properties><v>1</v></properties></project>"
	child := func(relative string) string {
		return "<project><parent><groupId>g</groupId><artifactId>parent</artifactId>" + relative + "</parent><artifactId>child</artifactId>" +
			"<dependencies><dependency><groupId>x</groupId><artifactId>y</artifactId><version>${v}</version></dependency></dependencies></project>"
	}
	for name, tc := range map[string]struct{ relative, want string }{
		"by default":      {"", "1"},
		"a file":          {"<relativePath>../pom.xml</relativePath>", "1"},
		"a folder":        {"<relativePath>..</relativePath>", "1"},
		"none":            {"<relativePath/>", "${v}"},
		"out of the tree": {"<relativePath>../../../pom.xml</relativePath>", "${v}"},
	} {
		f := read(map[string]string{"pom.xml": parent, "child/pom.xml": child(tc.relative)})
		if len(f.External) != 1 || f.External[0].Version != tc.want {
			t.Errorf("%s: %v, want %q", name, dependencies(f), tc.want)
		}
	}
}

func TestCommands(t *testing.T) {
	t.Parallel()
	pom := "<project><build><plugins><plugin><artifactId>quarkus-maven-plugin</artifactId></plugin></plugins></build></project>"
	for _, tc := range []struct {
		name  string
		files map[string]string
		paths []string
		want  []string
	}{
		{"Maven", map[string]string{"pom.xml": pom}, nil, []string{"mvn package", "mvn test", "mvn quarkus:dev"}},
		{"Maven's wrapper", map[string]string{"pom.xml": pom}, []string{"mvnw"}, []string{"./mvnw package", "./mvnw test", "./mvnw quarkus:dev"}},
		{"Gradle", map[string]string{"build.gradle": "apply plugin: 'application'\n"}, nil, []string{"gradle run", "gradle build", "gradle test"}},
		{"a part of Gradle's build", map[string]string{"build.gradle": "", "a/b/build.gradle": "plugins { id 'org.springframework.boot' }\n"}, []string{"gradlew"}, []string{"./gradlew build", "./gradlew test", "./gradlew :a:b:bootRun"}},
		{"a build in a folder", map[string]string{"server/build.gradle": ""}, []string{"server/gradlew"}, []string{"cd server && ./gradlew build", "cd server && ./gradlew test"}},
		{"a script that others apply", map[string]string{"gradle/lint.gradle": "apply plugin: 'checkstyle'\n"}, nil, nil},
		{"the build of the build", map[string]string{"build.gradle": "", "buildSrc/build.gradle": "apply plugin: 'application'"}, nil, []string{"gradle build", "gradle test"}},
	} {
		var got []string
		for _, c := range read(tc.files, tc.paths...).Commands {
			got = append(got, c.Command.Command)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

func TestAddClass(t *testing.T) {
	t.Parallel()
	tree := evidence.NewTree([]string{"src/main/java/a/B.java", "src/main/kotlin/a/Main.kt", "src/main/scala/a/S.scala", "src/a/Old.java"}, nil)
	for class, want := range map[string]string{
		"a.B": "src/main/java/a/B.java", "a.MainKt": "src/main/kotlin/a/Main.kt", "a.S": "src/main/scala/a/S.scala", "a.Old": "src/a/Old.java",
		"a.Gone": "", "${main}": "", "": "", "../../a.B": "",
	} {
		f := evidence.NewFindings()
		addClass(tree, f, ".", class)
		got := ""
		if len(f.EntryPoints) > 0 {
			got = f.EntryPoints[0].Path
		}
		if got != want {
			t.Errorf("%s is in %q, want %q", class, got, want)
		}
	}
}

func TestWrappers(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		`distributionUrl=https\://services.gradle.org/distributions/gradle-8.10-all.zip`:       "gradle 8.10",
		`distributionUrl=https\://services.gradle.org/distributions/gradle-9.0.0-rc-1-bin.zip`: "gradle 9.0.0-rc-1",
		`distributionUrl = https://example.org/apache-maven/3.9.9/apache-maven-3.9.9-bin.zip`:  "maven 3.9.9",
		"# distributionUrl=https://example.org/gradle-1.0-bin.zip":                             "",
		"": "",
	} {
		got := ""
		if f := read(map[string]string{"gradle/wrapper/gradle-wrapper.properties": content}); len(f.Requirements) > 0 {
			got = f.Requirements[0].Tool + " " + f.Requirements[0].Version
		}
		if got != want {
			t.Errorf("%q is %q, want %q", content, got, want)
		}
	}
}
