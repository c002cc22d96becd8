import type {
  CapabilityName,
  Grant,
  KnownErrorCode,
  LeaveReason,
  Resume,
  SessionSecret,
  UserId,
} from '@parley/schemas'
import type { Authentication } from './authentication.ts'
import type { Awaitable } from './directory.ts'
import type { Subject } from './reply.ts'
import type { Frame } from './frame.ts'
import type { Receiver } from './router.ts'

/** Something to do on a connection at a later time. */
export interface Reminder {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly task: () => Awaitable<void>
}

/** What a handler sees of the connection that a message came on. */
export interface Client extends Receiver {
  readonly session: SessionSecret
  /** Who is on the other side, as far as limits by address go; empty where it is not known. */
  readonly address: string
  /** `opening` until the conversation is registered; `ended`: nothing that still arrives is acted on. */
  readonly phase: 'opening' | 'open' | 'ended'
  /** As whom the peer is authenticated. */
  readonly user: UserId | undefined
  /** What the user may do; `undefined` means everything. */
  readonly grants: readonly Grant[] | undefined
  /** Whether the peer has to authenticate before anything else. */
  readonly authDue: boolean
  /** The capabilities in force: those that `hello` and `welcome` have named. */
  readonly inForce: ReadonlySet<CapabilityName>
  /** Failed attempts to authenticate. */
  authFailures: number
  /** What is written before the members of a message that this peer sends to another. */
  readonly stamp: Buffer
  /** Sends a message about the connection itself: where `resume` is in force it has no number. */
  sendUnnumbered(frame: Frame): void
  /** Notes that a message of this peer was refused. */
  refused(code: KnownErrorCode, subject: Subject | undefined): void
  /**
   * Begins the conversation: from here on the directory may know this peer.
   *
   * @param inForce - The capabilities that `welcome` names.
   */
  register(inForce: ReadonlySet<CapabilityName>): void
  /** Begins to number what is said, where `resume` is in force. */
  beginSession(): void
  /**
   * Lets go of messages that the client has acted on.
   *
   * @returns Whether so many were sent.
   */
  acknowledge(upTo: number): boolean
  /**
   * Goes on with an earlier session, to which the connection belongs from now on.
   *
   * @returns Whether there is one that may be gone on with here.
   */
  goOn(message: Resume): Awaitable<boolean>
  /** Takes over what an authentication says. */
  authenticate(authentication: Authentication): void
  /**
   * Ends the connection with a fatal error.
   *
   * @param subject - The message that it is the outcome of, if it is.
   */
  fail(code: KnownErrorCode, message: string, subject?: Subject): void
  /**
   * Has something done later, unless the connection has ended by then.
   *
   * @param reminder - Takes the place of the one before; `undefined` for none.
   */
  remind(reminder: Reminder | undefined): void
  /** Ends the connection in order, without an error. */
  end(closeCode: number, reason: LeaveReason): void
}
