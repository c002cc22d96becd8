import type { Authenticated } from '@parley/schemas'
import type { Wire } from '../endpoint/wire.ts'
import type { ServerRequirementId } from '../generated/requirement.ts'
import type { SecretIndex } from '../observer/secret-index.ts'
import type { TokenIndex } from '../observer/token-index.ts'
import type { Reading } from './reading.ts'

/** A sentence that the server has broken. */
export interface Blame {
  readonly requirement: ServerRequirementId
  readonly expected: string
  readonly actual: string
}

/** What the world itself knows of a client. */
export interface Someone {
  readonly peer: string
  /** As whom it is authenticated. */
  readonly userName: string | undefined
  /** From here on it may have ended, for a reason that is right. */
  readonly doubtFrom: number
  /** Its stays in a room. */
  readonly seatsOf: (room: string) => readonly Seat[]
}

/** A frame that a client has sent, and what came of it. */
export interface SentBy<Client> {
  /** When, on the clock of the episode: it counts frames and ends, whoever sent them. */
  readonly at: number
  readonly by: Client
  readonly reading: Reading
  outcome: Outcome | undefined
  /** What had to come of it. */
  ruling: Ruling | undefined
  /** When it was delivered, where it is relayed. */
  deliveredAt: number | undefined
}

/** What may come of a frame by the specification. */
export interface Ruling {
  /** Whether it may be accepted; if not, the sentence that says so. */
  readonly refusedBy: ServerRequirementId | undefined
  /** Codes of the errors that apply. */
  readonly codes: ReadonlySet<string>
  /** Whether its sender may send there for certain, and its receiver is there for certain: it has to be accepted. */
  readonly mustBeAccepted: boolean
}

/** A message of the server that is the outcome of one of the client's. */
export interface Outcome {
  readonly at: number
  readonly type: string
  readonly message: Wire
  readonly ref: string | undefined
}

/** A stay of a client in a room, by the clock of the episode. */
export interface Seat {
  /** It may be a member from here on, */
  readonly from: number
  /** it is one for certain from here on, */
  readonly sure: number
  /** and up to here; */
  until: number
  /** it may be one up to here. */
  gone: number
}

/** The limits that matter to the model. */
export interface KnownLimits {
  readonly messageBytes: number
  readonly membersPerRoom: number | undefined
  readonly roomsPerPeer: number | undefined
  readonly dataBytes: number | undefined
  readonly hasRate: boolean
}

/** One line of what was said. */
export interface Line {
  readonly who: string
  readonly direction: '→' | '←' | '·'
  readonly text: string
}

/** Lines that are kept. */
const keptLines = 60

/** Characters of a line that are kept, before what is secret is taken out. */
const keptCharacters = 4000

/** What is the same in all episodes. */
type Shared = Pick<WorldOf<Someone>, 'limits' | 'isOpen' | 'ignoresRate' | 'users' | 'secrets' | 'tokens'>

/** What all clients of an episode share. */
export class WorldOf<Client extends Someone> {
  readonly limits: KnownLimits
  /** Whether `welcome.auth` is empty. */
  readonly isOpen: boolean
  /** Whether the rate that the server announces is not kept to. */
  readonly ignoresRate: boolean
  /** What each user may do. */
  readonly users: readonly (Authenticated | undefined)[]
  readonly secrets: SecretIndex
  readonly tokens: TokenIndex
  readonly participants: Client[] = []
  readonly byPeer = new Map<string, Client>()
  /** By trace: the frame that it was sent in. */
  readonly traces = new Map<string, SentBy<Client>>()
  /** Participants whose end has been judged. */
  readonly settled = new Set<Client>()
  /** When something of the server came last. */
  heardAt = 0
  /** When the frames that are not judged yet began. */
  since = 0
  #now = 0
  #lines: Line[] = []
  #blame: Blame | undefined
  /** Called when something has come. */
  wake: () => void = () => undefined

  constructor(shared: Shared) {
    this.limits = shared.limits
    this.isOpen = shared.isOpen
    this.ignoresRate = shared.ignoresRate
    this.users = shared.users
    this.secrets = shared.secrets
    this.tokens = shared.tokens
  }

  /** The present moment. */
  get now(): number {
    return this.#now
  }

  /** The next moment. */
  tick(): number {
    this.#now += 1
    return this.#now
  }

  /** The first sentence that was broken: what follows from it says little. */
  get blamed(): Blame | undefined {
    return this.#blame
  }

  /** Reports a broken sentence. */
  blame(requirement: ServerRequirementId, expected: string, actual: string): void {
    this.#blame ??= { requirement, expected, actual }
    this.wake()
  }

  /** Writes down what was said. */
  note(line: Line): void {
    if (this.#blame) return
    this.#lines.push(
      line.text.length <= keptCharacters ? line : { ...line, text: `${line.text.slice(0, keptCharacters)}…` },
    )
    if (this.#lines.length > 2 * keptLines) this.#lines = this.#lines.slice(-keptLines)
  }

  /** The last lines, up to the moment at which a sentence was broken. */
  get lines(): readonly Line[] {
    return this.#lines.slice(-keptLines)
  }

  /** Whether a client is a member for certain through all of a time. */
  isSurely({ seatsOf, doubtFrom }: Someone, room: string, from: number, to: number): boolean {
    return seatsOf(room).some(({ sure, until }) => sure <= from && to <= Math.min(until, doubtFrom))
  }

  /** Whether a client may be a member at some moment of a time. */
  isPossibly({ seatsOf }: Someone, room: string, from: number, to: number): boolean {
    return seatsOf(room).some((seat) => seat.from <= to && from <= seat.gone)
  }
}
