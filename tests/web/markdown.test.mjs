// Hostile Markdown, streamed at every split, against a DOM of forty lines.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as markdown from '../../bot/web/static/vendor/streaming-markdown-0.2.15/smd.min.js'
import { guardLinks } from '../../bot/web/static/chat/leaving.js'
import { ATTR, DEEPEST, TOKEN, destination, pen, safeRenderer } from '../../bot/web/static/chat/markdown.js'

console.assert = () => {} // The parser asserts aloud on input it then handles.

class Node {
  constructor(localName, nodeType = 1) {
    Object.assign(this, { localName, nodeType, childNodes: [], attributes: {}, data: '' })
  }
  get ownerDocument() { return document }
  get lastChild() { return this.childNodes.at(-1) ?? null }
  get textContent() { return this.data + this.childNodes.map(node => node.textContent).join('') }
  set textContent(text) { this.childNodes = []; this.appendChild(document.createTextNode(text)) }
  appendChild(node) { node.parentNode = this; this.childNodes.push(node); return node }
  appendData(text) { this.data += text }
  setAttribute(name, value) { this.attributes[name] = String(value) }
  getAttribute(name) { return this.attributes[name] ?? null }
  get html() {
    if (this.nodeType === 3) return this.data.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
    const attributes = Object.entries(this.attributes).map(([name, value]) => ` ${name}="${value}"`)
    return `<${this.localName}${attributes.join('')}>${this.inner}</${this.localName}>`
  }
  get inner() { return this.childNodes.map(node => node.html).join('') }
}
const document = {
  createElement: name => new Node(name),
  createTextNode: text => Object.assign(new Node('#text', 3), { data: text }),
}

function render(...chunks) {
  const root = new Node('div')
  const parser = markdown.parser(safeRenderer(root))
  for (const chunk of chunks) markdown.parser_write(parser, chunk)
  markdown.parser_end(parser)
  return root
}

const ALLOWED = new Set(['a', 'bdi', 'blockquote', 'br', 'code', 'em', 'h3', 'h4', 'h5', 'h6', 'hr', 'li',
  'ol', 'p', 'pre', 's', 'span', 'strong', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul'])
const ATTRIBUTES = new Set(['href', 'rel', 'target', 'data-leads-to', 'data-lang', 'start', 'tabindex'])

function inspect(node, depth = 0) {
  if (node.nodeType === 3) return
  assert.ok(depth === 0 || ALLOWED.has(node.localName), node.localName)
  assert.ok(depth <= 2 * DEEPEST, `depth ${depth}`)
  for (const [name, value] of Object.entries(node.attributes)) {
    assert.ok(ATTRIBUTES.has(name), name)
    if (name === 'tabindex') assert.equal(value, '0')
    if (name === 'href') assert.match(value, /^(https:\/\/[^/@]+(\/|$)|mailto:[^?]+$)/)
  }
  for (const child of node.childNodes) inspect(child, depth + 1)
}

const HOSTILE = [
  '[x](javascript:alert(1))', '[x](JaVaScRiPt:alert(1))', '[x](java\tscript:alert(1))',
  '[x](\u0001javascript:alert(1))', '[x](data:text/html,<script>alert(1)</script>)',
  '[x](vbscript:x)', '[x](//evil.example/a)', '[x](/temp-chat/x/end)', '[x](http://plain.example/)',
  '[x](https://bank.example@evil.example/)', '[x](mailto:a@b.example?bcc=c@d.example&body=secret)',
  '[x](mailto:a@b.example,c@d.example)', '![x](https://evil.example/p.png?q=secret)',
  '[![x](https://evil.example/p.png)](https://evil.example)', '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>', '```modal overlay" onclick="alert(1)\ncode\n```\n', '`<svg onload=x>`',
  '| a | <b>b</b> |\n|---|---|\n| c | ![d](https://evil.example/e) |\n', '>'.repeat(60) + ' deep\n',
  '- [x] <details open ontoggle=alert(1)>\n', '999999999999999999. x\n', '$<img>$ \\[<img>\\] ~~<u>~~',
]

test('only https and single mail addresses lead anywhere', () => {
  assert.deepEqual(destination('https://a.example/b?c'), { href: 'https://a.example/b?c', name: 'a.example' })
  assert.deepEqual(destination('mailto:a@b.example?body=x'), { href: 'mailto:a@b.example', name: 'a@b.example' })
  assert.equal(destination('https://\u0430pple.example/').name, 'xn--pple-43d.example')
  for (const bad of ['javascript:1', ' java\nscript:1', 'http://a.example', '/x', '//x', 'https://a@b.example', ''])
    assert.equal(destination(bad), null, bad)
})

test('leaving asks first, by click and by middle click, but not on the context menu', () => {
  const [heard, asked] = [{}, []]
  guardLinks({ addEventListener: (type, call) => { heard[type] = call } }, (...seen) => asked.push(seen))
  const anchor = new Node('a')
  anchor.setAttribute('data-leads-to', 'a.example')
  anchor.setAttribute('href', 'https://a.example/')
  for (const [type, button] of [['click', 0], ['auxclick', 1], ['auxclick', 2]]) {
    const event = { type, button, target: { closest: () => anchor }, preventDefault() { this.stopped = true } }
    heard[type](event)
    assert.equal(Boolean(event.stopped), button !== 2)
  }
  assert.deepEqual(asked, [['a.example', 'https://a.example/'], ['a.example', 'https://a.example/']])
})

test('the numbers are those of this version', () => {
  for (const [name, number] of Object.entries({ ...TOKEN, ...ATTR })) assert.equal(markdown[name], number, name)
})

test('ordinary text becomes the elements it should', () => {
  const html = render('# Hi\n\n**b** _i_ ~~s~~ `c`\n\n1. one\n\n|a|b|\n|-|-|\n|c|d|\n\n```js\nx\n```\n').inner
  assert.equal(html, '<h3>Hi</h3><p><strong>b</strong> <em>i</em> <s>s</s> <code>c</code></p>' +
    '<ol><li>one</li></ol><table tabindex="0"><thead><tr><th>a</th><th>b</th></tr></thead>' +
    '<tbody><tr><td>c</td><td>d</td></tr></tbody></table><pre tabindex="0"><code data-lang="js">x</code></pre>')
})

test('a label that only begins like its host is none', () => {
  for (const label of ['https://bank.com/login', 'https://bank.co.example', 'bank.co**.example**', 'bank.co`m`']) {
    assert.match(render(`[${label}](https://bank.co/x) `).inner, / <bdi>\(bank\.co\)<\/bdi>/, label)
  }
  for (const label of ['bank.co', 'https://bank.co', 'https://bank.co/x']) {
    assert.doesNotMatch(render(`[${label}](https://bank.co/x) `).inner, /<bdi>/, label)
  }
})

test('a label never hides where its link leads', () => {
  assert.match(render('[https://bank.example](https://evil.example/x) ').inner, / <bdi>\(evil\.example\)<\/bdi>/)
  assert.doesNotMatch(render('see https://a.example/b ').inner, /bdi/)
  assert.match(render('(see https://a.example/b). ').inner, /href="https:\/\/a\.example\/b"/)
})

test('an image is named, never fetched', () => {
  assert.equal(render('![a cat](https://evil.example/p.png)').inner, '<p><span>[image: a cat]</span></p>')
})

for (const sample of HOSTILE) {
  test(`harmless at every split: ${JSON.stringify(sample).slice(0, 50)}`, () => {
    const whole = render(sample).inner
    for (let cut = 0; cut <= sample.length; cut++) {
      const root = render(sample.slice(0, cut), sample.slice(cut))
      inspect(root)
      assert.equal(root.inner, whole)
    }
  })
}

test('a random walk over the grammar stays inside the allow-list', () => {
  const parts = ['*', '**', '_', '`', '```', '\n', '\n\n', '> ', '- ', '1. ', '[', '](', 'https://a.example ',
    'javascript:1', ')', '![', '~~', '$$', '\\[', '<br>', '<', '|', '# ', '    ', '[x] ', '\\', 'a']
  let seed = 7
  const next = () => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff
  for (let round = 0; round < 3000; round++) {
    inspect(render(Array.from({ length: 40 }, () => parts[Math.floor(next() * parts.length)]).join('')))
  }
})

test('deltas wait for the frame and the end does not', () => {
  const root = new Node('div')
  const frames = []
  const writer = pen(root, { nextFrame: call => frames.push(call) })
  for (const letter of 'one **two') writer.write(letter)
  assert.deepEqual([frames.length, root.textContent], [1, ''])
  frames[0]()
  assert.equal(root.textContent, 'one tw') // The parser keeps the last character in hand.
  writer.write('** three')
  writer.end()
  assert.equal(root.inner, '<p>one <strong>two</strong> three</p>')
})

test('halves of one character arriving apart still make it', () => {
  const [high, low] = '\u{1F600}'.split('')
  assert.equal(render('a' + high, low + 'b').childNodes[0].childNodes.length, 1)
})
