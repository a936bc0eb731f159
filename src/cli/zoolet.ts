/** The command `zoolet`: finds the command that is asked for, runs it, and turns what it throws into one line and an exit code. */
import { CommandError } from './command-error.js'
import { fault } from './given-options.js'
import { serve, serveHelp } from './serve.js'
import { quote } from './shown-text.js'
import type { Terminal } from './terminal.js'

interface Command {
  readonly summary: string
  readonly help: () => string[]
  readonly run: (args: readonly string[], terminal: Terminal) => Promise<void>
}

const commands: Readonly<Record<string, Command>> = {
  serve: { summary: 'Serve ZooKeeper clients on a port or a Unix socket.', help: serveHelp, run: serve },
}

/**
 * Runs the command line without the names of program and script. Resolves with the exit code when everything it did is over.
 * Rejects only for a bug of ours.
 */
export async function zoolet(args: readonly string[], terminal: Terminal, version: string): Promise<number> {
  try {
    for (const line of await run(args, terminal, version)) terminal.print(line)
    return 0
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    terminal.warn(`zoolet: ${error.message}`)
    return error.exitCode
  }
}

/** Resolves with what is left to print. */
async function run(args: readonly string[], terminal: Terminal, version: string): Promise<readonly string[]> {
  const [name, ...rest] = args
  if (name === undefined) throw fault('no command is given: try zoolet serve, or zoolet --help')
  if (name === '--version') return alone(args, [`zoolet ${version}`])
  if (name === '--help') return alone(args, help())
  if (name === 'help') return rest.length === 0 ? help() : alone(rest, requireCommand(rest[0] ?? '').help())
  const command = requireCommand(name)
  if (rest.includes('--help')) return command.help()
  await command.run(rest, terminal)
  return []
}

function requireCommand(name: string): Command {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command !== undefined) return command
  if (name.startsWith('-')) throw fault(`unknown option ${quote(name)}: see zoolet --help`)
  throw fault(`unknown command ${quote(name)}: see zoolet --help`)
}

/** The lines, if nothing follows the first of the arguments. */
function alone([first = '', more]: readonly string[], lines: readonly string[]): readonly string[] {
  if (more === undefined) return lines
  throw fault(`unexpected ${quote(more)} after ${first}: see zoolet --help`)
}

function help(): string[] {
  const width = Math.max(...Object.keys(commands).map((name) => name.length))
  return [
    'Usage: zoolet <command> [options]',
    '',
    'ZooKeeper in one process, in memory: for tests, for development, and for learning what watches do.',
    '',
    'Commands:',
    ...Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'zoolet help <command> shows the options of one command; zoolet --version shows the version.',
  ]
}
