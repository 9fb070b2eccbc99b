/** Searches of the model, away from the page: one request, answers of progress, and the last one. */
import './jitless.ts'
import type { Progress } from '../../../spec/checker/explore.ts'
import { type Answer, type Hunt, hunt } from '../hunt.ts'

export type Told = Answer | { readonly kind: 'progress'; readonly value: Progress }

addEventListener('message', ({ data }: MessageEvent<Hunt>) => {
  const tell = (told: Told): void => postMessage(told)
  tell(hunt(data, (value) => tell({ kind: 'progress', value })))
})
