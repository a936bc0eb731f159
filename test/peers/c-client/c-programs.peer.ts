/** Programs of ours that use ZooKeeper's C client, compiled here, on a server: each says which of its checks passed. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startApache } from '../apache-server.js'
import { describePeer, run, type ServeProcess, startServe } from '../peer.js'
import { Conversation } from './conversation.js'
import { CUT_VERBS, Cut } from './cut.js'

const FOLDER = dirname(fileURLToPath(import.meta.url))
const C_CLIENT = {
  name: "a C compiler and ZooKeeper's C client",
  find: () => ['/usr/bin/gcc', '/usr/include/zookeeper/zookeeper.h'].every((path) => existsSync(path)),
  install: 'apt-get install gcc libc6-dev libzookeeper-mt-dev',
}

/** How many checks each program has. Fewer fail. */
const programs = { operations: 16, multi: 9, acls: 7, watches: 13, sessions: 11 } as const

describePeer('programs with the C client', C_CLIENT, () => {
  const folder = mkdtempSync(join(tmpdir(), 'zoolet-c-client-'))
  let server: ServeProcess
  beforeAll(async () => {
    // By the real one these suites can be checked themselves.
    server = await (process.env.PEER_SERVER === 'apache' ? startApache() : startServe())
  })
  afterAll(async () => {
    await server.stop()
    rmSync(folder, { recursive: true })
  })

  for (const [name, count] of Object.entries(programs)) {
    it(`${name}.c: all of its ${count} checks pass`, async () => {
      const program = join(folder, name)
      await compile(name, program)

      const report = await talk(program, server)

      expect(report.filter((line) => line.startsWith('not ok'))).toEqual([])
      expect(report.at(-1)).toBe(`done: ${count} passed, 0 failed`)
    })
  }
})

async function compile(name: string, program: string): Promise<void> {
  const { code, stderr } = await run(
    'gcc',
    ['-O1', '-g', '-Wall', '-DTHREADED', `${name}.c`, '-o', program, '-lzookeeper_mt', '-lpthread'],
    { cwd: FOLDER },
  )
  if (code !== 0) throw new Error(`gcc refuses ${name}.c: ${stderr}`)
}

/** Runs a program to its last line, and does to its way to the server what it asks for. */
async function talk(program: string, server: ServeProcess): Promise<string[]> {
  const cut = await Cut.to(server.port)
  const conversation = new Conversation(program, [`${server.port}`, `${cut.port}`])
  const lines: string[] = []
  while (!lines.at(-1)?.startsWith('done')) {
    const line = (await conversation.hear(/.*\n/)).trim()
    const verb = CUT_VERBS.find((name) => line === `@${name}`)
    if (verb === undefined) {
      lines.push(line)
      continue
    }
    await cut[verb]()
    conversation.say(verb)
  }
  await conversation.end()
  await cut.close()
  return lines
}
