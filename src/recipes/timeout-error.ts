/** TimeoutError: the time of a waiting call is over. */

/** What a waiting call rejects with when its `timeoutMs` is over. Nothing of the call is left at the server. */
export class TimeoutError extends Error {
  override readonly name: string = 'TimeoutError'
}
