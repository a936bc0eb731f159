/** The generator of the differential: the same steps from the same seed, each with one outcome, and what a session can suffer. */
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Request } from '../../src/protocol/message.js'
import { bondsOf } from '../../verify/differential/bonds.js'
import { Differential } from '../../verify/differential/differential.js'
import { isRead, SESSION_BOUNDS, type Sights, type Step } from '../../verify/differential/step.js'
import { startInProcess } from '../../verify/differential/subjects.js'
import { Random } from '../../verify/random.js'

const STEPS = 600

/** What a run does, and what zoolet shows. */
async function generate(
  run: number,
  maxWindow: number,
): Promise<readonly { readonly step: Step; readonly sights: Sights }[]> {
  const { subject, zoo } = startInProcess()
  onTestFinished(() => subject.close())
  const seen: { readonly step: Step; readonly sights: Sights }[] = []
  const each = new Differential({ leader: subject, zoo, alike: [], real: [] }, (step, sights) => {
    seen.push({ step, sights })
  })
  expect(await each.generate(new Random(11, run), { steps: STEPS, slots: 4, maxWindow })).toBeUndefined()
  return seen
}

async function windowsOf(run: number): Promise<readonly (readonly Request[])[]> {
  return (await generate(run, 16)).flatMap(({ step }) => (step.do === 'send' ? [step.requests] : []))
}

const isClaim = ({ type }: Request): boolean => type === 'auth' || type === 'sasl'

describe('a run', { timeout: 30_000 }, () => {
  it('is the same again, whatever the session ids and passwords are', async () => {
    expect(await generate(1, 16)).toEqual(await generate(1, 16))
  })

  it('is another one for another number', async () => {
    expect(await generate(1, 4)).not.toEqual(await generate(2, 4))
  })

  it('has a short session that expires, and one expiry only', async () => {
    const steps = (await generate(3, 1)).map(({ step }) => step)

    expect(steps.filter((step) => step.do === 'expire')).toHaveLength(1)
    expect(
      steps.filter((step) => step.do === 'open' && step.timeoutMs < SESSION_BOUNDS.minMs + 1),
    ).toHaveLength(1)
    expect(steps.some((step) => step.do === 'open' && step.timeoutMs > SESSION_BOUNDS.maxMs)).toBe(true)
  })

  it('tells the watchers of an expired session, and refuses it', async () => {
    const seen = await generate(3, 1)
    const at = seen.findIndex(({ step }) => step.do === 'expire')
    const lines = [...(seen[at]?.sights.values() ?? [])].flat()

    expect(lines.some((line) => /^event NodeDeleted ".*\/mine" -1$/.test(line))).toBe(true)
    expect([...(seen[at + 2]?.sights.values() ?? [])].flat()).toContain('refused')
  })

  it('keeps a short session together with what is done about it, however much else is left out', async () => {
    const steps = (await generate(3, 1)).map(({ step }) => step)
    const at = steps.findIndex((step) => step.do === 'open' && step.timeoutMs <= SESSION_BOUNDS.minMs)
    const isWhole = bondsOf(steps)

    expect(isWhole(steps)).toBe(true)
    expect(isWhole(steps.slice(0, at))).toBe(true)
    expect(isWhole(steps.filter((_, i) => i !== at + 1))).toBe(false)
    expect(isWhole(steps.filter((step) => step.do !== 'expire'))).toBe(false)
  })
})

describe('a window', { timeout: 30_000 }, () => {
  it('has a claim of identity in front or not at all, and nothing but reads after a setACL', async () => {
    const windows = await windowsOf(1)
    const late = windows.filter((requests) => requests.slice(1).some(isClaim))
    const afterSetACL = windows.filter((requests) => {
      const at = requests.findIndex(({ type }) => type === 'setACL')
      return at >= 0 && requests.slice(at + 1).some(({ type }) => !isRead(type))
    })

    expect([late, afterSetACL]).toEqual([[], []])
    expect(
      windows.filter((requests) => requests.length > 1 && requests.some(isClaim)).length,
    ).toBeGreaterThan(10)
    expect(
      windows.filter(
        (requests) => requests.at(-1)?.type !== 'setACL' && requests.some(({ type }) => type === 'setACL'),
      ).length,
    ).toBeGreaterThan(10)
  })

  it('is one request while there is a quota, or where the connection ends', async () => {
    const seen = await generate(1, 16)
    const ending = seen.filter(
      ({ sights, step }) => sights.get(step.slot)?.includes('closed') && step.do === 'send',
    )
    const refused = seen.filter(({ sights }) =>
      [...sights.values()].flat().some((line) => line.includes('QUOTAEXCEEDED')),
    )

    for (const { step } of [...ending, ...refused])
      expect(step.do === 'send' && step.requests).toHaveLength(1)
    expect(Math.min(ending.length, refused.length)).toBeGreaterThan(0)
  })

  it('asks for one kind of deliberate difference at most', async () => {
    const windows = await windowsOf(1)
    const both = windows.filter(
      (requests) =>
        requests.some(({ type }) => type === 'setWatches') &&
        requests.some((request) => request.type === 'getAllChildrenNumber' && request.path === ''),
    )

    expect(both).toEqual([])
  })
})
