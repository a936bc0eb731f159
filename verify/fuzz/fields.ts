/** Where the fields of a message probably are, by the look of its bytes: jute has no tags, but its texts can be recognised. */

/** A field. */
export interface Field {
  readonly kind: 'int' | 'text'
  readonly at: number
  /** Bytes, the length of a text included. */
  readonly length: number
}

const INT_BYTES = 4
const FIRST_PRINTABLE = 0x20

/** Fields from the beginning on. A byte by itself, as a boolean is, is passed over if a text comes after it. */
export function fieldsOf(message: Uint8Array): Field[] {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  const fields: Field[] = []
  let at = 0
  while (at + INT_BYTES <= message.length) {
    let skipped = 0
    while (skipped < INT_BYTES && textLengthAt(message, view, at + skipped) === 0) skipped += 1
    if (skipped === INT_BYTES) {
      fields.push({ kind: 'int', at, length: INT_BYTES })
      at += INT_BYTES
      continue
    }
    const start = at + skipped
    const length = INT_BYTES + textLengthAt(message, view, start)
    fields.push({ kind: 'text', at: start, length })
    at = start + length
  }
  return fields
}

/** How many bytes of text are announced here, 0 if none. */
function textLengthAt(message: Uint8Array, view: DataView, at: number): number {
  const start = at + INT_BYTES
  if (start > message.length) return 0
  const length = view.getInt32(at)
  if (length <= 0 || length > message.length - start) return 0
  for (let i = start; i < start + length; i++) if ((message[i] ?? 0) < FIRST_PRINTABLE) return 0
  return length
}
