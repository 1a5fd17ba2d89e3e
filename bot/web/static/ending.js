// How a chat ends: asked for here, or told by the server; either way the page says why.

import { post } from './api.js'
import { closable } from './leaving.js'

const TAKEN_BACK = new Set(['guest', 'revoked', 'gone'])

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
    else complain(body.text ?? 'That did not work. Please try again.')
  })
}

/** Puts the reason where the message field was; wipes what nobody may read any more. */
export function showEnd(reason, text) {
  const note = document.createElement('div')
  note.className = 'over'
  note.tabIndex = -1
  const words = note.appendChild(document.createElement('b'))
  words.textContent = text || 'This chat has ended.'
  if (TAKEN_BACK.has(reason)) wipe()
  else note.appendChild(transcriptLink())
  document.getElementById('dock').replaceChildren(note)
  document.querySelector('.menu')?.remove()
  note.focus()
}

function wipe() {
  sessionStorage.clear()
  document.getElementById('log').replaceChildren()
  document.querySelector('.opening').remove()
}

function transcriptLink() {
  const link = document.createElement('a')
  link.className = 'second'
  link.href = 'transcript'
  link.download = 'chat.txt'
  link.textContent = 'Save the transcript'
  return link
}
