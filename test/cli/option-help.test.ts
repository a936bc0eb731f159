/** The help of a command, as lines that fit a terminal. */
import { expect, it } from 'vitest'
import { optionHelp } from '../../src/cli/option-help.js'
import { SERVE_OPTIONS } from '../../src/cli/serve-options.js'

it('an option has its name, its value and its explanation, in columns', () => {
  const lines = optionHelp({
    port: { value: 'PORT', help: ['The port.'] },
    quiet: { help: ['Print nothing,', 'not even this.'] },
  })

  expect(lines).toEqual([
    '  --port PORT  The port.',
    '  --quiet      Print nothing,',
    '               not even this.',
  ])
})

it('the help of serve names every option once, in lines of at most 100 characters', () => {
  const lines = optionHelp(SERVE_OPTIONS)

  const names = lines.flatMap((line) => [...line.matchAll(/^ {2}--([a-z-]+)/g)].map(([, name]) => name))
  expect(names).toEqual(Object.keys(SERVE_OPTIONS))
  expect(lines.filter((line) => line.length > 100)).toEqual([])
})
