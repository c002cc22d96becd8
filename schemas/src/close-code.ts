import { errorCodes, type ErrorCodeDefinition, type KnownErrorCode } from './error-code.ts'

/** WebSocket close codes of RFC 6455, section 7.4.1, that the protocol uses, with what they mean here. */
export const standardCloseCodes = {
  1000: 'The client said bye.',
  1001: 'The server is going away.',
  1003: 'A binary frame came; every message is a text frame.',
  1007: 'A text frame was not UTF-8.',
  1009: 'A frame was above limits.messageBytes.',
} as const satisfies Readonly<Record<number, string>>

/** A close code of {@link standardCloseCodes}. */
export type StandardCloseCode = keyof typeof standardCloseCodes

/**
 * The WebSocket close code that goes with a fatal error: an integer of 4400 to 4499, each used by one code only.
 *
 * @returns `undefined` for a code that is never fatal.
 */
export function closeCodeOf(code: KnownErrorCode): number | undefined {
  const definition: ErrorCodeDefinition = errorCodes[code]
  return definition.closeCode
}

/**
 * The error code that a WebSocket close code stands for.
 *
 * @returns `undefined` for a standard or unknown close code.
 */
export function errorCodeOf(closeCode: number): KnownErrorCode | undefined {
  return errorCodeByCloseCode.get(closeCode)
}

const errorCodeByCloseCode: ReadonlyMap<number, KnownErrorCode> = new Map(
  (Object.keys(errorCodes) as KnownErrorCode[]).flatMap((code) => {
    const closeCode = closeCodeOf(code)
    return closeCode === undefined ? [] : [[closeCode, code] as const]
  }),
)
