/** The certificate and the key of `--tls-cert` and `--tls-key`, tried together before anything listens. */
import type { TlsOptions } from 'node:tls'
import { CommandError, messageOf } from './command-error.js'
import { readOptionFile } from './option-file.js'
import type { TlsFiles } from './serve-options.js'
import { quote } from './shown-text.js'

/** What a server speaks TLS with. @throws CommandError if a file cannot be read, or the two do not belong together */
export async function readTlsFiles({ certPath, keyPath }: TlsFiles): Promise<TlsOptions> {
  const cert = Buffer.from(readOptionFile('--tls-cert', certPath))
  const key = Buffer.from(readOptionFile('--tls-key', keyPath))
  const { createSecureContext } = await import('node:tls')
  try {
    createSecureContext({ cert, key })
  } catch (cause) {
    throw new CommandError(
      `cannot use --tls-cert ${quote(certPath)} with --tls-key ${quote(keyPath)}: ${messageOf(cause)}; both must be PEM, without a passphrase, and belong together`,
      { exitCode: 2, cause },
    )
  }
  return { cert, key }
}
