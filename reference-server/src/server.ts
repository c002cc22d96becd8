import { randomBytes } from 'node:crypto'
import type { IncomingMessage, Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { StandardCloseCode } from '@parley/schemas'
import { addressOf } from './address/address.ts'
import { AddressLimits } from './address/address-limits.ts'
import type { Authenticator, TokenEntry } from './authentication.ts'
import { authenticatorOf } from './authenticator-choice.ts'
import { MemoryCallRegistry } from './calls/memory-registry.ts'
import type { InvitePermission } from './calls/invite-rule.ts'
import { invitePermissionOf } from './calls/permission.ts'
import type { CallRegistry } from './calls/registry.ts'
import { endOverdueCalls } from './calls/telling.ts'
import { systemClock, type Clock } from './clock.ts'
import { CursorSeal } from './discovery/cursor.ts'
import { FindRate } from './discovery/find-rate.ts'
import { MemoryPresenceRegistry } from './discovery/memory-registry.ts'
import type { PresenceRegistry } from './discovery/registry.ts'
import type { SightRule } from './discovery/sight-rule.ts'
import { sightRuleOf } from './discovery/sight.ts'
import { Draining } from './draining.ts'
import type { Directory } from './directory.ts'
import type { Engine, Handlers } from './handler.ts'
import { defaultHandlers } from './handlers/index.ts'
import { iceServerSourceOf } from './ice/choice.ts'
import type { IceServerSource } from './ice/source.ts'
import { answerRequest, healthPages, pathOf, refuseUpgrade, type Health, type Pages } from './http.ts'
import type { RandomSource } from './identity.ts'
import { createJournal } from './journal.ts'
import { silentLog, type Log } from './log.ts'
import { MemoryDirectory } from './memory-directory.ts'
import { MemoryRouter } from './memory-router.ts'
import { createListener } from './listener.ts'
import { Metrics } from './metrics.ts'
import { MetricsListener } from './metrics-listener.ts'
import { checkOption, checkTogether, defaultOptions, optionNames, type Options } from './option.ts'
import { Sessions, type SessionKeeper } from './resume/registry.ts'
import type { Router } from './router.ts'
import { version } from './version.ts'
import { WebSocketBinding } from './websocket.ts'

/** Milliseconds between two looks at the deadlines of all connections. */
const sweepInterval = 250

/** Milliseconds that a graceful stop may take. */
const closeDeadline = 4000

const goingAway: StandardCloseCode = 1001

/** What an embedding program gives beside {@link Options}. All may be left out. */
export interface ServerOptions extends Partial<Options> {
  /** Tokens to authenticate with; those of `tokensFile` are added. */
  readonly tokens?: readonly TokenEntry[]
  /** Judges tokens in place of a list of them: an application's own verifier. */
  readonly authenticate?: Authenticator
  /** Names STUN and TURN servers for a client, in place of the options about them: an application's own source. */
  readonly iceServers?: IceServerSource
  /** Says who may ring whom, in place of the option `invites`: an application's own rule. */
  readonly mayInvite?: InvitePermission
  /** Says which users a user sees online, in place of the option `seeUsers`: an application's own rule. */
  readonly maySee?: SightRule
  /** Where to write what happens; nowhere by default. */
  readonly log?: Log
}

/** Parts of a server that tests replace: a faulty handler, a port that loses frames, a clock that is turned by hand. */
export interface Seams {
  readonly handlers?: Handlers
  readonly clock?: Clock
  readonly random?: RandomSource
  decorateDirectory?(directory: Directory): Directory
  decorateRouter?(router: Router): Router
  decorateCalls?(calls: CallRegistry): CallRegistry
  decorateSessions?(sessions: SessionKeeper): SessionKeeper
  decoratePresence?(presence: PresenceRegistry): PresenceRegistry
}

/** Where a server listens. */
export interface Listening {
  readonly port: number
  /** URL for clients. */
  readonly url: string
}

/** A signaling server. */
export class Server {
  readonly #options: Options
  readonly #engine: Engine
  readonly #binding: WebSocketBinding
  readonly #metrics: Metrics | undefined
  readonly #metricsListener: MetricsListener | undefined
  readonly #pages: Pages
  readonly #startedAt: number
  readonly #stopSweep: () => void
  readonly #detach: (() => void)[] = []
  #own: HttpServer | undefined
  #closed: Promise<void> | undefined
  #drained: Promise<void> | undefined
  #endDraining: () => void = () => undefined

  /** Use {@link createServer}. */
  constructor(options: Options, services: Omit<Engine, 'journal'>, log: Log) {
    const pages = healthPages(() => this.health())
    if (options.metricsAddress !== '') {
      this.#metrics = new Metrics({
        connections: () => this.#binding.links.size,
        rooms: () => services.directory.countRooms(),
        waiting: () => services.sessions.waiting,
        keptBytes: () => services.sessions.keptBytes,
      })
      this.#metricsListener = new MetricsListener(options.metricsAddress, pages, this.#metrics)
    }
    const { logDetail: detail, logLevel } = options
    const journal = createJournal({ log, detail, tracing: logLevel === 'debug', metrics: this.#metrics })
    const engine = { ...services, journal }
    this.#options = options
    this.#pages = pages
    this.#engine = engine
    this.#binding = new WebSocketBinding(engine)
    this.#startedAt = engine.clock.now()
    this.#stopSweep = engine.clock.every(sweepInterval, () => {
      this.#sweep()
    })
  }

  /**
   * Begins to listen on `host` and `port` of the options.
   *
   * @throws The error of `node:net` when the port is in use or may not be used.
   */
  async listen(): Promise<Listening> {
    if (this.#own !== undefined || this.#closed !== undefined)
      throw new Error('The server listens already, or is closed')
    const { host, port, path, tlsCert } = this.#options
    const own = createListener(this.#options, answerRequest(path, this.#pages))
    this.#own = own
    this.#take(own, path, (socket) => {
      refuseUpgrade(socket, 404, `Nothing is here: the WebSocket is at ${path}.`)
    })
    await new Promise<void>((resolve, reject) => {
      own.once('error', reject)
      own.listen(port, host, () => {
        own.off('error', reject)
        resolve()
      })
    })
    await this.#metricsListener?.listen()
    const address = own.address() as AddressInfo
    const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
    return { port: address.port, url: `${tlsCert === '' ? 'ws' : 'wss'}://${name}:${address.port}${path}` }
  }

  /**
   * Takes the WebSocket requests of a server that somebody else runs; requests for other paths are left to it.
   *
   * @param path - Path of the WebSocket URL; `path` of the options by default.
   * @returns Stops taking them; connections that are there stay.
   */
  attach(server: HttpServer, path = this.#options.path): () => void {
    return this.#take(server, path, () => undefined)
  }

  /** What `GET /health` tells, for a server that answers its own requests. */
  async health(): Promise<Health> {
    return {
      status: this.#closed !== undefined ? 'closing' : this.#engine.draining.hasBegun ? 'draining' : 'ok',
      connections: this.#binding.links.size,
      rooms: await this.#engine.directory.countRooms(),
      uptimeSeconds: Math.floor((this.#engine.clock.now() - this.#startedAt) / 1000),
      version,
      ready: this.#closed === undefined && !this.#engine.draining.hasBegun && !this.#isFull(),
    }
  }

  /** Where the metrics are, once the server listens; `undefined` where there are none. */
  get metricsUrl(): string | undefined {
    return this.#metricsListener?.url
  }

  /** All metrics in the text format of Prometheus, for a server that answers its own requests; empty where there are none. */
  async metrics(): Promise<string> {
    return (await this.#metrics?.text()) ?? ''
  }

  /**
   * Takes nothing new, tells the clients for which `drain` is in force, lets go on what is under way for `drainSeconds`, and closes. Where
   * nobody can be told, or `drainSeconds` is 0, it closes at once; so does {@link close} meanwhile.
   *
   * @returns When the server is closed.
   */
  drain(): Promise<void> {
    return (this.#drained ??= this.#drain())
  }

  /** Ends all connections with 1001 and stops listening. Takes at most a few seconds. */
  close(): Promise<void> {
    return (this.#closed ??= this.#close())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #drain(): Promise<void> {
    const { clock, draining } = this.#engine
    const ms = this.#options.drainSeconds * 1000
    const connections = [...this.#binding.links].flatMap(({ connection }) => connection ?? [])
    if (this.#closed !== undefined || ms === 0 || !connections.some(({ inForce }) => inForce.has('drain')))
      return this.close()
    draining.begin(ms)
    this.#own?.close()
    this.#own?.closeIdleConnections()
    for (const connection of connections) draining.tell(connection) // drain.goaway
    await new Promise<void>((resolve) => {
      this.#endDraining = resolve
      clock.after(ms, () => {
        draining.cutShort() // A timer can be a millisecond early.
        resolve() // drain.ends
      })
      void this.#binding.whenEmpty().then(resolve)
    })
    return this.close()
  }

  async #close(): Promise<void> {
    this.#endDraining()
    for (const detach of this.#detach) detach()
    const { links } = this.#binding
    const { draining } = this.#engine
    // drain.not-before, drain.again: whoever was promised more time is told that there is none.
    const connections = [...links].flatMap(({ connection }) => connection ?? [])
    if (draining.cutShort()) for (const connection of connections) draining.tell(connection)
    for (const connection of connections) connection.end(goingAway, 'lost') // websocket.draining-code
    this.#engine.sessions.close()
    const own = this.#own
    const stopped = new Promise<void>((resolve) => {
      if (own === undefined) resolve()
      else
        own.close(() => {
          resolve()
        })
    })
    own?.closeIdleConnections()
    const deadline = setTimeout(() => {
      for (const link of links) link.terminate()
      own?.closeAllConnections()
    }, closeDeadline)
    await Promise.all([stopped, this.#binding.whenEmpty()])
    clearTimeout(deadline)
    await this.#metricsListener?.close()
    this.#stopSweep()
  }

  #take(server: HttpServer, path: string, otherwise: (socket: Duplex) => void): () => void {
    const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (pathOf(request) === path) this.#upgrade(request, socket, head)
      else otherwise(socket)
    }
    server.on('upgrade', upgrade)
    const detach = () => {
      server.off('upgrade', upgrade)
    }
    this.#detach.push(detach)
    return detach
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { origins } = this.#options
    const { origin } = request.headers
    if (origins.length > 0 && origin !== undefined && !origins.includes(origin)) {
      this.#metrics?.turnedAway('origin')
      refuseUpgrade(socket, 403, 'Pages of this origin are not admitted.')
    } else if (this.#engine.draining.hasBegun) {
      this.#metrics?.turnedAway('draining')
      refuseUpgrade(socket, 503, 'The server is about to end: connect elsewhere.')
    } else if (this.#isFull()) {
      this.#metrics?.turnedAway('full')
      refuseUpgrade(socket, 503, 'The server is full: try again later.')
    } else {
      this.#admit(request, socket, head)
    }
  }

  #admit(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { addresses } = this.#engine
    const address = addressOf(request, this.#options.trustedProxies)
    if (addresses.enter(address)) {
      socket.once('close', () => {
        addresses.leave(address)
      })
      this.#binding.upgrade(request, socket, head, address)
    } else {
      this.#metrics?.turnedAway('address')
      refuseUpgrade(socket, 429, 'This address has as many connections as it may.')
    }
  }

  #isFull(): boolean {
    return this.#binding.links.size >= this.#options.maxConnections
  }

  #sweep(): void {
    const now = this.#engine.clock.now()
    endOverdueCalls(this.#engine)
    this.#engine.sessions.sweep()
    this.#engine.addresses.sweep(now)
    for (const { connection, isClosing } of this.#binding.links) {
      if (isClosing) connection?.lose()
      else connection?.sweep(now)
    }
  }
}

/**
 * Makes a server; `listen()` or `attach()` puts it to work.
 *
 * @param options - What differs from the defaults; `port` is 0, any free port, unless given.
 * @param seams - Parts to replace, for tests.
 * @throws `OptionError` for options that cannot be used.
 */
export function createServer(options: ServerOptions = {}, seams: Seams = {}): Server {
  const { tokens, authenticate, iceServers, mayInvite, maySee, log = silentLog, ...given } = options
  const complete: Options = { ...defaultOptions, port: 0, ...given }
  for (const name of optionNames) checkOption(name, complete[name], name)
  checkTogether(complete)
  const { clock = systemClock, random = randomBytes, handlers = defaultHandlers } = seams
  const directory = new MemoryDirectory(complete)
  const router = new MemoryRouter()
  const authenticator = authenticatorOf(complete, { tokens, authenticate }, clock, log)
  const calls = new MemoryCallRegistry(complete, clock)
  const sessions = new Sessions(clock, complete)
  const invitePermission = invitePermissionOf(complete, mayInvite)
  const presence = new MemoryPresenceRegistry(complete)
  const sightRule = sightRuleOf(complete, maySee)
  const iceServerSource = iceServerSourceOf(complete, iceServers, clock)
  const services = {
    options: complete,
    directory: seams.decorateDirectory?.(directory) ?? directory,
    router: seams.decorateRouter?.(router) ?? router,
    handlers,
    clock,
    random,
    draining: new Draining(clock, complete),
    sessions: seams.decorateSessions?.(sessions) ?? sessions,
    calls: seams.decorateCalls?.(calls) ?? calls,
    presence: seams.decoratePresence?.(presence) ?? presence,
    cursors: new CursorSeal(randomBytes),
    findRate: new FindRate(complete.findsPerSecond),
    addresses: new AddressLimits(complete),
    ...(sightRule === undefined ? {} : { sightRule }),
    ...(invitePermission === undefined ? {} : { invitePermission }),
    ...(authenticator === undefined ? {} : { authenticator }),
    ...(iceServerSource === undefined ? {} : { iceServerSource }),
  }
  return new Server(complete, services, log)
}
