/** The reference against the vectors it has made, read back from the files. */
import { describe, expect, it } from 'vitest'
import { referenceParty } from '../../harness/parties/reference.ts'
import { playConversation, playSituation, vectorFile, vectorNames } from './play.ts'

describe.each(vectorNames())('the reference on %s', (name) => {
  const { mode, conversations = [], situations = [] } = vectorFile(name)

  it('does the same again', () => {
    expect(conversations.map((c) => playConversation(c, mode, referenceParty)).filter((p) => p !== null)).toEqual([])
    expect(situations.flatMap((s) => playSituation(s, mode, referenceParty))).toEqual([])
  })
})
