/**
 * The game of services. R12: when all is at rest, each provider knows exactly the instances that are registered, as they are; of several
 * with one id, one of them.
 */
import { type RegisteredService, ServiceDiscovery, type ServiceProvider } from '../../src/recipes/index.js'
import { ROOT } from './action.js'
import type { Game, GameSurroundings, Wish } from './game.js'
import type { Party } from './party.js'

const BASE = `${ROOT}/services`
const NAME = 'web'
/** Those of some instances; others have one of their own. */
const IDS = ['x', 'y'] as const

interface Offer {
  readonly party: Party
  readonly service: RegisteredService
  /** Whether a change has failed, so that it is not known what is offered. */
  isUnsure: boolean
}

/** One game. */
export class DiscoveryGame implements Game {
  readonly #around: GameSurroundings
  readonly #services = new Map<Party, ServiceDiscovery>()
  readonly #offers = new Set<Offer>()
  readonly #providers = new Map<ServiceProvider, Party>()
  #next = 0

  constructor(around: GameSurroundings) {
    this.#around = around
  }

  welcome(party: Party): void {
    for (const offer of this.#offers) if (offer.party.index === party.index) this.#offers.delete(offer)
    for (const [provider, { index }] of this.#providers)
      if (index === party.index) this.#providers.delete(provider)
    this.#services.set(party, new ServiceDiscovery(party.client, BASE))
  }

  wish(party: Party, { wish, n, patience }: Wish): boolean {
    const discovery = this.#services.get(party)
    if (discovery === undefined) return false
    if (wish === 'register') return this.#register(party, discovery, n, patience)
    if (wish === 'provide') return this.#provide(party, discovery, n, patience)
    if (wish === 'close') {
      const [provider] = [...this.#providers].find(([, owner]) => owner === party) ?? []
      if (provider === undefined) return false
      this.#providers.delete(provider)
      party.begin({ what: 'close', patience: { until: 'served' }, work: () => provider.close() })
      return true
    }
    const offer = [...this.#offers].find((each) => each.party === party)
    if (offer === undefined) return false
    return wish === 'update' ? this.#update(offer, n, patience) : this.#withdraw(offer, patience)
  }

  look(): void {}

  rested(): void {
    const offers = [...this.#offers].filter(({ party }) => !party.isOver)
    if (offers.some(({ isUnsure }) => isUnsure) || this.#isRegistering()) return
    const should = offers.map(({ service }) => textOf(service.instance)).sort()
    const ids = new Set(offers.map(({ service }) => service.instance.id))
    for (const [provider, { name, isOver }] of this.#providers) {
      const is = provider.instances.map(textOf).sort()
      if (!isOver && (is.length !== ids.size || is.some((text) => !should.includes(text))))
        this.#around.fault(`R12: ${name} knows ${is.join()}, and registered are ${should.join()}`)
    }
  }

  isIdle(party: Party): boolean {
    return (
      ![...this.#offers].some((each) => each.party === party) &&
      ![...this.#providers.values()].includes(party)
    )
  }

  victims(): readonly string[] {
    const { truth } = this.#around
    return truth.childrenOf(`${BASE}/${NAME}`).map((id) => `${BASE}/${NAME}/${id}`)
  }

  calm(): void {}

  finish(): void {}

  async close(party: Party): Promise<void> {
    for (const offer of this.#offers) if (offer.party === party) await offer.service.close()
    for (const [provider, owner] of this.#providers) if (owner === party) await provider.close()
  }

  mayStay(): boolean {
    return false
  }

  #isRegistering(): boolean {
    return [...this.#services.keys()].some(({ pending }) =>
      pending.some((what) => what.startsWith('register')),
    )
  }

  #register(party: Party, discovery: ServiceDiscovery, n: number, patience: Wish['patience']): boolean {
    const port = ++this.#next
    const id = n % 2 === 0 ? undefined : IDS[port % IDS.length]
    party.begin({
      what: `register ${port}`,
      patience,
      work: (options) => discovery.register({ name: NAME, id, address: party.name, port }, options),
      ended: (outcome) => {
        if (outcome.ended === 'served') this.#offers.add({ party, service: outcome.value, isUnsure: false })
      },
    })
    return true
  }

  #provide(party: Party, discovery: ServiceDiscovery, n: number, patience: Wish['patience']): boolean {
    const strategy = (['roundRobin', 'random', 'sticky'] as const)[n % 3] ?? 'random'
    party.begin({
      what: 'provide',
      patience,
      work: (options) => discovery.provide(NAME, { ...options, strategy }),
      ended: (outcome) => {
        if (outcome.ended === 'served') this.#providers.set(outcome.value, party)
      },
    })
    return true
  }

  #update(offer: Offer, n: number, patience: Wish['patience']): boolean {
    offer.party.begin({
      what: 'update',
      patience,
      work: (options) => offer.service.update(n % 2 === 0 ? { payload: n } : { sslPort: n % 1000 }, options),
      ended: (outcome) => {
        offer.isUnsure ||= outcome.ended === 'failed'
      },
    })
    return true
  }

  #withdraw(offer: Offer, patience: Wish['patience']): boolean {
    this.#offers.delete(offer)
    offer.party.begin({ what: 'withdraw', patience, work: (options) => offer.service.close(options) })
    return true
  }
}

function textOf({ id, address, port, sslPort, payload }: RegisteredService['instance']): string {
  return `${id.slice(0, 4)} ${address}:${port} ${sslPort} ${payload}`
}
