/** All areas of the contract, in the order in which the table shows them. */
import { ACLS, IDENTITIES, PERMISSIONS } from './acl.contract.js'
import { CHILDREN, PATHS } from './children.contract.js'
import type { Contract } from './contract.js'
import { CREATE, SEQUENCE } from './create.contract.js'
import { DATA } from './data.contract.js'
import { DELETE } from './delete.contract.js'
import { ERRORS } from './errors.contract.js'
import { LOCKS } from './locks.contract.js'
import { MULTI, MULTI_READ, TRANSACTION } from './multi.contract.js'
import { ORDER } from './order.contract.js'
import { QUOTA } from './quota.contract.js'
import { RECIPES } from './recipes.contract.js'
import { CATCH_UP, LOST_CONNECTION } from './reconnect.contract.js'
import { EXPIRY, RESUMPTION, SESSION } from './session.contract.js'
import { STAT, ZXID } from './stat.contract.js'
import { SWEEP } from './sweep.contract.js'
import { CHROOT, RESERVED_ZNODES, SESSION_READS } from './tree.contract.js'
import { WATCH_COMBINATIONS, WATCH_REGISTRATION } from './watch.contract.js'
import { WATCH_ACL } from './watch-acl.contract.js'
import { CHECK_WATCHES, WATCH_REMOVAL, WATCH_STREAM } from './watch-removal.contract.js'
import { WATCH_TRIGGERS } from './watch-triggers.contract.js'

/** Every target runs them all. */
export const CONTRACTS: readonly Contract[] = [
  CREATE,
  SEQUENCE,
  DELETE,
  DATA,
  CHILDREN,
  PATHS,
  STAT,
  ZXID,
  MULTI,
  TRANSACTION,
  MULTI_READ,
  PERMISSIONS,
  ACLS,
  IDENTITIES,
  CHROOT,
  RESERVED_ZNODES,
  SESSION_READS,
  WATCH_TRIGGERS,
  WATCH_COMBINATIONS,
  WATCH_REGISTRATION,
  WATCH_ACL,
  WATCH_REMOVAL,
  CHECK_WATCHES,
  WATCH_STREAM,
  ORDER,
  QUOTA,
  ERRORS,
  SESSION,
  RESUMPTION,
  EXPIRY,
  CATCH_UP,
  LOST_CONNECTION,
  SWEEP,
  LOCKS,
  RECIPES,
]
