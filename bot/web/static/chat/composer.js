// The field one writes in: sends once, keeps what could not be sent, never loses a draft.

import { newId, post } from '../api.js'
import { attached, names } from '../files/attached.js'
import { counted, say } from '../words.js'

const FINE = matchMedia('(pointer: fine)')
const NEAR = 400
const SOON = 2

export class Composer {
  /**
   * `on.sent(text, arrived, files)` shows it and gives back how to take it away or mark it; `on.stored(seq, shown)`,
   * `on.refused(answer)`, `on.unsent()` say what became of it; `on.stop()`.
   */
  constructor(form, name, on) {
    this.form = form
    this.field = form.elements.text
    // Not maxlength: that cuts off what is pasted, without a word.
    this.longest = Number(this.field.dataset.longest)
    this.send = form.querySelector('#send')
    this.stop = form.querySelector('#stop')
    this.counter = form.querySelector('#counter')
    this.complaint = form.querySelector('#complaint')
    this.store = `draft:${name}`
    this.waiting = `unsent:${name}`
    this.on = on
    this.before = Promise.resolve()
    this.#restore()
    this.#listen()
  }

  busy(yes) {
    this.stop.hidden = !yes
    this.send.hidden = yes && this.#empty
  }

  get #empty() {
    return !this.field.value.trim() && !attached.ready
  }

  /** Shown at once and sent in order: one goes out when what became of the one before it is known. */
  say(text, files = []) {
    this.#complain('')
    const body = { text, client_id: newId(), files }
    const shown = this.#shown(body)
    this.#hold(body)
    this.before = this.before.finally(() => this.#deliver(body, shown))
  }

  /** What was not sent before a reload stands there again. */
  restoreUnsent() {
    for (const body of this.#unsent()) this.#mark(body, this.#shown(body))
  }

  async #deliver(body, shown) {
    this.#hold(body)
    const said = { ...body, files: body.files?.map(each => each.id) }
    let answer = await post('messages', said)
    // The same id is taken once, however often it arrives.
    if (answer.status === 0 && navigator.onLine) answer = await post('messages', said)
    // A second too early is no reason to give it back to whoever wrote it.
    if (answer.status === 429 && answer.body.retry_after <= SOON) {
      await new Promise(go => setTimeout(go, answer.body.retry_after * 1000))
      answer = await post('messages', said)
    }
    if (answer.status === 0 || answer.status === 503) return this.#mark(body, shown)
    this.#settled(body)
    if (answer.ok) return this.on.stored(answer.body.seq, shown)
    shown.takeBack()
    if (answer.body.code !== 'file_gone') attached.putBack(body.files ?? [])
    this.change(body.text === names(body.files ?? []) ? '' : body.text)
    this.on.refused(answer)
  }

  #shown(body) {
    return this.on.sent(body.text, () => this.#settled(body), body.files)
  }

  #hold(body) {
    this.#keep([...this.#unsent().filter(each => each.client_id !== body.client_id), body])
  }

  #settled(body) {
    this.#keep(this.#unsent().filter(each => each.client_id !== body.client_id))
  }

  #mark(body, shown) {
    shown.unsent(() => this.#deliver(body, shown))
    this.on.unsent()
  }

  #unsent() {
    return JSON.parse(sessionStorage.getItem(this.waiting) ?? '[]')
  }

  #keep(bodies) {
    if (bodies.length) sessionStorage.setItem(this.waiting, JSON.stringify(bodies))
    else sessionStorage.removeItem(this.waiting)
  }

  /** Back into the field, before what stands there. */
  change(text) {
    const since = this.field.value
    this.#write(since ? `${text}\n${since}` : text)
    this.field.focus()
  }

  complain(text) {
    this.#complain(text)
  }

  forget() {
    sessionStorage.removeItem(this.store)
    this.#keep([])
  }

  #restore() {
    this.field.value ||= sessionStorage.getItem(this.store) ?? ''
    this.#changed()
    if (FINE.matches) this.field.focus({ preventScroll: true })
  }

  #listen() {
    this.form.addEventListener('submit', event => {
      event.preventDefault()
      this.#submit()
    })
    this.field.addEventListener('input', () => this.#changed())
    this.field.addEventListener('keydown', event => this.#key(event))
    this.stop.addEventListener('click', () => this.on.stop())
    document.addEventListener('keydown', event => {
      if (event.key === 'Escape' && !this.stop.hidden && !document.querySelector('dialog[open]')) this.on.stop()
    })
  }

  #key(event) {
    const plain = event.key === 'Enter' && !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey
    // A key that chooses a word in an input method is not a key that sends.
    if (!plain || event.isComposing || event.keyCode === 229 || !FINE.matches) return
    event.preventDefault()
    this.#submit()
  }

  #submit() {
    const text = this.field.value.trim()
    if (this.#empty) return
    if (attached.arriving) return this.#complain(attached.wait)
    if (text.length > this.longest) {
      this.#complain(say('too_long', { most: counted(this.longest) }))
      return
    }
    const files = attached.take()
    this.#write('')
    this.field.focus()
    this.say(text || names(files), files)
  }

  #write(text) {
    this.field.value = text
    this.#changed()
  }

  #changed() {
    const { value } = this.field
    sessionStorage.setItem(this.store, value)
    const left = this.longest - value.trim().length
    this.counter.hidden = left > NEAR
    this.counter.textContent = left < 0 ? say('over', { number: counted(-left) }) : say('left', { number: counted(left) })
    this.send.disabled = this.#empty
    this.send.hidden = !this.stop.hidden && this.#empty
    if (CSS.supports('field-sizing', 'content')) return
    this.field.style.height = 'auto'
    this.field.style.height = `${this.field.scrollHeight}px`
  }

  #complain(text) {
    this.complaint.textContent = text
    this.complaint.hidden = !text
  }
}
