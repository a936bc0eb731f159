/** Telling listeners without depending on them: what one throws becomes an uncaught error in a task of its own, as with watchers. */
import { runMacrotask } from '../base/platform.js'

/** Calls what tells somebody; the recipe goes on whatever happens there. */
export function tell(telling: () => void): void {
  try {
    telling()
  } catch (error) {
    runMacrotask(() => {
      throw error
    })
  }
}
