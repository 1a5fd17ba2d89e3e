// When the chat closes, by the server's clock: always in the header, loudly in its last minutes.

import { measured, say } from '../words.js'

const LOUD = 15 * 60_000

export class Clock {
  constructor({ now, expires }, place, announce) {
    this.place = place
    this.announce = announce
    this.set(now, expires)
    this.tick()
  }

  set(now, expires) {
    this.ahead = now - Date.now()
    this.expires = expires
  }

  until(expires) {
    this.expires = expires
    this.tick()
  }

  tick() {
    const left = this.expires - Date.now() - this.ahead
    this.place.textContent = left > 0 ? ` · ${say('ends_in', { time: lasting(left) })}` : ''
    this.announce(left > 0 && left < LOUD ? say('this_ends_in', { time: lasting(left) }) : '')
    clearTimeout(this.timer)
    // Once a second only while seconds are shown.
    if (left > 0) this.timer = setTimeout(() => this.tick(), left < LOUD ? 1000 : 30_000)
  }

  stop() {
    clearTimeout(this.timer)
  }
}

export function lasting(milliseconds) {
  const seconds = Math.ceil(milliseconds / 1000)
  if (seconds < 15 * 60) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  const minutes = Math.ceil(seconds / 60)
  if (minutes < 120) return measured(minutes, 'minute')
  const hours = Math.round(minutes / 60)
  return hours < 48 ? measured(hours, 'hour') : measured(Math.round(hours / 24), 'day')
}
