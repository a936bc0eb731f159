/** The files of `--tls-cert` and `--tls-key`: tried before anything listens. */
import { expect, it } from 'vitest'
import { readTlsFiles } from '../../src/cli/tls-files.js'
import { messageOf } from '../semantics/fixture.js'
import { CERTIFICATE, KEY, OTHER_KEY } from './certificates.js'
import { temporaryFolder } from './temporary-folder.js'

const folder = temporaryFolder()
const certPath = folder.file('cert.pem', CERTIFICATE)
const keyPath = folder.file('key.pem', KEY)
const BOTH = 'both must be PEM, without a passphrase, and belong together'

it('a certificate and its key are what a server speaks TLS with', async () => {
  const { cert, key } = await readTlsFiles({ certPath, keyPath })

  expect([String(cert), String(key)]).toEqual([CERTIFICATE, KEY])
})

it.each([
  ['the key of another', CERTIFICATE, OTHER_KEY],
  ['the two exchanged', KEY, CERTIFICATE],
  ['no PEM', 'x', 'y'],
  ['empty files', '', ''],
])('%s is refused', async (_name, cert, key) => {
  const files = { certPath: folder.file('bad-cert.pem', cert), keyPath: folder.file('bad-key.pem', key) }

  const message = await messageOf(() => readTlsFiles(files))

  const start = `CommandError: cannot use --tls-cert "${files.certPath}" with --tls-key "${files.keyPath}": `
  expect(message).toMatch(/^[^\n]+$/)
  expect([message.startsWith(start), message.endsWith(BOTH)]).toEqual([true, true])
  expect(message).not.toContain('PRIVATE')
})

it.each([
  [{ certPath: folder.pathOf('none'), keyPath }, '--tls-cert'],
  [{ certPath, keyPath: folder.pathOf('none') }, '--tls-key'],
])('a file that is not there is named with its option', async (files, option) => {
  const message = await messageOf(() => readTlsFiles(files))

  expect(message).toBe(
    `CommandError: cannot read ${option} "${folder.pathOf('none')}": there is no such file`,
  )
})
