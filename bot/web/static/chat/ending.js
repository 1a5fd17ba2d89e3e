// How a chat ends: asked for here, or told by the server; either way the page says why.

import { post } from '../api.js'
import { say } from '../words.js'
import { closable } from './leaving.js'

const NOT_HERE = new Set(['moved', 'deleted', 'erased', 'aged'])
const TAKEN_BACK = new Set(['guest', 'gone', ...NOT_HERE])

export function offerEnd(over, complain) {
  offer('ending', 'sure', 'sure-end', 'end', over, complain)
  offer('deleting', 'sure-deleting', 'delete-it', 'delete', over, complain)
}

/** The form asks in its dialog first; the button there does it. */
function offer(form, asking, yes, path, over, complain) {
  const dialog = document.getElementById(asking)
  closable(dialog)
  document.getElementById(form).addEventListener('submit', event => {
    event.preventDefault()
    document.querySelector('.menu')?.removeAttribute('open')
    dialog.showModal()
  })
  document.getElementById(yes).addEventListener('click', async () => {
    dialog.close()
    const { ok, body } = await post(path, { sure: true })
    if (ok) over(body.ended, body.text)
    else complain(body.text ?? say('failed'))
  })
}

/** Says why it is over; what nobody may read any more gives way to that word. */
export function showEnd(reason, text) {
  const why = text || say('ended.over')
  if (TAKEN_BACK.has(reason)) return replacePage(reason, why)
  const note = element('div', 'over')
  note.tabIndex = -1
  const deleting = document.getElementById('deleting')
  deleting.querySelector('button').className = 'second'
  note.append(element('b', '', why), transcriptLink(), deleting)
  document.getElementById('dock').replaceChildren(note)
  document.querySelector('.menu')?.remove()
  // The message field it leads to is gone.
  document.querySelector('.skip')?.remove()
  note.focus()
}

function replacePage(reason, why) {
  sessionStorage.clear()
  const card = element('main', 'card')
  card.tabIndex = -1
  card.append(
    document.querySelector('.bar .mark'),
    element('p', 'eyebrow', document.querySelector('.bar h1').textContent),
    element('h1', '', say(NOT_HERE.has(reason) ? `ended.heading_${reason}` : 'ended.heading')),
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
