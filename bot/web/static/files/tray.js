// Files beside the field: chosen, dropped or pasted, sent at once with their progress, taken back until the message goes.

import { newId, post } from '../api.js'
import { say } from '../words.js'
import { attached, names } from './attached.js'
import { picture } from './hanging.js'

const find = id => document.getElementById(id)
const [tray, field, input, drop] = ['tray', 'text', 'file', 'drop'].map(find)
const { size, tooLarge, most, tooMany } = tray.dataset
const AGAIN = new Set([0, 429, 503])
const items = new Map() // key -> { item, file (the browser's), sent (ours), request, failed, leaving }
let sending = false

attached.wait = say('chat.file_wait')
input.multiple = true
input.addEventListener('change', () => {
  add(input.files)
  input.value = ''
})
field.addEventListener('paste', event => {
  const { files, types } = event.clipboardData
  if (!files.length || types.includes('text/plain')) return // a copied passage brings its picture along
  event.preventDefault()
  add(files)
})
for (const kind of ['dragenter', 'dragover', 'dragleave', 'drop']) {
  document.addEventListener(kind, event => {
    if (!Array.from(event.dataTransfer.items).some(each => each.kind === 'file')) return
    event.preventDefault()
    drop.hidden = kind === 'drop' || (kind === 'dragleave' && !event.relatedTarget) // it has left the window
    if (kind === 'drop') add(event.dataTransfer.files)
  })
}
for (const item of tray.children) {
  // What had arrived before a reload.
  const { id, name, kind } = item.dataset
  const key = newId()
  items.set(key, { item, name, sent: { id, name, kind, width: +item.dataset.width, height: +item.dataset.height } })
  listen(key)
}
count()

attached.take = () => {
  const taken = [...items].filter(([, each]) => each.sent)
  for (const [key] of taken) forget(key)
  return taken.map(([, each]) => each.sent)
}
attached.putBack = files => {
  for (const sent of files) arrived(begin({ name: sent.name }), sent)
}

attached.gone = files => {
  const ids = new Set(files.map(each => each.id))
  for (const [key, each] of items) if (ids.has((each.sent ?? each.leaving)?.id)) forget(key)
}

function add(files) {
  for (const file of files) {
    if (items.size >= +most) return complain(tooMany)
    if (file.size > +size) complain(`${file.name}: ${tooLarge}`)
    else begin({ name: file.name || 'image.png', file })
  }
  next()
}

function begin(entry) {
  const item = tray.appendChild(document.createElement('li'))
  const key = newId()
  const name = item.appendChild(document.createElement('span'))
  name.className = 'name'
  name.dir = 'auto'
  name.textContent = entry.name
  const progress = item.appendChild(document.createElement('progress'))
  progress.setAttribute('aria-label', entry.name)
  const remove = item.appendChild(document.createElement('button'))
  remove.type = 'button'
  remove.className = 'remove'
  remove.textContent = '×'
  remove.setAttribute('aria-label', say('chat.file_cancel', { name: entry.name }))
  items.set(key, { ...entry, item })
  listen(key)
  count()
  return key
}

function listen(key) {
  items.get(key).item.querySelector('.remove').addEventListener('click', event => {
    event.preventDefault()
    const { request, sent, leaving } = items.get(key)
    field.focus()
    if (sent) return void takeBack(key, sent)
    if (leaving) return
    forget(key)
    request?.abort()
    next()
  })
}

/** It stands there, dimmed, until it is gone from the server as well: else it would be here again after a reload. */
async function takeBack(key, sent) {
  const entry = items.get(key)
  const leave = yes => {
    Object.assign(entry, yes ? { sent: null, leaving: sent } : { sent, leaving: null })
    entry.item.ariaBusy = yes
    count()
  }
  leave(true)
  const { ok, status, body } = await post(`files/${sent.id}/remove`)
  if (ok || status === 404) return forget(key)
  if (items.has(key)) leave(false)
  complain(body.text ?? say('failed'))
}

/** One after the other, in the order they were chosen. */
async function next() {
  const key = [...items.keys()].find(each => waits(items.get(each)))
  if (sending || !key) return
  sending = true
  const { status, body } = await carry(items.get(key))
  sending = false
  if (items.has(key)) {
    if (status === 201) arrived(key, body.file)
    else failed(key, status, body?.text ?? say('failed'))
  }
  next()
}

function waits(each) {
  return !each.sent && !each.failed && !each.leaving
}

function carry(entry) {
  return new Promise(done => {
    const request = (entry.request = new XMLHttpRequest())
    const progress = entry.item.querySelector('progress')
    const body = new FormData()
    body.append('form', find('composer').elements.form.value) // first: it is checked before the file
    body.append('file', entry.file, entry.name)
    request.open('POST', 'files')
    request.setRequestHeader('Accept', 'application/json')
    request.responseType = 'json'
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      // At its end the file is looked into, for as long as that takes.
      if (loaded < total) progress.value = loaded / total
      else progress.removeAttribute('value')
    })
    request.addEventListener('loadend', () => done({ status: request.status, body: request.response }))
    request.send(body)
  })
}

function arrived(key, sent) {
  const entry = items.get(key)
  Object.assign(entry, { sent, request: null })
  entry.item.querySelector('progress').remove()
  entry.item.querySelector('.name').textContent = sent.name
  entry.item.querySelector('.remove').setAttribute('aria-label', say('chat.file_remove', { name: sent.name }))
  if (sent.kind === 'picture') entry.item.prepend(picture(sent.id, '', sent.width, sent.height))
  find('spoken').textContent = say('chat.file_ready', { name: sent.name })
  count()
}

function failed(key, status, text) {
  const { item, name } = items.get(key)
  items.get(key).failed = true
  item.dataset.failed = ''
  item.querySelector('progress').remove()
  const why = document.createElement('span')
  why.className = 'why'
  why.textContent = status === 0 ? say('not_sent') : text
  item.querySelector('.name').after(why)
  find('spoken').textContent = `${name}: ${why.textContent}`
  if (AGAIN.has(status)) offerAgain(key, why)
  count()
}

function offerAgain(key, why) {
  const again = document.createElement('button')
  again.type = 'button'
  again.className = 'small'
  again.textContent = say('try_again')
  why.after(again)
  again.addEventListener('click', () => {
    const { item, name, file } = items.get(key)
    const fresh = begin({ name, file })
    item.replaceWith(items.get(fresh).item)
    items.delete(key)
    next()
  })
}

function forget(key) {
  items.get(key)?.item.remove()
  items.delete(key)
  count()
}

function count() {
  const all = [...items.values()]
  attached.ready = all.filter(each => each.sent).length
  attached.arriving = all.filter(waits).length
  tray.hidden = !items.size
  field.required = !items.size
  field.dispatchEvent(new Event('input')) // whether there is something to send
}

function complain(text) {
  const line = find('complaint')
  line.textContent = text
  line.hidden = false
}
