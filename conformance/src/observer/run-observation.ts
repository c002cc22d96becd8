import type { SchemaJudge } from '../endpoint/schema-judge.ts'
import type { CallLedger } from './call-ledger.ts'
import type { RelayLedger } from './relay-ledger.ts'
import type { RoomLedger } from './room-ledger.ts'
import type { SessionView } from './session-view.ts'
import type { SecretIndex } from './secret-index.ts'
import type { TokenIndex } from './token-index.ts'
import type { Watch } from './violation.ts'

/** What is shared by the observers of one run. */
export interface RunObservation {
  readonly watch: Watch
  readonly judge: SchemaJudge
  /** Session secrets given out so far, each with the number of the connection that owns it. */
  readonly secrets: SecretIndex
  /** Peer ids given out so far. */
  readonly peers: Set<string>
  /** Tokens of the kit's users that were used so far. */
  readonly tokens: TokenIndex
  /** What the kit's clients have said about rooms. */
  readonly roomLedger: RoomLedger
  /** What the kit's clients have sent each other. */
  readonly relayLedger: RelayLedger
  /** Whom the kit's clients have invited. */
  readonly callLedger: CallLedger
  /** Told of every credential for TURN that the server gives: nothing that leaves the kit may hold one. */
  readonly hide: (secret: string, label: string) => void
  /** What the kit knows of each session that outlives its connection, by its secret. */
  readonly sessions: Map<string, SessionView>
  /** Counts connections. */
  connections: number
}
