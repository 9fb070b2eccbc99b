import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CHECKS } from '../../harness/judging/examine.ts'
import { ROOT } from '../../harness/process/programs.ts'
import { explain } from './explain.ts'

describe('npm run prop -- --explain', () => {
  it('says of every invariant what it is, in 80 columns but for commands, and names files that exist', () => {
    for (const c of CHECKS) {
      const lines = explain(c.id, 80).flatMap((l) => l.split('\n'))
      expect(lines.filter((l) => l.length > 80 && !l.includes('npm run '))).toEqual([])
      expect(lines.join(' ').replace(/ +/g, ' ')).toContain(c.says)
      const files = lines.flatMap((l) => /--replay (\S+)/.exec(l)?.[1] ?? [])
      expect(files.filter((f) => !existsSync(join(ROOT, f)))).toEqual([])
      if (c.literal === 'violated')
        expect(
          lines.some((l) => l.startsWith('see it ')),
          c.id,
        ).toBe(true)
    }
  })

  it('shows the schedules that break it, and what is expected of each mode', () => {
    expect(explain('A2')).toContain(
      'see it    npm run prop -- --replay corpus/schedules/attacks/whole-session-replay.json',
    )
    expect(explain('A2')[1]).toBe('expected  holds in bound, and must be violated in literal (PROTOCOL §9)')
  })
})
