import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { pathToFileURL } from 'node:url'
import { startMiniTurn } from '../turn/mini-turn.ts'
import { slowPorts } from '../slow-ports.ts'
import { situations } from './situation.ts'

/** What the host tells its parent. */
export type HostMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'serving'; readonly urls: readonly string[] }
  | { readonly type: 'covered'; readonly ids: readonly string[] }
  | { readonly type: 'draining' }

/** What its parent asks it. */
export type HostQuestion =
  | { readonly type: 'covered' }
  /** Makes the server of a situation begin to drain. */
  | { readonly type: 'draining'; readonly place: number }
  /** Serves with this mutant switched on; what was served before is gone. None: the sound server, whose places are noted. */
  | { readonly type: 'serving'; readonly mutant: string | undefined }

interface MutatedServer {
  attach(server: HttpServer): () => void
  drain(): Promise<void>
  close(): Promise<void>
}

interface ServerModule {
  readonly createServer: (options: object, seams: object) => MutatedServer
}

interface Stryker {
  activeMutant?: string | undefined
  mutantCoverage?: { static: Record<string, number> }
}

const space = globalThis as { __stryker__?: Stryker }
const stryker = (space.__stryker__ ??= {})
stryker.activeMutant = process.argv[3]

const tell = (message: HostMessage) => process.send?.(message)

// An orphan ends by itself.
process.on('disconnect', () => process.exit())
process.on('message', (question: HostQuestion) => {
  if (question.type === 'covered') {
    tell({ type: 'covered', ids: Object.keys(stryker.mutantCoverage?.static ?? {}) })
    if (stryker.mutantCoverage !== undefined) stryker.mutantCoverage.static = {}
    return
  }
  if (question.type === 'draining') {
    running[question.place]?.server.drain().catch(() => undefined)
    tell({ type: 'draining' })
    return
  }
  void serve(question.mutant)
})

/** Secret that the servers share with the TURN server beside them. */
const turnSecret = 'self-test'
const turn = await startMiniTurn(turnSecret)

const { createServer } = (await import(pathToFileURL(process.argv[2] ?? '').href)) as ServerModule
let running: readonly {
  readonly server: MutatedServer
  readonly http: HttpServer
  readonly sockets: Set<Socket>
}[] = []
tell({ type: 'ready' })

async function serve(mutant: string | undefined): Promise<void> {
  for (const { server, http, sockets } of running) {
    for (const socket of sockets) socket.destroy()
    http.close()
    // A mutant may have broken this; a few timers are all that stays.
    server.close().catch(() => undefined)
  }
  stryker.activeMutant = mutant
  running = situations.map(({ options, turnSeconds, portsAnswerLater }) => {
    const seams = portsAnswerLater ? slowPorts : {}
    const ice = turnSeconds === undefined ? {} : { iceUrls: [turn.url], turnSecret, turnSeconds }
    const [server, http] = [createServer({ ...options, ...ice }, seams), createHttpServer()]
    const sockets = new Set<Socket>()
    http.on('connection', (socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    server.attach(http)
    return { server, http, sockets }
  })
  await Promise.all(
    running.map(({ http }) => new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))),
  )
  const ports = running.map(({ http }) => (http.address() as AddressInfo).port)
  tell({ type: 'serving', urls: ports.map((port) => `ws://127.0.0.1:${String(port)}/`) })
}
