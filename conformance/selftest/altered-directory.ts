import type { Directory, JoinResult } from '@parley/reference-server'
import type { ServerRequirementId } from '@parley/conformance'
import { altered, type Mutant, type MutantOptions } from './mutant.ts'
import { startReferenceServer } from './running-server.ts'

/** The calls of a directory that a mutant answers in its own way. */
export type Overrides = (inner: SyncDirectory) => Partial<Directory>

type Sync<F> = F extends (...args: infer A) => infer R ? (...args: A) => Exclude<R, Promise<unknown>> : never

/** The directory in memory, which answers at once. */
export type SyncDirectory = { readonly [M in keyof Directory]: Sync<Directory[M]> }

/** A join that was granted. */
export type Granted = Extract<JoinResult, { readonly self: unknown }>

/** A fault in who is in which room: some calls of the reference server's directory are answered otherwise. */
export function misdirected(
  name: string,
  breaks: ServerRequirementId,
  overrides: Overrides,
  options: MutantOptions = {},
): Mutant {
  const { server, seams, ...rest } = options
  const start = () => startReferenceServer(server, { ...seams?.(), decorateDirectory: decorator(overrides) })
  return altered(name, breaks, start, rest)
}

/** Makes the seam that puts overrides before a directory. */
export function decorator(overrides: Overrides): (inner: Directory) => Directory {
  return (inner) => {
    const changed = overrides(inner as SyncDirectory)
    return {
      connect: (...args) => inner.connect(...args),
      peerOf: (...args) => inner.peerOf(...args),
      disconnect: (...args) => inner.disconnect(...args),
      join: (...args) => inner.join(...args),
      update: (...args) => inner.update(...args),
      leave: (...args) => inner.leave(...args),
      reach: (...args) => inner.reach(...args),
      commonRooms: (...args) => inner.commonRooms(...args),
      others: (...args) => inner.others(...args),
      listRooms: (...args) => inner.listRooms(...args),
      countRooms: () => inner.countRooms(),
      ...changed,
    }
  }
}

/** Changes what a granted join says. */
export function whenGranted(result: JoinResult, change: (granted: Granted) => Granted): JoinResult {
  return 'self' in result ? change(result) : result
}

/** A member with other data; `undefined` for none. */
export function withData<M extends { readonly peer: string }>(member: M, data: string | undefined): M {
  const { data: _data, ...rest } = member as M & { data?: string }
  return (data === undefined ? rest : { ...rest, data }) as M
}

/** Who is in which room, kept by a mutant that has to know. */
export class Occupancy {
  readonly #rooms = new Map<string, Set<string>>()

  /** Members of a room, in the order of joining. */
  of(room: string): Set<string> {
    const members = this.#rooms.get(room) ?? new Set<string>()
    this.#rooms.set(room, members)
    return members
  }

  /** A peer has gone from all rooms. */
  drop(peer: string): void {
    for (const members of this.#rooms.values()) members.delete(peer)
  }

  /** Follows a directory: its calls, with the members noted. */
  follow(inner: SyncDirectory): Pick<SyncDirectory, 'join' | 'leave' | 'disconnect'> {
    return {
      join: (room, member) => {
        const result = inner.join(room, member)
        if ('self' in result) this.of(room).add(member.peer)
        return result
      },
      leave: (room, peer) => {
        this.of(room).delete(peer)
        return inner.leave(room, peer)
      },
      disconnect: (peer) => {
        this.drop(peer)
        return inner.disconnect(peer)
      },
    }
  }
}
