/** What Stryker found: the changes of the sources that no test noticed, out of the JSON report it writes. */
import { readFile } from 'node:fs/promises'

/** A change that no test noticed. */
export interface Survivor {
  /** `src/server/data-tree.ts`. */
  readonly file: string
  readonly line: number
  /** What kind of change it is, in Stryker's words: `ConditionalExpression`. */
  readonly mutator: string
  /** The piece of source, on one line. */
  readonly was: string
  readonly became: string
}

/** How it went with one file. */
export interface FileScore {
  readonly file: string
  /** Changes that a test failed with, or did not end with. */
  readonly killed: number
  /** Killed ones and survivors. */
  readonly all: number
  /** Changes that say nothing: in code that runs only while the file is loaded, or that broke the run itself. */
  readonly unjudged: number
  /** The file as it was changed. */
  readonly source: string
  readonly survivors: readonly Survivor[]
}

interface Position {
  readonly line: number
  readonly column: number
}

/** The part of the format that is read here: https://github.com/stryker-mutator/mutation-testing-elements */
interface Report {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>
}

interface Mutant {
  readonly mutatorName: string
  readonly replacement?: string
  readonly status: string
  readonly location: { readonly start: Position; readonly end: Position }
}

const NOTICED: ReadonlySet<string> = new Set(['Killed', 'Timeout'])
const UNNOTICED: ReadonlySet<string> = new Set(['Survived', 'NoCoverage'])

/** Reads a report, file by file. */
export async function readReport(path: string): Promise<readonly FileScore[]> {
  const report: Report = JSON.parse(await readFile(path, 'utf8'))
  return Object.entries(report.files).map(([file, { source, mutants }]) => {
    const survivors = mutants.filter(({ status }) => UNNOTICED.has(status))
    const killed = mutants.filter(({ status }) => NOTICED.has(status)).length
    return {
      file,
      killed,
      all: killed + survivors.length,
      unjudged: mutants.length - killed - survivors.length,
      source,
      survivors: survivors.map((mutant) => survivorOf(file, source.split('\n'), mutant)),
    }
  })
}

function survivorOf(file: string, lines: readonly string[], mutant: Mutant): Survivor {
  const { start, end } = mutant.location
  const piece = lines.slice(start.line - 1, end.line)
  const last = piece.length - 1
  piece[last] = (piece[last] ?? '').slice(0, end.column - 1)
  piece[0] = (piece[0] ?? '').slice(start.column - 1)
  return {
    file,
    line: start.line,
    mutator: mutant.mutatorName,
    was: onOneLine(piece.join('\n')),
    became: onOneLine(mutant.replacement ?? ''),
  }
}

function onOneLine(code: string): string {
  return code.replaceAll(/\s+/g, ' ').trim()
}
