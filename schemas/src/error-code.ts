import { Type, type Static, type TLiteral } from '@sinclair/typebox'
import { VendorName } from './vendor-name.ts'

/** What is known of an error code without seeing an error. */
export interface ErrorCodeDefinition {
  /** What it tells the receiver, in one sentence. */
  readonly summary: string
  /** Whether the connection ends with it. */
  readonly fatal: 'never' | 'always' | 'sometimes'
  /** Whether the same message (after a fatal code: a new connection) may succeed later although its sender changes nothing. */
  readonly retryable: boolean
  /** WebSocket close code that goes with it when it is fatal: 4400 to 4499, HTTP's number plus 4000 where one fits. */
  readonly closeCode?: number
  /** The capability that brings it; absent in Core. */
  readonly capability?: 'calls' | 'discovery' | 'drain' | 'ice-servers' | 'resume'
}

/** Every error code of the protocol: the one table of them. */
export const errorCodes = {
  'bad-message': { summary: 'The frame is not a well-formed message.', fatal: 'never', retryable: false },
  'unsupported-type': {
    summary: 'The type is unknown, or belongs to a capability that is not in force.',
    fatal: 'never',
    retryable: false,
  },
  'unexpected-message': {
    summary: 'The message is well formed, but not allowed at this moment.',
    fatal: 'never',
    retryable: false,
  },
  unauthenticated: { summary: 'The message needs authentication first.', fatal: 'never', retryable: false },
  'auth-failed': {
    summary: 'The authentication was refused; the third time the connection ends.',
    fatal: 'sometimes',
    retryable: false,
    closeCode: 4401,
  },
  'user-mismatch': {
    summary: 'The token of a refresh names another user; the old authentication stays.',
    fatal: 'never',
    retryable: false,
  },
  forbidden: { summary: 'The sender has no right to do this.', fatal: 'never', retryable: false },
  'room-full': { summary: 'The room has no place left.', fatal: 'never', retryable: true },
  'not-in-room': { summary: 'The sender is not a member of the room.', fatal: 'never', retryable: false },
  'peer-not-found': {
    summary: 'The receiver is not another member of the room.',
    fatal: 'never',
    retryable: false,
  },
  'peer-unsupported': {
    summary: 'The capability of the message is not in force for the receiver.',
    fatal: 'never',
    retryable: false,
  },
  'too-large': { summary: 'The message or its data is above the limit.', fatal: 'never', retryable: false },
  'rate-limited': {
    summary: 'Too many messages: one request is refused, or the connection ends.',
    fatal: 'sometimes',
    retryable: true,
    closeCode: 4429,
  },
  'hello-required': {
    summary: 'The first message was not hello.',
    fatal: 'always',
    retryable: false,
    closeCode: 4400,
  },
  'hello-timeout': { summary: 'No hello came in time.', fatal: 'always', retryable: true, closeCode: 4408 },
  'unsupported-version': {
    summary: 'Client and server have no version in common.',
    fatal: 'always',
    retryable: false,
    closeCode: 4426,
  },
  'auth-timeout': {
    summary: 'The client did not authenticate in time.',
    fatal: 'always',
    retryable: true,
    closeCode: 4440,
  },
  'token-expired': {
    summary: 'The authentication ran out and was not refreshed.',
    fatal: 'always',
    retryable: false,
    closeCode: 4441,
  },
  'idle-timeout': {
    summary: 'Nothing was heard for limits.idleSeconds.',
    fatal: 'always',
    retryable: true,
    closeCode: 4442,
  },
  replaced: {
    summary: 'A later connection of the same owner replaced this one.',
    fatal: 'always',
    retryable: false,
    closeCode: 4409,
  },
  kicked: {
    summary: 'The operator ended the connection.',
    fatal: 'always',
    retryable: false,
    closeCode: 4403,
  },
  'too-slow': {
    summary: 'The receiver reads more slowly than messages come for it.',
    fatal: 'always',
    retryable: true,
    closeCode: 4443,
  },
  internal: { summary: 'The server failed.', fatal: 'always', retryable: true, closeCode: 4450 },
  'user-unavailable': {
    summary: 'The user is unknown, offline, or not to be called by the sender.',
    fatal: 'never',
    retryable: true,
    capability: 'calls',
  },
  'call-exists': { summary: 'The call id is in use.', fatal: 'never', retryable: false, capability: 'calls' },
  'call-not-found': {
    summary: 'The sender has no part in a call of this id.',
    fatal: 'never',
    retryable: false,
    capability: 'calls',
  },
  'call-ended': { summary: 'The call is over.', fatal: 'never', retryable: false, capability: 'calls' },
  'call-state': {
    summary: 'The call is not in a state that allows this.',
    fatal: 'never',
    retryable: false,
    capability: 'calls',
  },
  draining: {
    summary: 'The server is about to end and begins nothing new: connect again elsewhere.',
    fatal: 'never',
    retryable: true,
    capability: 'drain',
  },
  'ice-unavailable': {
    summary: 'The server cannot get credentials for TURN at present.',
    fatal: 'never',
    retryable: true,
    capability: 'ice-servers',
  },
  'unknown-cursor': {
    summary: 'The cursor is not one with which this search can go on: begin it again.',
    fatal: 'never',
    retryable: false,
    capability: 'discovery',
  },
  'resume-failed': {
    summary: 'The session cannot be resumed; the connection goes on as its new peer.',
    fatal: 'never',
    retryable: false,
    capability: 'resume',
  },
  'seq-gap': {
    summary: 'A sequence number was skipped.',
    fatal: 'always',
    retryable: true,
    closeCode: 4444,
    capability: 'resume',
  },
  'session-overflow': {
    summary: 'Too much waits for the session: its buffer is full.',
    fatal: 'always',
    retryable: true,
    closeCode: 4445,
    capability: 'resume',
  },
} as const satisfies Readonly<Record<string, ErrorCodeDefinition>>

/** An error code of {@link errorCodes}. */
export type KnownErrorCode = keyof typeof errorCodes

/** Code of an `error`: one of {@link errorCodes}, or a vendor's reverse-domain name. */
export const ErrorCode = Type.Union(
  [
    Type.Unsafe<KnownErrorCode>(
      Type.Union(
        Object.keys(errorCodes).map((code) => Type.Literal(code)) as [
          TLiteral<KnownErrorCode>,
          TLiteral<KnownErrorCode>,
        ],
      ),
    ),
    VendorName,
  ],
  { title: 'ErrorCode', description: 'A code of the error table, or a reverse-domain name.' },
)
/** A value of the schema of this name. */
export type ErrorCode = Static<typeof ErrorCode>
