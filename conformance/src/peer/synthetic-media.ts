import type { MediaKind } from './peer-connection.ts'
import type { WrtcModule, WrtcTrack } from './wrtc-shape.ts'

const sampleRate = 48_000
const samplesPerFrame = sampleRate / 100
const toneHertz = 440
const toneAmplitude = 8_000
const silenceBelow = 100
const videoFrameMs = 50
const videoSize = { width: 64, height: 48 } as const

/** A track that a timer feeds. */
export interface SyntheticTrack {
  readonly track: WrtcTrack
  /** Ends the timer and the track. */
  stop(): void
}

/** Makes a track that carries a tone (audio) or grey that changes with every frame (video, 20 frames a second). */
export function openSyntheticTrack(wrtc: WrtcModule, kind: MediaKind): SyntheticTrack {
  return kind === 'audio' ? openTone(wrtc) : openGrey(wrtc)
}

function openTone(wrtc: WrtcModule): SyntheticTrack {
  const source = new wrtc.nonstandard.RTCAudioSource()
  const track = source.createTrack()
  const samples = Int16Array.from(
    { length: samplesPerFrame },
    (_, index) => toneAmplitude * Math.sin((2 * Math.PI * toneHertz * index) / sampleRate),
  )
  const timer = setInterval(() => {
    source.onData({
      samples,
      sampleRate,
      bitsPerSample: 16,
      channelCount: 1,
      numberOfFrames: samplesPerFrame,
    })
  }, 10)
  return { track, stop: stopper(timer, track) }
}

function openGrey(wrtc: WrtcModule): SyntheticTrack {
  const source = new wrtc.nonstandard.RTCVideoSource()
  const track = source.createTrack()
  const data = new Uint8ClampedArray((videoSize.width * videoSize.height * 3) / 2)
  let shade = 0
  const timer = setInterval(() => {
    shade = (shade + 16) % 256
    source.onFrame({ ...videoSize, data: data.fill(shade, 0, videoSize.width * videoSize.height) })
  }, videoFrameMs)
  return { track, stop: stopper(timer, track) }
}

function stopper(timer: NodeJS.Timeout, track: WrtcTrack): () => void {
  return () => {
    clearInterval(timer)
    track.stop()
  }
}

/**
 * Watches a remote track and calls back for each frame: each decoded picture, each 10 ms of sound that is not silence
 * (the library plays silence where nothing arrives, and that must not count).
 * @returns a function that ends it
 */
export function watchTrack(wrtc: WrtcModule, track: WrtcTrack, onFrame: () => void): () => void {
  if (track.kind === 'audio') {
    const sink = new wrtc.nonstandard.RTCAudioSink(track)
    sink.ondata = ({ samples }) => {
      if (samples.some((sample) => Math.abs(sample) > silenceBelow)) onFrame()
    }
    return () => {
      sink.stop()
    }
  }
  const sink = new wrtc.nonstandard.RTCVideoSink(track)
  sink.onframe = onFrame
  return () => {
    sink.stop()
  }
}
