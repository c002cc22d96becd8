import { stringOf, type Wire } from '../endpoint/wire.ts'

/** Whom the kit's own clients have invited in a run: what one of them has sent can be held against what another one gets. */
export class CallLedger {
  readonly #callees = new Map<string, unknown[]>()

  /** A client has sent `invite`. */
  inviteSent(message: Wire): void {
    const call = stringOf(message, 'call')
    if (call === undefined) return
    const callees = this.#callees.get(call) ?? []
    callees.push(message['callee'])
    this.#callees.set(call, callees)
  }

  /** Each `callee` with which the id of a call was used; none where no client of the kit has. */
  calleesOf(call: string): readonly unknown[] {
    return this.#callees.get(call) ?? []
  }
}
