/**
 * SourceFile: one file of the repository as the tidy rules see it, parsed once.
 * Offsets are those of the text; lines count from 1.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Comment, type ParseResult, parseSync, Visitor, type VisitorObject } from 'oxc-parser'

/** A parsed file. */
export class SourceFile {
  /** Relative to the repository, with forward slashes. */
  readonly path: string
  readonly text: string
  readonly lines: readonly string[]
  /** The text with its comments blanked out; everything else stays where it was. */
  readonly code: string
  readonly comments: readonly Comment[]
  readonly program: ParseResult['program']
  readonly module: ParseResult['module']

  constructor(path: string, text: string) {
    const { program, comments, module, errors } = parseSync(path, text)
    if (errors[0] !== undefined) throw new SyntaxError(`${path}: ${errors[0].message}`)
    this.path = path
    this.text = text
    this.lines = text.split('\n')
    this.comments = comments
    this.program = program
    this.module = module
    this.code = withoutComments(text, comments)
  }

  /** The line of an offset. */
  lineAt(offset: number): number {
    return this.text.slice(0, offset).split('\n').length
  }

  /** Calls the matching method of `visitor` for each node. */
  visit(visitor: VisitorObject): void {
    new Visitor(visitor).visit(this.program)
  }
}

/** Our own files among `roots` (folders or files that may be missing), relative to `base`, sorted. */
export function sourceFiles(base: string, roots: readonly string[]): SourceFile[] {
  return roots
    .flatMap((root) => pathsBelow(base, root))
    .filter((path) => /\.[cm]?[jt]s$/.test(path))
    .sort()
    .map((path) => new SourceFile(path, readFileSync(join(base, path), 'utf8')))
}

/** What was installed, and what the verification programme writes. */
const NOT_OURS: ReadonlySet<string> = new Set(['node_modules', 'out'])

function pathsBelow(base: string, path: string): string[] {
  const stat = statSync(join(base, path), { throwIfNoEntry: false })
  if (stat === undefined) return []
  if (stat.isFile()) return [path]
  return readdirSync(join(base, path)).flatMap((name) =>
    NOT_OURS.has(name) ? [] : pathsBelow(base, `${path}/${name}`),
  )
}

function withoutComments(text: string, comments: readonly Comment[]): string {
  let code = text
  for (const { start, end } of comments) {
    code = code.slice(0, start) + code.slice(start, end).replace(/[^\n]/g, ' ') + code.slice(end)
  }
  return code
}
