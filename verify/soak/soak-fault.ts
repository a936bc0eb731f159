/** SoakFault: what ends the work of a stage before its time. */

/** Something is not as it has to be, and the work cannot go on. */
export class SoakFault extends Error {
  override readonly name: string = 'SoakFault'
}
