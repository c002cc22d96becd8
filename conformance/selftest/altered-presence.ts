import {
  defaultHandlers,
  type Handler,
  type Handlers,
  type PresenceRegistry,
  type Services,
  type Sighting,
} from '@parley/reference-server'
import type { ServerRequirementId } from '@parley/conformance'
import { altered, type Mutant, type MutantOptions } from './mutant.ts'
import { startReferenceServer } from './running-server.ts'

type Sync<F> = F extends (...args: infer A) => infer R ? (...args: A) => Exclude<R, Promise<unknown>> : never

/** The registry of who is online in memory, which answers at once. */
export type SyncPresence = { readonly [M in keyof PresenceRegistry]: Sync<PresenceRegistry[M]> }

/** The calls of a registry that a mutant answers in its own way. */
export type PresenceOverrides = (inner: SyncPresence) => Partial<PresenceRegistry>

/** A fault in who is online, or who is told: some calls of the reference server's registry are answered otherwise. */
export function unseen(
  name: string,
  breaks: ServerRequirementId,
  overrides: PresenceOverrides,
  options: MutantOptions = {},
): Mutant {
  const { server, seams, ...rest } = options
  const start = () =>
    startReferenceServer(server, {
      ...seams?.(),
      decoratePresence: (inner) => presenceOver(inner, overrides(inner as SyncPresence)),
    })
  return altered(name, breaks, start, rest)
}

/** A registry with some calls answered otherwise. */
export function presenceOver(inner: PresenceRegistry, changed: Partial<PresenceRegistry>): PresenceRegistry {
  return {
    attach: (...args) => inner.attach(...args),
    detach: (...args) => inner.detach(...args),
    watch: (...args) => inner.watch(...args),
    unwatch: (...args) => inner.unwatch(...args),
    onlineUsers: (...args) => inner.onlineUsers(...args),
    ...changed,
  }
}

/** A fault in a handler: what it works with, or its message, is another one. Made anew for each start. */
export function handling<T extends 'find' | 'watch' | 'unwatch'>(
  name: string,
  breaks: ServerRequirementId,
  type: T,
  handler: () => Handler<T>,
  options: MutantOptions = {},
): Mutant {
  const start = () => {
    const handlers: Handlers = { ...defaultHandlers, [type]: handler() }
    return startReferenceServer(options.server, { ...options.seams?.(), handlers })
  }
  const { server: _server, seams: _seams, ...rest } = options
  return altered(name, breaks, start, rest)
}

/** Services with some of them replaced. */
export function servicesWith(services: Services, changed: Partial<Services>): Services {
  return { ...services, ...changed }
}

/** The sightings of a watch that was accepted, changed. */
export function whenWatching(
  inner: SyncPresence,
  change: (sightings: readonly Sighting[]) => readonly Sighting[],
): PresenceRegistry['watch'] {
  return (peer, users) => {
    const result = inner.watch(peer, users)
    return result.kind === 'watching' ? { ...result, sightings: change(result.sightings) } : result
  }
}
