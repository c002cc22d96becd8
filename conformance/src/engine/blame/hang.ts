/**
 * Tells a server that hangs because of what a check sends from one that was stopped by chance. A check is blamed only when the server has fallen
 * silent three times: once in any company, and twice more when that check alone was run again. Two silences may be anybody's doing who stops the
 * server for a while; that they hit the same check alone a third time is no accident.
 */
export class HangSuspicion {
  #silences = 0
  readonly #suspects = new Set<string>()

  /**
   * Notes that the server has fallen silent.
   *
   * @param running - Ids of the checks that ran then.
   * @returns Id of the check that is to blame, if the server is back now.
   */
  note(running: readonly string[]): string | undefined {
    this.#silences += 1
    const [alone, ...others] = running
    if (this.#silences === 1 || alone === undefined || others.length > 0) return undefined
    if (this.#suspects.has(alone)) return alone
    this.#suspects.add(alone)
    return undefined
  }

  /**
   * Whether a check has to be run once more before anything can be said.
   *
   * @param checkId - Id of a check that was run alone and got no answer.
   */
  suspects(checkId: string): boolean {
    return this.#suspects.has(checkId)
  }
}
