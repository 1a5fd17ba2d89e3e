// One line under the conversation: what is going on, and for how long it cannot.

import { lasting } from './clock.js'

// What the server says of the time was true when it said it.
const WAIT = / Try again in [^.]+\.$/
const WORDS = {
  sending: 'Sending',
  queued: 'An answer is on its way',
  working: 'Writing an answer',
  waiting: 'Waiting for the host to approve',
  stopped: 'Stopped',
  failed: 'Something went wrong.',
  interrupted: 'The answer was interrupted.',
}
const BUSY = new Set(['sending', 'queued', 'working', 'waiting'])
const AGAIN = new Set(['failed', 'interrupted'])

export class Status {
  constructor(line, { onBusy, onSpoken }) {
    this.line = line
    this.words = line.querySelector('.status-text')
    this.retry = line.querySelector('button')
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
    const told = state === 'done' ? '' : text || WORDS[state] || ''
    this.line.dataset.state = state
    this.words.textContent = told
    this.line.hidden = !told
    this.retry.hidden = !AGAIN.has(state)
    this.onBusy(this.busy, state)
    if (state === 'waiting' || state === 'paused' || AGAIN.has(state)) this.onSpoken(told)
  }

  /** A limit, with a countdown when waiting helps. */
  limited(text, seconds) {
    this.show('limited', text)
    this.onSpoken(text)
    if (!seconds) return
    const ends = Date.now() + seconds * 1000
    const tick = () => {
      const left = Math.ceil((ends - Date.now()) / 1000)
      if (left <= 0) return this.show('')
      const wait = left < 60 ? `${left} s` : lasting(left * 1000)
      this.words.textContent = `${text.replace(WAIT, '')} Try again in ${wait}.`
    }
    tick()
    this.timer = setInterval(tick, 1000)
  }
}
