import { describe, expect, it } from 'vitest'
import { parsePage } from './page.ts'
import { duplicateIds, requirementsOf } from './requirement.ts'

const read = (source: string, file = 'rooms.md') => requirementsOf(parsePage(file, source))
const messages = (source: string, file?: string) =>
  read(source, file).problems.map(({ line, message }) => [line, message])

describe('requirementsOf()', () => {
  it('reads id, level, party, sentence and place', () => {
    const source =
      '# Rooms\n\n## Joining `x`\n\n- **[rooms.full]** (server) A server MUST answer `join` with `room-full`. It MAY wait.'
    expect(read(source)).toEqual({
      requirements: [
        {
          id: 'rooms.full',
          level: 'MUST',
          party: 'server',
          text: 'A server MUST answer `join` with `room-full`. It MAY wait.',
          file: 'rooms.md',
          section: 'Joining x',
          anchor: 'joining-x',
          line: 5,
        },
      ],
      problems: [],
    })
  })

  it.each([
    ['MUST NOT', 'A server MUST NOT drop it.'],
    ['MUST', 'A server MUST keep it and MUST NOT drop it.'],
    ['SHOULD NOT', 'A server SHOULD NOT drop it.'],
    ['SHOULD', 'A server SHOULD keep it.'],
    ['MAY', 'A server MAY keep it.'],
  ])('takes the first key word for the level: %s', (level, sentence) => {
    expect(read(`# R\n- **[a.b]** (server) ${sentence}`).requirements[0]?.level).toBe(level)
  })

  it('joins the lines of one item and reduces links to their text', () => {
    const source = '# R\n- **[a.b]** (client) A client MUST\n  read [Rooms](rooms.md).\n\nNext.'
    expect(read(source).requirements[0]?.text).toBe('A client MUST read Rooms.')
  })

  it.each([
    ['no party', '- **[a.b]** A server MUST wait.', /names no party/],
    ['an unknown party', '- **[a.b]** (peer) A server MUST wait.', /names no party/],
    ['no key word', '- **[a.b]** (server) A server waits.', /no key word/],
    ['a key word in inline code only', '- **[a.b]** (server) A server `MUST` wait.', /no key word/],
    ['a key word that is not used here', '- **[a.b]** (server) A server SHALL and MUST wait.', /uses SHALL/],
    ['an id without a dot', '- **[ab]** (server) A server MUST wait.', /has the form/],
    ['an id in capitals', '- **[A.b]** (server) A server MUST wait.', /has the form/],
    ['an item that is not bold', '- [a.b]** (server) A server MUST wait.', /has the form/],
    ['an item of another list mark', '* **[a.b]** (server) A server MUST wait.', /has the form/],
  ])('refuses %s', (_, line, message) => {
    const { requirements, problems } = read(`# R\n\n${line}`)
    expect(problems).toEqual([
      { file: 'rooms.md', line: 3, message: expect.stringMatching(message) as string },
    ])
    expect(requirements.length).toBe(line.includes('SHALL') ? 1 : 0)
  })

  it('refuses a key word outside an item', () => {
    expect(messages('# R\n\nA server MUST wait.')).toEqual([[3, expect.stringContaining('Key word MUST')]])
    expect(messages('# What you MAY do')).toEqual([[1, expect.stringContaining('Key word MAY')]])
  })

  it('leaves key words alone in quotes, code and the section that explains them', () => {
    expect(messages('# R\n\n> You MUST\n\n```\nMUST\n```\n\n`MUST`')).toEqual([])
    expect(messages('# R\n\n## How to read it\n\nMUST', 'README.md')).toEqual([])
    expect(messages('# R\n\n## How to read it\n\nMUST')).toHaveLength(1)
  })
})

describe('duplicateIds()', () => {
  it('names the later one and the place of the first', () => {
    const { requirements } = read('# R\n- **[a.b]** (server) It MUST.\n- **[a.b]** (client) It MUST.')
    expect(duplicateIds(requirements)).toEqual([
      { file: 'rooms.md', line: 3, message: 'Requirement "a.b" has the id of another one: spec/rooms.md:2' },
    ])
  })
})
