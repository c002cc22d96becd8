/**
 * One thing that the fuzzer does. Texts are templates: what only the server or the moment knows stands in them as a mark (see `mark.ts`), so
 * that an episode can be written down, repeated, and played with steps left out.
 */
export type Step =
  /** Opens a connection for a client that has none, or has one that `replaces` is to end; says `hello` with these members too. */
  | { readonly do: 'open'; readonly client: number; readonly hello: string; readonly authenticate: boolean }
  /** Sends a text frame; in these pieces, with a ping between them, where `cuts` says so. */
  | {
      readonly do: 'send'
      readonly client: number
      readonly text: string
      readonly cuts?: readonly number[]
    }
  /** Sends one WebSocket message of other bytes: binary, or text that is no UTF-8. */
  | { readonly do: 'bytes'; readonly client: number; readonly opcode: 1 | 2; readonly hex: string }
  /** Writes WebSocket frames that RFC 6455 does not allow, and cuts the connection. */
  | { readonly do: 'break'; readonly client: number; readonly how: Breakage }
  /** Opens a connection of its own, and sends one frame in the place of `hello`. */
  | { readonly do: 'visit'; readonly text: string }
  /** Ends a connection. */
  | { readonly do: 'end'; readonly client: number; readonly how: 'close' | 'cut' }
  /** Lets frames arrive. */
  | { readonly do: 'turn' }
  /** Waits until everything that is due has come, and judges it. */
  | { readonly do: 'settle' }

/** Ways to break the framing of RFC 6455. */
export const breakages = [
  'reserved opcode',
  'long control frame',
  'control frame in fragments',
  'continuation of nothing',
  'message within a message',
  'half a message',
] as const

/** A way to break the framing of RFC 6455. */
export type Breakage = (typeof breakages)[number]

/** A step in a few words, for people. */
export function stepWords(step: Step): string {
  switch (step.do) {
    case 'open':
      return `${clientName(step.client)} connects${step.authenticate ? ' and authenticates' : ''}; hello ${step.hello}`
    case 'send':
      return `${clientName(step.client)} sends${step.cuts ? ' in fragments' : ''} ${step.text}`
    case 'bytes':
      return `${clientName(step.client)} sends ${step.opcode === 2 ? 'a binary message' : 'bytes that are not UTF-8'}: ${step.hex}`
    case 'break':
      return `${clientName(step.client)} breaks the framing (${step.how}) and cuts its connection`
    case 'visit':
      return `somebody new sends, in the place of hello, ${step.text}`
    case 'end':
      return `${clientName(step.client)} ${step.how === 'close' ? 'closes' : 'cuts'} its connection`
    case 'turn':
      return 'frames arrive'
    case 'settle':
      return 'everything that is due arrives'
  }
}

/** How reports call a client. */
export function clientName(client: number): string {
  return `client ${String(client + 1)}`
}
