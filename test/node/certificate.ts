/** Certificates for tests of TLS, made by openssl when they are needed: the repository holds no keys, and none is out of date. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A certificate that is signed by itself, and its key; both as PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** For this name and no other. Takes about 20 ms. */
export function makeCertificate(name: string): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'zoolet-tls-'))
  const [certPath, keyPath] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const what = ['-x509', '-nodes', '-days', '2', '-subj', `/CN=${name}`]
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  const names = ['-addext', `subjectAltName=DNS:${name}`]
  try {
    const files = ['-keyout', keyPath, '-out', certPath]
    execFileSync('openssl', ['req', ...what, ...key, ...names, ...files], { stdio: 'pipe' })
    return { cert: readFileSync(certPath, 'utf8'), key: readFileSync(keyPath, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
