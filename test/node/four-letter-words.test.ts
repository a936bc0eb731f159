/** The four-letter words as a table: which there are, what they order, what they take, and who may ask them. */
import { describe, expect, it } from 'vitest'
import {
  allowedFourLetterWords,
  answerFourLetterWord,
  DEFAULT_FOUR_LETTER_WORDS,
  FOUR_LETTER_WORDS,
  isFourLetterWord,
} from '../../src/node/four-letter-words.js'
import { recorded } from './four-letter-facts.js'

const KNOWN = 'conf cons crst dirs dump envi gtmk hash isro mntr ruok srst srvr stat stmk wchc wchp wchs'
const REFUSAL = 'stmk is not executed because it is not in the whitelist.\n'

const everything = allowedFourLetterWords('*')

describe('a word that orders something', () => {
  it.each([
    ['crst', 'Connection stats reset.\n', 'resetConnectionStats'],
    ['srst', 'Server stats reset.\n', 'resetStats'],
  ] as const)('%s has it done and says so', (word, text, order) => {
    const { facts, orders } = recorded()

    const answer = answerFourLetterWord(word, facts, everything)

    expect(answer).toBe(text)
    expect(orders).toEqual([order])
  })

  it.each([
    [[0, 0, 0, 0, 0, 0, 3, 255], '1023'],
    [[255, 255, 255, 255, 255, 255, 255, 254], '-2'],
  ])('stmk has the mask %j set and says it', (bytes, mask) => {
    const { facts, orders } = recorded()
    const extra = Uint8Array.from([7, ...bytes]).subarray(1)

    const answer = answerFourLetterWord('stmk', facts, everything, extra)

    expect(answer).toBe(mask)
    expect(orders).toEqual([`setTraceMask ${mask}`])
  })

  it.each([[[]], [[1, 2, 3, 4, 5, 6, 7]]])(
    'stmk with %j for a mask sets nothing and says nothing',
    (bytes) => {
      const { facts, orders } = recorded()

      const answer = answerFourLetterWord('stmk', facts, everything, Uint8Array.from(bytes))

      expect(answer).toBe('')
      expect(orders).toEqual([])
    },
  )

  it('gtmk says the mask that was set', () => {
    const { facts } = recorded({ traceMask: -2n })

    expect(answerFourLetterWord('gtmk', facts, everything)).toBe('-2')
  })

  it('no other word has anything done', () => {
    const { facts, orders } = recorded()

    for (const word of everything) {
      if (!/crst|srst/.test(word)) answerFourLetterWord(word, facts, everything)
    }

    expect(orders).toEqual([])
  })
})

describe('the whitelist', () => {
  it('refuses a word that is not in it, in the words of the real server, and has nothing done', () => {
    const { facts, orders } = recorded()
    const allowed = allowedFourLetterWords(['ruok'])

    const answer = answerFourLetterWord('stmk', facts, allowed, new Uint8Array(8))

    expect(answer).toBe(REFUSAL)
    expect(orders).toEqual([])
  })

  it('has srvr and ruok in it unless it is set', () => {
    expect([...allowedFourLetterWords()]).toEqual(['srvr', 'ruok'])
    expect(DEFAULT_FOUR_LETTER_WORDS).toEqual(['srvr', 'ruok'])
  })

  it('has in it what it is set to and nothing else', () => {
    expect([...allowedFourLetterWords(['mntr', 'mntr'])]).toEqual(['mntr'])
    expect([...allowedFourLetterWords([])]).toEqual([])
  })

  it('has every word in it if it is a star', () => {
    expect([...everything].join(' ')).toBe(KNOWN)
  })

  it.each(['RUOK', 'abcd', '*', ''])('takes no unknown word such as %j', (word) => {
    expect(() => allowedFourLetterWords(['ruok', word])).toThrow(
      new RangeError(`Unknown four-letter word "${word}"; there are ${KNOWN.replaceAll(' ', ', ')}`),
    )
  })

  it.each(['ruok', null, 5])('takes nothing but a list and the star, such as %j', (given) => {
    expect(() => Reflect.apply(allowedFourLetterWords, undefined, [given])).toThrow(
      new TypeError(
        `Invalid four-letter words ${JSON.stringify(given)}: pass a list of words, or '*' for all`,
      ),
    )
  })
})

describe('the table', () => {
  it('knows its words and nothing that every object has', () => {
    expect(['ruok', 'stmk'].filter(isFourLetterWord)).toEqual(['ruok', 'stmk'])
    expect(['RUOK', 'ruo', 'abcd', 'toString', ''].filter(isFourLetterWord)).toEqual([])
  })

  it('reads on after stmk only', () => {
    const extraBytes = Object.entries(FOUR_LETTER_WORDS).filter(([, command]) => command.extraBytes !== 0)

    expect(extraBytes.map(([word, command]) => [word, command.extraBytes])).toEqual([['stmk', 8]])
  })
})
