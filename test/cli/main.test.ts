/** The program itself: what it takes of its process, and that a shell can start it. */
import { readFileSync } from 'node:fs'
import { expect, it, onTestFinished, vi } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }

it('hands the command line to zoolet, with the version of the package, and sets the exit code', async () => {
  const { argv, exitCode } = process
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  onTestFinished(() => {
    write.mockRestore()
    Object.assign(process, { argv, exitCode })
  })

  process.argv = ['node', 'main.js', '--version']
  await import('../../src/cli/main.js')

  await vi.waitFor(() => expect(process.exitCode).toBe(0))
  expect([write.mock.calls.map(([text]) => text), process.exitCode]).toEqual([
    [`zoolet ${packageJson.version}\n`],
    0,
  ])
})

it('leaves an exit code that is no success while it has not come to an end', async () => {
  const { exitCode } = process
  vi.resetModules()
  vi.doMock('../../src/cli/zoolet.js', () => ({ zoolet: () => new Promise(() => undefined) }))
  onTestFinished(() => {
    vi.doUnmock('../../src/cli/zoolet.js')
    process.exitCode = exitCode
  })

  await import('../../src/cli/main.js')

  expect(process.exitCode).toBe(1)
})

it('begins with the line that makes it a program', () => {
  const source = readFileSync(new URL('../../src/cli/main.ts', import.meta.url), 'utf8')

  expect(source.split('\n')[0]).toBe('#!/usr/bin/env node')
})
