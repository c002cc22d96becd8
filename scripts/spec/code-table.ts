import type {
  errorCodes,
  ErrorCodeDefinition,
  LimitDefinition,
  limits,
  standardCloseCodes,
} from '@parley/schemas'
import type { Table } from './table.ts'

/** The tables of the schemas package that the pages show. */
export interface Definitions {
  readonly errorCodes: typeof errorCodes
  readonly standardCloseCodes: typeof standardCloseCodes
  readonly limits: typeof limits
}

const fatal = { never: 'no', always: 'yes', sometimes: 'yes where the connection ends' } as const

/** The tables by the name that their marks give. */
export function codeTables(definitions: Definitions): ReadonlyMap<string, Table> {
  const errors = Object.entries<ErrorCodeDefinition>(definitions.errorCodes)
  const codeCell = (closeCode: number | undefined) => (closeCode === undefined ? '' : String(closeCode))
  return new Map<string, Table>([
    [
      'error-codes',
      {
        head: ['code', 'meaning', '`fatal`', 'may succeed later', 'close code', 'part of'],
        rows: errors.map(([code, { summary, fatal: when, retryable, closeCode, capability }]) => [
          `\`${code}\``,
          summary,
          fatal[when],
          retryable ? 'yes' : 'no',
          codeCell(closeCode),
          capability === undefined ? 'Core' : `\`${capability}\``,
        ]),
      },
    ],
    [
      'close-codes',
      {
        head: ['close code', 'meaning', 'error'],
        rows: [
          ...Object.entries(definitions.standardCloseCodes).map(([code, summary]) => [code, summary, '']),
          ...errors
            .flatMap(([code, { summary, closeCode }]) =>
              closeCode === undefined ? [] : [{ code, summary, closeCode }],
            )
            .sort((one, other) => one.closeCode - other.closeCode)
            .map(({ code, summary, closeCode }) => [codeCell(closeCode), summary, `\`${code}\``]),
        ],
      },
    ],
    [
      'limits',
      {
        head: ['limit', 'meaning', 'unit', 'lowest value', 'announced by', 'error'],
        rows: Object.entries<LimitDefinition>(definitions.limits).map(
          ([name, { summary, unit, minimum, required, error }]) => [
            `\`${name}\``,
            summary,
            unit,
            name === 'rate' ? `\`burst\` ${String(minimum)}` : String(minimum),
            required ? 'every server' : 'servers that have it',
            `\`${error}\``,
          ],
        ),
      },
    ],
  ])
}
