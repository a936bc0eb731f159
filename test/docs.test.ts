/**
 * The documentation says what is so: each snippet is part of an example, each file it names exists, the tables of files,
 * operations and limits are complete, and the trigger matrix is what the server does.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path/posix'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import packageJson from '../package.json' with { type: 'json' }
import { EmbeddedZooKeeper, READ_ACL_UNSAFE, type Watcher, ZooKeeper } from '../src/index.js'
import { DEFAULT_LIMITS } from '../src/server/limits.js'
import { DEFAULT_WIRE_LIMITS } from '../src/transport/wire-limits.js'

interface Page {
  readonly path: string
  readonly text: string
}

interface Block {
  readonly language: string
  readonly code: string
}

const root = fileURLToPath(new URL('..', import.meta.url))
const pages = ['README.md', ...filesOf('docs', '.md')].map(readPage)
const examples = filesOf('examples', '.js').map(readPage)

for (const page of pages) {
  describe(page.path, () => {
    it('shows code that is an example, or a marked part of one', () => {
      const snippets = new Set(examples.flatMap(snippetsOf))
      const strays = blocksOf(page).filter(({ language, code }) => language === 'js' && !snippets.has(code))

      expect(strays).toEqual([])
    })

    it('says what each block is', () => {
      const languages = blocksOf(page).map(({ language }) => language)

      expect(languages.filter((language) => !['js', 'sh', 'text'].includes(language))).toEqual([])
    })

    it('names scripts that the package has', () => {
      const names = [...page.text.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name)

      expect(names.filter((name) => !(name in packageJson.scripts))).toEqual([])
    })

    it('names files that exist', () => {
      expect(pathsIn(page).filter((path) => !existsSync(join(root, path)))).toEqual([])
    })

    it('keeps what belongs to one machine out', () => {
      expect(page.text).not.toMatch(/\/(work|tmp|root|home)\//)
    })
  })
}

describe('the table of files', () => {
  it.each(['src', 'verify'])('names each file of %s exactly once', (folder) => {
    const named = [...read('docs/architecture.md').matchAll(/^\| `([^`]+\.[tj]s)` \|/gm)]
      .map(([, path = '']) => path)
      .filter((path) => path.startsWith(`${folder}/`))
    const files = [...filesOf(folder, '.ts'), ...filesOf(folder, '.js')]

    expect(named.sort()).toEqual(files.sort())
  })
})

describe('the compatibility page', () => {
  it('lists each method of the client', () => {
    const page = read('docs/compatibility.md')
    const methods = Object.entries(Object.getOwnPropertyDescriptors(ZooKeeper.prototype))
      .filter(([name, { value }]) => typeof value === 'function' && name !== 'constructor')
      .map(([name]) => name)

    expect(methods.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([])
  })

  it('lists each limit with its default', () => {
    const rows = tableOf('docs/compatibility.md', 'limit').map(([name, value]) => [name, Number(value)])

    expect(Object.fromEntries(rows)).toEqual(DEFAULT_LIMITS)
  })

  it('lists each limit of a listener with its default', () => {
    const rows = tableOf('docs/compatibility.md', 'limit of a listener').map(([name, value]) => [
      name,
      Number(value),
    ])

    expect(Object.fromEntries(rows)).toEqual(DEFAULT_WIRE_LIMITS)
  })

  it('numbers the deliberate differences from D1 on, without a hole', () => {
    const numbers = tableOf('docs/compatibility.md', 'no.').map(([number]) => number)

    expect(numbers).toEqual(numbers.map((_, i) => `D${i + 1}`))
  })
})

describe('the page of rules', () => {
  const rows = rulesOf('docs/rules.md')

  it('has each rule that a checker speaks of, once', () => {
    const spoken = [...filesOf('verify', '.ts'), ...filesOf('test/property', '.ts')].flatMap(rulesSpokenOfIn)
    const listed = rows.map(([rule]) => rule)

    expect(new Set(listed).size).toBe(listed.length)
    expect([...new Set(spoken)].filter((rule) => !listed.includes(rule))).toEqual([])
  })

  it('names for each rule only files that speak of it', () => {
    const strays = rows.flatMap(([rule = '', , files = '']) =>
      files
        .split(', ')
        .filter((path) => !rulesSpokenOfIn(path).includes(rule))
        .map((path) => `${rule} ${path}`),
    )

    expect(strays).toEqual([])
  })
})

describe('the page on watches', () => {
  it('settles each misconception by a test that exists', () => {
    const sections = read('docs/watches.md').split(/^### /m).slice(1)
    const unsettled = sections.filter((section) => !isSettled(section))

    expect(sections.length).toBeGreaterThan(0)
    expect(unsettled.map((section) => section.split('\n')[0])).toEqual([])
  })

  it.each([
    ['no file', 'Settled by a test.'],
    ['no title', 'Settled by `test/docs.test.ts`.'],
    ['a file that does not exist', 'Settled by `test/none.test.ts`: "names files that exist".'],
    ['a part of a title', 'Settled by `test/docs.test.ts`: "names files that".'],
    ['a title that is no test', 'Settled by `test/docs.test.ts`: "the page on watches".'],
  ])('is not content with %s', (_what, line) => {
    expect(isSettled(line)).toBe(false)
  })

  it('shows the trigger matrix as the server has it', async () => {
    const [, ...kinds] = headOf('docs/watches.md', 'operation')
    const rows = tableOf('docs/watches.md', 'operation')

    const shown = rows.map(([operation = '', ...cells]) => [operation, ...cells])
    const real = await Promise.all(
      rows.map(async ([operation = '']) => [
        operation,
        ...(await Promise.all(kinds.map((kind) => eventOf(operation, kind)))),
      ]),
    )

    expect(shown).toEqual(real)
  })
})

/** The rows of all tables of rules of a page. */
function rulesOf(path: string): string[][] {
  return read(path)
    .split('\n')
    .filter((line) => /^\| [TSWAR]\d+ \|/.test(line))
    .map(cellsOf)
}

function rulesSpokenOfIn(path: string): readonly string[] {
  return read(path).match(/\b[TSWAR]\d{1,2}\b/g) ?? []
}

/** How to leave each kind of watch of the matrix on N. */
const leave: Readonly<Record<string, (zk: ZooKeeper, watcher: Watcher) => Promise<unknown>>> = {
  getData: (zk, watcher) => zk.getData('/N', { watcher }),
  exists: (zk, watcher) => zk.exists('/N', { watcher }),
  getChildren: (zk, watcher) => zk.getChildren('/N', { watcher }),
  persistent: (zk, watcher) => zk.addWatch('/N', watcher),
  recursive: (zk, watcher) => zk.addWatch('/N', watcher, { recursive: true }),
}

/** Each operation of the matrix: what there is before it, and how it is done. */
const operations: Readonly<Record<string, readonly [string[], (zk: ZooKeeper) => Promise<unknown>]>> = {
  'create N': [[], (zk) => zk.create('/N')],
  'setData N': [['/N'], (zk) => zk.setData('/N', 'x')],
  'delete N': [['/N'], (zk) => zk.delete('/N')],
  'create N/x': [['/N'], (zk) => zk.create('/N/x')],
  'setData N/x': [['/N', '/N/x'], (zk) => zk.setData('/N/x', 'x')],
  'delete N/x': [['/N', '/N/x'], (zk) => zk.delete('/N/x')],
  'create N/x/y': [['/N', '/N/x'], (zk) => zk.create('/N/x/y')],
  'setACL N': [['/N'], (zk) => zk.setACL('/N', READ_ACL_UNSAFE)],
  'a write that fails': [['/N'], (zk) => zk.setData('/N', 'x', 7).catch((error: unknown) => error)],
}

/** What one watch hears of one operation, as a cell of the matrix shows it. */
async function eventOf(operation: string, kind: string): Promise<string> {
  const [before, run] = operations[operation] ?? [
    [],
    () => Promise.reject(new Error(`unknown: ${operation}`)),
  ]
  const zoo = new EmbeddedZooKeeper()
  const [zk, writer] = [await zoo.connect(), await zoo.connect()]
  for (const path of before) await writer.create(path)
  const events: string[] = []
  const isLeft = await leave[kind]?.(zk, ({ type, path }) => events.push(`${type} ${path?.slice(1)}`)).then(
    () => true,
    () => false,
  )
  await run(writer)
  await zoo.settle()
  const heard = events.splice(0)
  await zoo.close()
  return isLeft === true ? heard.join(', ') || '-' : 'no watch'
}

/** True if its last line names a file and, by its literal title without the mark of a trap, a test in it. */
function isSettled(section: string): boolean {
  const [, path, title] = /Settled by `(test\/[^`]+\.test\.ts)`: "([^"]+)"\.\s*$/.exec(section) ?? []
  if (path === undefined || !existsSync(join(root, path))) return false
  const titles = read(path).matchAll(/^ *it\('(.*?)(?: \[trap \d+\])?', /gm)
  return [...titles].some(([, each]) => each === title)
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

function readPage(path: string): Page {
  return { path, text: read(path) }
}

/** All but what is installed or written by runs. */
function filesOf(folder: string, extension: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return /^(node_modules|out)$/.test(entry.name) ? [] : filesOf(path, extension)
    return path.endsWith(extension) ? [path] : []
  })
}

function blocksOf({ text }: Page): Block[] {
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = '', code = '']) => ({
    language,
    code: code.trim(),
  }))
}

/** The whole example without its marks, and each of its regions, moved to the margin. */
function snippetsOf({ text }: Page): string[] {
  const regions = [...text.matchAll(/^ *\/\/ region [\w-]+\n(.*?)^ *\/\/ endregion$/gms)].map(
    ([, code = '']) => code,
  )
  const whole = text.replace(/^ *\/\/ (region [\w-]+|endregion)\n/gm, '')
  return [whole, ...regions].map(outdent)
}

function outdent(code: string): string {
  const margin = /^ */.exec(code)?.[0].length ?? 0
  return code.replace(new RegExp(`^ {${margin}}`, 'gm'), '').trim()
}

/** Paths of the repository in backticks, and the targets of relative links. */
function pathsIn({ path, text }: Page): string[] {
  const quoted = [...text.matchAll(/`((?:src|test|docs|examples|bench|scripts)\/[\w./-]*)`/g)].map(
    ([, name = '']) => name,
  )
  const linked = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, name = '']) => join(path, '..', name))
  return [...quoted, ...linked]
}

/** The body of the table whose first head cell is `first`, cells as text without backticks. */
function tableOf(path: string, first: string): string[][] {
  return rowsOf(path, first).slice(2)
}

function headOf(path: string, first: string): string[] {
  return rowsOf(path, first)[0] ?? []
}

function rowsOf(path: string, first: string): string[][] {
  const lines = read(path).split('\n')
  const start = lines.findIndex((line) => line.startsWith(`| ${first} |`))
  const end = lines.findIndex((line, i) => i > start && !line.startsWith('|'))
  return lines.slice(start, end < 0 ? undefined : end).map(cellsOf)
}

function cellsOf(row: string): string[] {
  return row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('`', ''))
}
