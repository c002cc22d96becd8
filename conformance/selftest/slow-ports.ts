import type { Seams } from '@parley/reference-server'

/** Ports of the reference server that answer later, as they would over a network. */
export const slowPorts: Seams = {
  decorateDirectory: answeringLater,
  decorateRouter: answeringLater,
  decorateCalls: answeringLater,
  decoratePresence: answeringLater,
}

/** Milliseconds until the router says that a peer can no longer be reached: long enough for a client to notice who does not wait for the rest of a departure. */
const detachMs = 30

/** A port whose calls take effect at once, and whose answers come in a later turn of the event loop. */
function answeringLater<T extends object>(port: T): T {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return async (...words: readonly unknown[]) => {
        const answer: unknown = Reflect.apply(member, target, words)
        await (name === 'detach'
          ? new Promise((resolve) => setTimeout(resolve, detachMs))
          : new Promise(setImmediate))
        return answer
      }
    },
  })
}
