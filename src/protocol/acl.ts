/** Access control lists: who may do what to one znode. Not inherited. Values only; the server's `access` judges them. */

/** One entry: what is granted (bits of `Perms`) to whom (an id in the form that its scheme prescribes). */
export interface ACL {
  readonly perms: number
  readonly scheme: string
  readonly id: string
}

/** The permission bits. CREATE and DELETE on a znode are about its children. */
export const Perms = {
  READ: 1,
  WRITE: 2,
  CREATE: 4,
  DELETE: 8,
  ADMIN: 16,
  ALL: 31,
} as const

/** Everybody may do everything: the default of every create. */
export const OPEN_ACL_UNSAFE: readonly ACL[] = freeze({ perms: Perms.ALL, scheme: 'world', id: 'anyone' })

/** The creator's authenticated ids may do everything; needs `addAuthInfo` first, else INVALIDACL. */
export const CREATOR_ALL_ACL: readonly ACL[] = freeze({ perms: Perms.ALL, scheme: 'auth', id: '' })

/** Everybody may read. */
export const READ_ACL_UNSAFE: readonly ACL[] = freeze({ perms: Perms.READ, scheme: 'world', id: 'anyone' })

function freeze(entry: ACL): readonly ACL[] {
  return Object.freeze([Object.freeze(entry)])
}
