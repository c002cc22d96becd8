import type {
  CapabilityName,
  Grant,
  KnownErrorCode,
  LeaveReason,
  PeerId,
  Resume,
  SessionSecret,
  UserId,
} from '@parley/schemas'
import type { Authentication } from '../authentication.ts'
import type { Client, Reminder } from '../client.ts'
import type { Awaitable } from '../directory.ts'
import type { Frame } from '../frame.ts'
import type { Subject } from '../reply.ts'

/** A client to which the outcome of a message without a number goes: it has none either (seq.unnumbered). All else is the client's. */
export class UnnumberedClient implements Client {
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  get peer(): PeerId {
    return this.#client.peer
  }

  get session(): SessionSecret {
    return this.#client.session
  }

  get address(): string {
    return this.#client.address
  }

  get phase(): Client['phase'] {
    return this.#client.phase
  }

  get user(): UserId | undefined {
    return this.#client.user
  }

  get grants(): readonly Grant[] | undefined {
    return this.#client.grants
  }

  get authDue(): boolean {
    return this.#client.authDue
  }

  get inForce(): ReadonlySet<CapabilityName> {
    return this.#client.inForce
  }

  get authFailures(): number {
    return this.#client.authFailures
  }

  set authFailures(count: number) {
    this.#client.authFailures = count
  }

  get stamp(): Buffer {
    return this.#client.stamp
  }

  send(frame: Frame): void {
    this.#client.sendUnnumbered(frame)
  }

  sendUnnumbered(frame: Frame): void {
    this.#client.sendUnnumbered(frame)
  }

  refused(code: KnownErrorCode, subject: Subject | undefined): void {
    this.#client.refused(code, subject)
  }

  register(inForce: ReadonlySet<CapabilityName>): void {
    this.#client.register(inForce)
  }

  beginSession(): void {
    this.#client.beginSession()
  }

  acknowledge(upTo: number): boolean {
    return this.#client.acknowledge(upTo)
  }

  goOn(message: Resume): Awaitable<boolean> {
    return this.#client.goOn(message)
  }

  authenticate(authentication: Authentication): void {
    this.#client.authenticate(authentication)
  }

  fail(code: KnownErrorCode, message: string, subject?: Subject): void {
    this.#client.fail(code, message, subject)
  }

  evict(code: KnownErrorCode, message: string): Awaitable<void> {
    return this.#client.evict(code, message)
  }

  remind(reminder: Reminder | undefined): void {
    this.#client.remind(reminder)
  }

  end(closeCode: number, reason: LeaveReason): void {
    this.#client.end(closeCode, reason)
  }
}
