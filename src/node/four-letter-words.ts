/**
 * The four-letter words: what monitors ask a ZooKeeper server on a connection of their own, before any handshake.
 * Pure: the listener recognizes a word by its first four bytes, reads what more it takes, writes the answer and closes.
 */
import { describe } from '../base/describe.js'
import {
  confReport,
  consReport,
  dumpReport,
  enviReport,
  type FourLetterFacts,
  mntrReport,
  srvrReport,
  statReport,
  wchcReport,
  wchpReport,
  wchsReport,
} from './four-letter-reports.js'

/** One of the words that ZooKeeper knows. Case matters. */
export type FourLetterWord =
  | 'conf'
  | 'cons'
  | 'crst'
  | 'dirs'
  | 'dump'
  | 'envi'
  | 'gtmk'
  | 'hash'
  | 'isro'
  | 'mntr'
  | 'ruok'
  | 'srst'
  | 'srvr'
  | 'stat'
  | 'stmk'
  | 'wchc'
  | 'wchp'
  | 'wchs'

/** What a word takes and gives. */
export interface FourLetterCommand {
  /** Bytes after the word that belong to it. They are awaited only if the word is allowed. */
  readonly extraBytes: number
  /** Does what the word orders and returns the text to send; an empty one is sent as nothing but the close. */
  readonly answer: (facts: FourLetterFacts, extra: Uint8Array) => string
}

const MASK_BYTES = 8
const NO_BYTES = new Uint8Array(0)

/** Every word with its answer. */
export const FOUR_LETTER_WORDS: Readonly<Record<FourLetterWord, FourLetterCommand>> = Object.freeze({
  conf: plain(confReport),
  cons: plain(consReport),
  crst: plain((facts) => {
    facts.resetConnectionStats()
    return 'Connection stats reset.\n'
  }),
  // All is in memory.
  dirs: plain(() => 'datadir_size: 0\nlogdir_size: 0\n'),
  dump: plain(dumpReport),
  envi: plain(enviReport),
  gtmk: plain(({ traceMask }) => `${traceMask}`),
  // One line for each entry of the digest log; a server that keeps none answers with nothing.
  hash: plain(() => ''),
  isro: plain(() => 'rw'),
  mntr: plain(mntrReport),
  ruok: plain(() => 'imok'),
  srst: plain((facts) => {
    facts.resetStats()
    return 'Server stats reset.\n'
  }),
  srvr: plain(srvrReport),
  stat: plain(statReport),
  stmk: { extraBytes: MASK_BYTES, answer: setTraceMask },
  wchc: plain(wchcReport),
  wchp: plain(wchpReport),
  wchs: plain(wchsReport),
})

/** What is answered unless the user says otherwise: the real server's srvr, and ruok for health checks. */
export const DEFAULT_FOUR_LETTER_WORDS: readonly FourLetterWord[] = ['srvr', 'ruok']

/** True if these four letters are a word. */
export function isFourLetterWord(text: string): text is FourLetterWord {
  return Object.hasOwn(FOUR_LETTER_WORDS, text)
}

/** The text to answer with: the word's own, or the real server's refusal if the word is not allowed; then nothing is done. */
export function answerFourLetterWord(
  word: FourLetterWord,
  facts: FourLetterFacts,
  allowed: ReadonlySet<FourLetterWord>,
  extra: Uint8Array = NO_BYTES,
): string {
  if (!allowed.has(word)) return `${word} is not executed because it is not in the whitelist.\n`
  return FOUR_LETTER_WORDS[word].answer(facts, extra)
}

/**
 * The words that a user's list, or '*' for all of them, allows; no others, while the real server always adds srvr.
 * @throws TypeError for no list, RangeError for an unknown word
 */
export function allowedFourLetterWords(
  given: readonly string[] | '*' = DEFAULT_FOUR_LETTER_WORDS,
): ReadonlySet<FourLetterWord> {
  const known = Object.keys(FOUR_LETTER_WORDS)
  if (given !== '*' && !Array.isArray(given)) {
    throw new TypeError(`Invalid four-letter words ${describe(given)}: pass a list of words, or '*' for all`)
  }
  const words: readonly string[] = given === '*' ? known : given
  const allowed = new Set<FourLetterWord>()
  for (const word of words) {
    if (!isFourLetterWord(word)) {
      throw new RangeError(`Unknown four-letter word ${describe(word)}; there are ${known.join(', ')}`)
    }
    allowed.add(word)
  }
  return allowed
}

function plain(answer: (facts: FourLetterFacts) => string): FourLetterCommand {
  return { extraBytes: 0, answer }
}

function setTraceMask(facts: FourLetterFacts, extra: Uint8Array): string {
  // A mask that is cut short sets nothing and gets no answer, live on 3.8.0.
  if (extra.length < MASK_BYTES) return ''
  const mask = new DataView(extra.buffer, extra.byteOffset, MASK_BYTES).getBigInt64(0)
  facts.setTraceMask(mask)
  return `${mask}`
}
