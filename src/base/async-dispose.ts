/**
 * `await using`, without asking users for a newer `lib`: the declarations of our classes get the method only where the
 * consumer's TypeScript knows `Symbol.asyncDispose`. At run time it is there wherever the platform has the symbol.
 */

/** What `await using` asks for, where the consumer's types know that symbol; else nothing. */
export type AsyncDisposableLike = SymbolConstructor extends { readonly asyncDispose: infer S extends symbol }
  ? { [K in S]: () => Promise<void> }
  : object

interface Closable {
  close(): Promise<void>
}

/** Lets `await using` close the instances of a class. Called once, from the class's static block. */
export function addAsyncDispose(prototype: Closable): void {
  addAsyncDisposeBy(prototype, (closable) => closable.close())
}

/** The same for a class whose end has another name. */
export function addAsyncDisposeBy<T extends object>(
  prototype: T,
  dispose: (instance: T) => Promise<void>,
): void {
  const symbol: symbol | undefined = Reflect.get(Symbol, 'asyncDispose')
  if (symbol === undefined) return
  const value = function (this: T): Promise<void> {
    return dispose(this)
  }
  Object.defineProperty(prototype, symbol, { value, writable: true, configurable: true })
}
