// Notifications while nobody looks at the page: only after a yes, from this page alone, and without what was said.

import { say } from '../words.js'

export class Notifying {
  /** Offers itself by `button`, where the browser can; the choice holds for this tab's chat. */
  constructor(button, complain) {
    this.button = button
    this.complain = complain
    this.store = `notify:${location.pathname}`
    if (!window.Notification) return
    button.hidden = false
    button.addEventListener('click', () => this.#turn())
    this.#draw(sessionStorage.getItem(this.store) === 'yes' && Notification.permission === 'granted')
  }

  async #turn() {
    document.querySelector('.menu').open = false
    if (this.on) return this.#draw(false)
    if (await Notification.requestPermission() === 'granted') this.#draw(true)
    else this.complain(say('notify_denied'))
  }

  #draw(on) {
    this.on = on
    this.button.ariaPressed = on
    if (on) sessionStorage.setItem(this.store, 'yes')
    else sessionStorage.removeItem(this.store)
  }

  /** Says that something was said, and not what: others may see the screen. */
  tell() {
    if (!this.on || !document.hidden) return
    try {
      const note = new Notification(document.title.replace(/^● /, ''), { body: say('notified'), tag: this.store })
      note.onclick = () => { focus(); note.close() }
    } catch {
      // Some phones show them for installed workers alone, of which this page has none.
      this.#draw(false)
      this.button.hidden = true
    }
  }
}
