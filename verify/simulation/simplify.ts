/**
 * Simplifying a run that fails, until nothing can be left out any more: fewer actions first (delta debugging), then fewer clients and
 * a plainer setup, then plainer actions. What is left fails in the same way.
 */
import { shrink } from '../shrink.js'
import type { Action, Setup } from './action.js'
import type { Plan } from './generate-actions.js'

/** Whether a plan still fails. */
export type Fails = (plan: Plan) => Promise<boolean>

/** The plainest plan found in time that still fails. `deadlineMs` is on the clock of `performance.now()`. */
export async function simplify(plan: Plan, fails: Fails, deadlineMs: number): Promise<Plan> {
  let kept = plan
  for (let before: Plan | undefined; before !== kept && performance.now() < deadlineMs; ) {
    before = kept
    const { setup } = kept
    const fewer = await shrink(kept.actions, (actions) => fails({ setup, actions }), deadlineMs)
    if (fewer.length < kept.actions.length) kept = { setup, actions: fewer }
    kept = await improve(kept, plainerSetups, fails, deadlineMs)
    kept = await improve(kept, plainerActions, fails, deadlineMs)
  }
  return kept
}

/** Takes the first variant that fails, and looks for further ones, until none does. */
async function improve(
  plan: Plan,
  variants: (plan: Plan) => Iterable<Plan>,
  fails: Fails,
  deadlineMs: number,
): Promise<Plan> {
  for (const variant of variants(plan)) {
    if (performance.now() >= deadlineMs) return plan
    if (await fails(variant)) return improve(variant, variants, fails, deadlineMs)
  }
  return plan
}

function* plainerSetups({ setup, actions }: Plan): Iterable<Plan> {
  const with_ = (fields: Partial<Setup>): Plan => ({ setup: { ...setup, ...fields }, actions })
  if (setup.clients > 1) yield with_({ clients: setup.clients - 1 })
  if (setup.hasChroot) yield with_({ hasChroot: false })
  if (setup.hasLocal) yield with_({ hasLocal: false })
  if (setup.isNarrow) yield with_({ isNarrow: false })
  if (setup.expiresLocally) yield with_({ expiresLocally: false })
  if (setup.sessionTimeoutMs !== 30_000) yield with_({ sessionTimeoutMs: 30_000 })
}

function* plainerActions({ setup, actions }: Plan): Iterable<Plan> {
  for (const [at, action] of actions.entries())
    for (const plainer of plainerAction(action, setup)) yield { setup, actions: actions.with(at, plainer) }
}

/** Each of these has less to it than the action has. */
export function plainerAction(action: Action, { clients }: Setup): readonly Action[] {
  const plainer: Action[] = []
  // What is about a client that there is not is about one that there is.
  if ('client' in action && action.client >= clients)
    plainer.push({ ...action, client: action.client % clients })
  if (action.do === 'wish' && action.layers > 0)
    plainer.push({ ...action, layers: 0 }, { ...action, layers: Math.floor(action.layers / 2) })
  if (action.do === 'say' && action.bytes !== undefined) plainer.push({ do: 'say', client: action.client })
  if (action.do === 'hear' && action.much !== 'all') plainer.push({ ...action, much: 'all' })
  if (action.do === 'cut' && action.saidBytes + action.heardBytes > 0)
    plainer.push(
      { ...action, saidBytes: 0, heardBytes: 0 },
      { ...action, saidBytes: 0 },
      { ...action, heardBytes: 0 },
    )
  if (action.do === 'refuse' && action.times > 1) plainer.push({ ...action, times: 1 })
  if (action.do === 'burst' && action.writes > 1)
    plainer.push(
      { ...action, writes: Math.floor(action.writes / 2) },
      { ...action, writes: action.writes - 1 },
    )
  if (action.do === 'restart' && action.state === 'older') plainer.push({ do: 'restart', state: 'kept' })
  if (action.do === 'take over' && action.zxid === 'stale') plainer.push({ ...action, zxid: 'current' })
  return plainer.filter((each) => JSON.stringify(each) !== JSON.stringify(action))
}
