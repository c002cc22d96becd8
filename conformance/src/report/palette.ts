import pc from 'picocolors'

/** Colours of a terminal report, or none. */
export type Palette = ReturnType<typeof pc.createColors>

/**
 * Chooses colours for a stream: `--no-color` and `NO_COLOR` switch them off, a stream that is no terminal has none unless `FORCE_COLOR` is
 * set.
 */
export function paletteFor(stream: { readonly isTTY?: boolean }, noColor: boolean): Palette {
  const { env } = process
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0'
  const wanted = forced || (stream.isTTY === true && env['TERM'] !== 'dumb')
  return pc.createColors(!noColor && (env['NO_COLOR'] ?? '') === '' && wanted)
}
