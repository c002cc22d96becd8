import { createServer, defaultHandlers } from '@parley/reference-server'
import { altered, type Mutants } from '../mutant.ts'

/** The whole server ends because of an ordinary message. */
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
      consequences: { 'rooms.leave': 'it is a leave that ends the server' },
    },
  ),
]
