/** Plays a film: play, pause, step, drag; beside the ladder what the present step moved and changed. */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Film } from '../film.ts'
import { FrameFields } from './frame.tsx'
import { Ladder } from './ladder.tsx'
import { Sessions } from './sessions.tsx'
import { frameOf, sayStep } from './words.ts'

const STEP_MS = 900

export interface PlayerProps {
  readonly film: Film
  readonly name: string
  /** How many steps are shown at first; default: one. */
  readonly start?: number
  /** What is said of the present step, by its action. */
  aside?(action: number): ComponentChildren
}

/** Everything on paper: nobody can play there. */
const usePrinting = (): boolean => {
  const [printing, setPrinting] = useState(false)
  useEffect(() => {
    const [on, off] = [() => setPrinting(true), () => setPrinting(false)]
    addEventListener('beforeprint', on)
    addEventListener('afterprint', off)
    return () => {
      removeEventListener('beforeprint', on)
      removeEventListener('afterprint', off)
    }
  }, [])
  return printing
}

export const Player = ({ film, name, start = 1, aside }: PlayerProps) => {
  const total = film.steps.length
  const [at, setAt] = useState(Math.min(start, total))
  const [playing, setPlaying] = useState(false)
  const shown = usePrinting() ? total : at
  useEffect(() => {
    if (!playing) return
    if (at >= total) {
      setPlaying(false)
      return
    }
    const timer = setTimeout(() => setAt(at + 1), STEP_MS)
    return () => clearTimeout(timer)
  }, [playing, at, total])
  const go = (to: number): void => {
    setPlaying(false)
    setAt(Math.max(1, Math.min(total, to)))
  }
  const keys = (e: KeyboardEvent): void => {
    if (e.target instanceof HTMLInputElement) return // the slider has its own
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 1, End: total }[e.key]
    if (to === undefined) return
    e.preventDefault()
    go(to)
  }
  const step = film.steps[shown - 1]
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: shortcuts for what the buttons inside do
    <div class="player" onKeyDown={keys}>
      <div class="controls">
        <button type="button" onClick={() => go(1)} aria-label={`${name}: first step`}>
          ⏮
        </button>
        <button type="button" onClick={() => go(at - 1)} aria-label={`${name}: step back`}>
          ◀
        </button>
        <button
          type="button"
          class="main"
          onClick={() => {
            if (!playing && at >= total) setAt(1)
            setPlaying(!playing)
          }}
          aria-label={`${name}: ${playing ? 'pause' : 'play'}`}
        >
          {playing ? 'pause' : 'play'}
        </button>
        <button type="button" onClick={() => go(at + 1)} aria-label={`${name}: step forward`}>
          ▶
        </button>
        <button type="button" onClick={() => go(total)} aria-label={`${name}: last step`}>
          ⏭
        </button>
        <input
          type="range"
          min={1}
          max={total}
          value={shown}
          aria-label={`${name}: step`}
          aria-valuetext={`step ${shown} of ${total}`}
          onInput={(e) => go(Number(e.currentTarget.value))}
        />
        <span class="count">
          {shown} of {total}
        </span>
      </div>
      <p class="now" aria-live="polite">
        {step === undefined ? 'Nothing happens.' : `${shown}. ${sayStep(step)}`}
      </p>
      {step !== undefined && aside?.(step.action)}
      <div class="stage">
        <Ladder film={film} shown={shown} onShow={go} />
        <div class="panels">
          <Sessions film={film} shown={shown} />
          <FrameFields film={film} id={frameOf(step)} />
        </div>
      </div>
    </div>
  )
}
