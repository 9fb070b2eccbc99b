import { PassThrough } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type Menu, menuPrompter } from './prompter.ts'

describe('a menu', () => {
  const menu: Menu = {
    question: 'What next?',
    entries: [{ words: ['submit'], label: 'submit', fields: [{ ask: 'text', question: 'Values?', initial: '30' }] }],
  }

  it.each([
    ['10,20', 'submit 10,20'], // typed text stands alone
    ['', 'submit 30'],
  ])('where %j is typed says %j', async (typed, command) => {
    const [input, heard] = [new PassThrough(), [] as string[]]
    const prompter = menuPrompter((c) => heard.push(c), input, new PassThrough().resume())
    const answer = prompter.next(() => menu)
    for (const keys of ['\r', ...typed, '\r']) {
      await setTimeout(20)
      input.write(keys)
    }
    expect(await answer).toBe(command)
    expect(heard).toEqual([command])
    prompter.close()
  })
})
