import { Window } from 'happy-dom'
import { afterEach, describe, expect, test } from 'vitest'
import type { RunResult } from '../../engine/result.ts'
import {
  checkResult,
  failedCheck,
  hinderedChecks,
  hostileText,
  refusedCheck,
  runResult,
} from '../result.test.fixture.ts'
import { htmlReport } from './page.ts'
import { pageScript } from './script.ts'

const windows: Window[] = []
afterEach(async () => {
  for (const window of windows.splice(0)) await window.happyDOM.close()
})

/** The page as a browser has it; its script runs only when asked for. */
function pageOf(result: RunResult, scripted = false) {
  const window = new Window({ url: 'http://localhost/', settings: { enableJavaScriptEvaluation: true } })
  windows.push(window)
  const html = htmlReport(result)
  window.document.write(html.replace(`<script>${pageScript}</script>`, ''))
  if (scripted) window.eval(pageScript)
  return { html, window, document: window.document }
}

const mixed = runResult([
  checkResult({ id: 'frames.object', requirement: 'frames.object', chapter: 'frames' }),
  failedCheck(),
  failedCheck({ id: 'rooms.full:again', causedBy: 'rooms.full' }),
  failedCheck({
    id: 'relay.delivered:media',
    chapter: 'end-to-end',
    causedBy: 'rooms.full:again',
    leg: 'ice',
  }),
  checkResult({ id: 'rooms.slow', verdict: 'warn', reason: 'a SHOULD', level: 'SHOULD' }),
  checkResult({ id: 'auth.late', verdict: 'could-not-run', reason: 'no token', chapter: 'authentication' }),
  checkResult({ id: 'auth.none', verdict: 'not-applicable', reason: 'no auth', chapter: 'authentication' }),
])

describe('htmlReport()', () => {
  test('says what is wrong first, with the rule to keep', () => {
    const { document } = pageOf(mixed)
    expect(document.querySelector('h1')?.textContent).toBe('This server does not conform to Parley')
    const [fault, ...others] = document.querySelectorAll('.fault:not(.warning)')
    expect(others).toHaveLength(0)
    expect(fault?.hasAttribute('open')).toBe(true)
    const words = fault?.querySelector('.findings')?.textContent
    expect(words).toContain('the answer was ok')
    expect(words).toContain('A server MUST answer with room-full.')
  })

  test('folds consequences under their cause, and links to them', () => {
    const { document } = pageOf(mixed)
    const links = [...document.querySelectorAll('.consequences a')].map((link) => link.getAttribute('href'))
    expect(links).toEqual(['#check-rooms.full:again', '#check-relay.delivered:media'])
    expect(document.querySelector('.verdict .lead')?.textContent).toContain('2 other failures')
  })

  test('shows what the server itself said, as text', () => {
    const { document } = pageOf(runResult([refusedCheck(`Too many rooms ${hostileText}`)]))
    const words = document.querySelector('.fault .findings')?.textContent
    expect(words).toContain('In the server’s own wordsToo many rooms </script>')
  })

  test('folds what could not run under the fault for which it could not', () => {
    const { document } = pageOf(runResult([failedCheck(), ...hinderedChecks(3, 'rooms.full')]))
    expect(document.querySelector('.fault')?.textContent).toContain('3 checks that could not run for it')
    expect(document.querySelector('.fault a[href="#check-frames.f2"]')).not.toBeNull()
    expect(document.querySelector('.undecided')).toBeNull()
  })

  test('shows every check once in its chapter, and every link leads somewhere', () => {
    const { document } = pageOf(mixed)
    expect(document.querySelectorAll('.checks > li')).toHaveLength(mixed.checks.length)
    for (const { id } of mixed.checks)
      expect(document.querySelectorAll(`[id="check-${id}"]`), id).toHaveLength(1)
    for (const link of document.querySelectorAll('a'))
      expect(
        document.getElementById((link.getAttribute('href') ?? '').slice(1)),
        link.outerHTML,
      ).not.toBeNull()
  })

  test('draws each frame as a row that opens', () => {
    const { document } = pageOf(runResult([failedCheck()]))
    const rows = [...document.querySelectorAll('.sequence li')]
    expect(rows.map((row) => row.querySelector('.lane')?.className)).toEqual([
      'lane event event-2-0',
      'lane arrow-2-0 sent right',
      'lane arrow-2-0 received left',
    ])
    expect(rows[1]?.querySelector('.said')?.textContent).toBe(' ms, A sent join')
    expect(rows[1]?.querySelector('pre')?.textContent).toBe(
      JSON.stringify({ type: 'join', room: 'r', id: 'A1' }, null, 2),
    )
  })

  test('marks the frames that show the failure', () => {
    const transcript = [
      { at: 1, endpoint: 'A', direction: 'sent' as const, text: '{"type":"join"}' },
      { at: 2, endpoint: 'A', direction: 'received' as const, text: '{"type":"ok"}', decisive: true },
    ]
    const { document } = pageOf(runResult([failedCheck({ transcript })]))
    const marked = [...document.querySelectorAll('.sequence .decisive')]
    expect(marked.map((row) => row.querySelector('.said')?.textContent)).toEqual([
      ' ms, A received ok (shows the failure)',
    ])
  })

  test('shows the frames that tell beside the finding, apart from many others', () => {
    const others = Array.from({ length: 20 }, (_, index) => ({
      at: 10 + index,
      endpoint: 'A',
      direction: 'sent' as const,
      text: '{"type":"ping"}',
    }))
    const answer = {
      at: 40,
      endpoint: 'A',
      direction: 'received' as const,
      text: '{"type":"ok"}',
      decisive: true,
    }
    const { document } = pageOf(runResult([failedCheck({ transcript: [...others, answer] })]))
    const rows = [...document.querySelectorAll('.fault > .body > .sequence li')]
    expect(rows.map((row) => row.querySelector('summary')?.textContent)).toEqual([
      expect.stringMatching(/^\+30(\.0)? ms, A received ok/),
    ])
    expect(document.querySelectorAll('.fault .proof .sequence li')).toHaveLength(21)
  })

  test('shows a frame as it was sent where JSON would lose something', () => {
    const text = '{"type":"offer","a":1,"a":2}'
    const transcript = [{ at: 1, endpoint: 'A', direction: 'sent' as const, text }]
    const { document } = pageOf(runResult([failedCheck({ transcript })]))
    expect(document.querySelector('.frame pre')?.textContent).toBe(text)
  })

  test('shows the white space of a frame that was not written on one line', () => {
    const text = '{\n\t"n": 1}'
    const transcript = [{ at: 1, endpoint: 'A', direction: 'received' as const, text }]
    const { document } = pageOf(runResult([failedCheck({ transcript })]))
    expect(document.querySelector('.frame pre')?.textContent).toBe('{\\n\\t"n": 1}')
    expect(document.querySelector('.frame .lane')?.textContent).toContain('{\\n\\t"n": 1}')
  })

  test('lists the frames of many endpoints instead of drawing them', () => {
    const transcript = Array.from({ length: 40 }, (_, index) => ({
      at: index,
      endpoint: `E${String(index)}`,
      direction: 'sent' as const,
      text: '{"type":"ping"}',
    }))
    const { document } = pageOf(runResult([failedCheck({ transcript })]))
    expect(document.querySelectorAll('.sequence.as-list li')).toHaveLength(40)
  })

  test('loads nothing, and lets no script run but its own', () => {
    const { html, document } = pageOf(mixed)
    expect(html).not.toMatch(/https?:|@import|url\(| src=/)
    const targets = [...document.querySelectorAll('[href]')].map((link) => link.getAttribute('href') ?? '')
    expect(targets.filter((href) => !href.startsWith('#'))).toEqual(['data:,'])
    expect(document.querySelectorAll('[src],link[rel=stylesheet],iframe,object,embed,[style]')).toHaveLength(
      0,
    )
    const policy = document.querySelector('meta[http-equiv]')?.getAttribute('content')
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+';/)
    expect(policy).not.toContain('unsafe')
  })

  test('says how the run compares with the known failures', () => {
    const expectation = {
      known: [{ check: 'rooms.full', verdict: 'fail', reason: 'issue 7' }],
      newFailures: [],
      newPasses: [],
      undecided: [],
      notRun: ['frames.object'],
    }
    const { document } = pageOf(runResult([failedCheck()], { expectation }))
    expect(document.querySelector('.expected')?.textContent).toContain('1 known failure, as expected')
    expect([...document.querySelectorAll('.expected a')].map(({ textContent }) => textContent)).toEqual([
      'rooms.full',
    ])
  })

  test('shows hostile text as text', () => {
    const all = {
      id: `x ${hostileText}`,
      title: hostileText,
      requirement: hostileText,
      chapter: hostileText,
      level: hostileText,
    }
    const hostile = failedCheck({
      ...all,
      reason: hostileText,
      expected: hostileText,
      actual: hostileText,
      statement: hostileText,
      location: hostileText,
      evidence: [hostileText],
      replay: hostileText,
      transcript: [
        { at: 1, endpoint: hostileText, direction: 'received', text: hostileText },
        { at: 2, endpoint: 'B', direction: 'event', text: hostileText },
      ],
    })
    const agent = { name: hostileText, version: hostileText }
    const { html, document } = pageOf(
      runResult([hostile], {
        target: { url: hostileText, agent },
        seed: hostileText,
        limits: { a: hostileText },
      }),
    )
    expect(document.querySelectorAll('img,a[href^="http"]')).toHaveLength(0)
    expect(html.match(/<script/g)).toHaveLength(1)
    expect(html.match(/<\/script/g)).toHaveLength(1)
    // eslint-disable-next-line no-control-regex -- what must not be in the page
    expect(html).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u202E\uFFFE]/)
    expect(document.querySelector('.evidence')?.textContent).toContain('<img src=x onerror=alert(1)>')
  })

  test.each([
    ['conformant', 'This server conforms to Parley'],
    ['incomplete', 'Nothing wrong was found, but the test is not complete'],
    ['kit-error', 'The test itself failed'],
  ] as const)('says what %s means', (verdict, words) => {
    const { document } = pageOf(runResult([checkResult()], { verdict }))
    expect(document.querySelector('h1')?.textContent).toBe(words)
    expect(document.querySelectorAll('.fault')).toHaveLength(0)
  })
})

describe('the script of the page', () => {
  function visibleIds(document: Window['document']): (string | undefined)[] {
    return [...document.querySelectorAll('.checks > li:not([hidden])')].map(
      (check) => /[\w-]+\.[\w-]+(:[\w-]+)?/.exec(check.getAttribute('data-words') ?? '')?.[0],
    )
  }

  test('filters by words and verdicts, and says how much is left', () => {
    const { document, window } = pageOf(mixed, true)
    const form = document.querySelector('form.filter')
    const field = form?.querySelector('input[type=search]') as unknown as { value: string }
    field.value = 'AUTH could'
    form?.dispatchEvent(new window.Event('input'))
    expect(visibleIds(document)).toEqual(['auth.late'])
    expect(form?.querySelector('output')?.textContent).toBe('1 of 7 checks')
    expect(document.querySelectorAll('.chapter:not([hidden])')).toHaveLength(1)
    expect(document.querySelector('.chapter:not([hidden])')?.hasAttribute('open')).toBe(true)
    field.value = ''
    const box = form?.querySelector('input[value=fail]') as unknown as { checked: boolean }
    box.checked = false
    form?.dispatchEvent(new window.Event('input'))
    expect(visibleIds(document)).toHaveLength(4)
  })

  test('says when nothing is left', () => {
    const { document, window } = pageOf(mixed, true)
    const form = document.querySelector('form.filter')
    const field = form?.querySelector('input[type=search]') as unknown as { value: string }
    field.value = 'no such check'
    form?.dispatchEvent(new window.Event('input'))
    expect(document.querySelector('.nothing')?.hasAttribute('hidden')).toBe(false)
  })

  test('turns the theme round', () => {
    const { document } = pageOf(mixed, true)
    const button = document.querySelector('button.theme') as unknown as { click(): void; textContent: string }
    button.click()
    expect(button.textContent).toBe('Theme: light')
    expect(document.documentElement.getAttribute('data-theme')).toBe('light')
  })
})
