// What the server tells: a stream while it works, polls on the same log when it does not.

import { get } from '../api.js'
import { Place } from './places.js'

const KINDS = ['message', 'delta', 'tool', 'status', 'host', 'changed', 'rating', 'limit', 'expires', 'end']
const HELLO = 5_000
const SILENCE = 35_000
const HIDDEN = 60_000
const MUTES = 3
const LONGEST = 30_000
const CROWDED = 2_500
const GLANCES = 30_000

export class Feed {
  /** `on.event(kind, body)`, `on.clock(now, expires)`, `on.state(name, seconds)`, `on.over(reason, text)`, `on.lost()`,
   * `on.wanted()`: whether somebody wants to be told while the page is hidden. */
  constructor(after, on) {
    this.after = after
    this.on = on
    this.mutes = 0
    this.failures = 0
    this.lost = false
    this.broken = false
    this.place = new Place()
    document.addEventListener('visibilitychange', () => this.#seen())
    addEventListener('pageshow', event => event.persisted && this.wake())
    addEventListener('online', () => this.wake())
    addEventListener('offline', () => this.on.state('offline'))
  }

  /** Ask what was missed before anything is said to be wrong, then listen again. */
  async wake() {
    if (this.over) return
    this.#close()
    clearTimeout(this.later)
    const run = (this.run = {})
    const told = await get(`state?after=${this.after}&wait=0`)
    if (run !== this.run || this.over) return
    if (told.ok) this.#caughtUp(told.body)
    else this.#refused(told)
  }

  stop() {
    this.over = true
    this.run = null
    clearTimeout(this.later)
    clearTimeout(this.resting)
    this.#close()
  }

  #caughtUp(body) {
    // The log can be read and the stream cannot: after a few of these, reading it is enough.
    if (this.broken) this.mutes += 1
    this.broken = false
    if (!this.#take(body)) return
    if (this.mutes >= MUTES) this.#poll()
    else this.open()
  }

  async open() {
    if (this.over) return
    this.#close()
    this.on.state('connecting')
    const run = (this.run = {})
    if (!(await this.#holds(run))) return run === this.run ? void this.#poll() : undefined
    const source = (this.source = new EventSource(`events?after=${this.after}`))
    const listen = (kind, call) => source.addEventListener(kind, event => {
      if (source !== this.source) return
      this.#watch(SILENCE)
      call(JSON.parse(event.data), event.lastEventId)
    })
    listen('hello', body => this.#live(body))
    for (const kind of KINDS) listen(kind, (body, id) => this.#event(kind, body, id))
    listen('beat', () => {})
    listen('resync', () => this.#resync())
    listen('bye', ({ reason }) => this.#bye(reason))
    source.onerror = () => {
      if (source !== this.source) return
      this.broken = true
      this.#again()
    }
    this.#watch(HELLO)
  }

  /** Whether it is still this run's turn, with a connection that may be held open. */
  async #holds(run) {
    const held = await this.place.take()
    if (run === this.run && !this.over) return held
    if (!this.run || this.over) this.place.give()
    return false
  }

  #live(body) {
    this.mutes = 0
    this.failures = 0
    this.broken = false
    this.on.clock(body.now, body.expires)
    this.on.state('live')
  }

  #event(kind, body, id) {
    if (id) this.after = id
    this.lost = false
    this.on.event(kind, body)
    if (kind === 'end') {
      this.stop()
      this.on.over(body.reason, body.text)
    }
  }

  #resync() {
    // Twice without a word in between: this page's place in the log is not one the server knows.
    if (this.lost) return this.on.lost()
    this.lost = true
    this.open()
  }

  #bye(reason) {
    this.#close()
    if (reason === 'replaced') return this.on.state('elsewhere')
    this.later = setTimeout(() => this.open(), reason === 'restart' ? 500 + Math.random() * 2000 : 0)
  }

  #watch(milliseconds) {
    clearTimeout(this.watchdog)
    this.watchdog = setTimeout(() => {
      this.broken = milliseconds === HELLO
      this.wake()
    }, milliseconds)
  }

  #again() {
    this.#close()
    this.failures += 1
    if (this.failures === 1) return void this.wake()
    const seconds = Math.min(LONGEST, 1000 * 2 ** (this.failures - 2)) * (0.8 + Math.random() * 0.4)
    this.on.state(navigator.onLine ? 'reconnecting' : 'offline', seconds / 1000)
    this.later = setTimeout(() => this.wake(), seconds)
  }

  #refused({ status, body }) {
    if (status === 404) {
      this.stop()
      return this.on.over(body.reason ?? 'gone', body.text)
    }
    this.#again()
  }

  /** False when the page cannot go on from here. */
  #take(body) {
    if (body.resync) return void this.on.lost()
    this.on.clock(body.now, body.expires)
    for (const { id, event, data } of body.events) this.#event(event, data, id)
    if (this.over) return false
    this.after = body.last
    if (body.running) this.on.event('delta', body.running)
    if (body.ended === undefined) return true
    this.stop()
    return void this.on.over(body.ended, '')
  }

  async #poll() {
    const run = (this.run = {})
    this.on.state('polling')
    while (run === this.run && !this.over) {
      const held = await this.#holds(run)
      if (held && this.mutes < MUTES) return void this.open() // a place has come free
      const told = await get(`state?after=${this.after}&wait=${held ? 20 : 0}`)
      if (run !== this.run || this.over) return
      if (!told.ok) return this.#refused(told)
      this.failures = 0
      if (!this.#take(told.body)) return
      if (!held) await new Promise(go => setTimeout(go, CROWDED))
    }
  }

  #seen() {
    clearTimeout(this.resting)
    if (this.over) return
    if (!document.hidden) return void this.wake()
    // Six streams of hidden tabs would leave none for the tab that is looked at.
    this.resting = setTimeout(() => {
      this.#close()
      this.run = null
      this.on.state('resting')
      if (this.on.wanted()) this.#glance()
    }, HIDDEN)
  }

  /** A look at the log now and then, which holds no connection open. */
  async #glance() {
    const run = (this.run = {})
    while (true) {
      await new Promise(go => setTimeout(go, GLANCES))
      if (run !== this.run || this.over) return
      const told = await get(`state?after=${this.after}&wait=0`)
      if (run !== this.run || this.over) return
      if (told.ok) this.#take(told.body)
    }
  }

  #close() {
    clearTimeout(this.watchdog)
    clearTimeout(this.later)
    this.source?.close()
    this.source = null
    this.place.give()
  }
}
