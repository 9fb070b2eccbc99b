import { describe, expect, it } from 'vitest'
import { cellName, coverings } from '../../spec/checker/lockstep/cells.ts'
import { cellOfNote, Facts } from './state/facts.ts'

describe('facts', () => {
  it('have a note for every cell of the model, from which its name can be had', () => {
    for (const { cell } of coverings('bound')) {
      const notes: (readonly [number, number])[] = []
      const at = { side: cell.role, n: 0 }
      const facts = new Facts((tag, value) => notes.push([tag, value]))
      facts.know(at, { phase: cell.phase, round: 7 })
      const header = { opcode: cell.opcode ?? 0, id: 1, round: 7, direction: 1 }
      const frame = 'f0' as never
      if (cell.verdict === 'accepted') facts.see({ on: 'accepted', at, frame, header, before: null })
      else facts.see({ on: 'rejected', at, frame, header: cell.opcode === null ? null : header, reason: cell.verdict })
      expect(cellOfNote(...notes[0]!)).toBe(cellName(cell))
      expect(notes.slice(1).map(([tag, value]) => cellOfNote(tag, value))).toEqual([null, null])
    }
  })
})
