import { describe, expect, it } from 'vitest'
import { schemaJudge } from '../../endpoint/schema-judge.ts'
import type { TranscriptEntry } from '../../endpoint/transcript.ts'
import { momentOfSilence, momentOfStop, suspectsOf, type View } from './suspect.ts'

type Line = readonly [at: number, direction: TranscriptEntry['direction'], text: string, endpoint?: string]

function view(checkId: string, ...lines: readonly Line[]): View {
  return {
    checkId,
    transcript: lines.map(([at, direction, text, endpoint = 'A']) => ({ at, direction, text, endpoint })),
  }
}

function suspected(views: readonly View[], moment = momentOfSilence(views)): string[] {
  return moment ? suspectsOf(views, moment, schemaJudge).map(({ frame }) => frame.text) : []
}

const ping = '{"type":"ping","id":"A2"}'

describe('suspectsOf()', () => {
  it('names the unusual frame among ordinary ones that got no answer', () => {
    const innocent = view('x.innocent', [100, 'sent', '{"type":"hello","versions":[1]}'])
    const guilty = view('y.guilty', [120, 'sent', '[]'], [121, 'sent', ping])
    expect(suspected([innocent, guilty])[0]).toBe('[]')
  })

  it('ranks what was answered, or is followed by something answered, last', () => {
    const text = '{"type":"update","room":"r","data":1,"id":"A3"}'
    const answered = view(
      'x.answered',
      [100, 'sent', 'null'],
      [101, 'sent', ping],
      [102, 'received', '{"type":"pong","ref":"A2"}'],
    )
    const open = view('y.open', [103, 'sent', text])
    expect(suspected([answered, open])).toEqual([text, 'null', ping])
  })

  it('takes one welcome for the answer of one hello', () => {
    const hello = '{"type":"hello","versions":[1]}'
    const views = [
      view(
        'x.guilty',
        [100, 'sent', hello],
        [101, 'received', '{"type":"welcome"}'],
        [102, 'sent', '[[]]'],
        [103, 'sent', hello],
      ),
      view('y.innocent', [104, 'sent', '[]']),
    ]
    expect(suspected(views, { from: 102, to: Infinity })).toEqual(['[[]]', '[]', hello])
  })

  it('looks at what was sent shortly before all connections ended', () => {
    const views = [
      view('x.early', [10, 'sent', '{}'], [20, 'event', 'connection ended: close code 1000']),
      view('y.killer', [5000, 'sent', 'null'], [5040, 'event', 'connection ended: no close code']),
      view('z.late', [6000, 'sent', '[1]'], [6001, 'event', 'connection ended: ECONNREFUSED']),
    ]
    expect(suspected(views, momentOfStop(views))).toEqual(['null'])
  })
})
