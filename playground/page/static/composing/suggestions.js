// The list over the composer: arrow keys choose, Tab or Enter takes, Escape closes.

import { fill, h } from '../base/dom.js'

export class Suggestions {
  #field
  #take
  #found = null
  #at = 0

  constructor(id, field, take) {
    this.#field = field
    this.#take = take
    this.node = h('div', { class: 'suggestions', id, role: 'listbox', 'aria-label': 'Suggestions', hidden: true })
    field.setAttribute('aria-haspopup', 'listbox')
    field.setAttribute('aria-controls', id)
    this.show(null)
  }

  /** Offer these ({from, items}), or close with null. */
  show(found) {
    this.#found = found
    this.#at = 0
    this.#draw()
  }

  close() {
    this.show(null)
  }

  /** Handle a key of the field; true when it was for the list. */
  key(event) {
    if (!this.#found) return false
    const { items, from } = this.#found
    const steps = { ArrowDown: 1, ArrowUp: -1 }
    if (event.key in steps) this.#at = (this.#at + steps[event.key] + items.length) % items.length
    else if (event.key === 'Escape') this.#found = null
    else if (event.key === 'Tab' || (event.key === 'Enter' && !this.#complete()))
      this.#take({ from, item: items[this.#at] })
    else return false
    event.preventDefault()
    this.#draw()
    return true
  }

  // Enter sends what is already written out in full.
  #complete() {
    const written = this.#field.value.slice(this.#found.from).trim()
    return this.#found.items.some((item) => item.insert.trim() === written)
  }

  #draw() {
    const items = this.#found?.items ?? []
    this.node.hidden = !items.length
    fill(
      this.node,
      items.map((item, index) => this.#line(item, index)),
    )
    if (items.length) this.#field.setAttribute('aria-activedescendant', `${this.node.id}-${this.#at}`)
    else this.#field.removeAttribute('aria-activedescendant')
  }

  #line(item, index) {
    // On mousedown: a click would come after the field has lost its focus and the list is gone.
    const take = (event) => {
      event.preventDefault()
      this.#take({ from: this.#found.from, item })
    }
    return h(
      'div',
      {
        class: 'suggestion',
        role: 'option',
        id: `${this.node.id}-${index}`,
        'aria-selected': String(index === this.#at),
        on: { mousedown: take },
      },
      h(
        'span',
        { class: 'suggestion-title' },
        h('strong', {}, item.title),
        item.usage && h('span', { class: 'usage' }, ` ${item.usage}`),
      ),
      item.note && h('small', {}, item.note),
    )
  }
}
