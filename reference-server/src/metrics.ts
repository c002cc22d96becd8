import type { KnownErrorCode, LeaveReason } from '@parley/schemas'
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import { version } from './version.ts'

/** What is looked up when somebody asks. */
export interface Gauges {
  connections(): number
  rooms(): number | Promise<number>
  /** Sessions that wait for a connection. */
  waiting(): number
  /** Bytes that are kept for sessions. */
  keptBytes(): number
}

/** Why a WebSocket is not let in. */
export type Refusal = 'address' | 'draining' | 'full' | 'origin'

/**
 * Counts what a server does, for Prometheus.
 *
 * Names follow its conventions: a unit and `_total` at the end, labels with few values. What is counted for each message is a number in a
 * map, and becomes a metric when somebody asks.
 *
 * @see https://prometheus.io/docs/practices/naming/
 */
export class Metrics {
  readonly #registry = new Registry()
  readonly #messages = new Map<string, number>()
  #bytes = 0
  readonly #errors: Counter<'code' | 'fatal'>
  readonly #opened: Counter
  readonly #ended: Counter<'reason'>
  readonly #refused: Counter<'reason'>

  constructor(gauges: Gauges) {
    const registers = [this.#registry]
    const messages = this.#messages
    const bytes = () => this.#bytes
    collectDefaultMetrics({ register: this.#registry })
    this.#opened = new Counter({
      name: 'parley_connections_opened_total',
      help: 'Connections that said hello and were welcomed',
      registers,
    })
    this.#ended = new Counter({
      name: 'parley_connections_ended_total',
      help: 'Welcomed connections that have ended, by the reason that their rooms were told',
      labelNames: ['reason'],
      registers,
    })
    this.#refused = new Counter({
      name: 'parley_connections_refused_total',
      help: 'WebSocket requests that were refused',
      labelNames: ['reason'],
      registers,
    })
    this.#errors = new Counter({
      name: 'parley_errors_total',
      help: 'Errors that were sent, by code and whether the connection ended with it',
      labelNames: ['code', 'fatal'],
      registers,
    })
    new Gauge({
      name: 'parley_connections',
      help: 'Connections that are open',
      registers,
      collect() {
        this.set(gauges.connections())
      },
    })
    new Gauge({
      name: 'parley_rooms',
      help: 'Rooms that have members',
      registers,
      async collect() {
        this.set(await gauges.rooms())
      },
    })
    new Gauge({
      name: 'parley_sessions_waiting',
      help: 'Sessions that have lost their connection and wait for their client',
      registers,
      collect() {
        this.set(gauges.waiting())
      },
    })
    new Gauge({
      name: 'parley_session_bytes',
      help: 'Bytes of messages that are kept for sessions until they are acknowledged',
      registers,
      collect() {
        this.set(gauges.keptBytes())
      },
    })
    new Counter({
      name: 'parley_messages_received_total',
      help: 'Well-formed messages from clients, by type',
      labelNames: ['type'],
      registers,
      collect() {
        this.reset()
        for (const [type, count] of messages) this.inc({ type }, count)
      },
    })
    new Counter({
      name: 'parley_message_bytes_received_total',
      help: 'Bytes of well-formed messages from clients',
      registers,
      collect() {
        this.reset()
        this.inc(bytes())
      },
    })
    new Gauge({ name: 'parley_info', help: 'The server', labelNames: ['version'], registers }).set(
      { version },
      1,
    )
  }

  /** Content type of {@link text}. */
  get contentType(): string {
    return this.#registry.contentType
  }

  /** All metrics in the text format of Prometheus. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }

  opened(): void {
    this.#opened.inc()
  }

  ended(reason: LeaveReason): void {
    this.#ended.inc({ reason })
  }

  /** A WebSocket request was refused. */
  turnedAway(reason: Refusal): void {
    this.#refused.inc({ reason })
  }

  /** @param type - One of the protocol's: unknown ones are no messages. */
  received(type: string, bytes: number): void {
    this.#messages.set(type, (this.#messages.get(type) ?? 0) + 1)
    this.#bytes += bytes
  }

  failed(code: KnownErrorCode, fatal: boolean): void {
    this.#errors.inc({ code, fatal: String(fatal) })
  }
}
