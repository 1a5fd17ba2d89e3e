// One line under the conversation: what is going on, and for how long it cannot.

import { measured, say } from '../words.js'
import { lasting } from './clock.js'

const BUSY = new Set(['sending', 'queued', 'working', 'waiting'])
const AGAIN = new Set(['failed', 'interrupted'])
const EDITABLE = new Set(['queued', 'working', 'stopped', ...AGAIN])

export class Status {
  constructor(line, { onBusy, onSpoken }) {
    this.line = line
    this.words = line.querySelector('.status-text')
    this.retry = line.querySelector('#retry')
    this.edit = line.querySelector('#edit')
    this.onBusy = onBusy
    this.onSpoken = onSpoken
    this.show(line.dataset.state, line.dataset.text)
  }

  get state() {
    return this.line.dataset.state
  }

  get busy() {
    return BUSY.has(this.state)
  }

  show(state, text = '') {
    clearInterval(this.timer)
    const told = text || (state === 'sending' ? say('sending') : '')
    this.line.dataset.state = state
    this.words.textContent = told
    this.line.hidden = !told
    this.retry.hidden = !AGAIN.has(state)
    this.edit.hidden = !EDITABLE.has(state)
    this.onBusy(this.busy, state)
    if (state === 'waiting' || state === 'paused' || AGAIN.has(state)) this.onSpoken(told)
  }

  /** The last message is being answered: to change it now one stops that first. */
  answering() {
    this.edit.hidden = true
  }

  /** A limit, with a countdown when waiting helps: what the server says of the time was true when it said it. */
  limited(text, seconds) {
    this.show('limited', text)
    this.onSpoken(text)
    if (!seconds) return
    const ends = Date.now() + seconds * 1000
    const tick = () => {
      const left = Math.ceil((ends - Date.now()) / 1000)
      if (left <= 0) return this.show('')
      const wait = left < 60 ? measured(left, 'second') : lasting(left * 1000)
      this.words.textContent = `${text} ${say('refused.again', { wait })}`
    }
    tick()
    this.timer = setInterval(tick, 1000)
  }
}
