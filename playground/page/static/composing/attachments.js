// Files that go with what is being written: chosen, dropped or pasted, shown as a list, sent with the message.

import { fill, h, icon } from '../base/dom.js'
import { remark } from '../base/remarks.js'

const MOST = 10
const LARGEST = 20 * 1024 * 1024

export class Attachments {
  #files = new Map() // place → files
  #place = ''
  #changed
  #chooser = h('input', { type: 'file', multiple: true, hidden: true, 'aria-label': 'Files to send', tabindex: '-1' })
  node = h('ul', { class: 'attachments', 'aria-label': 'Files to send', hidden: true })

  constructor(changed) {
    this.#changed = changed
    this.#chooser.addEventListener('change', () => {
      this.#take(this.#chooser.files)
      this.#chooser.value = ''
    })
  }

  button() {
    const on = { click: () => this.#chooser.click() }
    const label = { 'aria-label': 'Attach files', title: 'Attach files' }
    return h('button', { type: 'button', class: 'tool', ...label, on }, icon('clip'))
  }

  /** Files dropped on this form, or pasted into it, are taken too. */
  hang(form) {
    form.append(this.#chooser)
    const dropped = (event) => event.dataTransfer?.types.includes('Files')
    form.addEventListener('dragover', (event) => dropped(event) && (event.preventDefault(), form.classList.add('dropping')))
    form.addEventListener('dragleave', () => form.classList.remove('dropping'))
    form.addEventListener('drop', (event) => {
      form.classList.remove('dropping')
      if (!dropped(event)) return
      event.preventDefault()
      this.#take(event.dataTransfer.files)
    })
    form.addEventListener('paste', (event) => {
      if (!event.clipboardData.files.length) return
      event.preventDefault()
      this.#take(event.clipboardData.files)
    })
  }

  aim(place) {
    this.#place = place
    this.#draw()
  }

  get any() {
    return this.#here.length > 0
  }

  get #here() {
    return this.#files.get(this.#place) ?? []
  }

  /** They are gone from here then. */
  handOver() {
    const files = this.#here
    this.#set([])
    return files
  }

  /** What could not be sent. */
  putBack(files) {
    this.#set([...files, ...this.#here].slice(0, MOST))
  }

  #take(chosen) {
    const fitting = [...chosen].filter((file) => file.size > 0 && file.size <= LARGEST)
    if (fitting.length < chosen.length) remark('A file is empty, or larger than 20 MB.')
    const all = [...this.#here, ...fitting]
    if (all.length > MOST) remark(`A message takes ${MOST} files.`)
    this.#set(all.slice(0, MOST))
  }

  #set(files) {
    this.#files.set(this.#place, files)
    this.#draw()
    this.#changed()
  }

  #draw() {
    this.node.hidden = !this.any
    fill(this.node, this.#here.map((file) => this.#line(file)))
  }

  #line(file) {
    const drop = () => this.#set(this.#here.filter((each) => each !== file))
    return h(
      'li',
      {},
      icon('clip'),
      h('span', {}, file.name),
      h('button', { type: 'button', class: 'tool', 'aria-label': `Remove ${file.name}`, on: { click: drop } }, icon('close')),
    )
  }
}

/** As the workspace takes them. */
export const packed = (files) => Promise.all(files.map(async (file) => ({ name: file.name, data: await inBase64(file) })))

function inBase64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(',') + 1))
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(file)
  })
}
