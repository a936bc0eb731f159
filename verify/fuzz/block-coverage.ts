/**
 * BlockCoverage: which blocks of the code under test have run, by V8's own counters, read through node:inspector. It has to start
 * before that code runs for the first time: V8 counts blocks only in functions that it compiles later.
 */
import { readFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { findSourceMap } from 'node:module'
import { fileURLToPath } from 'node:url'

/** What ran, script by script, as spans of the text: start, end, start, end. */
export type Covered = ReadonlyMap<string, readonly number[]>

interface Range {
  readonly startOffset: number
  readonly endOffset: number
  readonly count: number
}

interface ScriptCoverage {
  readonly url: string
  readonly functions: readonly { readonly ranges: readonly Range[] }[]
}

/** What is known of one script. */
interface Script {
  /** 1 for what ran since the last look; nothing between two looks. */
  scratch: Uint8Array
  /** Where ranges begin and end: what lies between two neighbours is a block. */
  readonly edges: Set<number>
  /** 1 within watched functions. */
  inside: Uint8Array
  /** Whether a function is watched, by where it begins. */
  readonly isWatched: Map<number, boolean>
  readonly sourceAt: (offset: number) => Place
}

/** Where something stands in the sources. */
interface Place {
  readonly file: string
  readonly line: number
}

/** A block of the code under test. */
export interface Block extends Place {
  readonly url: string
  readonly at: number
}

/** The counters of this process. One at a time. */
export class BlockCoverage {
  readonly #session = new Session()
  readonly #watches: RegExp
  readonly #scripts = new Map<string, Script>()

  /** Watches what comes from source files whose names match. */
  constructor(watches: RegExp) {
    this.#watches = watches
    this.#session.connect()
    this.#session.post('Profiler.enable')
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  stop(): void {
    this.#session.post('Profiler.stopPreciseCoverage')
    this.#session.disconnect()
  }

  /** What ran since the last time. */
  take(): Covered {
    const covered = new Map<string, readonly number[]>()
    for (const script of this.#read()) {
      if (!script.url.startsWith('file:')) continue
      const spans = this.#spansOf(script)
      if (spans.length > 0) covered.set(script.url, spans)
    }
    return covered
  }

  /** Where blocks begin and end, as far as functions have run. */
  edgesOf(url: string): ReadonlySet<number> {
    return this.#scripts.get(url)?.edges ?? new Set()
  }

  /** All blocks of the source files whose names match, as far as V8 has spoken of their functions. */
  blocksIn(files: RegExp): readonly Block[] {
    return [...this.#scripts].flatMap(([url, { edges, inside, sourceAt }]) =>
      [...edges]
        .filter((at) => inside[at] === 1)
        .map((at) => ({ url, at, ...sourceAt(at) }))
        .filter(({ file }) => files.test(file)),
    )
  }

  #read(): readonly ScriptCoverage[] {
    let scripts: readonly ScriptCoverage[] = []
    this.#session.post('Profiler.takePreciseCoverage', (error, answer) => {
      if (error !== null) throw new Error('The counters of V8 cannot be read', { cause: error })
      scripts = answer.result
    })
    return scripts
  }

  #spansOf({ url, functions }: ScriptCoverage): number[] {
    const script = this.#scriptOf(url)
    const spans: number[] = []
    let done = 0
    const close = (end: number): void => {
      for (let at = done; at < end; ) {
        const start = script.scratch.indexOf(1, at)
        if (start < 0 || start >= end) break
        const stop = script.scratch.indexOf(0, start)
        at = stop < 0 ? end : Math.min(stop, end)
        spans.push(start, at)
      }
      script.scratch.fill(0, done, end)
      done = end
    }
    let outerEnd = 0
    // Functions come in the order of the text, the outer before the inner; so do the ranges of one.
    for (const { ranges } of functions) {
      const [whole] = ranges
      if (whole === undefined || !this.#isWatched(script, whole.startOffset)) continue
      if (whole.startOffset >= outerEnd) {
        close(outerEnd)
        done = whole.startOffset
      }
      outerEnd = Math.max(outerEnd, whole.endOffset)
      this.#paint(script, ranges, outerEnd)
    }
    close(outerEnd)
    return spans
  }

  #paint(script: Script, ranges: readonly Range[], end: number): void {
    if (script.scratch.length <= end) {
      script.scratch = enlarge(script.scratch, 2 * end)
      script.inside = enlarge(script.inside, 2 * end)
    }
    const [whole] = ranges
    if (whole !== undefined && !script.edges.has(whole.startOffset))
      script.inside.fill(1, whole.startOffset, whole.endOffset)
    for (const { startOffset, endOffset, count } of ranges) {
      script.edges.add(startOffset).add(endOffset)
      script.scratch.fill(count > 0 ? 1 : 0, startOffset, endOffset)
    }
  }

  #isWatched({ isWatched, sourceAt }: Script, offset: number): boolean {
    const known = isWatched.get(offset)
    if (known !== undefined) return known
    // What is around all functions of a script has run before anything is counted.
    const watched = offset > 0 && this.#watches.test(sourceAt(offset).file)
    isWatched.set(offset, watched)
    return watched
  }

  #scriptOf(url: string): Script {
    const known = this.#scripts.get(url)
    if (known !== undefined) return known
    const script = {
      scratch: new Uint8Array(0),
      inside: new Uint8Array(0),
      edges: new Set<number>(),
      isWatched: new Map(),
      sourceAt: sourceFinder(url),
    }
    this.#scripts.set(url, script)
    return script
  }
}

/** What has run up to now. */
export class CoverMap {
  readonly #seen = new Map<string, Uint8Array>()

  /** Whether something of it is new; from then on it is not. */
  add(covered: Covered): boolean {
    let isNew = false
    for (const [url, spans] of covered) {
      const seen = this.#seenOf(url, spans.at(-1) ?? 0)
      for (let i = 0; i + 1 < spans.length; i += 2) {
        const [start = 0, end = 0] = [spans[i], spans[i + 1]]
        const unseen = seen.indexOf(0, start)
        if (unseen >= end) continue
        isNew = true
        seen.fill(1, start, end)
      }
    }
    return isNew
  }

  /** Whether something of it is new. */
  isNew(covered: Covered): boolean {
    for (const [url, spans] of covered) {
      const seen = this.#seenOf(url, spans.at(-1) ?? 0)
      for (let i = 0; i + 1 < spans.length; i += 2) {
        if (seen.indexOf(0, spans[i]) < (spans[i + 1] ?? 0)) return true
      }
    }
    return false
  }

  has({ url, at }: Block): boolean {
    return this.#seen.get(url)?.[at] === 1
  }

  /** How many blocks have run. */
  blocks(coverage: BlockCoverage): number {
    let blocks = 0
    for (const [url, seen] of this.#seen) {
      const edges = [...coverage.edgesOf(url)].sort((a, b) => a - b)
      blocks += edges.filter((edge) => seen[edge] === 1).length
    }
    return blocks
  }

  /** Long enough that something unseen comes after `end`. */
  #seenOf(url: string, end: number): Uint8Array {
    const known = this.#seen.get(url) ?? new Uint8Array(0)
    if (known.length > end) return known
    const larger = enlarge(known, 2 * end + 1)
    this.#seen.set(url, larger)
    return larger
  }
}

function enlarge(bytes: Uint8Array, length: number): Uint8Array {
  const larger = new Uint8Array(length)
  larger.set(bytes)
  return larger
}

/** Gives the place of an offset in the sources: by the source map of a bundle, else the script itself. */
function sourceFinder(url: string): (offset: number) => Place {
  const file = fileURLToPath(url)
  const map = findSourceMap(file)
  if (map === undefined) return () => ({ file: url, line: 0 })
  const starts = [0]
  const text = readFileSync(file, 'utf8')
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    const after = starts.findIndex((start) => start > offset)
    const line = (after < 0 ? starts.length : after) - 1
    const entry = map.findEntry(line, offset - (starts[line] ?? 0))
    return 'originalSource' in entry
      ? { file: entry.originalSource, line: entry.originalLine + 1 }
      : { file: '', line: 0 }
  }
}
