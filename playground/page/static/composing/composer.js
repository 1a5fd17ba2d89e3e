// The field to write in: grows with the text, completes commands and names, keeps a draft for each place.

import { Attachments, packed } from './attachments.js'
import { command, perform, say, shortcut } from '../base/acts.js'
import { completions, usage } from './completion.js'
import { fill, h, icon } from '../base/dom.js'
import { openMenu } from '../base/menu.js'
import { state } from '../base/state.js'
import { Suggestions } from './suggestions.js'

const drafts = new Map() // place → text
const fine = matchMedia('(pointer: fine)')

export class Composer {
  #place = { channel: null, thread: null }
  #key = null
  #field = h('textarea', { rows: 1, autocomplete: 'off', spellcheck: true, 'aria-autocomplete': 'list' })
  #suggestions
  #attachments = new Attachments(() => this.#typed(false))
  #hint = h('div', { class: 'composer-hint', 'aria-live': 'polite' })
  #tools = h('div', { class: 'composer-tools' })
  #send = h('button', { type: 'submit', class: 'send', 'aria-label': 'Send', title: 'Send' }, icon('send'))

  constructor(name) {
    this.#suggestions = new Suggestions(`${name}-suggestions`, this.#field, (item) => this.#insert(item))
    this.#field.id = name
    this.node = h(
      'form',
      { class: 'composer', on: { submit: (event) => this.#submit(event) } },
      this.#suggestions.node,
      this.#field,
      this.#attachments.node,
      h('div', { class: 'composer-bar' }, this.#tools, this.#hint, this.#send),
    )
    this.#attachments.hang(this.node)
    this.#field.addEventListener('input', () => this.#typed())
    this.#field.addEventListener('keydown', (event) => this.#key_(event))
    this.#field.addEventListener('blur', () => this.#suggestions.close())
  }

  /** Write to this place from now on. */
  aim(channel, thread, label) {
    const key = `${state.me}/${channel}/${thread ?? ''}`
    this.#field.setAttribute('aria-label', label)
    this.#field.placeholder = label
    this.#place = { channel, thread }
    fill(this.#tools, [this.#attachments.button(), this.#shortcuts(), this.#mention()].filter(Boolean))
    if (key === this.#key) return
    this.#key = key
    this.#field.value = drafts.get(key) ?? ''
    this.#attachments.aim(key)
    this.#typed(false)
  }

  focus() {
    if (fine.matches) this.#field.focus()
  }

  #shortcuts() {
    const globals = state.app.shortcuts.filter((one) => one.type === 'global')
    if (!globals.length || this.#place.thread) return null
    const items = () => [
      { heading: 'Shortcuts' },
      ...globals.map((one) => ({ text: one.name, note: one.description, choose: () => shortcut(one.callback_id) })),
    ]
    return h(
      'button',
      {
        type: 'button',
        class: 'tool',
        'aria-label': 'Shortcuts',
        title: 'Shortcuts',
        'aria-haspopup': 'menu',
        on: { click: (event) => openMenu(event.currentTarget, items()) },
      },
      icon('zap'),
    )
  }

  #mention() {
    const begin = () => {
      this.#field.setRangeText(
        /(^|\s)$/.test(this.#before()) ? '@' : ' @',
        this.#field.selectionStart,
        this.#field.selectionEnd,
        'end',
      )
      this.#field.focus()
      this.#typed()
    }
    return h(
      'button',
      {
        type: 'button',
        class: 'tool',
        'aria-label': 'Mention someone',
        title: 'Mention someone',
        on: { click: begin },
      },
      icon('at'),
    )
  }

  #before() {
    return this.#field.value.slice(0, this.#field.selectionStart)
  }

  #typed(complete = true) {
    const text = this.#field.value
    drafts.set(this.#key, text)
    this.#field.style.height = 'auto'
    this.#field.style.height = `${this.#field.scrollHeight}px`
    this.#send.disabled = !text.trim() && !this.#attachments.any
    this.#hint.textContent = usage(text, this.#place.thread) || (text && fine.matches ? 'Shift + Enter for a new line' : '')
    this.#suggestions.show(complete ? completions(text, this.#field.selectionStart, this.#place.thread) : null)
  }

  #key_(event) {
    if (event.isComposing || this.#suggestions.key(event)) return
    if (event.key !== 'Enter' || event.shiftKey || !fine.matches) return
    event.preventDefault()
    this.#field.form.requestSubmit()
  }

  #insert({ from, item }) {
    this.#field.setRangeText(item.insert, from, this.#field.selectionStart, 'end')
    this.#typed()
  }

  async #submit(event) {
    event.preventDefault()
    const text = this.#field.value.trim()
    if (!text && !this.#attachments.any) return
    const { channel, thread } = this.#place
    const isCommand = /^\/[a-z0-9_-]+(\s|$)/i.test(text)
    const files = isCommand ? [] : this.#attachments.handOver()
    this.#field.value = ''
    this.#typed()
    this.sent?.()
    const answer = await (isCommand ? command(channel, thread, text) : say(channel, thread, text, await packed(files)))
    if (!answer.ok && !this.#field.value) {
      this.#field.value = text
      this.#attachments.putBack(files)
      this.#typed(false)
    }
  }
}

/** The prompts that the app suggests, as buttons. */
export function promptButtons(channel) {
  const told = state.prompts.get(channel)
  if (!told?.prompts.length) return null
  return h(
    'div',
    { class: 'prompts', role: 'group', 'aria-label': told.title ?? 'Suggested prompts' },
    told.prompts.map((prompt) =>
      h(
        'button',
        {
          type: 'button',
          class: 'prompt',
          title: prompt.message,
          on: { click: () => perform({ do: 'say', channel, text: prompt.message }) },
        },
        prompt.title,
      ),
    ),
  )
}
