/** The seven kinds of create, each with its number on the wire and what it means. One table; everything else asks it. */

/** Names of the modes, for `create(path, data, { mode })`. */
export const CreateMode = {
  /** Stays until it is deleted. */
  PERSISTENT: 'PERSISTENT',
  /** Goes with the session that created it; cannot have children. */
  EPHEMERAL: 'EPHEMERAL',
  /** Persistent; the parent's counter is appended to the name, ten digits. */
  PERSISTENT_SEQUENTIAL: 'PERSISTENT_SEQUENTIAL',
  /** Ephemeral; the parent's counter is appended to the name, ten digits. */
  EPHEMERAL_SEQUENTIAL: 'EPHEMERAL_SEQUENTIAL',
  /** Removed by the server some time after its last child is gone. */
  CONTAINER: 'CONTAINER',
  /** Removed by the server once childless and not set for `ttlMs`. */
  PERSISTENT_WITH_TTL: 'PERSISTENT_WITH_TTL',
  /** With a TTL, and the parent's counter appended to the name. */
  PERSISTENT_SEQUENTIAL_WITH_TTL: 'PERSISTENT_SEQUENTIAL_WITH_TTL',
} as const

/** One of the seven kinds of create. */
export type CreateMode = keyof typeof CreateMode

/** What a mode means. */
export interface CreateModeTraits {
  /** The number in a CreateRequest. */
  readonly flag: number
  readonly isEphemeral: boolean
  readonly isSequential: boolean
  readonly isContainer: boolean
  readonly hasTtl: boolean
}

const plain = { isEphemeral: false, isSequential: false, isContainer: false, hasTtl: false } as const

/** The traits of each mode. */
export const createModeTraits: Readonly<Record<CreateMode, CreateModeTraits>> = {
  PERSISTENT: { ...plain, flag: 0 },
  EPHEMERAL: { ...plain, flag: 1, isEphemeral: true },
  PERSISTENT_SEQUENTIAL: { ...plain, flag: 2, isSequential: true },
  EPHEMERAL_SEQUENTIAL: { ...plain, flag: 3, isEphemeral: true, isSequential: true },
  CONTAINER: { ...plain, flag: 4, isContainer: true },
  PERSISTENT_WITH_TTL: { ...plain, flag: 5, hasTtl: true },
  PERSISTENT_SEQUENTIAL_WITH_TTL: { ...plain, flag: 6, isSequential: true, hasTtl: true },
}

/** True for one of the seven names. */
export function isCreateMode(value: unknown): value is CreateMode {
  return typeof value === 'string' && Object.hasOwn(createModeTraits, value)
}

const modesByFlag: ReadonlyMap<number, CreateMode> = new Map(
  Object.values(CreateMode).map((mode) => [createModeTraits[mode].flag, mode]),
)

/** The mode with this number on the wire, if there is one. */
export function findCreateMode(flag: number): CreateMode | undefined {
  return modesByFlag.get(flag)
}
