/**
 * Contest: standing in a line until one is first, which is how locks and elections are won. It starts over when its znode was
 * deleted by somebody or, with a LastingClient, when its session has expired; whoever gives up leaves no znode and no watch.
 */

import type { AbortSignalLike } from '../client/abort.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import { Contender, type Line } from './contender.js'
import type { ContenderKind, ContenderName } from './contender-name.js'
import { ignore } from './ignore.js'
import { type RecipeClient, within } from './lasting-client.js'
import type { WaitOptions } from './patience.js'

/** What is fought for, and by which rules. */
export interface Contest {
  readonly client: RecipeClient
  readonly line: Line
  readonly kind: ContenderKind
  /** Whether a contender that came before stands in the way. */
  readonly blocks: (other: ContenderName) => boolean
  /** What is fought for, for errors: `the lock /a`. */
  readonly what: string
}

/** The winner's znode, and the client whose session it belongs to. */
export interface Won {
  readonly zk: ZooKeeper
  readonly contender: Contender
}

/** Waits until it is won. @throws KeeperException, TimeoutError, the signal's reason */
export function win(contest: Contest, options: WaitOptions): Promise<Won> {
  const { client, what } = contest
  return within(client, options, `acquire ${what}`, (zk, signal) => winWithin(zk, contest, signal))
}

/** Waits until it is won, in one session. @throws KeeperException, the signal's reason */
export async function winWithin(
  zk: ZooKeeper,
  contest: Omit<Contest, 'client'>,
  signal: AbortSignalLike | undefined,
): Promise<Won> {
  const { blocks } = contest
  for (;;) {
    const won = await stand(zk, contest, (contender) => contender.untilFirst(blocks, signal), signal)
    if (won !== undefined) return won
  }
}

/** Wins if nobody stands in the way at this moment; else undefined. @throws KeeperException, TimeoutError, the signal's reason */
export function winAtOnce(contest: Contest, options: WaitOptions): Promise<Won | undefined> {
  const { client, what } = contest
  return within(client, options, `try to acquire ${what}`, (zk, signal) =>
    winWhile(zk, contest, hopeless, signal),
  )
}

/** Waits in one session as long as there is hope, which is looked at before each wait; else undefined. @throws KeeperException, the signal's reason */
export function winWhile(
  zk: ZooKeeper,
  contest: Omit<Contest, 'client'>,
  hasHope: () => Promise<boolean>,
  signal: AbortSignalLike | undefined,
): Promise<Won | undefined> {
  return stand(zk, contest, (contender) => contender.untilFirst(contest.blocks, signal, hasHope), signal)
}

/** Stands in the line as long as the judge takes, and further on if the answer is yes. */
async function stand(
  zk: ZooKeeper,
  { line, kind }: Omit<Contest, 'client'>,
  judge: (contender: Contender) => Promise<boolean>,
  signal: AbortSignalLike | undefined,
): Promise<Won | undefined> {
  const contender = await Contender.enter(zk, line, kind, signal)
  let isWon = false
  try {
    isWon = await judge(contender)
    return isWon ? { zk, contender } : undefined
  } finally {
    // Not awaited: who gives up has no time, and the delete goes on until the znode is gone.
    if (!isWon) contender.leave().catch(ignore)
  }
}

function hopeless(): Promise<boolean> {
  return Promise.resolve(false)
}
