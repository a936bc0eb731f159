/** Which hosts need no warning. */
import { expect, it } from 'vitest'
import { isLoopback } from '../../src/cli/loopback.js'

it.each([
  '127.0.0.1',
  '127.1.2.3',
  '::1',
  '0:0:0:0:0:0:0:1',
  '::ffff:127.0.0.1',
  'localhost',
  'LOCALHOST',
  'a.localhost',
])('only this machine reaches %s', (host) => {
  expect(isLoopback(host)).toBe(true)
})

it.each([
  '0.0.0.0',
  '::',
  '10.0.0.1',
  '128.0.0.1',
  '::2',
  '::ffff:10.0.0.1',
  'example.org',
  'notlocalhost',
  'localhost.example.org',
])('others may reach %s', (host) => {
  expect(isLoopback(host)).toBe(false)
})
