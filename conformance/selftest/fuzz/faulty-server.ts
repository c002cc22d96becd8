import { defaultHandlers } from '@parley/reference-server'
import { startMiddleman } from '../middleman.ts'
import { startReferenceServer, type RunningServer } from '../running-server.ts'

/** Servers with a fault that needs a process of its own: it ends the process, or fills its memory. */
export const faultyServers: Readonly<Partial<Record<string, () => Promise<RunningServer>>>> = {
  'keeps every relayed message': keepsMessages,
  'ends at a message that is nested deep': endsAtDepth,
}

/** Remembers what it has relayed, as for a history that nobody asks for. */
async function keepsMessages(): Promise<RunningServer> {
  const history: unknown[] = []
  const { hangup, ...others } = defaultHandlers
  const kept: typeof hangup = (message, ...rest) => {
    history.push({ ...message })
    return hangup(message, ...rest)
  }
  return await startReferenceServer({}, { handlers: { ...others, hangup: kept } })
}

/** Walks through each frame by recursion, outside of any `try`. */
async function endsAtDepth(): Promise<RunningServer> {
  const server = await startReferenceServer()
  const middleman = await startMiddleman(server.url, {
    toServer: (_frame, _passage, text) => {
      // As one whose stack overflows where nobody catches it.
      if (depthOf(text) > 900) process.exit(134)
      return true
    },
  })
  return {
    url: middleman.url,
    tokens: server.tokens,
    [Symbol.asyncDispose]: async () => {
      await middleman[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  for (const character of text) {
    if (character === '[' || character === '{') depth += 1
    if (character === ']' || character === '}') depth -= 1
    deepest = Math.max(deepest, depth)
  }
  return deepest
}
