import { isOfConnection, numberOf } from '../endpoint/numbers.ts'
import type { Wire } from '../endpoint/wire.ts'
import { indefinite } from './indefinite.ts'
import type { Report, Watch } from './violation.ts'

/** How far the two directions of a session have come, whichever connection it has. */
export interface SessionProgress {
  /** Numbers that the client has sent without a gap. */
  said: number
  /** Numbers that it has read without a gap. */
  heard: number
}

/** Watches the numbers of one connection on which `resume` is in force. */
export interface SequenceObserver {
  readonly progress: SessionProgress
  /** A frame of the kit; whether it is a new message of the session. */
  sent(message: Wire): boolean
  /**
   * A frame of the server; whether it is a new message of the session.
   *
   * @param answered - The message of the kit that it is the outcome of.
   */
  received(message: Wire, answered: Wire | undefined): boolean
}

/**
 * Makes the observer of one connection of a session.
 *
 * @param resumedAfter - The last message that the client had acted on when it resumed the session here.
 */
export function createSequenceObserver(
  watch: Watch,
  report: Report,
  progress: SessionProgress,
  resumedAfter: number | undefined,
): SequenceObserver {
  let next = (resumedAfter ?? 0) + 1
  const lacking = progress.heard

  return {
    progress,
    sent: (message) => {
      const seq = numberOf(message)
      if (seq === undefined || isOfConnection(message)) return true
      if (seq !== progress.said + 1) return false
      progress.said = seq
      return true
    },
    received: (message, answered) => {
      watchAcknowledgement(message)
      const isNumbered = mayBeNumbered(message, answered)
      if (isNumbered === 'no') {
        watch.look('seq.unnumbered')
        if ('seq' in message)
          report(
            'seq.unnumbered',
            'no seq in a message about the connection',
            `${nameOf(message)} came with one`,
          )
        return true
      }
      const seq = numberOf(message)
      if (seq === undefined && isNumbered === 'either') return true
      watch.look('seq.numbered')
      if (seq !== next) {
        const inOrder = resumedAfter !== undefined && next <= lacking ? 'resume.again' : 'seq.numbered'
        const actual = `${nameOf(message)} came ${'seq' in message ? `with seq ${String(message['seq'])}` : 'without seq'}`
        report(inOrder, `the number ${String(next)} in seq of the next numbered message`, actual)
      }
      if (seq === undefined) return true
      next = seq + 1
      if (seq <= progress.heard) return false
      progress.heard = seq
      return true
    },
  }

  function watchAcknowledgement(message: Wire): void {
    const { ack } = message
    if (typeof ack !== 'number') return
    watch.look('ack.true')
    if (ack <= progress.said) return
    report(
      'ack.true',
      `an ack of at most ${String(progress.said)}, the number of the last message that was sent`,
      `${nameOf(message)} came with ack ${String(ack)}`,
    )
  }
}

/** `either`: what was refused cannot be told. */
function mayBeNumbered(message: Wire, answered: Wire | undefined): 'yes' | 'no' | 'either' {
  if (isOfConnection(message) || message['fatal'] === true) return 'no'
  if (message['type'] !== 'ok' && message['type'] !== 'error') return 'yes'
  if (answered === undefined) return message['type'] === 'ok' ? 'yes' : 'either'
  // Too large to be read, or of it only the data: seq.taken.
  if (message['code'] === 'too-large') return 'either'
  return numberOf(answered) === undefined || isOfConnection(answered) ? 'no' : 'yes'
}

function nameOf(message: Wire): string {
  const { type, of } = message
  return `${indefinite(String(type))}${typeof of === 'string' ? ` about ${of}` : ''}`
}
