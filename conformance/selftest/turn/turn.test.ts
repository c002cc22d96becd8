import { createSecureContext } from 'node:tls'
import type { IceServer } from '@parley/schemas'
import { createServer } from '@parley/reference-server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  runConformance,
  statsUntil,
  type Call,
  type PeerConnection,
  type PeerEvents,
} from '@parley/conformance'
import { tryAllocation } from '@parley/conformance/turn'
import { makeAuthority, type Authority } from '../reach/authority.ts'
import { freePort } from '../reach/free-port.ts'
import { asW3C, openCaller, type Caller } from './caller.ts'
import { isCoturnInstalled, startCoturn, type Coturn } from './coturn.ts'
import { startMiniTurn } from './mini-turn.ts'
import { hubAddress, networkProblem, splitNetwork, type SplitNetwork } from './network.ts'

// Where .ci/install-turn could not install coturn, or networks may not be made, the tests are reported as skipped, unless
// PARLEY_REQUIRE_TURN says that they have to run.
const mustRun = Boolean(process.env['PARLEY_REQUIRE_TURN'])
const withoutCoturn = !isCoturnInstalled() && !mustRun
const withoutNetworks = withoutCoturn || ((await networkProblem()) !== undefined && !mustRun)

/** Milliseconds that a test with coturn and peers may take on a machine that is busy with other things. */
const patienceMs = 120_000

const secret = 'north'

/** Credentials as the reference server makes them. */
async function credentialsOf(secretOfServer: string, urls: string[], turnSeconds = 3600): Promise<IceServer> {
  await using server = createServer({ iceUrls: urls, turnSecret: secretOfServer, turnSeconds })
  const caller = await openCaller((await server.listen()).url, 'r', [])
  await using _ = caller
  const [given] = caller.servers()
  if (given === undefined) throw new Error('The server has named no server')
  return given
}

test(
  'peers connect through the relay of the self-test',
  async () => {
    await using turn = await startMiniTurn(secret)
    await using server = createServer({ iceUrls: [turn.url], turnSecret: secret })
    const { url } = await server.listen()
    await using one = await openCaller(url, 'r', [])
    await using two = await openCaller(url, 'r', [])
    const caller = await one.calls.call(two.peer, one.options())
    await caller.connected()
    await caller.echo('through the relay')
    const { selectedPair } = await caller.peer.getStats()
    expect(selectedPair?.local.candidateType).toBe('relay')
  },
  patienceMs,
)

test(
  'the kit blames TURN, and not signaling, for a call that gets no relay',
  async () => {
    await using turn = await startMiniTurn(secret)
    await using server = createServer({ iceUrls: [turn.url], turnSecret: 'south' })
    const { url } = await server.listen()
    const { checks } = await runConformance({ url, checks: ['ice.accepted:peers'] })
    expect(checks).toMatchObject([{ verdict: 'could-not-run', leg: 'turn' }])
    expect(checks[0]?.evidence?.join('\n')).toContain(`${turn.url} answers 401 (Unauthorized)`)
  },
  patienceMs,
)

describe.skipIf(withoutCoturn)('credentials for coturn', () => {
  let authority: Authority
  let coturn: Coturn
  beforeAll(async () => {
    authority = await makeAuthority()
    const [plain, secure] = [await freePort(), await freePort()]
    const certificate = await authority.certify('127.0.0.1')
    coturn = await startCoturn({ address: '127.0.0.1', secret, certificate, ports: { plain, secure } })
  }, patienceMs)
  afterAll(() => coturn[Symbol.asyncDispose]())

  const trial = (url: string, { username = '', credential = '' }: IceServer) =>
    tryAllocation(
      { url, username, credential, trust: createSecureContext({ ca: authority.cert }) },
      AbortSignal.timeout(20_000),
    )
  const urls = () => [
    `turn:${coturn.place}?transport=udp`,
    `turn:${coturn.place}?transport=tcp`,
    `turns:${coturn.securePlace ?? ''}?transport=tcp`,
  ]

  test(
    'are accepted over UDP, TCP and TLS',
    async () => {
      const given = await credentialsOf(secret, urls())
      for (const url of urls())
        expect(await trial(url, given), url).toEqual({
          kind: 'allocated',
          relayed: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
        })
    },
    patienceMs,
  )

  test(
    'of another secret, or another name, get 401',
    async () => {
      const given = await credentialsOf('south', urls())
      for (const url of urls())
        expect(await trial(url, given), url).toMatchObject({ kind: 'refused', code: 401 })
      const good = await credentialsOf(secret, urls())
      const renamed = { ...good, username: `${good.username ?? ''}x` }
      expect(await trial(urls()[0] ?? '', renamed as IceServer)).toMatchObject({ kind: 'refused', code: 401 })
    },
    patienceMs,
  )

  test(
    'get 401 once they have ended, and not before',
    async () => {
      const given = await credentialsOf(secret, urls(), 2)
      const [url = ''] = urls()
      expect(await trial(url, given)).toMatchObject({ kind: 'allocated' })
      let outcome = await trial(url, given)
      while (outcome.kind === 'allocated') outcome = await trial(url, given)
      expect(outcome).toMatchObject({ kind: 'refused', code: 401 })
      expect(Date.now() / 1000).toBeGreaterThanOrEqual(Number(given.username?.split(':')[0]))
    },
    patienceMs,
  )

  test(
    'are not looked at where TLS has another authority',
    async () => {
      const given = await credentialsOf(secret, urls())
      const [, , url = ''] = urls()
      const outcome = await tryAllocation(
        { url, username: given.username ?? '', credential: given.credential ?? '' },
        AbortSignal.timeout(20_000),
      )
      expect(outcome).toMatchObject({
        kind: 'unreachable',
        reason: expect.stringMatching(/certificate/) as string,
      })
    },
    patienceMs,
  )
})

describe.skipIf(withoutNetworks)('peers that cannot reach each other', () => {
  let network: SplitNetwork
  beforeAll(async () => {
    network = await splitNetwork()
  }, patienceMs)
  afterAll(() => network[Symbol.asyncDispose]())

  const withMedia = async (peer: PeerConnection) => {
    await peer.createDataChannel('data')
    await peer.addTrack('audio')
    await peer.addTrack('video')
  }

  /** A coturn in the hub, a server whose credentials are for it, and somebody in each leaf. */
  async function scene(options: {
    readonly transport?: 'udp' | 'tcp'
    readonly turnSeconds?: number
    readonly turnSecret?: string
    readonly relay?: boolean
  }) {
    const { transport = 'udp', turnSeconds = 3600, turnSecret = secret, relay = true } = options
    const stack = new AsyncDisposableStackLike()
    const coturn = stack.use(await startCoturn({ address: hubAddress, secret, launcher: network.hub }))
    const iceUrls = [`turn:${coturn.place}?transport=${transport}`]
    const server = stack.use(createServer({ iceUrls, turnSecret, turnSeconds }))
    const { url } = await server.listen()
    const [one, two] = await Promise.all(
      network.leaves.map((launcher) => openCaller(url, 'r', launcher, { setup: withMedia, relay })),
    )
    if (one === undefined || two === undefined) throw new Error('There are two leaves')
    stack.use(one)
    stack.use(two)
    return { coturn, one, two, stack }
  }

  async function connect(one: Caller, two: Caller) {
    const caller = await one.calls.call(two.peer, one.options())
    const callee = await two.calls.nextCall()
    return { caller, callee }
  }

  const bothWays = async (...calls: readonly Call[]) => {
    for (const call of calls) {
      await call.echo(`from the ${call.place.role}`)
      const { audio, video } = call.peer.frames
      await call.until(
        ({ peer }) => peer.frames.audio > audio && peer.frames.video > video,
        'more audio and video',
      )
    }
  }

  test.each(['udp', 'tcp'] as const)(
    'connect through a relay, reached over %s, and media flows',
    async (transport) => {
      const { one, two, stack } = await scene({ transport })
      await using _ = stack
      const { caller, callee } = await connect(one, two)
      await Promise.all([caller.connected(), callee.connected()])
      await bothWays(caller, callee)
      for (const call of [caller, callee]) {
        const { selectedPair } = await statsUntil(call.peer, (stats) => stats.selectedPair !== undefined)
        expect(selectedPair).toMatchObject({
          local: { candidateType: 'relay', address: hubAddress },
          remote: { candidateType: 'relay', address: hubAddress },
        })
      }
    },
    patienceMs,
  )

  test(
    'do not connect without a relay: they are apart',
    async () => {
      const { one, two, stack } = await scene({ relay: false })
      await using _ = stack
      const { caller } = await connect(one, two)
      await expect(caller.connected(AbortSignal.timeout(5000))).rejects.toThrow(/did not get to connected/)
    },
    patienceMs,
  )

  test(
    'go on without a break when their credentials are renewed',
    async () => {
      const { coturn, one, two, stack } = await scene({ turnSeconds: 8 })
      await using _ = stack
      const { caller, callee } = await connect(one, two)
      await Promise.all([caller.connected(), callee.connected()])
      await bothWays(caller, callee)
      const states = new Set<string>()
      for (const { peer } of [caller, callee])
        peer.on('connectionstatechange', ({ connectionState }) => states.add(connectionState))
      const before = await caller.peer.getStats()
      await Promise.all([one.given(2), two.given(2)])
      for (const [side, call] of [
        [one, caller],
        [two, callee],
      ] as const)
        await call.peer.setConfiguration({
          iceServers: side.servers().map(asW3C),
          iceTransportPolicy: 'relay',
        })
      await caller.negotiate({ iceRestart: true })
      const after = await statsUntil(
        caller.peer,
        ({ selectedPair, localUsernameFragments }) =>
          selectedPair?.state === 'succeeded' &&
          selectedPair.local.port !== before.selectedPair?.local.port &&
          localUsernameFragments[0] !== before.localUsernameFragments[0],
        'a new relay in use',
        AbortSignal.timeout(30_000),
      )
      expect(after.selectedPair?.local).toMatchObject({ candidateType: 'relay' })
      await bothWays(caller, callee)
      expect([...states].filter((state) => state !== 'connected')).toEqual([])
      const [renewed] = one.servers()
      expect(coturn.log()).toContain(`username=<${renewed?.username ?? ''}>`)
    },
    patienceMs,
  )

  test(
    'are told of TURN 401 where the secret is wrong, and signaling is not to blame',
    async () => {
      const { one, two, stack } = await scene({ turnSecret: 'south' })
      await using _ = stack
      const errors: PeerEvents['icecandidateerror'][] = []
      const caller = await one.calls.call(two.peer, one.options())
      const refused = new Promise<void>((resolve) => {
        caller.peer.on('icecandidateerror', (error) => {
          errors.push(error)
          if (error.url.startsWith('turn:')) resolve()
        })
      })
      await refused
      expect(errors).toContainEqual({
        url: `turn:${hubAddress}:3478?transport=udp`,
        errorCode: 401,
        errorText: 'Unauthorized',
      })
      await expect(caller.connected(AbortSignal.timeout(3000))).rejects.toThrow(/did not get to connected/)
      expect(caller.errors).toEqual([])
    },
    patienceMs,
  )
})

/** Disposes of what it was given, the last first. */
class AsyncDisposableStackLike implements AsyncDisposable {
  readonly #held: AsyncDisposable[] = []

  use<T extends AsyncDisposable>(resource: T): T {
    this.#held.push(resource)
    return resource
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const resource of this.#held.reverse()) await resource[Symbol.asyncDispose]()
  }
}
