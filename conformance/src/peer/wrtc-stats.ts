import { usernameFragments } from './sdp.ts'
import type {
  Descriptions,
  PeerStats,
  RTCSessionDescriptionInit,
  SelectedCandidate,
  TriedPair,
} from './peer-connection.ts'
import type { WrtcStatsEntry } from './wrtc-shape.ts'

/** Reduces a full statistics report to what checks look at. */
export function digestStats(
  report: ReadonlyMap<string, WrtcStatsEntry>,
  descriptions: Descriptions,
): PeerStats {
  const entries = [...report.values()]
  const transport = entries.find((entry) => entry.type === 'transport')
  const pair = report.get(text(transport?.selectedCandidatePairId))
  const audio = inbound(entries, 'audio')
  const video = inbound(entries, 'video')
  return {
    ...(pair && {
      selectedPair: {
        state: text(pair.state),
        nominated: pair.nominated === true,
        local: candidate(report.get(text(pair.localCandidateId))),
        remote: candidate(report.get(text(pair.remoteCandidateId))),
        bytesSent: amount(pair.bytesSent),
        bytesReceived: amount(pair.bytesReceived),
        responsesReceived: amount(pair.responsesReceived),
      },
    }),
    pairs: entries.filter(({ type }) => type === 'candidate-pair').map((each) => tried(each, report)),
    dtlsState: text(transport?.dtlsState, 'new'),
    bytesSent: amount(transport?.bytesSent),
    bytesReceived: amount(transport?.bytesReceived),
    inbound: {
      audio: { packetsReceived: sum(audio, 'packetsReceived') },
      video: { packetsReceived: sum(video, 'packetsReceived'), framesDecoded: sum(video, 'framesDecoded') },
    },
    localUsernameFragments: fragments(
      descriptions.currentLocalDescription,
      descriptions.pendingLocalDescription,
    ),
    remoteUsernameFragments: fragments(
      descriptions.currentRemoteDescription,
      descriptions.pendingRemoteDescription,
    ),
  }
}

function tried(pair: WrtcStatsEntry, report: ReadonlyMap<string, WrtcStatsEntry>): TriedPair {
  return {
    state: text(pair.state),
    local: candidate(report.get(text(pair.localCandidateId))),
    remote: candidate(report.get(text(pair.remoteCandidateId))),
    requestsSent: amount(pair['requestsSent']),
    responsesReceived: amount(pair.responsesReceived),
  }
}

function inbound(entries: readonly WrtcStatsEntry[], kind: string): readonly WrtcStatsEntry[] {
  return entries.filter((entry) => entry.type === 'inbound-rtp' && entry.kind === kind)
}

function sum(entries: readonly WrtcStatsEntry[], member: string): number {
  return entries.reduce((total, entry) => total + amount(entry[member]), 0)
}

function candidate(entry: WrtcStatsEntry | undefined): SelectedCandidate {
  return {
    address: text(entry?.address),
    port: amount(entry?.port),
    protocol: text(entry?.protocol),
    candidateType: text(entry?.candidateType),
  }
}

function fragments(...descriptions: readonly (RTCSessionDescriptionInit | null)[]): readonly string[] {
  return [...usernameFragments(descriptions.find((description) => description !== null)?.sdp ?? '')]
}

function text(value: unknown, otherwise = ''): string {
  return typeof value === 'string' ? value : otherwise
}

function amount(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
