import { companyRoom, ownSigns } from '../../engine/company.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, Undecided } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { requestInTime } from '../../endpoint/retry.ts'

/**
 * Whether another run of the kit has the same second user at the same time. Its devices ring when ours are to, and its connections keep the user
 * online: what fails then says nothing of the server. Runs see each other in a room whose name they all know.
 */
export class Company {
  /** The client that shows it; `undefined` where there is no second user. */
  readonly sign: Endpoint | undefined
  readonly #room: string
  readonly #peers: ReadonlySet<string>
  readonly #isFull: boolean

  private constructor(sign: Endpoint | undefined, room: string, peers: ReadonlySet<string>, isFull: boolean) {
    this.sign = sign
    this.#room = room
    this.#peers = peers
    this.#isFull = isFull
  }

  /** Shows other runs that this one plays with the second user, until the end of the connection. */
  static async begin(t: CheckContext): Promise<Company> {
    const peers = ownSigns(t.target)
    const room = companyRoom(t.target)
    if (room === undefined) return new Company(undefined, '', peers, false)
    const sign = await t.client({ capabilities: [] })
    peers.add(sign.peer)
    const { code } = await requestInTime(sign, { type: 'join', room })
    return new Company(sign, room, peers, code === 'room-full')
  }

  /** What a scene has thrown, or that it says nothing where somebody else was there: neither what failed nor what there was nothing to see of. */
  async excuse(error: unknown): Promise<unknown> {
    const isUnseen = error instanceof Undecided && error.verdict === 'not-observed'
    if (!(error instanceof CheckFailure || isUnseen) || !(await this.#isSeen())) return error
    const reason = 'Another run of the kit has the same second user: give each run tokens of its own'
    return new Undecided('inconclusive', `${reason}. ${error.message}`, undefined, error)
  }

  async #isSeen(): Promise<boolean> {
    const { sign } = this
    if (sign === undefined || this.#isFull) return this.#isFull
    // Who came before the fault has been announced before what is asked now is answered.
    await Promise.allSettled([sign.sync()])
    return sign.log.some(({ message: { room, members, member } }) => {
      const told: readonly unknown[] = [...(Array.isArray(members) ? (members as unknown[]) : []), member]
      return room === this.#room && told.some((one) => this.#isOther(one))
    })
  }

  #isOther(member: unknown): boolean {
    const { peer } = (member ?? {}) as { readonly peer?: unknown }
    return typeof peer === 'string' && !this.#peers.has(peer)
  }
}
