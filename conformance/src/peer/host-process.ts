import { fork } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { atExit } from '../last-act.ts'
import { PeerLibraryError } from './peer-library-error.ts'
import { PeerOperationError } from './peer-operation-error.ts'
import type { ChildProcess } from 'node:child_process'
import type { HostMessage, HostRequest, PeerOperationName } from './host-protocol.ts'
import type { PeerOptions, PeerState } from './peer-connection.ts'

/** What a peer in the parent gets from the host that holds its connection. */
export interface HostedPeer {
  /** Takes an event and the states that came with it. */
  hostEvent(message: Extract<HostMessage, { readonly kind: 'event' }>): void
  /** Takes the states that came with a result. */
  hostState(state: PeerState): void
  /** Told once, when the host is gone. */
  hostLost(error: PeerLibraryError): void
}

interface Pending {
  readonly peer: number
  readonly operation: string
  readonly timer: NodeJS.Timeout
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

const errorOutputKept = 2_000
const exitPatienceMs = 2_000
/** Starting means loading the library, which a busy machine may take long for. */
const startDeadlineMs = 30_000

/** One host process, seen from the parent: requests with a deadline, events, and its end. */
export class HostProcess implements AsyncDisposable {
  /** Resolves when the process is gone. */
  readonly exited: Promise<void>
  readonly #child: ChildProcess
  readonly #deadlineMs: number
  readonly #pending = new Map<number, Pending>()
  readonly #peers = new Map<number, HostedPeer>()
  readonly #ready: Promise<string>
  #settleReady: { resolve(version: string): void; reject(error: PeerLibraryError): void } | undefined
  #lastId = 0
  #lastPeer = 0
  #errorOutput = ''
  #lost: PeerLibraryError | undefined
  #stalled = false
  #ending = false

  /**
   * @param deadlineMs - after so many milliseconds without an answer a request has failed
   * @param launcher - a command that runs the command behind it, such as `ip netns exec NAME`
   */
  constructor(deadlineMs: number, launcher: readonly string[] = []) {
    this.#deadlineMs = deadlineMs
    this.#child = forkHost(launcher)
    // It ends by itself when its parent does, unless the library hangs.
    const revoke = atExit(() => this.#child.kill('SIGKILL'))
    this.#ready = new Promise((resolve, reject) => {
      this.#settleReady = { resolve, reject }
    })
    this.#ready.catch(() => undefined)
    this.exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        revoke()
        this.#lose(`Peer process ended: ${signal ?? `exit code ${code ?? 'unknown'}`}`)
        resolve()
      })
      this.#child.once('error', (error) => {
        this.#lose(`Peer process does not work: ${error.message}`)
        if (this.#child.pid === undefined) resolve()
      })
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errorOutput = (this.#errorOutput + text).slice(-errorOutputKept)
    })
    this.#child.on('message', (message) => {
      this.#take(message as HostMessage)
    })
  }

  /** Process id, as long as there is a process. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /** How many peers it has held so far, the closed ones too: the library does not give their memory back. */
  get opened(): number {
    return this.#lastPeer
  }

  /** How many peers are open. */
  get open(): number {
    return this.#peers.size
  }

  /** Whether it can take further peers: it runs, and has answered everything in time. */
  get healthy(): boolean {
    return this.#lost === undefined && !this.#stalled && !this.#ending
  }

  /** Resolves with the library's version; rejects with PeerLibraryError if the library cannot be loaded. */
  async ready(): Promise<string> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(this.#late('its start', startDeadlineMs))
      }, startDeadlineMs)
    })
    try {
      return await Promise.race([this.#ready, late])
    } finally {
      clearTimeout(timer)
    }
  }

  /** Opens a connection and returns its number in this host. */
  async openPeer(options: PeerOptions, peer: HostedPeer): Promise<number> {
    const number = (this.#lastPeer += 1)
    this.#peers.set(number, peer)
    try {
      await this.ready()
      await this.#request('open', { kind: 'open', id: this.#nextId(), peer: number, options })
    } catch (error) {
      this.#peers.delete(number)
      throw error
    }
    return number
  }

  /** Asks a connection for an operation. */
  async operate(peer: number, operation: PeerOperationName, given: readonly unknown[]): Promise<unknown> {
    const request = { kind: 'operation', id: this.#nextId(), peer, operation, arguments: given } as const
    const value = await this.#request(operation, request)
    if (operation === 'close') this.#peers.delete(peer)
    return value
  }

  /** Ends the process, if need be by force. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending = true
    if (this.#child.connected) this.#child.send({ kind: 'exit' } satisfies HostRequest, () => undefined)
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), exitPatienceMs)
    await this.exited
    clearTimeout(timer)
  }

  #nextId(): number {
    return (this.#lastId += 1)
  }

  async #request(
    operation: string,
    request: Exclude<HostRequest, { readonly kind: 'exit' }>,
  ): Promise<unknown> {
    if (this.#lost) throw this.#lost
    const value = await new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(request.id)
        reject(this.#late(operation, this.#deadlineMs))
      }, this.#deadlineMs)
      this.#pending.set(request.id, { peer: request.peer, operation, timer, resolve, reject })
      this.#child.send(request, (error) => {
        if (error) this.#lose(`Peer process cannot be reached: ${error.message}`)
      })
    })
    return value
  }

  #late(operation: string, deadlineMs: number): PeerLibraryError {
    this.#stalled = true
    return new PeerLibraryError(`Peer library did not finish ${operation} within ${deadlineMs} ms`)
  }

  #take(message: HostMessage): void {
    switch (message.kind) {
      case 'ready':
        this.#settleReady?.resolve(message.version)
        return
      case 'unavailable':
        this.#lose(loadProblem(message.reason))
        return
      case 'event':
        this.#peers.get(message.peer)?.hostEvent(message)
        return
      case 'result':
      case 'refusal': {
        const pending = this.#pending.get(message.id)
        if (pending === undefined) return
        this.#pending.delete(message.id)
        clearTimeout(pending.timer)
        if (message.state) this.#peers.get(pending.peer)?.hostState(message.state)
        if (message.kind === 'result') pending.resolve(message.value)
        else pending.reject(new PeerOperationError(pending.operation, message.errorName, message.detail))
      }
    }
  }

  #lose(reason: string): void {
    if (this.#lost) return
    const detail = this.#errorOutput.trim()
    const lost = new PeerLibraryError(detail === '' ? reason : `${reason}: ${detail}`)
    this.#lost = lost
    this.#settleReady?.reject(lost)
    const pending = [...this.#pending.values()]
    const peers = [...this.#peers.values()]
    this.#pending.clear()
    this.#peers.clear()
    for (const { timer, reject } of pending) {
      clearTimeout(timer)
      reject(lost)
    }
    for (const peer of peers) peer.hostLost(lost)
  }
}

/** Runs beside this file: compiled as JavaScript, or as TypeScript through tsx where the kit runs from its sources. */
function forkHost([command, ...words]: readonly string[]): ChildProcess {
  const fromSource = import.meta.url.endsWith('.ts')
  const program = fileURLToPath(new URL(fromSource ? 'wrtc-host.ts' : 'wrtc-host.js', import.meta.url))
  const loader = () => pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  return fork(program, {
    serialization: 'advanced',
    // The library needs no token.
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PARLEY_TOKEN'))),
    ...(command !== undefined && { execPath: command }),
    execArgv: [
      ...(command === undefined ? [] : [...words, process.execPath]),
      ...(fromSource ? ['--import', loader()] : []),
    ],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
}

function loadProblem(reason: string): string {
  if (!/could not find wrtc binary/i.test(reason)) return `WebRTC library cannot be loaded: ${reason}`
  return `the package "wrtc" has no binary for ${process.platform} ${process.arch}; --peers none runs the wire checks alone`
}
