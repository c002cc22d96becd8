import { createServer, defaultHandlers } from '@parley/reference-server'
import type { Frame, MiddlemanRules } from '../middleman.ts'
import { altered, tampered, type Mutants } from '../mutant.ts'

/** Accepts connections, and answers nothing on any from the moment on at which a frame of a client does it. */
function silentFrom(isDeadly: (frame: Frame, connection: number) => boolean): MiddlemanRules {
  let silent = false
  return {
    toServer: (frame, { number }) => {
      silent ||= isDeadly(frame, number)
      return !silent
    },
    toClient: () => !silent,
  }
}

/** Connections after which the server of a mutant answers nobody. */
const answeredConnections = 40

/** The whole server ends, or falls silent, because of an ordinary message. */
export const outlivesMutants: Mutants = [
  altered(
    'stops altogether when somebody leaves a room',
    'frames.others-unharmed',
    async () => {
      let stop = () => Promise.resolve()
      const leave: typeof defaultHandlers.leave = (...args) => {
        void stop()
        return defaultHandlers.leave(...args)
      }
      const server = createServer({ port: 0 }, { handlers: { ...defaultHandlers, leave } })
      stop = () => server.close()
      const { url } = await server.listen()
      return { url, tokens: [], [Symbol.asyncDispose]: () => server.close() }
    },
    {
      only: 'frames.others-unharmed:outlives,rooms.leave',
      // The frames that it names differ from run to run.
      says: /nothing listens there any more: it stopped during the run, (after ordinary frames|most likely because of what)/,
      consequences: { 'rooms.leave': 'it is a leave that ends the server' },
    },
  ),
  tampered(
    'hangs for everybody at a number with a fraction in data',
    'frames.others-unharmed',
    () => silentFrom(({ data }) => typeof data === 'number' && !Number.isInteger(data)),
    {
      only: 'frames.others-unharmed:outlives,rooms.joined,rooms.leave,rooms.members,delivery.order',
      // Which of the frames that came at the same time it was is a guess, and differs from run to run.
      says: /answers nobody any more: nothing came on any connection for .* most likely because of what [\w.:-]+ had sent/,
    },
  ),
  tampered(
    'accepts connections and answers nobody after a while',
    'frames.others-unharmed',
    () => silentFrom((_frame, connection) => connection > answeredConnections),
    {
      only: 'frames.others-unharmed:outlives,rooms.joined,rooms.members,rooms.peer-joined,rooms.leave,rooms.update',
      says: /answers nobody any more: nothing came on any connection for /,
    },
  ),
]
