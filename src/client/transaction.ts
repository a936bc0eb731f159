/** Transaction: a multi, written as a chain. Nothing is sent before `commit`. */
import type { OpResult } from '../protocol/op-result.js'
import type { CreateShape } from './arguments.js'
import { NO_OPTIONS } from './arguments.js'
import type { CallOptions } from './call-options.js'
import type { Data } from './data-taker.js'
import { Op } from './op.js'

/** A multi in the making. Each step checks its arguments and throws TypeError or RangeError. */
export class Transaction {
  readonly #commit: (ops: readonly Op[], options: CallOptions) => Promise<OpResult[]>
  readonly #ops: Op[] = []
  #isCommitted = false

  /** `commit` sends the operations. */
  constructor(commit: (ops: readonly Op[], options: CallOptions) => Promise<OpResult[]>) {
    this.#commit = commit
  }

  /** Creates a znode. */
  create(path: string, data?: Data, options?: CreateShape): this {
    return this.#add(Op.create(path, data, options))
  }

  /** Deletes a childless znode. */
  delete(path: string, version?: number): this {
    return this.#add(Op.delete(path, version))
  }

  /** Replaces the data. */
  setData(path: string, data: Data, version?: number): this {
    return this.#add(Op.setData(path, data, version))
  }

  /** Makes everything depend on the version of a znode; -1, the default, on its existence. */
  check(path: string, version?: number): this {
    return this.#add(Op.check(path, version))
  }

  /**
   * Applies all steps under one zxid, or none. Resolves to one result a step.
   * @throws KeeperException with the code of the first step that failed and, in `results`, what came of each.
   */
  commit(options: CallOptions = NO_OPTIONS): Promise<OpResult[]> {
    if (this.#isCommitted)
      return Promise.reject(new TypeError('This transaction was committed already: start another one'))
    this.#isCommitted = true
    return this.#commit(this.#ops, options)
  }

  #add(op: Op): this {
    if (this.#isCommitted) throw new TypeError('This transaction was committed already: start another one')
    this.#ops.push(op)
    return this
  }
}
