/**
 * Scribe: writes down what a connection is told, in words that are the same for every server. Sessions get numbers in the order of
 * their opening, passwords are left out, lists without an order are sorted. Of a time only this is kept: that one zxid has one time.
 */
import { createHash } from 'node:crypto'
import type { ConnectResponse, Notification, Reply, Response } from '../../src/protocol/message.js'
import type { OpResult, ReadOpResult } from '../../src/protocol/op-result.js'
import type { Stat } from '../../src/protocol/stat.js'

/** Data of more bytes than this are told by their hash. */
const SHORT_BYTES = 16

/** The line of a connection that the server has ended. */
export const CLOSED = 'closed'

/** One for each subject. */
export class Scribe {
  readonly #sessions = new Map<bigint, string>()
  readonly #timesByZxid = new Map<bigint, number>()

  connected({ timeoutMs, sessionId }: ConnectResponse): string {
    if (timeoutMs <= 0) return 'refused'
    if (!this.#sessions.has(sessionId)) this.#sessions.set(sessionId, `s${this.#sessions.size + 1}`)
    return `connected ${this.#session(sessionId)} for ${timeoutMs} ms`
  }

  event({ type, path, zxid }: Notification): string {
    return `event ${type} ${JSON.stringify(path)} ${zxid}`
  }

  /** A reply to a request of this type. */
  reply(type: string, { code, zxid, response }: Reply): string {
    const body = response === undefined ? '' : ` ${this.#response(response)}`
    return `${type} ${code} ${zxid}${body}`
  }

  /** What a success brings; without a word if that is nothing. */
  #response(response: Response): string {
    switch (response.type) {
      case 'pathAndStat':
        return `${JSON.stringify(response.path)} ${this.#stat(response.stat)}`
      case 'stat':
        return this.#stat(response.stat)
      case 'data':
        return `${bytes(response.data)} ${this.#stat(response.stat)}`
      case 'acl': {
        const acl = response.acl.map(({ perms, scheme, id }) => `${scheme}:${id}:${perms}`)
        return `${acl.join(' ')} ${this.#stat(response.stat)}`
      }
      case 'childNames':
        return sorted(response.children)
      case 'children':
        return `${sorted(response.children)} ${this.#stat(response.stat)}`
      case 'ephemerals':
        return sorted(response.ephemerals)
      case 'results':
        return response.results.map((result) => this.#opResult(result)).join(' | ')
      case 'readResults':
        return response.results.map((result) => this.#readResult(result)).join(' | ')
      case 'clientInfo':
        return sorted(response.clientInfo.map(({ scheme, user }) => `${scheme}:${user}`))
      case 'token':
        return bytes(response.token)
      case 'path':
      case 'synced':
        return JSON.stringify(response.path)
      case 'totalNumber':
        return String(response.totalNumber)
      case 'done':
      case 'watchAdded':
        return ''
    }
  }

  #opResult(result: OpResult): string {
    switch (result.type) {
      case 'error':
        return `error ${result.code}`
      case 'create':
        return `create ${JSON.stringify(result.path)}${result.stat === undefined ? '' : ` ${this.#stat(result.stat)}`}`
      case 'setData':
        return `setData ${this.#stat(result.stat)}`
      default:
        return result.type
    }
  }

  #readResult(result: ReadOpResult): string {
    if (result.type === 'error') return `error ${result.code}`
    if (result.type === 'getData') return `getData ${bytes(result.data)} ${this.#stat(result.stat)}`
    return `getChildren ${sorted(result.children)}`
  }

  #stat(stat: Stat): string {
    const { czxid, mzxid, pzxid, version, cversion, aversion, dataLength, numChildren } = stat
    const owner = stat.ephemeralOwner === 0n ? '-' : this.#session(stat.ephemeralOwner)
    const ctime = this.#time(czxid, stat.ctime)
    const mtime = this.#time(mzxid, stat.mtime)
    return `{c=${czxid}${ctime} m=${mzxid}${mtime} p=${pzxid} v=${version} cv=${cversion} av=${aversion} owner=${owner} length=${dataLength} children=${numChildren}}`
  }

  #session(id: bigint): string {
    return this.#sessions.get(id) ?? 'a session of nobody'
  }

  /** Nothing, if it is the time at which this transaction happened. */
  #time(zxid: bigint, ms: number): string {
    if (ms === 0) return '@0'
    const known = this.#timesByZxid.get(zxid)
    if (known === undefined) this.#timesByZxid.set(zxid, ms)
    return known === undefined || known === ms ? '' : `@${ms - known}ms later than before`
  }
}

function sorted(names: readonly string[]): string {
  return JSON.stringify([...names].sort())
}

function bytes(data: Uint8Array | null): string {
  if (data === null) return 'null'
  if (data.length > SHORT_BYTES) return `sha1:${createHash('sha1').update(data).digest('hex')}`
  return JSON.stringify(Buffer.from(data).toString('latin1'))
}
