// Slack's charts as SVG: bars, lines, areas and pies, with the numbers beside them for whoever does not see them.

import { h } from '../base/dom.js'

const SVG = 'http://www.w3.org/2000/svg'
const WIDE = 560
const HIGH = 240
const EDGE = { left: 48, right: 8, top: 8, bottom: 40 }
const COLOURS = 6

function s(name, attributes, ...inside) {
  const node = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value))
  node.append(...inside)
  return node
}

/** A `data_visualization` block. */
export function chart(block) {
  const drawn = block.chart
  const named = (picture) => {
    picture.setAttribute('role', 'img')
    picture.setAttribute('aria-label', `${block.title}. ${inWords(drawn)}`)
    return picture
  }
  const picture = named(drawn.type === 'pie' ? pie(drawn.segments) : plot(drawn, WIDE))
  const figure = h('figure', { class: 'chart' }, h('figcaption', {}, block.title), picture, legend(drawn))
  if (drawn.type !== 'pie') fitted(figure, (wide) => named(plot(drawn, wide)))
  return figure
}

/** Drawn anew for the room that there is: scaled down, its words would be too small to read. */
function fitted(figure, draw) {
  let before = WIDE
  new ResizeObserver(() => {
    const picture = figure.querySelector('svg')
    const wide = Math.round(picture.getBoundingClientRect().width)
    if (!wide || wide === before) return
    before = wide
    picture.replaceWith(draw(wide))
  }).observe(figure)
}

function inWords(drawn) {
  const said = (points) => points.map((point) => `${point.label}: ${point.value}`).join(', ')
  return drawn.type === 'pie'
    ? said(drawn.segments)
    : drawn.series.map((each) => `${each.name}: ${said(each.data)}`).join('. ')
}

function legend(drawn) {
  const whole = drawn.type === 'pie' && drawn.segments.reduce((sum, each) => sum + each.value, 0)
  const parts = whole ? percents(drawn.segments.map((each) => each.value)) : []
  const names = whole
    ? drawn.segments.map((each, at) => `${each.label} · ${parts[at]} %`)
    : drawn.series.map((each) => each.name)
  return h('ul', {}, names.map((name, at) => h('li', { class: `series-${at % COLOURS}` }, name)))
}

/** Whole ones that add up to 100: what rounding down leaves over goes to the largest remainders. */
export function percents(values) {
  const whole = values.reduce((sum, value) => sum + value, 0)
  const exact = values.map((value) => (100 * value) / whole)
  const parts = exact.map(Math.floor)
  const left = 100 - parts.reduce((sum, part) => sum + part, 0)
  const order = exact.map((_, at) => at).sort((a, b) => exact[b] - parts[b] - (exact[a] - parts[a]) || a - b)
  for (const at of order.slice(0, left)) parts[at] += 1
  return parts
}

function plot({ type, series, axis_config: axes }, whole) {
  const values = series.flatMap((each) => each.data.map((point) => point.value))
  const marks = steps(Math.min(0, ...values), Math.max(0, ...values))
  const [low, high] = [marks[0], marks[marks.length - 1]]
  const room = { wide: whole - EDGE.left - EDGE.right, high: HIGH - EDGE.top - EDGE.bottom }
  const y = (value) => EDGE.top + room.high * (1 - (value - low) / (high - low))
  const slot = room.wide / axes.categories.length
  const x = (at) => EDGE.left + slot * (at + 0.5)
  const draw = { bar: bars, line: lines, area: areas }[type]
  const longest = Math.max(...axes.categories.map((name) => name.length))
  const every = Math.ceil((axes.categories.length * (longest * 7 + 12)) / room.wide)
  return s(
    'svg',
    { viewBox: `0 0 ${whole} ${HIGH}` },
    ...marks.flatMap((mark) => [
      s('line', { class: 'grid', x1: EDGE.left, x2: whole - EDGE.right, y1: y(mark), y2: y(mark) }),
      s('text', { class: 'side', x: EDGE.left - 6, y: y(mark) + 4 }, short(mark)),
    ]),
    ...axes.categories.flatMap((name, at) =>
      at % every ? [] : [s('text', { class: 'below', x: x(at), y: HIGH - EDGE.bottom + 16 }, name)],
    ),
    s('text', { class: 'below', x: EDGE.left + room.wide / 2, y: HIGH - 6 }, axes.x_label ?? ''),
    ...draw(series, x, y, slot),
  )
}

function bars(series, x, y, slot) {
  const wide = (slot * 0.7) / series.length
  return series.flatMap((each, number) =>
    each.data.map((point, at) => {
      const [top, foot] = [y(Math.max(point.value, 0)), y(Math.min(point.value, 0))]
      const left = x(at) - slot * 0.35 + wide * number
      return s('rect', { class: `series-${number}`, x: left, y: top, width: wide, height: Math.max(foot - top, 1), rx: 2 })
    }),
  )
}

const path = (data, x, y) => data.map((point, at) => `${at ? 'L' : 'M'}${x(at)} ${y(point.value)}`).join('')

function lines(series, x, y) {
  return series.flatMap((each, number) => [
    s('path', { class: `line series-${number}`, d: path(each.data, x, y) }),
    ...each.data.map((point, at) => s('circle', { class: `series-${number}`, cx: x(at), cy: y(point.value), r: 3 })),
  ])
}

function areas(series, x, y) {
  const filled = series.map((each, number) => {
    const ends = `L${x(each.data.length - 1)} ${y(0)}L${x(0)} ${y(0)}Z`
    return s('path', { class: `area series-${number}`, d: path(each.data, x, y) + ends })
  })
  return [...filled, ...lines(series, x, y)]
}

function pie(segments) {
  const [middle, radius] = [HIGH / 2, HIGH / 2 - 8]
  const whole = segments.reduce((sum, each) => sum + each.value, 0)
  const at = (part) => {
    const angle = 2 * Math.PI * part - Math.PI / 2
    return `${middle + radius * Math.cos(angle)} ${middle + radius * Math.sin(angle)}`
  }
  if (segments.length === 1) {
    const round = s('circle', { class: 'series-0', cx: middle, cy: middle, r: radius })
    return s('svg', { viewBox: `0 0 ${HIGH} ${HIGH}`, class: 'pie' }, round)
  }
  let before = 0
  const slices = segments.map((each, number) => {
    const [from, part] = [before, each.value / whole]
    before += part
    const arc = `A${radius} ${radius} 0 ${part > 0.5 ? 1 : 0} 1 ${at(before)}`
    return s('path', { class: `slice series-${number}`, d: `M${middle} ${middle}L${at(from)}${arc}Z` })
  })
  return s('svg', { viewBox: `0 0 ${HIGH} ${HIGH}`, class: 'pie' }, ...slices)
}

/** Round numbers from at most `low` to at least `high`. */
function steps(low, high) {
  const span = high - low || 1
  const rough = span / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough)
  const found = []
  for (let at = Math.floor(low / step); at <= Math.ceil(high / step - 1e-9); at += 1) found.push(at * step)
  return found.length > 1 ? found : [0, step]
}

const short = (value) => new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 2 }).format(value)
