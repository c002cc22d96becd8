import { ConnectSlots } from './connect-slots.ts'
import { HostProcess } from './host-process.ts'
import { PeerLibraryError } from './peer-library-error.ts'
import { openRemotePeer } from './remote-peer.ts'
import type { PeerConnection, PeerOptions, PeerSource } from './peer-connection.ts'

/** Limits of a pool. What is left out has the measured default. */
export interface WrtcPoolOptions {
  /** Pairs that connect at the same time. More overrun the library, which then stalls. Default 4. */
  readonly connectingPairs?: number
  /** A slot for connecting returns by itself after so many milliseconds. Default 10000. */
  readonly connectHoldMs?: number
  /** Peers after which a process takes no more and ends with its last one: its memory only grows. Default 300. */
  readonly peersPerProcess?: number
  /** Milliseconds after which an operation counts as hung. Default 10000. */
  readonly operationDeadlineMs?: number
  /** A command that runs the command behind it: `ip netns exec NAME` gives peers a network of their own. */
  readonly launcher?: readonly string[]
}

/** Peers of the `wrtc` library, held in child processes that are started when needed. */
export class WrtcPool implements PeerSource, AsyncDisposable {
  readonly #slots: ConnectSlots
  readonly #peersPerProcess: number
  readonly #operationDeadlineMs: number
  readonly #launcher: readonly string[]
  readonly #hosts = new Set<HostProcess>()
  #current: HostProcess | undefined
  #disposed = false

  constructor(options: WrtcPoolOptions = {}) {
    const {
      connectingPairs = 4,
      connectHoldMs = 10_000,
      peersPerProcess = 300,
      operationDeadlineMs = 10_000,
      launcher = [],
    } = options
    this.#slots = new ConnectSlots(connectingPairs, connectHoldMs)
    this.#peersPerProcess = peersPerProcess
    this.#operationDeadlineMs = operationDeadlineMs
    this.#launcher = launcher
  }

  /** Ids of the processes that run now. */
  get processIds(): readonly number[] {
    return [...this.#hosts].flatMap((host) => host.pid ?? [])
  }

  async openPeer(options: PeerOptions = {}): Promise<PeerConnection> {
    if (this.#disposed) throw new PeerLibraryError('Cannot open a peer: the pool is closed')
    const host = this.#hostForNextPeer()
    const peer = await openRemotePeer(host, options)
    peer.on('connectionstatechange', ({ connectionState }) => {
      if (connectionState === 'closed')
        // A refusal to close reaches whoever closed it.
        void peer
          .close()
          .catch(() => undefined)
          .then(() => {
            this.#endIfSpent(host)
          })
    })
    return peer
  }

  connectSlot(): Promise<Disposable> {
    return this.#slots.take()
  }

  /** Loads the library in a process, if none has done so yet, and returns its version. Rejects with PeerLibraryError. */
  async libraryVersion(): Promise<string> {
    const version = await this.#hostForNextPeer().ready()
    return version
  }

  /** Ends all processes, and with them all peers. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    await Promise.all([...this.#hosts].map((host) => host[Symbol.asyncDispose]()))
  }

  #hostForNextPeer(): HostProcess {
    const current = this.#current
    if (current?.healthy && current.opened < this.#peersPerProcess) return current
    if (current) this.#endIfSpent(current)
    const next = new HostProcess(this.#operationDeadlineMs, this.#launcher)
    this.#hosts.add(next)
    void next.exited.then(() => this.#hosts.delete(next))
    this.#current = next
    return next
  }

  #endIfSpent(host: HostProcess): void {
    const mayTakeMore = host === this.#current && host.healthy && host.opened < this.#peersPerProcess
    if (mayTakeMore || host.open > 0) return
    void host[Symbol.asyncDispose]()
  }
}

/** Whether real peers can be had here, and if not, why. */
export type PeerAvailability =
  | { readonly available: true; readonly library: string; readonly version: string }
  | { readonly available: false; readonly reason: string }

/** Tells whether real peers can be had, by loading the library in a process of `pool`, or in one of its own. Never throws. */
export async function peerAvailability(pool?: WrtcPool): Promise<PeerAvailability> {
  const used = pool ?? new WrtcPool()
  try {
    return { available: true, library: 'wrtc', version: await used.libraryVersion() }
  } catch (error) {
    return { available: false, reason: error instanceof Error ? error.message : String(error) }
  } finally {
    if (!pool) await used[Symbol.asyncDispose]()
  }
}
