/** Bytes, whatever realm they come from: test runners and frames have a Uint8Array of their own. */

/** True for a Uint8Array of any realm; a Buffer is one. */
export function isBytes(value: unknown): value is Uint8Array {
  // The usual case first: naming the type of another realm's object takes longer than many a write.
  return (
    value instanceof Uint8Array ||
    (ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]')
  )
}

const arrayPrototype: object = Object.getPrototypeOf(Uint8Array.prototype)
const trueLength = Object.getOwnPropertyDescriptor(arrayPrototype, 'length')?.get

/** Whether there are as many bytes as `length` says: a subclass may say something else, and copying goes by what there is. */
export function isHonest(bytes: Uint8Array): boolean {
  return trueLength !== undefined && Reflect.apply(trueLength, bytes, []) === bytes.length
}

/** A copy that shares nothing; the `slice` of a Buffer would. */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}

/** True if both hold the same bytes; takes the same time whichever byte differs, since they may be secrets. */
export function bytesEqual(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false
  let difference = 0
  for (let i = 0; i < one.length; i++) difference |= (one[i] ?? 0) ^ (other[i] ?? 0)
  return difference === 0
}
