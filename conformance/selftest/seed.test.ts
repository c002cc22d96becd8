import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main, runConformance } from '@parley/conformance'
import { beforeAll, describe, expect, test } from 'vitest'
import { startMiddleman, type Frame } from './middleman.ts'
import { startReferenceServer } from './running-server.ts'

/** What tells an id that the server gave from any other, also where a check leaves its beginning or its end out. */
function piecesOf(id: string): string[] {
  const length = 12
  return Array.from({ length: Math.max(0, id.length - length + 1) }, (_, at) =>
    id.slice(at, at + length).toLowerCase(),
  )
}

/** The id of a call: its end is new in each run. */
const callId = /\b([0-9a-f]{20})[0-9a-f]{12}\b/g

/** What the clients of a run have sent, one text for each connection, in an order that does not depend on time. */
async function sentWith(seed: string): Promise<{ readonly wire: string[]; readonly calls: string[] }> {
  await using server = await startReferenceServer()
  const sent = new Map<number, string[]>()
  const calls = new Set<string>()
  const issued = new Set<string>()
  const isIssued = (word: string) => piecesOf(word).some((piece) => issued.has(piece))
  await using middleman = await startMiddleman(server.url, {
    toServer: (frame, { number }, text) => {
      sent.set(number, [...(sent.get(number) ?? []), text])
      if (frame['type'] === 'offer')
        calls.add(`${String(frame['call']).replace(callId, '$1')} in ${String(frame['room'])}`)
      return true
    },
    toClient: (frame: Frame) => {
      const { type, peer, session, cursor } = frame
      for (const id of type === 'welcome' ? [peer, session] : type === 'found' ? [cursor] : [])
        if (typeof id === 'string') for (const piece of piecesOf(id)) issued.add(piece)
      return true
    },
  })
  const { url } = middleman
  const { tokens } = server
  // By and by: which of two checks at the same time gets which connection is a matter of time.
  const options = { url, tokens, seed, concurrency: 1 }
  const result = await runConformance({ ...options, peers: 'none' })
  expect(result.seed).toBe(seed)
  // In capitals too, and where its last digit is another one: what no id may be.
  const [digits = ''] = [...sent.values()]
    .flat()
    .flatMap((text) => text.match(callId)?.[0].slice(20, 31) ?? [])
  const mark = new RegExp(`${digits}[0-9a-f]?`, 'gi')
  const wire = [...sent.values()]
    // The first words measure the round trip, as often as there is time.
    .filter(([first]) => !first?.includes('"id":"hello"'))
    .map((texts) =>
      texts
        .map((text) =>
          text
            .replace(/\\u00([0-9a-f]{2})/gi, (_escape, code: string) =>
              String.fromCharCode(Number.parseInt(code, 16)),
            )
            .replace(/"cursor":"[\w-]{65,}"/g, '"cursor":"‹issued›"')
            .replace(mark, '‹run›')
            .replace(/[\w-]{15,64}/g, (word) => (isIssued(word) ? '‹issued›' : word)),
        )
        .join('\n')
        // How often a client asks, while it waits for something to the end, is a matter of time.
        .replace(/(\n\{"type":"ping","id":"[A-Z]\d+"\})+$/, '')
        // So is how often it compares how long two answers take.
        .replace(/(\n\{"type":"invite",.*)(?:\n\{"type":"invite",.*)+/g, '$1'),
    )
    .toSorted()
  calls.clear()
  await runConformance({
    ...options,
    checks: ['relay.no-call-state', 'delivery.order', 'delivery.addressee'],
  })
  return { wire, calls: [...calls].toSorted() }
}

describe('--seed', () => {
  let runs: Awaited<ReturnType<typeof sentWith>>[]
  beforeAll(async () => {
    runs = [await sentWith('one'), await sentWith('one'), await sentWith('another')]
    // Three whole runs, one check at a time.
  }, 900_000)

  test('repeats every frame of the clients, but for what the server gave them', () => {
    const [first, again] = runs
    expect(first?.wire.length).toBeGreaterThan(300)
    expect(again?.wire).toEqual(first?.wire)
  })

  test('repeats a run at once, though the server knows the calls of the first one still', async () => {
    await using server = await startReferenceServer()
    const { url, tokens } = server
    const again = async () => {
      const checks = ['ring.invited', 'ring.cancel', 'ring.reused', 'resume.goes-on:caller', 'talk.hangup']
      const { summary } = await runConformance({ url, tokens, seed: 'one', checks, peers: 'none' })
      return summary
    }
    const first = await again()
    expect(first.pass).toBeGreaterThan(5)
    expect(await again()).toEqual(first)
  })

  test('repeats the ids of the calls of real peers', () => {
    const [first, again] = runs
    expect(first?.calls.length).toBeGreaterThan(10)
    expect(again?.calls).toEqual(first?.calls)
  })

  test('draws other names with another seed', () => {
    const [first, , other] = runs
    expect(other?.calls.filter((call) => first?.calls.includes(call))).toEqual([])
    const same = other?.wire.filter(
      (text) => /"room":"[^"]*[0-9a-f]{20}/.test(text) && first?.wire.includes(text),
    )
    expect(same).toEqual([])
  })

  test('every report names it', async () => {
    await using server = await startReferenceServer({ tokens: [] })
    const folder = await mkdtemp(join(tmpdir(), 'parley-seed-'))
    const reports = ['json', 'html', 'junit', 'markdown'].flatMap((kind) => [`--${kind}`, join(folder, kind)])
    let printed = ''
    const stream = { write: (text: string) => (printed += text) }
    try {
      const args = ['--peers', 'none', '--check', 'connection.pong', '--seed', 'my-seed-77', ...reports]
      await main([server.url, ...args], { stdout: stream, stderr: stream, env: {} })
      expect(printed).toContain('seed my-seed-77')
      const files = await readdir(folder)
      expect(files).toHaveLength(4)
      for (const file of files) expect(await readFile(join(folder, file), 'utf8')).toContain('my-seed-77')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
