/**
 * Investigation: which commands notice a bug. A bug of zoolet is found by a command that fails while it is planted. A bug of a checker
 * is found by one too, or by the bank: a bug of zoolet that a command finds is missed by that command once the checker is lax.
 */
import type { PlantedBug } from './planted-bug.js'
import { type CommandOutcome, runTimed, type TimedCommand } from './timed-command.js'
import type { TreeCopy } from './tree-copy.js'

/** What was found of one bug. */
export interface Verdict {
  readonly bug: PlantedBug
  readonly finds: readonly Find[]
  /** True if the command that a bug of a checker hides something from cannot be run here. */
  readonly isOpen: boolean
  /** Why the tree does not even compile with it, which would make any command fail. */
  readonly fault?: string | undefined
}

/** Who found it, how many seconds that took, and by which words. */
export interface Find {
  readonly by: string
  readonly seconds: number
  readonly complaint: string
}

/** How far to look. */
export interface InvestigationOptions {
  readonly commands: readonly TimedCommand[]
  /** Has to be green with each bug. */
  readonly compile?: TimedCommand
  /** Whether to go on once a command has found the bug. */
  readonly wantsAll: boolean
}

/** Looks for bugs in one copy of the tree. */
export class Investigation {
  readonly #copy: TreeCopy
  readonly #options: InvestigationOptions
  readonly #bank: readonly PlantedBug[]

  constructor(copy: TreeCopy, bank: readonly PlantedBug[], options: InvestigationOptions) {
    this.#copy = copy
    this.#bank = bank
    this.#options = options
  }

  /** Runs everything on the tree as it is; returns what was not green. */
  async runUnpatched(told: (name: string, outcome: CommandOutcome) => void): Promise<readonly string[]> {
    const red: string[] = []
    for (const command of this.#options.commands) {
      const outcome = await runTimed(command, this.#copy.folder)
      told(command.name, outcome)
      if (!outcome.isGreen) red.push(command.name)
    }
    return red
  }

  /** The bugs whose patches do not fit any more, each with what git says. */
  async findStale(bugs: readonly PlantedBug[]): Promise<readonly string[]> {
    const stale: string[] = []
    for (const { patchFile } of bugs) {
      const misfit = await this.#copy.findMisfit(patchFile)
      if (misfit !== undefined) stale.push(misfit.trim())
    }
    return stale
  }

  /** Looks for one bug, whose patch has to fit. */
  async judge(bug: PlantedBug): Promise<Verdict> {
    const { compile } = this.#options
    const compiled = compile && (await this.#runWith([bug], compile))
    if (compiled?.isGreen === false) return { bug, finds: [], isOpen: false, fault: compiled.complaint }
    const byBank = bug.hides === undefined ? undefined : await this.#judgeHiding(bug, bug.hides)
    const finds = byBank?.find === undefined ? [] : [byBank.find]
    if (finds.length === 0 || this.#options.wantsAll) finds.push(...(await this.#judgeByCommands([bug])))
    return { bug, finds, isOpen: finds.length === 0 && byBank?.isOpen === true }
  }

  async #judgeByCommands(bugs: readonly PlantedBug[]): Promise<readonly Find[]> {
    const { commands, wantsAll } = this.#options
    const finds: Find[] = []
    for (const command of commands) {
      const { isGreen, isLate, seconds, complaint } = await this.#runWith(bugs, command)
      if (isGreen || isLate) continue
      finds.push({ by: command.name, seconds, complaint })
      if (!wantsAll) return finds
    }
    return finds
  }

  /** The command has to find the other bug by itself, and to miss it together with this one. */
  async #judgeHiding(
    bug: PlantedBug,
    { id, from }: NonNullable<PlantedBug['hides']>,
  ): Promise<{ readonly find?: Find; readonly isOpen: boolean }> {
    const other = this.#bank.find((each) => each.id === id)
    if (other === undefined) throw new Error(`${bug.patchFile} hides ${id}, which is not in the bank`)
    const command = this.#options.commands.find(({ name }) => name === from)
    if (command === undefined) return { isOpen: true }
    const sound = await this.#runWith([other], command)
    if (sound.isGreen || sound.isLate) return { isOpen: false }
    const lax = await this.#runWith([other, bug], command)
    if (!lax.isGreen) return { isOpen: false }
    const seconds = sound.seconds + lax.seconds
    return {
      find: { by: `the bank (${id})`, seconds, complaint: `${from} misses ${id} then` },
      isOpen: false,
    }
  }

  async #runWith(bugs: readonly PlantedBug[], command: TimedCommand): Promise<CommandOutcome> {
    try {
      for (const { patchFile } of bugs) await this.#copy.plant(patchFile)
      return await runTimed(command, this.#copy.folder)
    } finally {
      await this.#copy.mend()
    }
  }
}
