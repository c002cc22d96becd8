import { once } from 'node:events'
import { serve, type Served } from '../soak/served.ts'

/** A server in a process of its own whose memory can be measured. */
export interface MeasuredServer extends Served {
  /** Bytes of its heap that are in use after everything that can be freed has been. */
  readonly memory: () => Promise<number>
}

/**
 * Starts a server in a process of its own, with a garbage collector that can be called.
 *
 * @param name - `reference`, `minimal`, or the name of a mutant.
 */
export async function serveMeasured(name: string): Promise<MeasuredServer> {
  const server = await serve(name, ['--expose-gc'])
  return {
    ...server,
    memory: async () => {
      const answer = once(server.process, 'message')
      server.process.send('memory')
      const [bytes] = (await answer) as [number]
      return bytes
    },
  }
}
