/**
 * Late closes: on the real server a delete right behind a closeSession or an expiry still counts the children that go with that session,
 * as long as the closing waits to be applied, and is NOTEMPTY (D51). This knows which answers can come from that.
 */
import { parentOf } from '../../test/property/model-paths.js'
import type { ModelServer } from '../../test/property/model-server.js'
import type { Exchange } from './history.js'
import type { Horizon } from './horizon.js'
import type { CheckOptions } from './violation.js'

/** What it has to know about a history. */
interface LateClosesGround {
  readonly horizon: Horizon
  readonly options: Pick<CheckOptions, 'deletesLagBehindCloses'>
}

/** The endings of one course. */
export class LateCloses {
  readonly #ground: LateClosesGround
  /** The zxid of the last ending that took a child from this path; nothing where a server does not lag. */
  readonly #bereft: Map<string, number>

  constructor(ground: LateClosesGround, bereft: ReadonlyMap<string, number> = new Map()) {
    this.#ground = ground
    this.#bereft = new Map(bereft)
  }

  fork(): LateCloses {
    return new LateCloses(this.#ground, this.#bereft)
  }

  /** A session is about to end with this zxid. */
  ends({ tree }: ModelServer, session: bigint, zxid: number): void {
    if (!this.#ground.options.deletesLagBehindCloses) return
    for (const [path, { owner }] of tree) if (owner === session) this.#bereft.set(parentOf(path), zxid)
  }

  /** Whose children an answered request has counted though they may be gone: at most one path, where it failed. */
  countedBy({ request, reply, sentAt }: Exchange): readonly string[] {
    if (reply?.code === 'NOTEMPTY' && request.type === 'delete') return this.#among([request.path], sentAt)
    if (request.type !== 'multi' || reply?.response?.type !== 'results') return []
    const at = reply.response.results.findIndex((each) => each.type === 'error' && each.code === 'NOTEMPTY')
    const op = request.ops[at]
    return op?.type === 'delete' ? this.#among([op.path], sentAt) : []
  }

  /** Whose children a request can have counted that nobody was answered. */
  countable({ request, sentAt }: Exchange): readonly string[] {
    if (request.type === 'delete') return this.#among([request.path], sentAt)
    if (request.type !== 'multi') return []
    const paths = request.ops.flatMap((op) => (op.type === 'delete' ? [op.path] : []))
    return this.#among(paths, sentAt)
  }

  /** What was over when the request was sent was applied. */
  #among(paths: readonly string[], sentAt: number): readonly string[] {
    const seen = this.#ground.horizon.seenBefore(sentAt)
    return paths.filter((path) => (this.#bereft.get(path) ?? 0) > seen)
  }
}

/** Makes a request of a server that still counts children of these znodes. If there are any, it fails, and the tree is as it was. */
export function withCounted<T>(model: ModelServer, paths: readonly string[], act: () => T): T {
  const { tree } = model
  const children = paths.flatMap((path) => {
    const node = tree.get(path)
    return node === undefined ? [] : [[`${path}/counted`, node] as const]
  })
  if (children.length === 0) return act()
  model.tree = new Map([...tree, ...children])
  const done = act()
  model.tree = tree
  return done
}
