/**
 * Rule: one line of the house style that a program can check, with a sample that breaks it and one that does not.
 * A rule broken on purpose says so on that line or the one above: `// tidy-ignore <id>: <reason>`. Where Biome has a
 * rule of the same id, its `biome-ignore` comment serves for both.
 */
import { SourceFile } from './source-file.js'

/** A place that breaks a rule. */
export interface Finding {
  readonly path: string
  readonly line: number
  readonly message: string
}

/** A file given as text, by path. */
export type Sample = Readonly<Record<string, string>>

/** A checkable rule. */
export interface Rule {
  /** Names the rule in a `tidy-ignore` comment. */
  readonly id: string
  /** The rule as a sentence: the test's title. */
  readonly title: string
  /** All places in these files that break it. */
  readonly find: (files: readonly SourceFile[]) => Finding[]
  readonly bad: Sample
  readonly good: Sample
}

/** Reports a finding at an offset of the file in hand. */
export type Report = (offset: number, message: string) => void

/** Lifts a check of one file to a check of those files whose path matches `where`. */
export function inEach(where: RegExp, check: (file: SourceFile, report: Report) => void): Rule['find'] {
  return (files) =>
    files
      .filter((file) => where.test(file.path))
      .flatMap((file) => {
        const findings: Finding[] = []
        check(file, (offset, message) =>
          findings.push({ path: file.path, line: file.lineAt(offset), message }),
        )
        return findings
      })
}

/** What breaks `rule` in `files`, one line each, without the places that give their reason. */
export function violations(rule: Rule, files: readonly SourceFile[]): string[] {
  const excuse = new RegExp(`-ignore \\S*\\b${rule.id}: \\S`)
  const byPath = new Map(files.map((file) => [file.path, file]))
  return rule
    .find(files)
    .filter(({ path, line }) => {
      const lines = byPath.get(path)?.lines ?? []
      return !lines.slice(Math.max(0, line - 2), line).some((text) => excuse.test(text))
    })
    .map(({ path, line, message }) => `${path}:${line} ${rule.id}: ${message}`)
}

/** A sample as parsed files. */
export function parseSample(sample: Sample): SourceFile[] {
  return Object.entries(sample).map(([path, text]) => new SourceFile(path, text))
}
