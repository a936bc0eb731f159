/** The command `zoolet`: which command runs, what help there is, and what a wrong command line is told. */
import { describe, expect, it } from 'vitest'
import { serveHelp } from '../../src/cli/serve.js'
import { zoolet } from '../../src/cli/zoolet.js'
import { FakeTerminal } from './fake-terminal.js'

describe('help', () => {
  it.each(['--help', 'help'])('zoolet %s names every command and what to ask next', async (line) => {
    const { code, out, err } = await runZoolet(line)

    expect([code, err]).toEqual([0, []])
    expect(out.join('\n')).toMatch(
      /^Usage: zoolet <command>.*\n {2}serve {2}Serve ZooKeeper.*zoolet --version/s,
    )
  })

  it.each(['serve --help', 'serve --port 1 --help', 'serve --nonsense --help', 'help serve'])(
    'zoolet %s shows the options of serve, and serves nothing',
    async (line) => {
      expect(await runZoolet(line)).toEqual({ code: 0, out: serveHelp(), err: [] })
    },
  )
})

it('zoolet --version shows the version', async () => {
  expect(await runZoolet('--version')).toEqual({ code: 0, out: ['zoolet 1.2.3'], err: [] })
})

describe('a wrong command line', () => {
  it.each([
    ['', 'no command is given: try zoolet serve, or zoolet --help'],
    ['sevre', 'unknown command "sevre": see zoolet --help'],
    ['constructor', 'unknown command "constructor": see zoolet --help'],
    ['--port 1', 'unknown option "--port": see zoolet --help'],
    ['help sevre', 'unknown command "sevre": see zoolet --help'],
    ['help serve now', 'unexpected "now" after serve: see zoolet --help'],
    ['--version now', 'unexpected "now" after --version: see zoolet --help'],
    ['--help now', 'unexpected "now" after --help: see zoolet --help'],
    ['serve --prot 1', 'unknown option --prot: see zoolet serve --help'],
    ['serve now', 'unexpected "now": zoolet serve takes options only, see zoolet serve --help'],
  ])('zoolet %s is told why in one line, and exits with 2', async (line, message) => {
    expect(await runZoolet(line)).toEqual({ code: 2, out: [], err: [`zoolet: ${message}`] })
  })
})

async function runZoolet(line: string): Promise<{ code: number; out: string[]; err: string[] }> {
  const terminal = new FakeTerminal()
  const code = await zoolet(line === '' ? [] : line.split(' '), terminal, '1.2.3')
  return { code, out: terminal.out, err: terminal.err }
}
