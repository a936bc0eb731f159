/**
 * The public face: which doors there are, and which names each one shows.
 * A name that comes or goes on purpose: `npx vitest run test/exports.test.ts -u` writes public-names.json anew.
 */
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { doors, packageJson } from '../scripts/doors.js'
import { isDocumented } from './tidy/documentation.js'
import { sourceFiles } from './tidy/source-file.js'

interface PublicName {
  readonly name: string
  readonly isType: boolean
  /** The file that declares it, and the name it has there. */
  readonly path: string
  readonly localName: string
}

const root = fileURLToPath(new URL('..', import.meta.url))
const files = new Map(sourceFiles(root, ['src']).map((file) => [file.path, file]))
const publicNames = new Map(doors.map(({ subpath, source }) => [subpath, namesOf(source)]))

describe('the package', () => {
  it('has a door for each index.ts below src', () => {
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    )
    const candidates = ['src', ...folders.map(({ name }) => `src/${name}`)].map(
      (folder) => `${folder}/index.ts`,
    )

    expect(doors.map(({ source }) => source).sort()).toEqual(
      candidates.filter((path) => existsSync(join(root, path))).sort(),
    )
  })

  it('shows exactly the names in public-names.json', async () => {
    const names = [...publicNames].map(([subpath, all]) => [subpath, all.map(({ name }) => name).sort()])

    await expect(`${JSON.stringify(Object.fromEntries(names), null, 2)}\n`).toMatchFileSnapshot(
      'public-names.json',
    )
  })

  it('gives every door to import and require, types first', () => {
    for (const { subpath, bundle, source } of doors) {
      const declarations = source.replace(/^src\/(.*)\.ts$/, '$1.d.ts')
      expect(packageJson.exports[subpath]).toMatchObject({
        import: { types: `./dist/types/${declarations}`, default: `./dist/${bundle}.js` },
        require: { types: `./dist/cjs/types/${declarations}`, default: `./dist/cjs/${bundle}.js` },
      })
    }
  })
})

for (const { subpath, source } of doors) {
  describe(`the door ${subpath}`, () => {
    const names = publicNames.get(subpath) ?? []

    it('has at run time the values that its source names', async () => {
      const module: object = await import(join(root, source))

      expect(Object.keys(module).sort()).toEqual(
        names
          .filter(({ isType }) => !isType)
          .map(({ name }) => name)
          .sort(),
      )
    })

    it('documents each name where it is declared', () => {
      const silent = names.filter(({ path, localName }) => {
        const file = files.get(path)
        return file === undefined || !isDocumented(file, localName)
      })

      expect(silent.map(({ name }) => name)).toEqual([])
    })
  })
}

function namesOf(door: string): PublicName[] {
  const entries = files.get(door)?.module.staticExports.flatMap((statement) => statement.entries) ?? []
  return entries.map(({ exportName, importName, moduleRequest, isType }) => ({
    name: exportName.name ?? '*',
    isType,
    path: moduleRequest === null ? door : join(dirname(door), moduleRequest.value).replace(/\.js$/, '.ts'),
    localName: importName.name ?? exportName.name ?? '*',
  }))
}
