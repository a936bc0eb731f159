/** The game of services. R12: when all is at rest, each provider knows exactly the instances that are registered, as they are. */
import { type RegisteredService, ServiceDiscovery, type ServiceProvider } from '../../src/recipes/index.js'
import { ROOT } from './action.js'
import type { Game, GameSurroundings, Wish } from './game.js'
import type { Party } from './party.js'

const BASE = `${ROOT}/services`
const NAME = 'web'

interface Offer {
  readonly party: Party
  readonly service: RegisteredService
  /** Whether it is not known what is offered. */
  isOpen: boolean
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
    if (wish === 'register') return this.#register(party, discovery, patience)
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
    if (offers.some(({ isOpen }) => isOpen) || this.#isRegistering()) return
    const should = offers.map(({ service }) => textOf(service.instance)).sort()
    for (const [provider, { name, isOver }] of this.#providers) {
      const is = provider.instances.map(textOf).sort()
      if (!isOver && is.join() !== should.join())
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

  #register(party: Party, discovery: ServiceDiscovery, patience: Wish['patience']): boolean {
    const port = ++this.#next
    party.begin({
      what: `register ${port}`,
      patience,
      work: (options) => discovery.register({ name: NAME, address: party.name, port }, options),
      ended: (outcome) => {
        if (outcome.ended === 'served') this.#offers.add({ party, service: outcome.value, isOpen: false })
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
    if (offer.isOpen) return false
    offer.isOpen = true
    offer.party.begin({
      what: 'update',
      patience,
      work: (options) => offer.service.update({ payload: n, enabled: true }, options),
      ended: (outcome) => {
        offer.isOpen = outcome.ended !== 'served'
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

function textOf({ id, address, port, payload }: RegisteredService['instance']): string {
  return `${id.slice(0, 4)} ${address}:${port} ${payload}`
}
