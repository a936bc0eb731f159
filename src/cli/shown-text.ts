/**
 * Text that others sent, as it may stand in one line of a terminal: short, and without characters that a terminal obeys or
 * does not show. Nothing from outside is printed but through these.
 */

const MAX_DATA_CHARACTERS = 40
const MAX_PATH_CHARACTERS = 100
const MAX_WORD_CHARACTERS = 20
const MOST_BYTES_OF_A_CHARACTER = 4

/** Data of a znode: text in quotes, cut after 40 characters; what is no text as its number of bytes; null. */
export function showData(data: Uint8Array | null): string {
  if (data === null) return 'null'
  const text = findText(data, (MAX_DATA_CHARACTERS + 1) * MOST_BYTES_OF_A_CHARACTER)
  if (text === undefined) return counted(data.length, 'byte')
  const shown = cut(text, MAX_DATA_CHARACTERS)
  return shown === text ? quote(text) : `${quote(shown)}... ${counted(data.length, 'byte')}`
}

/** A path: as it is if it is plain, else in quotes. Cut after 100 characters. */
export function showPath(path: string): string {
  return showName(path, MAX_PATH_CHARACTERS)
}

/** A single word, the name of a scheme: as it is if it is plain, else in quotes. Cut after 20 characters. */
export function showWord(word: string): string {
  return showName(word, MAX_WORD_CHARACTERS)
}

/** Text in quotes with everything escaped that is not a visible character or a space. */
export function quote(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  )
}

/** A number with its noun: `1 byte`, `2 bytes`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** The items joined, with a word for those over the limit. */
export function listed(items: readonly string[], most: number): string {
  const shown = items.slice(0, most).join(', ')
  return items.length > most ? `${shown} and ${items.length - most} more` : shown
}

/** A number as ZooKeeper's tools write zxids and session ids; negative ones as the 64 bits that they are. */
export function showHex(value: number | bigint): string {
  return `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`
}

function showName(name: string, mostCharacters: number): string {
  const shown = cut(name, mostCharacters)
  const text = /^[^\s"\p{C}]+$/u.test(shown) ? shown : quote(shown)
  return shown === name ? text : `${text}...`
}

/** The text that the first bytes are, if they are text that a person can read. */
function findText(data: Uint8Array, mostBytes: number): string | undefined {
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    // A character that the cut went through is not held against it.
    const text = decoder.decode(data.subarray(0, mostBytes), { stream: data.length > mostBytes })
    return /[^\P{Cc}\t\n\r]/u.test(text) ? undefined : text
  } catch {
    return undefined
  }
}

function cut(text: string, mostCharacters: number): string {
  // Short in units is short in characters, and long text is not taken apart as a whole.
  if (text.length <= mostCharacters) return text
  return Array.from(text.slice(0, 2 * mostCharacters))
    .slice(0, mostCharacters)
    .join('')
}
