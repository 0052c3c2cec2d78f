// Prints which files of a folder import which others, as TypeScript's own
// resolution has it: one edge a line, two paths parted by a tab. An import of a
// type counts as any other. Every file is resolved with the options of the nearest
// tsconfig.json or jsconfig.json above it. Edges by which a file exports what another
// has are printed with a third column, "again".
//
// Usage: node typescript.mjs FOLDER < paths
import fs from 'node:fs'
import path from 'node:path'
import ts from 'typescript'

const root = fs.realpathSync(process.argv[2])
const files = fs.readFileSync(0, 'utf8').split('\n').filter(Boolean)
const known = new Set(files)
const optionsOf = new Map()

function options(dir) {
  if (optionsOf.has(dir)) return optionsOf.get(dir)
  let found
  for (const name of ['tsconfig.json', 'jsconfig.json']) {
    const file = path.join(dir, name)
    if (fs.existsSync(file)) {
      const read = ts.readConfigFile(file, ts.sys.readFile)
      // An empty list of files spares the search for them: only the options count.
      found = ts.parseJsonConfigFileContent({ ...read.config, files: [], include: [] }, ts.sys, dir).options
      break
    }
  }
  found ??= dir.length > root.length ? options(path.dirname(dir)) : {}
  optionsOf.set(dir, found)
  return found
}

// again is the modules of which a file exports something under its own name.
function again(file, text) {
  const out = new Set()
  const imported = new Map() // what a name was imported from
  for (const node of ts.createSourceFile(file, text, ts.ScriptTarget.Latest).statements) {
    const from = node.moduleSpecifier?.text
    if (ts.isExportDeclaration(node) && from) out.add(from)
    if (ts.isImportDeclaration(node) && from && node.importClause) {
      const { name, namedBindings: bound } = node.importClause
      if (name) imported.set(name.text, from)
      if (bound && ts.isNamespaceImport(bound)) imported.set(bound.name.text, from)
      if (bound && ts.isNamedImports(bound)) for (const e of bound.elements) imported.set(e.name.text, from)
    }
    if (ts.isExportDeclaration(node) && !from && node.exportClause && ts.isNamedExports(node.exportClause)) {
      for (const e of node.exportClause.elements) {
        const of = imported.get((e.propertyName ?? e.name).text)
        if (of) out.add(of)
      }
    }
    if (ts.isExportAssignment(node) && ts.isIdentifier(node.expression) && imported.has(node.expression.text)) out.add(imported.get(node.expression.text))
  }
  return out
}

for (const name of files) {
  const file = path.join(root, name)
  const source = fs.readFileSync(file, 'utf8')
  const set = { moduleResolution: ts.ModuleResolutionKind.Bundler, allowJs: true, resolveJsonModule: true, ...options(path.dirname(file)) }
  if (set.moduleResolution === ts.ModuleResolutionKind.Classic) set.moduleResolution = ts.ModuleResolutionKind.Bundler
  const edges = new Map()
  const exported = again(file, source)
  for (const { fileName } of ts.preProcessFile(source, true, true).importedFiles) {
    const { resolvedModule } = ts.resolveModuleName(fileName, file, set, ts.sys)
    if (!resolvedModule) continue
    const to = path.relative(root, fs.realpathSync(resolvedModule.resolvedFileName))
    if (to !== name && known.has(to)) edges.set(to, edges.get(to) || exported.has(fileName))
  }
  for (const [to, more] of edges) console.log(`${name}\t${to}${more ? '\tagain' : ''}`)
}
