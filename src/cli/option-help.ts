/** The help of a command, made from the table that its options are read by. */
import type { OptionRow, OptionTable } from './given-options.js'

const GAP = '  '

/** One or more lines an option: its name and value on the left, what it does on the right. */
export function optionHelp(table: OptionTable<string>): string[] {
  const rows = Object.entries(table)
  const width = Math.max(...rows.map(([name, row]) => leftOf(name, row).length))
  return rows.flatMap(([name, row]) =>
    row.help.map((text, i) => {
      const left = i === 0 ? leftOf(name, row) : ''
      return `${GAP}${left.padEnd(width)}${GAP}${text}`
    }),
  )
}

function leftOf(name: string, { value }: OptionRow): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`
}
