/** Why a place could not be listened on: one line for each reason, in the words of the options. */
import { describe, expect, it } from 'vitest'
import { listenFault } from '../../src/cli/listen-fault.js'

const port = { host: '10.0.0.1', port: 80 }
const socket = { path: '/run/z' }

describe('a port', () => {
  it.each([
    ['EADDRINUSE', 'port 80 of 10.0.0.1 is in use: stop what listens there, or choose another with --port'],
    ['EACCES', 'port 80 of 10.0.0.1 is not for this user: choose one from 1024 on with --port'],
    ['EADDRNOTAVAIL', '10.0.0.1 is not an address of this machine: choose another with --host'],
    ['EAFNOSUPPORT', 'this machine has no addresses like 10.0.0.1: choose another with --host'],
    [
      'ENOTFOUND',
      'the host name "10.0.0.1" is unknown: give an address of this machine, such as 127.0.0.1, with --host',
    ],
    ['EMFILE', 'cannot listen on port 80 of 10.0.0.1: listen EMFILE'],
  ])('that cannot be had for %s', (code, message) => {
    expect(listenFault(port, systemError(code))).toMatchObject({ exitCode: 1, message })
  })
})

describe('a Unix socket', () => {
  it.each([
    [
      'EADDRINUSE',
      '/run/z exists: stop what listens there, remove the file if nothing does, or choose another with --unix',
    ],
    [
      'EACCES',
      'cannot make the socket /run/z: its folder does not exist, or is not for this user; choose another with --unix',
    ],
    ['ENOTDIR', 'cannot make the socket /run/z: a part of its path is no folder; choose another with --unix'],
    ['EMFILE', 'cannot listen on /run/z: listen EMFILE'],
  ])('that cannot be had for %s', (code, message) => {
    expect(listenFault(socket, systemError(code))).toMatchObject({ exitCode: 1, message })
  })
})

describe('an option', () => {
  it.each([new RangeError('Unknown word "abcd"'), new TypeError('Unknown word "abcd"')])(
    'that the listener refuses is a fault of the command line: $name',
    (error) => {
      expect(listenFault(port, error)).toMatchObject({
        exitCode: 2,
        message: 'Unknown word "abcd"',
        cause: error,
      })
    },
  )

  it('is not to blame when the system is', () => {
    expect(listenFault(port, systemError('EADDRINUSE')).exitCode).toBe(1)
  })
})

function systemError(code: string): Error {
  return Object.assign(new Error(`listen ${code}`), { code })
}
