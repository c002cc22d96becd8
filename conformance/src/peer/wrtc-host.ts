/*
 * The program of a host process: it holds wrtc connections for a parent that speaks to it over the channel of
 * child_process. wrtc crashes in worker threads and at a natural end of the event loop, so it lives here alone, and
 * here always ends with process.exit().
 */
import { createRequire } from 'node:module'
import { WrtcConnection } from './wrtc-connection.ts'
import { hostEnvironment } from './host-protocol.ts'
import type { HostMessage, HostRequest } from './host-protocol.ts'
import type { WrtcModule } from './wrtc-shape.ts'

const connections = new Map<number, WrtcConnection>()

function tell(message: HostMessage): void {
  if (process.connected) process.send?.(message)
}

/** The library, or the reason why it cannot be had. */
async function loadLibrary(): Promise<WrtcModule | string> {
  const replacement = process.env[hostEnvironment.module]
  try {
    const loaded = (await (replacement === undefined ? import('wrtc') : import(replacement))) as {
      readonly default: unknown
    }
    return loaded.default as WrtcModule
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function libraryVersion(): string {
  try {
    const description = createRequire(import.meta.url)('wrtc/package.json') as { readonly version: string }
    return description.version
  } catch {
    return 'unknown'
  }
}

/** What the library returns, often a promise; it may throw, too. */
function perform(wrtc: WrtcModule, request: Exclude<HostRequest, { readonly kind: 'exit' }>): unknown {
  const { peer } = request
  if (request.kind === 'open') {
    const connection: WrtcConnection = new WrtcConnection(wrtc, request.options, (type, detail) => {
      tell({ kind: 'event', peer, type, detail, state: connection.state })
    })
    connections.set(peer, connection)
    return undefined
  }
  const connection = connections.get(peer)
  if (connection === undefined) throw new Error(`Peer ${peer} is closed`)
  if (request.operation === 'close') connections.delete(peer)
  const operation = connection[request.operation].bind(connection) as (...given: unknown[]) => unknown
  return operation(...request.arguments)
}

async function answer(wrtc: WrtcModule, request: HostRequest): Promise<void> {
  if (request.kind === 'exit') process.exit(0)
  const operation = request.kind === 'open' ? request.kind : request.operation
  if (process.env[hostEnvironment.crashAt] === operation) process.kill(process.pid, 'SIGKILL')
  if (process.env[hostEnvironment.hangAt] === operation) return
  const connection = connections.get(request.peer)
  try {
    const value = await perform(wrtc, request)
    const state = (connection ?? connections.get(request.peer))?.state
    tell({ kind: 'result', id: request.id, value, ...(state && { state }) })
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    tell({
      kind: 'refusal',
      id: request.id,
      errorName: name,
      detail: message,
      ...(connection && { state: connection.state }),
    })
  }
}

// The parent decides when it is over; without it there is no reason to go on.
process.on('SIGINT', () => undefined)
process.on('disconnect', () => process.exit(0))
if (!process.connected) process.exit(1)

const library = await loadLibrary()
if (typeof library === 'string') {
  const exit = () => process.exit(1)
  process.send?.({ kind: 'unavailable', reason: library } satisfies HostMessage, exit)
} else {
  process.on('message', (request) => {
    void answer(library, request as HostRequest)
  })
  tell({ kind: 'ready', version: libraryVersion() })
}
