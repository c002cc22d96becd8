import type { Redactor } from './redact.ts'

const redactors = new Set<Redactor>()

/** Has secrets kept out of what {@link withoutSecrets} makes of an exception, until it is disposed. */
export function redactUncaught(redactor: Redactor): Disposable {
  redactors.add(redactor)
  return { [Symbol.dispose]: () => redactors.delete(redactor) }
}

/** The stack of an exception that nobody caught, without the secrets of the runs that go on. */
export function withoutSecrets(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return [...redactors].reduce((clean, { redact }) => redact(clean), text)
}
