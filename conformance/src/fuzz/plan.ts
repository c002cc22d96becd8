import { Dice } from './dice.ts'
import { mark } from './mark.ts'
import { mutated } from './mutation.ts'
import { binary, notUtf8, rawText } from './raw-text.ts'
import { asText, helloExtras, sample, sampledTypes, type Destination } from './sample.ts'
import { breakages, type Step } from './step.ts'

/** What an episode is made for. */
export interface Cast {
  /** Connections at the same time. */
  readonly clients: number
  /** Rooms by index. */
  readonly rooms: number
  /** Whether a client has to authenticate. */
  readonly needsAuth: boolean
}

/** Times in an episode at which everything that is due has to come. */
const settlements = 10

/** Steps between two of them. */
const stepsBetween = 120

const relayTypes = ['offer', 'answer', 'candidate', 'hangup'] as const

/**
 * Makes up an episode: everything that some clients do from their first frame to their last. The same seed and number give the same.
 *
 * @param episode - Its number, from 1.
 */
export function planEpisode(seed: string, episode: number, cast: Cast): readonly Step[] {
  return new Planner(new Dice(seed, `episode ${String(episode)}`), cast).plan()
}

class Planner {
  readonly #dice: Dice
  readonly #cast: Cast
  /** Where clients are if everything went as meant: most relayed messages are to go between members. */
  readonly #seats = new Map<number, Set<number>>()
  /** Clients whose connection the plan has ended. */
  readonly #closed = new Set<number>()
  /** Never joins anything on purpose, and may learn nothing. */
  readonly #outsider: number
  /** Does not authenticate, where that is needed. */
  readonly #stranger: number | undefined

  constructor(dice: Dice, cast: Cast) {
    this.#dice = dice
    this.#cast = cast
    this.#outsider = cast.clients - 1
    this.#stranger = cast.needsAuth && cast.clients > 3 && dice.chance(0.3) ? cast.clients - 2 : undefined
  }

  plan(): readonly Step[] {
    const dice = this.#dice
    const steps: Step[] = []
    for (let client = 0; client < this.#cast.clients; client += 1) this.#closed.add(client)
    for (let part = 0; part < settlements; part += 1) {
      for (const client of [...this.#closed].sort()) steps.push(this.#open(client))
      if (part === 0) steps.push(...this.#joins())
      for (let count = 0; count < stepsBetween; count += 1) {
        steps.push(...this.#act())
        if (dice.chance(0.15)) steps.push({ do: 'turn' })
      }
      steps.push({ do: 'settle' })
    }
    for (let client = 0; client < this.#cast.clients; client += 1) steps.push(this.#end(client))
    steps.push({ do: 'settle' })
    return steps
  }

  #joins(): Step[] {
    const members = Array.from({ length: this.#cast.clients }, (_, client) => client)
    return members
      .filter((client) => client !== this.#outsider && client !== this.#stranger)
      .flatMap((client) => {
        const room = client % Math.min(2, this.#cast.rooms)
        return [...new Set([room, 0])].map((each) => this.#valid(client, 'join', each))
      })
  }

  #act(): Step[] {
    const dice = this.#dice
    const there = Array.from({ length: this.#cast.clients }, (_, client) => client).filter(
      (client) => !this.#closed.has(client),
    )
    const client = there.length === 0 ? 0 : dice.pick(there)
    return dice.weighted<() => Step[]>([
      [52, () => [this.#ordinary(client)]],
      [28, () => [this.#changed(client)]],
      [10, () => [{ do: 'send', client, text: rawText(dice, this.#text(client, this.#someType())) }]],
      [3, () => [this.#inFragments(client)]],
      [0.8, () => [{ do: 'visit', text: this.#firstFrame() }]],
      [0.6, () => [this.#end(client)]],
      [0.4, () => [this.#open(client, true)]],
      [0.2, () => this.#closing(client, { do: 'bytes', client, opcode: 2, hex: binary(dice) })],
      [0.2, () => this.#closing(client, { do: 'bytes', client, opcode: 1, hex: notUtf8(dice) })],
      [0.25, () => this.#closing(client, { do: 'break', client, how: dice.pick(breakages) })],
      [0.3, () => this.#closing(client, this.#valid(client, 'bye', 0))],
    ])()
  }

  #closing(client: number, step: Step): Step[] {
    this.#leaveAll(client)
    return [step]
  }

  #leaveAll(client: number): void {
    this.#closed.add(client)
    for (const seats of this.#seats.values()) seats.delete(client)
  }

  #end(client: number): Step {
    this.#leaveAll(client)
    return { do: 'end', client, how: this.#dice.pick(['close', 'cut']) }
  }

  #open(client: number, replaces = false): Step {
    const dice = this.#dice
    this.#leaveAll(client)
    this.#closed.delete(client)
    const extras = helloExtras(dice).filter(([name]) => name !== 'replaces')
    const old = replaces
      ? mark.session(client)
      : dice.chance(0.1)
        ? dice.pick([mark.session(client), `no-session-${dice.hex(12)}`])
        : undefined
    const members = [...extras, ...(old === undefined ? [] : [['replaces', `"${old}"`] as const])]
    const hello = members.map(([name, member]) => `"${name}":${member}`).join(',')
    return { do: 'open', client, hello: `{${hello}}`, authenticate: client !== this.#stranger }
  }

  #someType(): string {
    const dice = this.#dice
    return dice.chance(0.1) ? dice.pick(sampledTypes.filter((type) => type !== 'bye')) : this.#usualType()
  }

  #usualType(): string {
    return this.#dice.weighted([
      [14, 'relay'],
      [3, 'update'],
      [3, 'join'],
      [1.5, 'leave'],
      [2, 'ping'],
      [0.15, 'auth'],
      [0.2, 'hello'],
    ] as const)
  }

  #ordinary(client: number): Step {
    if (this.#cast.needsAuth && client !== this.#stranger && this.#dice.chance(0.01)) {
      const text = `{"type":"auth","method":"token","token":"${mark.token}","id":"${mark.id}"}`
      return { do: 'send', client, text }
    }
    return this.#valid(client, this.#usualType())
  }

  #valid(client: number, type: string, room?: number): Step {
    return { do: 'send', client, text: this.#text(client, type, room) }
  }

  #text(client: number, type: string, room?: number): string {
    return asText(this.#dice, this.#members(client, type, room))
  }

  #members(client: number, type: string, room?: number) {
    const dice = this.#dice
    const kind = type === 'relay' ? dice.pick(relayTypes) : type
    const at = this.#destination(client, kind, room)
    if (kind === 'join' && client !== this.#outsider) this.#seatsOf(at.room).add(client)
    if (kind === 'leave') this.#seatsOf(at.room).delete(client)
    return sample(dice, kind, at)
  }

  /** Most often a room that the client is in, and another member of it. */
  #destination(client: number, type: string, room?: number): Destination {
    const dice = this.#dice
    const own = [...this.#seats].filter(([, seats]) => seats.has(client)).map(([each]) => each)
    const anywhere = type === 'join' || own.length === 0 || dice.chance(0.08)
    const chosen = room ?? (anywhere ? dice.integer(this.#cast.rooms) : dice.pick(own))
    const others = [...this.#seatsOf(chosen)].filter((each) => each !== client)
    const to = others.length === 0 || dice.chance(0.06) ? dice.integer(this.#cast.clients) : dice.pick(others)
    return { room: chosen, to }
  }

  #seatsOf(room: number): Set<number> {
    const seats = this.#seats.get(room) ?? new Set<number>()
    this.#seats.set(room, seats)
    return seats
  }

  #changed(client: number): Step {
    const type = this.#someType()
    const kind = type === 'relay' ? this.#dice.pick(relayTypes) : type
    const members = sample(this.#dice, kind, this.#destination(client, kind))
    return { do: 'send', client, text: asText(this.#dice, mutated(this.#dice, kind, members)) }
  }

  #inFragments(client: number): Step {
    const text = this.#text(client, this.#usualType())
    const cuts = Array.from({ length: 1 + this.#dice.integer(4) }, () => this.#dice.integer(text.length))
    return { do: 'send', client, text, cuts: cuts.toSorted((a, b) => a - b) }
  }

  #firstFrame(): string {
    const dice = this.#dice
    const hello = sample(dice, 'hello', { room: 0, to: 0 })
    return dice.weighted<() => string>([
      [3, () => asText(dice, mutated(dice, 'hello', hello))],
      [1, () => this.#text(this.#outsider, this.#someType(), 0)],
      [2, () => rawText(dice, asText(dice, hello))],
      [0.5, () => asText(dice, hello)],
    ])()
  }
}
