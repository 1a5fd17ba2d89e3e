// Elements from plain values, and patching a living tree so that focus, typed text and open details survive.

const SVG = 'http://www.w3.org/2000/svg'
const kept = new WeakMap() // node → {on, facts}: what belongs to it beside its attributes

/** An element; strings become text nodes, null and false nothing. `on` holds listeners, `facts` any value to find again. */
export function h(name, props = {}, ...children) {
  const node = document.createElement(name)
  const { on, facts, ...attributes } = props
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue
    node.setAttribute(key, value === true ? '' : value)
  }
  if (on || facts !== undefined) keep(node, { on: on ?? {}, facts })
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false))
  return node
}

/** A drawing from the page's own sprite. */
export function icon(name, label = '') {
  const drawing = document.createElementNS(SVG, 'svg')
  drawing.setAttribute('class', `icon icon-${name}`)
  if (label) {
    drawing.setAttribute('role', 'img')
    drawing.setAttribute('aria-label', label)
  } else drawing.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS(SVG, 'use')
  use.setAttribute('href', `/page/static/assets/icons.svg#${name}`)
  drawing.append(use)
  return drawing
}

/** The value given as `facts` when the node, or the one it was patched to, was made. */
export function factsOf(node) {
  return kept.get(node)?.facts
}

function keep(node, memory) {
  const before = kept.get(node)
  kept.set(node, memory)
  for (const kind of Object.keys(memory.on)) {
    if (before && kind in before.on) continue
    node.addEventListener(kind, (event) => kept.get(node).on[kind]?.(event))
  }
}

/** Make `live` look like `fresh`; gives the node that stands in the page afterwards. */
export function morph(live, fresh) {
  if (live === fresh) return live
  if (!alike(live, fresh)) {
    live.replaceWith(fresh)
    return fresh
  }
  if (live.nodeType === Node.TEXT_NODE) {
    // Growing the node keeps a reader's selection.
    if (fresh.data.startsWith(live.data)) live.appendData(fresh.data.slice(live.data.length))
    else live.data = fresh.data
    return live
  }
  const memory = kept.get(fresh)
  if (memory) keep(live, memory)
  copyAttributes(live, fresh)
  fill(live, [...fresh.childNodes])
  return live
}

/** Make the children of `parent` look like `wanted`; children with the same data-key stay the same nodes. */
export function fill(parent, wanted) {
  const pairs = pairUp([...parent.childNodes], wanted)
  const staying = new Set(pairs.map(([live]) => live))
  for (const child of [...parent.childNodes]) if (!staying.has(child)) child.remove()
  let at = parent.firstChild
  for (const [live, fresh] of pairs) {
    if (!live) parent.insertBefore(fresh, at)
    else if (live === at) at = morph(live, fresh).nextSibling
    else {
      parent.insertBefore(live, at)
      morph(live, fresh)
    }
  }
}

function pairUp(children, wanted) {
  const own = new Set(children)
  const keyed = new Map()
  const rest = []
  for (const child of children) {
    if (child.dataset?.key) keyed.set(child.dataset.key, child)
    else rest.push(child)
  }
  return wanted.map((fresh) => {
    if (own.has(fresh)) return [fresh, fresh]
    const key = fresh.dataset?.key
    if (key) return [keyed.get(key), fresh]
    const found = rest.findIndex((child) => alike(child, fresh))
    return [found < 0 ? null : rest.splice(0, found + 1).pop(), fresh]
  })
}

function alike(live, fresh) {
  return (
    live.nodeType === fresh.nodeType && live.nodeName === fresh.nodeName && live.dataset?.key === fresh.dataset?.key
  )
}

// What a person changes by hand (open details, typed values) is theirs; the page only gives the beginning.
const THEIRS = new Set(['open', 'value', 'checked', 'selected', 'style', 'aria-pressed'])

function copyAttributes(live, fresh) {
  for (const { name } of [...live.attributes]) {
    if (!fresh.hasAttribute(name) && !THEIRS.has(name)) live.removeAttribute(name)
  }
  for (const { name, value } of fresh.attributes) {
    if (!THEIRS.has(name) && live.getAttribute(name) !== value) live.setAttribute(name, value)
  }
}
