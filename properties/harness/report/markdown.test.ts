import { describe, expect, it } from 'vitest'
import { bar, cell, chart, table } from './markdown.ts'

describe('Markdown', () => {
  it('keeps what would end a cell or pass for HTML out of it', () => {
    expect(cell('a | b < c > d\ne')).toBe('a \\| b &lt; c &gt; d e')
  })

  it('aligns columns of numbers to the right', () => {
    expect(table([{ head: 'x' }, { head: 'n', right: true }], [['a', '1']])).toBe(
      '| x | n |\n| --- | ---: |\n| a | 1 |',
    )
  })

  it('draws bars in eighths, and never hides what is there', () => {
    expect(bar(10, 10, 4)).toBe('████')
    expect(bar(5, 10, 1)).toBe('▌')
    expect(bar(1, 1_000_000, 4)).toBe('▏')
    expect(bar(0, 10, 4)).toBe('')
    expect(bar(0, 0, 4)).toBe('')
  })

  it('lines a chart up', () => {
    const bars = [
      { label: '1', value: 1_000 },
      { label: '10+', value: 0 },
    ]
    expect(chart(bars, 2)).toBe('```text\n  1  1,000  ██\n10+      0\n```')
  })
})
