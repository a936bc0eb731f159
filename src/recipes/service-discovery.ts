/**
 * ServiceDiscovery: who offers a service, and where. Laid out as Apache Curator's: each instance is a znode `base/name/id` with JSON,
 * ephemeral, so it goes with the process that offers it.
 */

import { EventEmitter } from 'eventemitter3'
import { type AsyncDisposableLike, addAsyncDispose } from '../base/async-dispose.js'
import { describe } from '../base/describe.js'
import { fractionOf } from '../base/fraction.js'
import { checkOptions } from '../client/arguments.js'
import type { ACL } from '../protocol/acl.js'
import { isKeeperException } from '../protocol/keeper-exception.js'
import { childPath, validatePath } from '../protocol/path.js'
import { childrenOf } from './contenders.js'
import { checkClient, latestClient, type RecipeClient, within } from './lasting-client.js'
import { checkWait, type WaitOptions } from './patience.js'
import { PersistentNode } from './persistent-node.js'
import { type Choose, createChoice, type ServiceStrategy } from './service-choice.js'
import { decodeInstance, encodeInstance, parseUriSpec, type ServiceInstance } from './service-instance.js'
import { TreeCache } from './tree-cache.js'
import { dashed, uniqueHex } from './unique-id.js'
import { onLoss, untilReady } from './until-ready.js'

/** What service discovery is made with. */
export interface ServiceDiscoveryOptions {
  /** The ACL of the znodes, and of the parents that it creates; open to everybody unless set. */
  readonly acl?: readonly ACL[] | undefined
}

/** What is to be known about an instance that is registered. */
export interface ServiceRegistration<P = unknown> {
  /** The service. No "/". */
  readonly name: string
  /** The instance; a random UUID unless set. No "/". */
  readonly id?: string | undefined
  /** A host name or an IP address. */
  readonly address: string
  readonly port?: number | undefined
  readonly sslPort?: number | undefined
  /** Anything that JSON can say. */
  readonly payload?: P | undefined
  /** How its URI is made: `{scheme}://{address}:{port}/path`. */
  readonly uriSpec?: string | undefined
  /** False to register it without being used yet; true unless set. */
  readonly enabled?: boolean | undefined
}

/** Service discovery below a path. */
export class ServiceDiscovery {
  readonly #client: RecipeClient
  readonly #basePath: string
  readonly #acl: readonly ACL[] | undefined

  /** Nothing is created before something is registered. @throws TypeError */
  constructor(client: RecipeClient, basePath: string, options: ServiceDiscoveryOptions = {}) {
    checkClient(client)
    validatePath(basePath)
    checkOptions(options, ['acl'])
    this.#client = client
    this.#basePath = basePath
    this.#acl = options.acl
  }

  /**
   * Offers an instance until it is withdrawn or its session ends; with a LastingClient it is offered again in the next session. As with
   * Curator, it takes the place of one with the same id at once, whoever has registered that: a process that has restarted does not wait
   * for its old session. An older registration that lives goes on in silence and waits: it is offered again when this one has gone.
   * @throws TypeError, RangeError (a bad registration), TimeoutError, the signal's reason, KeeperException (NOTEMPTY, NOAUTH: what is
   * there has children, or must not be replaced by this client)
   */
  async register(registration: ServiceRegistration, options: WaitOptions = {}): Promise<RegisteredService> {
    const zk = latestClient(this.#client)
    const instance = complete(registration, dashed(uniqueHex(zk)), zk.clock.nowMs())
    const path = childPath(this.#pathOf(instance.name), instance.id)
    const kept = { acl: this.#acl, takesOver: true }
    const node = new PersistentNode(this.#client, path, encodeInstance(instance), kept)
    const service = new RegisteredService(instance, node)
    await untilReady(this.#client, node, `register ${path}`, options)
    return service
  }

  /** The names of all services, sorted; one whose last instance has gone may still be among them. @throws KeeperException, TimeoutError, the signal's reason */
  names(options: WaitOptions = {}): Promise<string[]> {
    return within(this.#client, options, `list ${this.#basePath}`, async (zk, signal) =>
      [...(await childrenOf(zk, this.#basePath, signal))].sort(),
    )
  }

  /**
   * Follows a service: the provider knows its instances at every moment. Close it when it is not needed any more.
   * @throws TypeError, TimeoutError, the signal's reason, KeeperException
   */
  async provide(
    name: string,
    options: WaitOptions & { readonly strategy?: ServiceStrategy | undefined } = {},
  ): Promise<ServiceProvider> {
    const { strategy = 'roundRobin', ...wait } = options
    const zk = latestClient(this.#client)
    const choose = createChoice(strategy, () => fractionOf(zk.randomBytes(4)))
    const cache = new TreeCache(this.#client, this.#pathOf(name))
    await untilReady(this.#client, cache, `follow ${cache.path}`, wait)
    return new ServiceProvider(cache, choose)
  }

  #pathOf(name: string): string {
    const path = childPath(this.#basePath, requireName(name, 'name'))
    validatePath(path)
    return path
  }
}

/** What a registered instance emits. */
export interface RegisteredServiceEvents {
  /** It is not offered any more, for this reason: SESSIONEXPIRED (with a plain ZooKeeper), AUTHFAILED, NOAUTH and the like. */
  lost: (error: unknown) => void
}

/** An instance that is offered. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the method is added to the prototype in the static block
export class RegisteredService extends EventEmitter<RegisteredServiceEvents> {
  readonly #node: PersistentNode
  #instance: ServiceInstance

  static {
    addAsyncDispose(RegisteredService.prototype)
  }

  /** For ServiceDiscovery; users get theirs from `register`. */
  constructor(instance: ServiceInstance, node: PersistentNode) {
    super()
    this.#instance = instance
    this.#node = node
    onLoss(node, (error) => void this.emit('lost', error))
  }

  /** What is offered, or will be as soon as that can be written. */
  get instance(): ServiceInstance {
    return this.#instance
  }

  /**
   * Changes what is said about it; name and id stay. Changes add up, also of calls at the same time. Who gives up stops waiting and takes
   * nothing back: the change is made as soon as it can be.
   * @throws TypeError, RangeError (a bad change; nothing changes); KeeperException, TimeoutError, the signal's reason
   */
  async update(
    changes: Partial<Pick<ServiceInstance, 'address' | 'port' | 'sslPort' | 'payload' | 'enabled'>>,
    options: WaitOptions = {},
  ): Promise<void> {
    checkOptions(changes, ['address', 'port', 'sslPort', 'payload', 'enabled'])
    checkWait(options)
    if (options.signal?.aborted === true) throw options.signal.reason
    const before = this.#instance
    const changed = checked({ ...before, ...changes })
    const data = encodeInstance(changed)
    this.#instance = changed
    try {
      await this.#node.setData(data, options)
    } catch (error) {
      const isRefused = isKeeperException(error) || error instanceof RangeError
      if (isRefused && this.#instance === changed) this.#instance = before
      throw error
    }
  }

  /** Withdraws it. A second call does nothing. @throws TimeoutError, the signal's reason; it goes all the same then */
  close(options: WaitOptions = {}): Promise<void> {
    return this.#node.close(options)
  }
}

/** The method for `await using`, where the types know it. */
export interface RegisteredService extends AsyncDisposableLike {}

/** What a provider emits. */
export interface ServiceProviderEvents {
  /** An instance has come, changed or gone; the provider knows already. */
  change: () => void
  /** It is not followed any more, for this reason: SESSIONEXPIRED (with a plain ZooKeeper), AUTHFAILED and the like. What it knew stays. */
  lost: (error: unknown) => void
}

/** What a provider chooses from. */
interface Known {
  readonly instances: readonly ServiceInstance[]
  readonly ids: readonly string[]
  readonly byId: ReadonlyMap<string, ServiceInstance>
}

/** The instances of one service, as of now. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the method is added to the prototype in the static block
export class ServiceProvider extends EventEmitter<ServiceProviderEvents> {
  readonly #cache: TreeCache
  readonly #choose: Choose
  /** As of now, until something changes. */
  #known: Known | undefined

  static {
    addAsyncDispose(ServiceProvider.prototype)
  }

  /** For ServiceDiscovery; users get theirs from `provide`. */
  constructor(cache: TreeCache, choose: Choose) {
    super()
    this.#cache = cache
    this.#choose = choose
    cache.on('change', ({ path }) => {
      this.#known = undefined
      if (path !== cache.path) this.emit('change')
    })
    cache.once('lost', (error) => void this.emit('lost', error))
  }

  /** All that are enabled and can be read, in the order of their ids. The same objects each time, until something changes: leave them as they are. */
  get instances(): readonly ServiceInstance[] {
    return this.#all.instances
  }

  /** One of them, by the provider's strategy; undefined if there is none. */
  choose(): ServiceInstance | undefined {
    const { ids, byId } = this.#all
    const id = this.#choose(ids)
    return id === undefined ? undefined : byId.get(id)
  }

  /** Stops following. A second call does nothing. */
  close(): Promise<void> {
    return this.#cache.close()
  }

  get #all(): Known {
    this.#known ??= this.#decode()
    return this.#known
  }

  #decode(): Known {
    const { path } = this.#cache
    const found = this.#cache.children(path).map((id) => this.#find(childPath(path, id)))
    const instances = found.filter((instance) => instance !== undefined).filter(({ enabled }) => enabled)
    const byId = new Map(instances.map((instance) => [instance.id, instance]))
    return { instances, ids: [...byId.keys()], byId }
  }

  /** What somebody else has written there, and is no instance, is none. */
  #find(path: string): ServiceInstance | undefined {
    try {
      return decodeInstance(this.#cache.get(path)?.data ?? null, path)
    } catch {
      return undefined
    }
  }
}

/** The method for `await using`, where the types know it. */
export interface ServiceProvider extends AsyncDisposableLike {}

function complete(given: ServiceRegistration, uuid: string, nowMs: number): ServiceInstance {
  checkOptions(given, ['name', 'id', 'address', 'port', 'sslPort', 'payload', 'uriSpec', 'enabled'])
  const {
    name,
    id = uuid,
    address,
    port = null,
    sslPort = null,
    payload = null,
    uriSpec,
    enabled = true,
  } = given
  return checked({
    name: requireName(name, 'name'),
    id: requireName(id, 'id'),
    address,
    port,
    sslPort,
    payload,
    registrationTimeMs: nowMs,
    serviceType: 'DYNAMIC',
    uriSpec: uriSpec === undefined ? null : parseUriSpec(uriSpec),
    enabled,
  })
}

function checked(instance: ServiceInstance): ServiceInstance {
  const { address, port, sslPort, enabled } = instance
  if (typeof address !== 'string' || address === '')
    throw new TypeError(`Invalid address ${describe(address)}: pass a host name or an IP address`)
  if (typeof enabled !== 'boolean')
    throw new TypeError(`Invalid enabled ${describe(enabled)}: pass true or false`)
  checkPort(port, 'port')
  checkPort(sslPort, 'sslPort')
  return instance
}

function requireName(value: unknown, what: string): string {
  if (typeof value === 'string' && value !== '' && !value.includes('/')) return value
  throw new TypeError(`Invalid ${what} ${describe(value)}: pass text without "/"`)
}

function checkPort(port: unknown, what: string): void {
  if (port === null) return
  if (typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65_535) return
  throw new RangeError(`Invalid ${what} ${describe(port)}: pass 0 to 65535`)
}
