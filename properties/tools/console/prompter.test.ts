import { PassThrough } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type Menu, menuPrompter } from './surroundings.ts'

describe('a menu', () => {
  const menu: Menu = {
    ask: 'choice',
    question: 'What next?',
    choices: [{ value: 'submit', label: 'submit', questions: [{ ask: 'text', question: 'Values?', initial: '30' }] }],
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

  it('leads back to the choice before where a question is backed out of, and out of the first to no command', async () => {
    const input = new PassThrough()
    const prompter = menuPrompter(() => {}, input, new PassThrough().resume())
    const answer = prompter.next(() => menu)
    for (const keys of ['\r', '\x1b', '\r', '7', '\r']) {
      await setTimeout(60) // an escape key is one only when nothing follows it
      input.write(keys)
    }
    expect(await answer).toBe('submit 7')
    const none = prompter.next(() => menu)
    await setTimeout(60)
    input.write('\x1b')
    expect(await none).toBeNull()
    prompter.close()
  })
})
