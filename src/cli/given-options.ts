/**
 * GivenOptions: the options of a command line, read by a table of those there are. Whatever is not in the table, or not of its
 * kind, is a CommandError that names the option and says what to give instead.
 */
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { CommandError } from './command-error.js'
import { quote } from './shown-text.js'

/** What a command knows of one option. */
export interface OptionRow {
  /** What stands for its value in the help; none for a switch. */
  readonly value?: string
  /** What it does, in one or more lines. */
  readonly help: readonly string[]
}

/** The options of a command, in the order of its help. */
export type OptionTable<Name extends string> = Readonly<Record<Name, OptionRow>>

/** The least and the greatest value of a number. */
export interface Range {
  readonly least: number
  readonly most: number
}

type Tokens = ReturnType<typeof tokensOf>
type OptionToken = Extract<Tokens[number], { readonly kind: 'option' }>

/** What was given of a table of options. */
export class GivenOptions<Name extends string> {
  readonly #values: ReadonlyMap<string, string>

  private constructor(values: ReadonlyMap<string, string>) {
    this.#values = values
  }

  /** Reads what follows the name of a command. @throws CommandError */
  static read<Name extends string>(
    command: string,
    args: readonly string[],
    table: OptionTable<Name>,
  ): GivenOptions<Name> {
    const rows = new Map<string, OptionRow>(Object.entries(table))
    const values = new Map<string, string>()
    for (const token of tokensOf(args, rows)) {
      if (token.kind === 'option-terminator') continue
      if (token.kind === 'positional')
        throw fault(`unexpected ${quote(token.value)}: ${command} takes options only, see ${command} --help`)
      const row = rows.get(token.name)
      if (row === undefined || !token.rawName.startsWith('--'))
        throw fault(`unknown option ${token.rawName}: see ${command} --help`)
      if (values.has(token.name)) throw fault(`${token.rawName} is given twice: give it once`)
      values.set(token.name, requireValue(token, row))
    }
    return new GivenOptions(values)
  }

  /** True if the option is given. */
  has(name: Name): boolean {
    return this.#values.has(name)
  }

  /** The value as it was given; may be empty. */
  find(name: Name): string | undefined {
    return this.#values.get(name)
  }

  /** The value as text that is not empty. @throws CommandError */
  findText(name: Name): string | undefined {
    const value = this.#values.get(name)
    if (value === '') throw invalid(name, value, 'give a value that is not empty')
    return value
  }

  /** The value as a whole number within a range, its ends included. @throws CommandError */
  findNumber(name: Name, { least, most }: Range): number | undefined {
    const value = this.#values.get(name)
    if (value === undefined) return undefined
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN
    if (number >= least && number <= most) return number
    throw invalid(name, value, `give a whole number from ${least} to ${most}`)
  }
}

/** The error for a value that is none of its option's. */
export function invalid(name: string, value: string, whatToDo: string): CommandError {
  return fault(`invalid --${name} ${quote(value)}: ${whatToDo}`)
}

/** The error for a command line that is wrong. */
export function fault(message: string): CommandError {
  return new CommandError(message, { exitCode: 2 })
}

/** Not strict: the messages of parseArgs are made for programmers, and some have several lines. */
function tokensOf(args: readonly string[], rows: ReadonlyMap<string, OptionRow>) {
  const options: NonNullable<ParseArgsConfig['options']> = {}
  for (const [name, { value }] of rows) options[name] = { type: value === undefined ? 'boolean' : 'string' }
  return parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true }).tokens
}

function requireValue({ rawName, value, inlineValue }: OptionToken, row: OptionRow): string {
  if (row.value === undefined) {
    if (value !== undefined) throw fault(`${rawName} takes no value, but ${quote(value)} is given`)
    return ''
  }
  // What looks like an option is one that came too early; a number below zero is a wrong value.
  const isNextOption = value !== undefined && inlineValue === false && /^-\D/.test(value)
  if (value === undefined || isNextOption) throw fault(`${rawName} needs a value: ${rawName} ${row.value}`)
  return value
}
