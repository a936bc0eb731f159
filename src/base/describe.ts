/** How an error message quotes the value that it is about: in one short line, whatever it is. */

const LONGEST_TEXT = 100
const MOST_ITEMS = 8

/** Text in quotes, lists and objects by what is in them, everything long cut short. */
export function describe(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value)
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value))
    return `[${listed(value, (item) => (Array.isArray(item) ? '[…]' : describe(item)))}]`
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`
  return `{ ${listed(Object.keys(value), String)} }`
}

function listed<T>(items: readonly T[], show: (item: T) => string): string {
  const shown = items.slice(0, MOST_ITEMS).map(show)
  return items.length > MOST_ITEMS ? `${shown.join(', ')}, …` : shown.join(', ')
}
