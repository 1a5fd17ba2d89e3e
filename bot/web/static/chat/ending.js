// How a chat ends: asked for here, or told by the server; either way the page says why.

import { post } from '../api.js'
import { say } from '../words.js'
import { closable } from './leaving.js'

const TAKEN_BACK = new Set(['guest', 'gone', 'moved'])

export function offerEnd(over, complain) {
  const dialog = document.getElementById('sure')
  closable(dialog)
  document.getElementById('ending').addEventListener('submit', event => {
    event.preventDefault()
    document.querySelector('.menu').open = false
    dialog.showModal()
  })
  document.getElementById('sure-end').addEventListener('click', async () => {
    dialog.close()
    const { ok, body } = await post('end')
    if (ok) over('guest', body.text)
    else complain(body.text ?? say('failed'))
  })
}

/** Says why it is over; what nobody may read any more gives way to that word. */
export function showEnd(reason, text) {
  const why = text || say('ended.over')
  if (TAKEN_BACK.has(reason)) return replacePage(why)
  const note = element('div', 'over')
  note.tabIndex = -1
  note.append(element('b', '', why), transcriptLink())
  document.getElementById('dock').replaceChildren(note)
  document.querySelector('.menu')?.remove()
  // The message field it leads to is gone.
  document.querySelector('.skip')?.remove()
  note.focus()
}

function replacePage(why) {
  sessionStorage.clear()
  const card = element('main', 'card')
  card.tabIndex = -1
  card.append(
    document.querySelector('.bar .mark'),
    element('p', 'eyebrow', document.querySelector('.bar h1').textContent),
    element('h1', '', say('ended.heading')),
    element('p', '', why),
    element('p', 'quiet', say('ended.close')),
  )
  document.body.className = 'card-page'
  document.body.replaceChildren(card)
  card.focus()
}

function transcriptLink() {
  const link = element('a', 'second', say('ended.save'))
  link.href = 'transcript'
  link.download = 'chat.txt'
  return link
}

function element(name, kind, text = '') {
  const made = document.createElement(name)
  made.className = kind
  made.textContent = text
  return made
}
