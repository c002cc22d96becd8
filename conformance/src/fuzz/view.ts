import { stringOf, type Wire } from '../endpoint/wire.ts'
import { indefinite } from '../observer/indefinite.ts'
import type { Someone, WorldOf } from './world.ts'

/** What a client has been told of one room. */
export interface View {
  isMember: boolean
  /** When the present view began. */
  since: number
  revision: number
  /** Peers that are there, each with its data; no data is `undefined`. */
  readonly known: Map<string, unknown>
  readonly gone: Set<string>
  /** How often each was said to have changed, since the model was last in agreement with what was said. */
  readonly updates: Map<string, number>
}

/** Whose view it is. */
export interface ViewOwner {
  readonly peer: string
  /** Whether it has ever sent a `join` of a room. */
  readonly hasAsked: (room: string) => boolean
}

/** What a client has been told of its rooms. A message that contradicts what was said before is reported at once. */
export class Views {
  readonly #world: WorldOf<Someone>
  readonly #owner: ViewOwner
  readonly #views = new Map<string, View>()

  constructor(world: WorldOf<Someone>, owner: ViewOwner) {
    this.#world = world
    this.#owner = owner
  }

  /** The rooms of which something was said. */
  get all(): ReadonlyMap<string, View> {
    return this.#views
  }

  /** Whether the client has been told that it is a member. */
  isMember(room: string): boolean {
    return this.#views.get(room)?.isMember === true
  }

  /** A `joined` that its schema accepts. */
  joined(room: string, message: Wire, at: number): void {
    const me = message['self'] as Wire
    const members = message['members'] as readonly Wire[]
    const ids = members.map((each) => stringOf(each, 'peer') ?? '')
    const { peer, hasAsked } = this.#owner
    if (!hasAsked(room))
      this.#blame('rooms.joined', 'joined only for a join', 'it came for a room that was not asked for')
    if (me['peer'] !== peer)
      this.#blame('rooms.joined', "self.peer to be the peer's own id", `it was ${String(me['peer'])}`)
    if (ids.includes(peer))
      this.#blame('rooms.not-self', 'members without the joining peer', 'it lists that peer itself')
    if (new Set(ids).size !== ids.length)
      this.#blame('rooms.members', 'every member once', 'members lists a peer more than once')
    for (const each of [me, ...members]) this.#judgeUser(each)
    this.#views.set(room, {
      isMember: true,
      since: at,
      revision: message['revision'] as number,
      known: new Map(members.map((each) => [stringOf(each, 'peer') ?? '', each['data']])),
      gone: new Set(),
      updates: new Map(),
    })
  }

  /** A `left` that its schema accepts. */
  left(room: string): void {
    const view = this.#views.get(room)
    if (!view?.isMember) {
      this.#blame('rooms.leave', 'left only from a member of the room', 'it came to a client that is none')
      return
    }
    view.isMember = false
    view.known.clear()
  }

  /** A presence message that its schema accepts. */
  presence(room: string, type: string, message: Wire): void {
    const view = this.#viewOf(room, type)
    if (!view) return
    const revision = message['revision'] as number
    if (revision !== view.revision + 1)
      this.#blame(
        'rooms.revision',
        `revision ${String(view.revision + 1)} next`,
        `${type} came with ${String(revision)}`,
      )
    view.revision = revision
    const member = type === 'peer-left' ? message : (message['member'] as Wire)
    const peer = stringOf(member, 'peer') ?? ''
    if (peer === this.#owner.peer)
      this.#blame(
        'rooms.not-self',
        'no presence messages about oneself',
        `${indefinite(type)} about this peer itself came`,
      )
    else if (type === 'peer-joined') this.#joins(view, peer, member)
    else if (type === 'peer-left') this.#leaves(view, peer)
    else if (this.#heardOf(view, peer, type)) {
      this.#judgeUser(member)
      view.known.set(peer, member['data'])
      view.updates.set(peer, (view.updates.get(peer) ?? 0) + 1)
    }
  }

  /** Whether a message of another member may come; if not, it is reported. */
  mayHear(room: string, from: string, type: string): boolean {
    const view = this.#viewOf(room, type)
    return view !== undefined && this.#heardOf(view, from, type)
  }

  #joins(view: View, peer: string, member: Wire): void {
    if (view.known.has(peer))
      this.#blame(
        'rooms.rejoin',
        'one peer-joined for each membership',
        'a peer that is known already was announced again',
      )
    this.#judgeUser(member)
    view.known.set(peer, member['data'])
    view.gone.delete(peer)
  }

  #leaves(view: View, peer: string): void {
    if (!view.known.delete(peer))
      this.#blame(
        'rooms.left-once',
        'one peer-left for each membership',
        'one came for a peer that is not there',
      )
    view.gone.add(peer)
  }

  #heardOf(view: View, peer: string, type: string): boolean {
    if (view.known.has(peer)) return true
    if (view.gone.has(peer))
      this.#blame(
        'rooms.left-last',
        'nothing from a peer after its peer-left',
        `${indefinite(type)} came from one that had left`,
      )
    else
      this.#blame(
        'rooms.known-first',
        'only peers that were made known',
        `${indefinite(type)} came from an unknown peer`,
      )
    return false
  }

  /** The view of a room that the client is a member of; none is reported. */
  #viewOf(room: string, type: string): View | undefined {
    const view = this.#views.get(room)
    if (view?.isMember) return view
    const what = `${indefinite(type)} of a room came to a client that`
    if (view) this.#blame('rooms.after-left', 'nothing of a room after left', `${what} had left it`)
    else if (this.#owner.hasAsked(room))
      this.#blame(
        'rooms.joined-first',
        'joined before anything else of a membership',
        `${what} had no joined yet`,
      )
    else this.#blame('rooms.outsiders', 'nothing of a room to an outsider', `${what} never asked to join it`)
    return undefined
  }

  #judgeUser(member: Wire): void {
    const of = this.#world.byPeer.get(stringOf(member, 'peer') ?? '')
    if (!of || !('user' in member) || member['user'] === of.userName) return
    this.#blame(
      'rooms.user',
      'the user as whom a peer is authenticated',
      `another one was named: ${String(member['user'])}`,
    )
  }

  #blame(...blame: Parameters<WorldOf<Someone>['blame']>): void {
    this.#world.blame(...blame)
  }
}
