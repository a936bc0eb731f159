/**
 * The floor: the least that plain JavaScript takes for what a coordination library is asked, awaited as its calls are.
 * A lookup is an `async` function around one `Map.get`; it is the unit of reads, writes of data and watches. A creation or
 * deletion keeps a `Map` of data and a `Set` of children. What it lacks (versions, sessions, ACLs, copies, order) is the price.
 */

/** Data by path, and nothing else. */
export class Floor {
  /** @type {Map<string, Uint8Array>} */
  #data = new Map()
  /** @type {Set<string>} */
  #children = new Set()

  /** @param {string} path */
  async get(path) {
    return this.#data.get(path)
  }

  /**
   * @param {string} path
   * @param {Uint8Array} data
   */
  async create(path, data) {
    this.#data.set(path, data)
    this.#children.add(path)
  }

  /** @param {string} path */
  async delete(path) {
    this.#data.delete(path)
    this.#children.delete(path)
  }
}
