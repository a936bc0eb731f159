/** Which top-level names a file declares, and which of them carry TSDoc. */
import type { SourceFile } from './source-file.js'

type Statement = SourceFile['program']['body'][number]

/** The names declared at the top level with the offset of each declaration; overloads and merged types come twice. */
export function declaredNames(file: SourceFile, which: 'all' | 'exported'): [name: string, start: number][] {
  const listed = locallyListed(file)
  return file.program.body.flatMap((statement) => {
    const isExport = statement.type.startsWith('Export')
    return namesOf(statement)
      .filter((name) => which === 'all' || isExport || listed.has(name))
      .map((name): [string, number] => [name, statement.start])
  })
}

/** True if one of the declarations of `name` has a TSDoc comment with words in it. */
export function isDocumented(file: SourceFile, name: string): boolean {
  return declaredNames(file, 'all').some(([other, start]) => other === name && hasTsdoc(file, start))
}

function hasTsdoc(file: SourceFile, declarationStart: number): boolean {
  let start = declarationStart
  for (const comment of file.comments.toReversed()) {
    if (comment.end > start) continue
    const isAttached = file.text.slice(comment.end, start).trim() === ''
    const isHeader = comment === file.comments[0]
    if (!isAttached || isHeader) return false
    if (comment.type === 'Block' && /^\*[\s*]*\w/.test(comment.value)) return true
    start = comment.start
  }
  return false
}

/** Names exported by a list, `export { a }`, from the file itself. */
function locallyListed(file: SourceFile): Set<string> {
  const entries = file.module.staticExports.flatMap((statement) => statement.entries)
  return new Set(
    entries.flatMap(({ moduleRequest, localName }) =>
      moduleRequest === null && localName.name !== null ? [localName.name] : [],
    ),
  )
}

function namesOf(statement: Statement): string[] {
  if (statement.type === 'ExportDefaultDeclaration') return ['default']
  const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
  if (declaration === null) return []
  if (declaration.type === 'VariableDeclaration') {
    return declaration.declarations.flatMap(({ id }) => (id.type === 'Identifier' ? [id.name] : []))
  }
  if (!('id' in declaration) || declaration.id === null) return []
  return declaration.id.type === 'Identifier' ? [declaration.id.name] : []
}
