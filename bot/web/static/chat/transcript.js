// The conversation as ordered articles; text only ever grows, so that selections stay.

import { attached, hang } from '../files/attached.js'
import { say } from '../words.js'
import { dressCode } from './code.js'
import { pen } from './markdown.js'
import { putUnder, rated } from './under.js'

const AGENT = say('host.line_agent')
const STEPS = new Set(['failed', 'declined'])

export class Transcript {
  constructor(list, me) {
    this.list = list
    this.me = me
    this.writing = new Map() // turn -> { item, words, pen, text, count, attempt }
    this.settled = new Set(Array.from(list.querySelectorAll('.agent'), item => item.dataset.turn))
    this.pending = []
    for (const words of list.querySelectorAll('.agent .words')) dressCode(words)
  }

  /** A whole message; the agent's takes the place of its running text. */
  message(body) {
    const { author, name, text, turn, partial, at } = body
    if (author === 'agent') return this.#answer(turn, text, partial, at)
    attached.gone(body.files ?? [])
    if (author === 'guest' && this.#confirm(text, at)) return
    const { item, words } = this.#article(author, author === 'guest' ? '' : name)
    item.dataset.turn = turn ?? ''
    this.#write(words, body)
    hang(words, body.files)
    putUnder(words.parentNode, at)
  }

  /** A host's words read otherwise from now on, or are taken back. */
  changed(body) {
    const item = Array.from(this.list.querySelectorAll('.host')).find(each => each.dataset.turn === body.turn)
    if (item) this.#write(item.querySelector('.words'), body)
  }

  /** Running text; what does not go on from what is here waits for the whole message. */
  delta({ turn, attempt, start, text }) {
    if (this.settled.has(turn)) return
    const found = this.writing.get(turn) ?? (start === 0 ? this.#begin(turn, attempt) : null)
    if (!found || attempt < found.attempt) return
    if (attempt > found.attempt) {
      if (start !== 0) return
      this.#again(found)
      found.attempt = attempt
    }
    if (start > found.count) return
    // Places are counted in characters: an emoji is one, and two of a string's units.
    const fresh = Array.from(text).slice(found.count - start)
    found.count += fresh.length
    found.text += fresh.join('')
    found.pen.write(fresh.join(''))
  }

  step({ call, title, state }) {
    const known = Array.from(this.list.querySelectorAll('.step')).find(each => each.dataset.call === call)
    const item = known ?? document.createElement('li')
    item.className = 'step'
    item.dataset.call = call
    item.dataset.state = state
    item.textContent = title
    if (STEPS.has(state)) item.dataset.told = say(`step_${state}`)
    if (!known) this.list.insertBefore(item, this.#running())
  }

  /** What was said before all that stands here; gives the first of it. */
  prepend(items) {
    const past = new Transcript(document.createElement('ol'), this.me)
    const show = { message: each => past.message(each), tool: each => past.step(each), host: each => past.turned(each) }
    for (const each of items) {
      show[each.kind](each)
      if (each.verdict) rated(past.list, each)
    }
    for (const turn of past.settled) this.settled.add(turn)
    const [first] = past.list.children
    if (first) first.tabIndex = -1
    this.list.prepend(...past.list.children)
    return first
  }

  /** Somebody else answers from here on. */
  turned({ state, text }) {
    const item = document.createElement('li')
    item.className = 'turned'
    item.dataset.state = state
    item.textContent = text
    this.list.appendChild(item)
  }

  /** A message of the guest's that the server has not confirmed yet: it can be taken back, or stay as not sent. */
  say(text, arrived, files) {
    const { item, words } = this.#article('guest', '')
    words.textContent = text
    hang(words, files)
    item.dataset.pending = ''
    const entry = { item, text, arrived }
    this.pending.push(entry)
    return { takeBack: () => this.#forget(entry), unsent: again => this.#unsent(entry, again) }
  }

  /** The turn is over without an answer: what was written stays as it is. */
  close() {
    for (const [turn, found] of this.writing) {
      found.pen.end()
      dressCode(found.words)
      this.#cutOff(found)
      this.settled.add(turn)
    }
    this.writing.clear()
  }

  clear() {
    this.list.replaceChildren()
  }

  lastQuestion() {
    return Array.from(this.list.querySelectorAll('.guest .words')).at(-1)?.textContent ?? ''
  }

  #answer(turn, text, partial, at) {
    if (turn && this.settled.has(turn)) return
    const found = this.writing.get(turn) ?? this.#begin(turn)
    if (!text.startsWith(found.text)) this.#again(found)
    found.pen.write(text.slice(found.text.length))
    found.pen.end()
    dressCode(found.words)
    if (partial) this.#cutOff(found)
    putUnder(found.words.parentNode, at, turn)
    this.writing.delete(turn)
    this.settled.add(turn)
  }

  #begin(turn, attempt = 1) {
    const { item, words } = this.#article('agent', AGENT)
    item.dataset.turn = turn ?? ''
    const found = { item, words, pen: this.#pen(words), text: '', count: 0, attempt }
    this.writing.set(turn, found)
    return found
  }

  #write(words, { text, changed, mark }) {
    words.textContent = text
    if (!changed) return
    words.dataset.changed = changed
    if (mark) words.dataset.mark = mark
    else delete words.dataset.mark
  }

  #pen(words) {
    return pen(words, { image: say('image') })
  }

  #again(found) {
    found.pen.end()
    found.words.replaceChildren()
    found.pen = this.#pen(found.words)
    found.text = ''
    found.count = 0
  }

  #cutOff({ words }) {
    const mark = document.createElement('p')
    mark.className = 'quiet'
    mark.textContent = say('transcript.stopped_here')
    words.after(mark)
  }

  #running() {
    return this.writing.values().next().value?.item ?? null
  }

  #confirm(text, at) {
    const entry = this.pending.find(each => each.text === text)
    if (!entry) return false
    delete entry.item.dataset.pending
    entry.item.querySelector('.unsent')?.remove()
    putUnder(entry.item.firstElementChild, at)
    entry.arrived()
    this.pending.splice(this.pending.indexOf(entry), 1)
    return true
  }

  #unsent(entry, again) {
    if (!this.pending.includes(entry)) return // It had arrived: only the answer was lost.
    entry.item.dataset.pending = 'unsent'
    const note = entry.item.appendChild(document.createElement('p'))
    note.className = 'unsent'
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = say('try_again')
    note.append(`${say('not_sent')} · `, button)
    button.addEventListener('click', () => {
      note.remove()
      entry.item.dataset.pending = ''
      again()
    })
  }

  #forget(entry) {
    if (!this.pending.includes(entry)) return
    this.pending.splice(this.pending.indexOf(entry), 1)
    entry.item.remove()
  }

  #article(author, who) {
    const item = document.createElement('li')
    item.className = `said ${author}`
    const article = item.appendChild(document.createElement('article'))
    const name = article.appendChild(document.createElement('h2'))
    name.className = who ? 'who' : 'unseen'
    name.textContent = who || say('you')
    const words = article.appendChild(document.createElement('div'))
    words.className = 'words'
    words.dir = 'auto'
    this.list.appendChild(item)
    return { item, words }
  }
}
