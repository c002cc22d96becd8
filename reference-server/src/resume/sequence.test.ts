import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withoutNumbers } from './hop-member.ts'
import { Sequence } from './sequence.ts'

const numberOf = (frame: string | Buffer) => (JSON.parse(frame.toString()) as { seq: number }).seq
const wordOf = (frame: string | Buffer) => (JSON.parse(frame.toString()) as { word: number }).word

/** What a client does that keeps to the chapter: the other end of a {@link Sequence}. */
class Client {
  readonly heard: number[] = []
  readonly said: number[] = []
  seen = 0
  told = 0

  hear(frame: string | Buffer): void {
    const seq = numberOf(frame)
    if (seq <= this.seen) return
    expect(seq).toBe(this.seen + 1)
    this.seen = seq
    this.heard.push(wordOf(frame))
  }

  get unacknowledged(): readonly number[] {
    return this.said.slice(this.told).map((_, index) => this.told + index + 1)
  }
}

const steps = fc.array(
  fc.oneof(
    fc.constant('say' as const),
    fc.constant('tell' as const),
    fc.constant('client-ack' as const),
    fc.constant('server-ack' as const),
    // A cut loses what is on its way from here on, in either direction.
    fc.record({ up: fc.nat(5), down: fc.nat(5) }),
  ),
  { maxLength: 60 },
)

test('whatever is lost, both sides get everything once and in order', () => {
  fc.assert(
    fc.property(steps, (script) => {
      const server = new Sequence()
      const client = new Client()
      const taken: number[] = []
      const told: number[] = []
      let up: number[] = []
      let down: (string | Buffer)[] = []
      const arrive = (ups: readonly number[], downs: readonly (string | Buffer)[]) => {
        for (const seq of ups) {
          const place = server.take(seq)
          expect(place).not.toBe('gap')
          if (place === 'next') taken.push(client.said[seq - 1] ?? -1)
        }
        for (const frame of downs) client.hear(frame)
      }
      const resume = () => {
        expect(server.reaches(client.seen)).toBe(true)
        expect(server.acknowledge(client.seen)).toBe(true)
        client.told = server.announce()
        up = [...client.unacknowledged]
        down = [...server.unacknowledged]
      }
      for (const step of script) {
        if (step === 'say') {
          client.said.push(client.said.length * 7)
          up.push(client.said.length)
        } else if (step === 'tell') {
          told.push(told.length * 11)
          const text = `{"word":${told.at(-1) ?? 0}}`
          down.push(server.number(told.length % 2 === 0 ? text : Buffer.from(text)))
        } else if (step === 'client-ack') {
          expect(server.acknowledge(client.seen)).toBe(true)
        } else if (step === 'server-ack') {
          client.told = server.announce()
        } else {
          arrive(up.slice(0, step.up), down.slice(0, step.down))
          resume()
        }
        expect(server.sent - server.unacknowledged.length).toBeLessThanOrEqual(client.seen)
      }
      resume()
      arrive(up, down)
      expect(taken).toEqual(client.said)
      expect(client.heard).toEqual(told)
      server.acknowledge(client.seen)
      expect(server.keptBytes).toBe(0)
    }),
    { numRuns: 500 },
  )
})

test('a number is taken once, and none is left out', () => {
  const sequence = new Sequence()
  expect([2, 1, 1, 3, 2].map((seq) => sequence.take(seq))).toEqual(['gap', 'next', 'seen', 'gap', 'next'])
  expect(sequence.received).toBe(2)
})

test('acknowledge() takes nothing that was not sent, and lets go of nothing twice', () => {
  const sequence = new Sequence()
  sequence.number('{"word":1}')
  sequence.number('{"word":2}')
  const bytes = sequence.keptBytes
  expect(sequence.acknowledge(3)).toBe(false)
  expect(sequence.keptBytes).toBe(bytes)
  expect(sequence.acknowledge(1)).toBe(true)
  expect(sequence.acknowledge(0)).toBe(true)
  expect(sequence.unacknowledged.map(wordOf)).toEqual([2])
  expect(sequence.reaches(0)).toBe(false)
  expect([1, 2, 3].map((ack) => sequence.reaches(ack))).toEqual([true, true, false])
})

test('keptBytes counts UTF-8 bytes as they are sent', () => {
  const sequence = new Sequence()
  const frames = ['{"word":"é😀"}', Buffer.from('{"word":"é"}')].map((frame) => sequence.number(frame))
  expect(sequence.keptBytes).toBe(frames.reduce((total, frame) => total + Buffer.byteLength(frame), 0))
})

test('number() carries the acknowledgement once, and inserts into text and bytes alike', () => {
  const sequence = new Sequence()
  sequence.take(1)
  expect(String(sequence.number('{"word":1}'))).toBe('{"seq":1,"ack":1,"word":1}')
  expect(String(sequence.number(Buffer.from('{"word":2}')))).toBe('{"seq":2,"word":2}')
})

test('withoutNumbers() cuts nothing but the two members of the top level', () => {
  const data = fc.jsonValue().map((value) => JSON.stringify(value))
  const names = fc.constantFrom('type', 'data', 'seq_', 'a"b', 'é', '\\', 'sdp')
  const members = fc.uniqueArray(fc.tuple(names, data), { selector: ([name]) => name, maxLength: 6 })
  fc.assert(
    fc.property(members, fc.nat(6), fc.boolean(), (rest, place, isEscaped) => {
      const written = rest.map(([name, value]) => `${JSON.stringify(name)} : ${value}`)
      const seq = isEscaped ? '"s\\u0065q":7' : '"seq" : 7'
      const text = `{ ${[...written.slice(0, place), seq, ...written.slice(place), '"ack":3'].join(' , ')} }`
      const found = withoutNumbers(text)
      expect(found).toMatchObject({ seq: 7, ack: 3 })
      expect(JSON.parse(String(found?.frame))).toEqual(
        Object.fromEntries(rest.map(([name, value]) => [name, JSON.parse(value) as unknown])),
      )
    }),
  )
  expect(withoutNumbers('{"seq":1,"type":"join","s\\u0065q":2}')).toBeUndefined()
  expect(withoutNumbers('{}')).toMatchObject({ seq: undefined, ack: undefined })
})
