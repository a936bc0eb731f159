/** RequestProcessor: one station on the way of a request. They form a chain, each calls the next, and all run in one turn. */
import type { Code } from '../protocol/code.js'
import type { Request, Response } from '../protocol/message.js'
import type { ServerCnxn } from './server-cnxn.js'
import type { Txn } from './txn.js'

/** A station on the way of a request. */
export interface RequestProcessor {
  /**
   * The response, or the code of a refusal. `txn` is there once a write was decided; a read never has one.
   */
  processRequest(cnxn: ServerCnxn, request: Request, txn: Txn | undefined): Response | Code
}
