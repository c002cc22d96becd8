import { describe, expect, it } from 'vitest'
import { CandidateGathering } from './candidate-gathering.ts'
import type { RTCIceCandidateInit } from './peer-connection.ts'

const sdpOf = (fragment: string) => `v=0\r\na=ice-ufrag:${fragment}\r\n`
const lineOf = (fragment: string, transport = 'udp') =>
  `candidate:1 1 ${transport} 1 127.0.0.1 5000 typ host generation 0 ufrag ${fragment}`

function gatheringOf() {
  const emitted: RTCIceCandidateInit[] = []
  const source = { state: 'new', sdp: undefined as string | undefined, queued: [] as (() => void)[] }
  const gathering = new CandidateGathering(
    {
      iceGatheringState: () => source.state,
      localSDP: () => source.sdp,
      drained: (callback) => source.queued.push(callback),
    },
    (candidate) => emitted.push(candidate),
  )
  const drain = () => {
    for (const callback of source.queued.splice(0)) callback()
  }
  const describeLocally = (fragment: string) => {
    gathering.describing(sdpOf(fragment))
    source.sdp = sdpOf(fragment)
  }
  const shown = () =>
    emitted.map(({ candidate, usernameFragment }) => [candidate === '' ? 'end' : 'one', usernameFragment])
  return { gathering, source, emitted, drain, describeLocally, shown }
}

describe('CandidateGathering', () => {
  it('suppresses the end that is announced before the candidates', () => {
    const { gathering, source, drain, describeLocally, shown } = gatheringOf()
    describeLocally('aaaa')
    source.state = 'complete'
    gathering.stateChanged()
    gathering.candidate({})
    gathering.candidate({ candidate: lineOf('aaaa') })
    gathering.candidate({ candidate: lineOf('aaaa') })
    gathering.stateChanged()
    gathering.candidate({})
    drain()
    drain()
    expect(shown()).toEqual([
      ['one', 'aaaa'],
      ['one', 'aaaa'],
      ['end', 'aaaa'],
    ])
  })

  it('waits for the candidates of a gathering that completes while the queue is drained', () => {
    const { gathering, source, drain, describeLocally, shown } = gatheringOf()
    describeLocally('aaaa')
    source.state = 'gathering'
    gathering.stateChanged()
    source.state = 'complete'
    drain()
    expect(shown()).toEqual([])
    gathering.candidate({ candidate: lineOf('aaaa') })
    gathering.stateChanged()
    drain()
    expect(shown()).toEqual([
      ['one', 'aaaa'],
      ['end', 'aaaa'],
    ])
  })

  it('drops TCP and fills in the fragment from the local description', () => {
    const { gathering, describeLocally, emitted } = gatheringOf()
    describeLocally('bbbb')
    gathering.candidate({ candidate: lineOf('bbbb', 'tcp') })
    gathering.candidate({ candidate: 'candidate:1 1 udp 1 127.0.0.1 5000 typ host', sdpMid: '0' })
    expect(emitted).toHaveLength(1)
    expect(emitted[0]).toMatchObject({ usernameFragment: 'bbbb', sdpMid: '0', sdpMLineIndex: null })
  })

  it('does not take the end of an earlier gathering for that of a restart', () => {
    const { gathering, source, drain, describeLocally, shown } = gatheringOf()
    describeLocally('aaaa')
    gathering.stateChanged()
    gathering.candidate({ candidate: lineOf('aaaa') })
    source.state = 'complete'
    gathering.stateChanged()
    describeLocally('bbbb')
    drain()
    expect(shown()).toEqual([['one', 'aaaa']])
    gathering.stateChanged()
    gathering.stateChanged()
    drain()
    expect(shown()).toEqual([
      ['one', 'aaaa'],
      ['end', 'bbbb'],
    ])
  })
})
