import { describe, expect, it } from 'vitest'
import { examplesOf, faultOf, type Example, type Judge } from './example.ts'
import { parsePage } from './page.ts'

const judge: Judge = {
  client: (frame) => (JSON.stringify(frame).includes('bad') ? 'bad client frame' : undefined),
  server: (frame) => (JSON.stringify(frame).includes('bad') ? 'bad server frame' : undefined),
}
const example = (direction: Example['direction'], text: string): Example => ({
  direction,
  endpoint: undefined,
  text,
  line: 1,
  section: '',
})

describe('examplesOf()', () => {
  it('reads direction and endpoint', () => {
    const source = '# A\n\n```json client ada\n{}\n```\n\n```mermaid\n```\n'
    expect(examplesOf(parsePage('x.md', source))).toEqual({
      examples: [{ direction: 'client', endpoint: 'ada', text: '{}', line: 3, section: 'a' }],
      problems: [],
    })
  })

  it.each(['json', 'json peer', 'jsonc client', 'json client ada ben'])(
    'refuses a block marked "%s"',
    (info) => {
      const { examples, problems } = examplesOf(parsePage('x.md', `\`\`\`${info}\n{}\n\`\`\``))
      expect(examples).toEqual([])
      expect(problems).toMatchObject([{ file: 'x.md', line: 1 }])
    },
  )
})

describe('faultOf()', () => {
  it('judges each direction by its own schema', () => {
    expect(faultOf(example('client', '{"type":"x"}'), judge)).toBeUndefined()
    expect(faultOf(example('client', '{"type":"bad"}'), judge)).toBe('bad client frame')
    expect(faultOf(example('server', '{"type":"bad"}'), judge)).toBe('bad server frame')
    expect(faultOf(example('delivered', '{"from":"bad"}'), judge)).toBe('bad server frame')
  })

  it('tells a delivered message from one of the server itself', () => {
    expect(faultOf(example('delivered', '{}'), judge)).toMatch(/has a member "from"/)
    expect(faultOf(example('server', '{"from":"a"}'), judge)).toMatch(/marked "delivered"/)
  })

  it('wants one JSON object', () => {
    expect(faultOf(example('client', '{} {}'), judge)).toMatch(/not one JSON object/)
    expect(faultOf(example('server', '[]'), judge)).toMatch(/not one JSON object/)
  })

  it('wants an invalid example to be invalid', () => {
    expect(faultOf(example('invalid', '{'), judge)).toBeUndefined()
    expect(faultOf(example('invalid', '{"type":"bad"}'), judge)).toBeUndefined()
    expect(faultOf(example('invalid', '{"type":"x"}'), judge)).toMatch(/is a valid message/)
  })
})
