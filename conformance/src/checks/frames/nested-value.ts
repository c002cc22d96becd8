/** The text of a value of so many levels, the innermost being empty. */
export function nested(levels: number, shape: 'array' | 'object' | 'both'): string {
  const [open, close] = { array: ['[', ']'], object: ['{"a":', '}'], both: ['[{"a":', '}]'] }[shape]
  if (shape === 'array') return (open as string).repeat(levels) + (close as string).repeat(levels)
  const step = shape === 'both' ? 2 : 1
  const whole = Math.floor((levels - 1) / step)
  const inner = levels - whole * step === 2 ? '[{}]' : '{}'
  return `${(open as string).repeat(whole)}${inner}${(close as string).repeat(whole)}`
}

/** What a value is nested of. */
export const shapes = ['array', 'object', 'both'] as const
