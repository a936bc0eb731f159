/** How an error message quotes the value that it is about. */

/** A value as an error message quotes it. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value !== 'object' || value === null) return String(value)
  return Array.isArray(value) ? `[${value.map(describe).join(', ')}]` : `{ ${Object.keys(value).join(', ')} }`
}
