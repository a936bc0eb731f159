/**
 * CliMt: a running cli_mt. It prints its completions and events on one thread, in the order of the wire; so what comes before the
 * answer to a later question is the whole answer to an earlier one.
 */
import type { ServeProcess } from '../peer.js'
import { Conversation } from './conversation.js'

const LOG_LINE = /^.*:ZOO_(INFO|WARN|ERROR|DEBUG)@.*\n/gm

/** A shell with a session of its own. */
export class CliMt {
  /** Debian's place for it. */
  static readonly path = '/usr/lib/zookeeper/bin/cli_mt'

  readonly #conversation: Conversation
  #asked = 0

  private constructor(conversation: Conversation) {
    this.#conversation = conversation
  }

  /** Connects, below a chroot if one is given. */
  static async start(server: ServeProcess, chroot = ''): Promise<CliMt> {
    const conversation = new Conversation(CliMt.path, ['-h', server.connectString + chroot])
    await conversation.hear(/Got a new session id: .*\n/)
    return new CliMt(conversation)
  }

  /** Says a command without waiting for anything. */
  say(command: string): void {
    this.#conversation.say(command)
  }

  /** What a command makes the shell print, without what differs from run to run. */
  async ask(command: string): Promise<string> {
    this.#asked += 1
    const last = new RegExp(`time = .*\\n/no-such-znode-${this.#asked}: rc = -101\\n\\nStat:\\nnull\\n`)
    this.#conversation.say(command)
    this.#conversation.say(`aget /no-such-znode-${this.#asked}`)
    const text = await this.#conversation.hear(last)
    return plain(text.replace(last, ''))
  }

  /** The next event. */
  async event(): Promise<string> {
    return plain(await this.#conversation.hear(/Watcher .*_EVENT .*\n/))
  }

  /** Ends the session, and resolves with the exit code. */
  quit(): Promise<number | null> {
    return this.#conversation.end('quit')
  }
}

/** The same for every run: no zxids, times, session ids and log lines, and children in the order of their names. */
function plain(text: string): string {
  return text
    .replace(LOG_LINE, '')
    .replace(/zxid=[0-9a-f]+/g, 'zxid=Z')
    .replace(/time ?=.*/g, 'time=T')
    .replace(/ephemeralOwner = (?!0\n|8000000000000000\n|ff)[0-9a-f]+/g, 'ephemeralOwner = SESSION')
    .replace(/(?:^\t[^\s=]+\n)+/gm, (names) =>
      names
        .split(/(?<=\n)/)
        .sort()
        .join(''),
    )
}
