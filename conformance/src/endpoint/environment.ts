import type { FrameObserver } from '../observer/frame-observer.ts'
import type { Held } from './outbox.ts'
import type { Pace } from './pace.ts'
import type { Patience } from './patience.ts'
import type { SchemaJudge } from './schema-judge.ts'
import type { TranscriptEntry } from './transcript.ts'

/** What an endpoint needs of the run that it belongs to. */
export interface EndpointEnvironment {
  readonly patience: Patience
  readonly judge: SchemaJudge
  /** Collects the transcript of the check. */
  readonly record: (entry: Omit<TranscriptEntry, 'at'>) => void
  /** Looks at every frame of the run; knows the endpoint by its own view. */
  readonly observer: FrameObserver
  /** Whether the server still welcomes somebody new; asked when this connection has gone silent. */
  readonly stillThere: () => Promise<boolean>
  /** Keeps a connection that begins now within the announced rate; `undefined` where none is announced. */
  readonly pace: () => Pace | undefined
  /** What the endpoints of the same check are still to send. */
  readonly held: Held
}
