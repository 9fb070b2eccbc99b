/** Frames dragged by a pointer: mouse, pen or finger. What a drag does, the panel of a frame does too. */
import { useEffect, useRef, useState } from 'preact/hooks'

const FAR = 6 // pixels: less is a click

interface Dragged {
  readonly what: number
  readonly x: number
  readonly y: number
  /** The `data-drop` of what is under the pointer. */
  readonly over: string | null
}

const dropAt = (x: number, y: number): string | null =>
  document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-drop]')?.dataset.drop ?? null

export const useDrag = (onDrop: (what: number, where: string) => void) => {
  const [dragged, setDragged] = useState<Dragged | null>(null)
  const stop = useRef<(() => void) | null>(null)
  useEffect(() => () => stop.current?.(), [])
  /** For `onPointerDown` of what can be dragged. */
  const begin = (what: number, start: PointerEvent): void => {
    if (start.button !== 0) return
    let moving = false
    const move = (e: PointerEvent): void => {
      moving ||= Math.hypot(e.clientX - start.clientX, e.clientY - start.clientY) > FAR
      if (moving) setDragged({ what, x: e.clientX, y: e.clientY, over: dropAt(e.clientX, e.clientY) })
    }
    const end = (e: PointerEvent): void => {
      stop.current?.()
      const where = dropAt(e.clientX, e.clientY)
      if (moving && e.type === 'pointerup' && where !== null) onDrop(what, where)
    }
    stop.current?.()
    stop.current = () => {
      removeEventListener('pointermove', move)
      removeEventListener('pointerup', end)
      removeEventListener('pointercancel', end)
      stop.current = null
      setDragged(null)
    }
    addEventListener('pointermove', move)
    addEventListener('pointerup', end)
    addEventListener('pointercancel', end)
  }
  return { dragged, begin }
}
