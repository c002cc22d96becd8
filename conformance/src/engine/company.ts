import { createHash } from 'node:crypto'
import type { Patience } from '../endpoint/patience.ts'
import { Conversation } from '../target/conversation.ts'
import { CredentialError } from '../target/credential.ts'
import { mayUser, type Target } from '../target/target.ts'
import { TargetProblem } from '../target/target-problem.ts'
import type { ConnectOptions } from '../transport/transport.ts'
import type { Turns } from '../transport/turns.ts'

/** Most milliseconds between two signs of life; the specification lets no server end a connection for silence before 60 s. */
const signOfLifeMs = 20_000

/** Ids of the peers by which a run has shown that it is there. */
const signs = new WeakMap<Target, Set<string>>()

/** Ids of the peers by which this run has shown others that it is there. */
export function ownSigns(target: Target): Set<string> {
  const peers = signs.get(target) ?? new Set<string>()
  signs.set(target, peers)
  return peers
}

/**
 * The room in which the runs with one second user meet: a connection of that user which another run has keeps the user online, and rings when
 * ours are to. `undefined` where there is no such user, or no room for both users.
 */
export function companyRoom(target: Target): string | undefined {
  const user = target.users[1]?.authenticated?.user
  if (user === undefined) return undefined
  const name = `parley-company-${createHash('sha256').update(`company ${user}`).digest('hex').slice(0, 16)}`
  return [0, 1]
    .map((owner) => `${prefixOf(target, owner)}${name}`)
    .find((room) =>
      [0, 1].every((each) => mayUser(target, each, 'join', room) && mayUser(target, each, 'send', room)),
    )
}

/** What the names of rooms begin with that a user may join and send in; nothing where its grants do not say, or say nothing of use. */
function prefixOf({ users }: Target, user: number): string {
  const grants: unknown = users[user]?.authenticated?.grants
  if (!Array.isArray(grants)) return ''
  const all = grants as readonly {
    readonly prefix?: string
    readonly join?: boolean
    readonly send?: boolean
  }[]
  return all.find(({ prefix, join, send }) => prefix !== undefined && join && send)?.prefix ?? ''
}

/** What a sign is shown with. */
interface CompanyOptions {
  readonly target: Target
  readonly connect: ConnectOptions
  readonly patience: Patience
  /** Connections of the run that are being opened. */
  readonly opening: Turns
}

/** Shows other runs that this one has connections of the second user, from the first of them to the end: see {@link companyRoom}. */
export class CompanySign {
  readonly #options: CompanyOptions
  #shown: Promise<Conversation | undefined> | undefined

  constructor(options: CompanyOptions) {
    this.#options = options
  }

  /** Begins to show it, where anything is looked at that another run would disturb. */
  show(): void {
    const { names } = this.#options.target.offered
    if (!names.has('calls') && !names.has('discovery')) return
    this.#shown ??= this.#begin()
    // Whoever ends it hears of it.
    this.#shown.catch(() => undefined)
  }

  /** Shows it no more; resolves when the connection has ended. */
  async end(): Promise<void> {
    await (await this.#shown)?.close()
  }

  async #begin(): Promise<Conversation | undefined> {
    const { target, connect, patience, opening } = this.#options
    const room = companyRoom(target)
    if (room === undefined) return undefined
    let talk: Conversation | undefined
    try {
      const token = target.needsAuth ? await target.users[0]?.tokens.next() : undefined
      talk = await opening.do(() => Conversation.open(target.url, connect, patience))
      const welcome = await talk.hello()
      ownSigns(target).add(welcome.peer)
      if (token !== undefined) await talk.authenticate(welcome, token)
      talk.say({ type: 'join', room })
    } catch (error) {
      // It is a courtesy: what is wrong with the server is for checks to tell.
      if (!(error instanceof TargetProblem || error instanceof CredentialError)) throw error
      talk?.cut()
      return undefined
    }
    const stays = talk
    const timer = setInterval(() => {
      stays.giveSign()
    }, signOfLifeMs)
    void stays.ended.then(() => {
      clearInterval(timer)
    })
    return stays
  }
}
